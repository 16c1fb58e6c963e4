/** The actions that the audit log records: changes, sign-ins, opened contacts and exports of data. */
export const AUDIT_ACTIONS = [
  'account.create',
  'account.update',
  'account.close',
  'account.reopen',
  'account.rotate_keys',
  'webhook_endpoint.create',
  'webhook_endpoint.update',
  'webhook_endpoint.rotate_key',
  'webhook_endpoint.delete',
  'client.create',
  'client.update',
  'client.rotate_secret',
  'client.delete',
  'client.authorize',
  'token.create',
  'token.revoke',
  'database.rekey_start',
  'database.rekey_end',
  'database.export',
  'database.prune',
  'customer.erase',
  'operator.create',
  'operator.update',
  'operator.invite',
  'operator.accept_invitation',
  'operator.sign_in',
  'operator.sign_out',
  'operator.add_passkey',
  'operator.remove_passkey',
  'operator.replace_recovery_codes',
  'operator.change_password',
  'operator.open_contacts',
  'operator.export',
  'refund_approval.create',
  'refund_approval.approve',
  'refund_approval.reject',
] as const
/** An action that the audit log records, such as `account.create`. */
export type AuditAction = (typeof AUDIT_ACTIONS)[number]

/**
 * The person or program that acted.
 *
 * - `os_user`: a user of the operating system, by a command. The name is `asha@host1`.
 * - `access_token`: a program with an access token. The name is the token's id and its account.
 * - `owner_key`: a person with an account's owner key, on the consent page. The name is the account.
 * - `token_holder`: anyone who has the token itself may revoke it. The name is the token's id.
 * - `operator`: a person who is signed in to the console. The name is the operator's id and e-mail address.
 * - `sandbox`: anyone who can reach a sandbox.
 */
export type AuditActor = {
  readonly kind: 'os_user' | 'access_token' | 'owner_key' | 'token_holder' | 'operator' | 'sandbox'
  readonly name: string
}

/** Public values of an object, by their names on the wire. They contain no secret. */
export type AuditValues = Readonly<Record<string, unknown>>

/** A recorded action. */
export type AuditEntry = {
  /** 1, 2, 3 and so on, without gaps. */
  readonly number: number
  readonly atMs: number
  readonly actor: AuditActor
  readonly action: AuditAction
  readonly objectId: string
  /** The changed values before the change. Empty for a new object. */
  readonly before: AuditValues
  /** The changed values after the change. Empty for a deleted object. */
  readonly after: AuditValues
}

/** The filter of the audit log: entries from `fromMs` (included) to `toMs` (excluded). Undefined: no bound. */
export type AuditFilter = {
  readonly fromMs?: number
  readonly toMs?: number
  readonly action?: AuditAction
  readonly objectId?: string
  /** Only entries with a smaller number. */
  readonly beforeNumber?: number
}

/** Returns the old and the new values of the fields that differ. Values are compared by their JSON. */
export function differences(
  before: AuditValues,
  after: AuditValues,
): { readonly before: AuditValues; readonly after: AuditValues } {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])]
  const changedNames = names.filter(
    (name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]),
  )
  const pick = (values: AuditValues) =>
    Object.fromEntries(
      changedNames.filter((name) => values[name] !== undefined).map((name) => [name, values[name]]),
    )
  return { before: pick(before), after: pick(after) }
}
