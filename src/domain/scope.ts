/**
 * The scopes of access tokens.
 *
 * Source: Zoho Payments API reference, OAuth page and the pages of each resource (seen 2026-11-22).
 */
export const SCOPES = [
  'payments.CREATE',
  'payments.READ',
  'payments.UPDATE',
  'refunds.CREATE',
  'refunds.READ',
  'customers.CREATE',
  'customers.READ',
  'customers.DELETE',
  'paymentmethods.CREATE',
  'paymentmethods.READ',
  'paymentmethods.UPDATE',
  'paymentmethods.DELETE',
  'payouts.READ',
  'transfers.CREATE',
  'transfers.READ',
  'connectedaccounts.CREATE',
  'connectedaccounts.READ',
  'settings.CREATE',
  'settings.READ',
  'settings.UPDATE',
  'settings.DELETE',
] as const

/** One scope without the service's name: `payments.CREATE`. */
export type Scope = (typeof SCOPES)[number]

/** The mode of a server: `sandbox` moves no money, `live` does. */
export type Mode = 'sandbox' | 'live'

/** The scope prefix of each mode. A sandbox accepts both, so that live code runs against it unchanged. */
const PREFIXES: Record<Mode, readonly string[]> = {
  sandbox: ['ZohoPay.', 'ZohoPaySandbox.'],
  live: ['ZohoPay.'],
}

const KNOWN_SCOPES: ReadonlySet<string> = new Set(SCOPES)

/** Writes a scope in its form on the wire and in messages: `ZohoPay.payments.CREATE`. */
export function formatScope(scope: Scope): string {
  return `ZohoPay.${scope}`
}

/**
 * Reads a list of scopes in the wire's form, separated by commas or blanks.
 *
 * Returns the scopes without prefix, each once, or the first word that is not a scope in this mode.
 */
export function parseScopes(
  text: string,
  mode: Mode,
): { readonly scopes: readonly Scope[] } | { readonly unknownScope: string } {
  const scopes = new Set<Scope>()
  for (const word of text.split(/[\s,]+/)) {
    if (word === '') continue
    const prefix = PREFIXES[mode].find((candidate) => word.startsWith(candidate))
    const scope = prefix === undefined ? undefined : word.slice(prefix.length)
    if (scope === undefined || !KNOWN_SCOPES.has(scope)) return { unknownScope: word }
    scopes.add(scope as Scope)
  }
  return { scopes: [...scopes] }
}
