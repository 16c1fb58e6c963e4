import type { Static } from 'typebox'
import { showDuration } from '../domain/duration.ts'
import { COMMAND_NAME } from '../program/command-name.ts'
import type { SandboxFacts } from './control/schemas.ts'
import type { SandboxClockState } from './tenants/sandbox-clock.ts'
import { SANDBOX_CONNECTED_ACCOUNTS, type SANDBOX_VALUES } from './well-known.ts'

/** The address that the command line calls without a flag. */
const DEFAULT_BASE_URL = 'http://127.0.0.1:4242'

/**
 * Returns the URLs and credentials of a sandbox, by their names on the wire. With several processes
 * there is no console, because it would show only some of the calls.
 */
export function sandboxFacts(
  baseUrl: string,
  values: typeof SANDBOX_VALUES,
  hasConsole = true,
): Static<typeof SandboxFacts> {
  return {
    base_url: baseUrl,
    docs_url: `${baseUrl}/docs`,
    demo_url: `${baseUrl}/demo`,
    ...(hasConsole && { console_url: `${baseUrl}/console` }),
    account_id: values.accountId,
    us_account_id: values.usAccountId,
    connected_account_ids: SANDBOX_CONNECTED_ACCOUNTS.map(({ id }) => id),
    client_id: values.clientId,
    client_secret: values.clientSecret,
    refresh_token: values.refreshToken,
    access_token: values.accessToken,
    signing_key: values.signingKey,
    api_key: values.apiKey,
  }
}

/** The state of a sandbox at its start, for the text that it prints. */
export type AnnouncedSandbox = {
  readonly baseUrl: string
  readonly values: typeof SANDBOX_VALUES
  readonly database: string
  readonly hasConsole: boolean
  /** Undefined: its clock is the machine's. */
  readonly clock?: SandboxClockState | undefined
  readonly machineMs: number
}

/** Writes the text that a sandbox prints at its start. Its curl command works unchanged. */
export function announceSandbox(sandbox: AnnouncedSandbox): string {
  const { baseUrl, database, hasConsole, values } = sandbox
  const facts = sandboxFacts(baseUrl, values, hasConsole)
  const consoleLine =
    facts.console_url === undefined
      ? ''
      : `\n  Console         ${facts.console_url}  (see and control everything)`
  return `
  Paydesk sandbox: everything is real except the money

  Base URL        ${facts.base_url}  (open it for the first steps)
  Demo shop       ${facts.demo_url}  (a payment from the cart to the receipt)${consoleLine}
  Docs            ${facts.docs_url}  (description: ${baseUrl}/openapi.json)
  Database        ${database}${clockLine(sandbox)}

  Account         ${facts.account_id}  IN, rupees; transfers to ${facts.connected_account_ids.join(', ')}
  Account         ${facts.us_account_id}  US, any currency
  Access token    ${facts.access_token}  (never expires)
  Client id       ${facts.client_id}
  Client secret   ${facts.client_secret}
  Refresh token   ${facts.refresh_token}
  Signing key     ${facts.signing_key}
  API key         ${facts.api_key}

  Your first payment session:

${indent(createSessionCommand(facts, 'answer'))}

  The same, but print only the URL of the checkout page:

${indent(createSessionCommand(facts, 'link'))}

  Pay with the card 4111 1111 1111 1111, any future expiry, any CVV, and the code 123456; more at ${facts.docs_url}/reference/sandbox

  Commands that create and pay a session (session create --open opens the checkout page in the browser):

  ${COMMAND_NAME} session create --amount 1499.90${urlFlagOf(baseUrl)}
  ${COMMAND_NAME} session pay <payments_session_id>${urlFlagOf(baseUrl)}

  Stop with Ctrl-C.
`
}

/**
 * The smallest difference of the clocks that is printed, in milliseconds: a smaller one comes from the duration of the
 * start.
 */
const DIFFERENCE_MS_MIN = 1_000

/** Empty: the clock shows the machine's time. */
function clockLine({ clock, machineMs }: Pick<AnnouncedSandbox, 'clock' | 'machineMs'>): string {
  if (clock === undefined) return ''
  const { nowMs, rate } = clock
  const aheadMs = nowMs - machineMs
  const isDifferent = Math.abs(aheadMs) >= DIFFERENCE_MS_MIN
  if (!isDifferent && rate === 1) return ''
  const notes = [
    ...(isDifferent
      ? [`${showDuration(aheadMs)} ${aheadMs > 0 ? 'ahead of' : 'behind'} this machine’s`]
      : []),
    ...(rate === 0 ? ['frozen'] : rate === 1 ? [] : [`runs ${rate} times as fast as real time`]),
  ]
  return `
  Clock           ${new Date(nowMs).toISOString()}  (${notes.join(', ')})
                  It never goes back; a new database (--data other.db) starts with this machine’s time.`
}

/**
 * Writes a complete curl command that creates a session. The command prints the answer, or only the address of the
 * checkout page, which is in the answer's `Link` header.
 */
export function createSessionCommand(
  facts: Pick<Static<typeof SandboxFacts>, 'base_url' | 'account_id' | 'access_token'>,
  prints: 'answer' | 'link',
): string {
  const { access_token: token, account_id: accountId, base_url: baseUrl } = facts
  const [flags, filter] =
    prints === 'answer'
      ? ['', '']
      : ['-s -o /dev/null -D - ', String.raw` | sed -n 's/^link: <\(.*\)>.*/\1/p'`]
  return `curl ${flags}'${baseUrl}/api/v1/paymentsessions?account_id=${accountId}' \\
  -H 'Authorization: Zoho-oauthtoken ${token}' \\
  -H 'content-type: application/json' \\
  -d '{"amount": 100.5, "currency": "INR", "description": "Order 12345"}'${filter}`
}

/** Writes the flag with which the command line calls this server. Empty: it needs no flag. */
export function urlFlagOf(baseUrl: string): string {
  return baseUrl === DEFAULT_BASE_URL ? '' : ` --url ${baseUrl}`
}

function indent(text: string): string {
  return text.replaceAll(/^/gm, '  ')
}
