import { type AccountId, parseAccountId } from './id.ts'
import { OPERATOR_EMAIL_LENGTH_MAX, OPERATOR_ROLES, type OperatorRole } from './operator.ts'
import { isPlainText } from './text.ts'

const CLAIM_VALUE_COUNT_MAX = 1_000
/** The longest subject, in characters. OpenID Connect Core 1.0, section 2, allows 255; the store compares up to 254. */
const SUBJECT_LENGTH_MAX = 254
const ALL_ACCOUNTS = 'all'

/** The rules by which the claims of an identity provider become an operator's role and accounts. */
export type ProviderRules = {
  /** The claim with the roles or groups of the person. */
  readonly roleClaim: string
  readonly roles: ReadonlyMap<string, OperatorRole>
  /** The claim with the ids of accounts, or `all`. Undefined: the provider does not decide about accounts. */
  readonly accountsClaim: string | undefined
  /** True: an e-mail address without `email_verified` counts as verified. */
  readonly trustsEmails: boolean
}

/** The claims about a person, of the ID token and of the UserInfo endpoint. Their values are not checked. */
export type ProviderClaims = Readonly<Record<string, unknown>>

/** The role of a person, and the accounts. */
export type ProviderAccess = {
  readonly role: OperatorRole
  /** `unchanged`: the provider does not decide about accounts. Undefined: all accounts. */
  readonly accountIds: readonly AccountId[] | undefined | 'unchanged'
}

/** The reason why the claims of a person give no access. */
export type AccessRefusal = 'no_role' | 'no_accounts'

/**
 * Returns the access that claims give. Of several mapped roles, the person gets the one with the most permissions. A
 * claim that is absent, or without a known value, gives no access.
 */
export function accessOf(
  claims: ProviderClaims,
  { accountsClaim, roleClaim, roles }: ProviderRules,
): ProviderAccess | { readonly refused: AccessRefusal } {
  const mappedRoles = new Set(valuesOf(claims, roleClaim).map((value) => roles.get(value)))
  const role = OPERATOR_ROLES.findLast((one) => mappedRoles.has(one))
  if (role === undefined) return { refused: 'no_role' }
  if (accountsClaim === undefined) return { role, accountIds: 'unchanged' }
  const values = valuesOf(claims, accountsClaim)
  if (values.includes(ALL_ACCOUNTS)) return { role, accountIds: undefined }
  const accountIds = values.flatMap((value) => parseAccountId(value) ?? [])
  // One wrong value is a wrong configuration: it must not look like fewer accounts.
  if (accountIds.length === 0 || accountIds.length < values.length) {
    return { refused: 'no_accounts' }
  }
  return { role, accountIds: [...new Set(accountIds)] }
}

/** The name and the e-mail address of a person. */
export type ProviderPerson = {
  readonly name: string
  /** In lower case. */
  readonly email: string
}

/**
 * Reads the name and the e-mail address of a person. Refuses an address that the provider has not verified, because it
 * would name another person in the audit log.
 */
export function personOf(
  claims: ProviderClaims,
  { trustsEmails }: Pick<ProviderRules, 'trustsEmails'>,
): ProviderPerson | { readonly refused: 'no_email' | 'email_unverified' } {
  const { email, email_verified: verification, name } = claims
  if (!isPlainText(email, OPERATOR_EMAIL_LENGTH_MAX) || !/^[^\s@]+@[^\s@]+$/.test(email)) {
    return { refused: 'no_email' }
  }
  const isVerified = verification === true || (verification === undefined && trustsEmails)
  if (!isVerified) return { refused: 'email_unverified' }
  const address = email.toLowerCase()
  return { name: isPlainText(name) ? name : address, email: address }
}

/** Returns the provider's id of a person. Undefined: it is not one that every database can store. */
export function subjectOf({ sub }: ProviderClaims): string | undefined {
  return isPlainText(sub, SUBJECT_LENGTH_MAX) ? sub : undefined
}

/** Returns true if the claims lack one that the rules read, so that the UserInfo endpoint has to be read. */
export function needsMoreClaims(
  claims: ProviderClaims,
  { accountsClaim, roleClaim }: Pick<ProviderRules, 'accountsClaim' | 'roleClaim'>,
): boolean {
  const names = ['email', roleClaim, ...(accountsClaim === undefined ? [] : [accountsClaim])]
  return names.some((name) => claimOf(claims, name) === undefined)
}

/** Returns the texts of a claim that has one text or number, or a list of them. */
function valuesOf(claims: ProviderClaims, name: string): readonly string[] {
  const claim = claimOf(claims, name)
  return (Array.isArray(claim) ? claim : [claim])
    .filter((value) => typeof value === 'string' || typeof value === 'number')
    .slice(0, CLAIM_VALUE_COUNT_MAX)
    .map(String)
}

/**
 * Returns a claim by its name, or by its path: `realm_access.roles`. Names such as `https://example.com/roles` have
 * dots too.
 */
function claimOf(claims: ProviderClaims, name: string): unknown {
  if (Object.hasOwn(claims, name)) return claims[name]
  let value: unknown = claims
  for (const part of name.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined
    value = Reflect.get(value, part)
  }
  return value
}
