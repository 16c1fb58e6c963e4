import type { AuditActor } from './audit-log.ts'
import { type AccountId, parseAccountId } from './id.ts'
import type { OperatorSessionTimes } from './operator-session.ts'

/** The roles of operators, from the fewest permissions to the most. */
export const OPERATOR_ROLES = ['viewer', 'support', 'manager', 'administrator'] as const
/** The role of an operator. */
export type OperatorRole = (typeof OPERATOR_ROLES)[number]

type PermissionFacts = {
  /** The allowed actions, for the printed page of permissions. */
  readonly text: string
  /** The first role that has it. All later roles have it too. */
  readonly from: OperatorRole
  /** The names of the operations that need it: those of the API that change something, and all of the console's own. */
  readonly operations: readonly string[]
  /** True: it covers the whole server, so only operators of all accounts have it. */
  readonly coversServer?: true
}

/** The permissions of operators. The console's pages and its routes read this table. */
export const OPERATOR_PERMISSIONS = {
  view: {
    text: 'See sessions, payments, refunds, requests for refunds, disputes, customers, payment links, mandates, virtual accounts, connected accounts, transfers, payouts, the ledger, events and webhooks. E-mail addresses, phone numbers and UPI IDs are masked.',
    from: 'viewer',
    operations: [
      'listDisputes',
      'listRefundApprovals',
      'listWaitingRefundApprovals',
      'readLinkStory',
      'readMandateStory',
      'readOverview',
      'readSessionStory',
      'searchAccount',
      'listSavedSearches',
      'createSavedSearch',
      'renameSavedSearch',
      'deleteSavedSearch',
      'retrieveDispute',
      'retrieveLedger',
    ],
  },
  open_contacts: {
    text: 'Open a masked e-mail address, phone number or UPI ID. The audit log records each opening.',
    from: 'support',
    operations: [],
  },
  export: {
    text: 'Export lists as CSV, with masked contacts. The audit log records each export.',
    from: 'support',
    operations: ['exportRows'],
  },
  export_contacts: {
    text: 'Export lists with unmasked e-mail addresses, phone numbers and UPI IDs. The audit log records each export.',
    from: 'manager',
    operations: ['exportRowsWithContacts'],
  },
  refund: {
    text: 'Refund a payment up to the limit of the operator, and request the approval of a larger refund.',
    from: 'support',
    operations: ['createRefund', 'requestRefundApproval', 'rejectRefundApproval'],
  },
  approve_refunds: {
    text: 'Approve or reject a refund that another operator has requested. Nobody can approve their own request.',
    from: 'manager',
    operations: ['approveRefundApproval', 'countWaitingRefundApprovals'],
  },
  change_customers: {
    text: 'Create, change and delete customers; change and delete their saved payment methods.',
    from: 'manager',
    operations: [
      'createCustomer',
      'updateCustomer',
      'deleteCustomer',
      'updatePaymentMethod',
      'deletePaymentMethod',
    ],
  },
  cancel_sessions: {
    text: 'Cancel an open payment session.',
    from: 'manager',
    operations: ['cancelPaymentSession'],
  },
  change_links: {
    text: 'Create, change, send and cancel payment links.',
    from: 'manager',
    operations: [
      'createPaymentLink',
      'updatePaymentLink',
      'cancelPaymentLink',
      'notifyOfPaymentLink',
    ],
  },
  cancel_mandates: {
    text: 'Cancel a mandate.',
    from: 'manager',
    operations: ['cancelMandate'],
  },
  change_virtual_accounts: {
    text: 'Create, change and close virtual accounts.',
    from: 'manager',
    operations: ['createVirtualAccount', 'updateVirtualAccount', 'closeVirtualAccount'],
  },
  resend_webhooks: {
    text: 'Send webhook events again.',
    from: 'manager',
    operations: ['resendEvent', 'resendWebhookDelivery', 'replayWebhookEvents'],
  },
  change_webhooks: {
    text: 'Create, change and delete webhook endpoints, and replace their keys.',
    from: 'administrator',
    operations: ['createWebhook', 'updateWebhook', 'deleteWebhook', 'rotateWebhookKey'],
  },
  check_ledger: {
    text: 'Check the ledger of all accounts, and see the discrepancies. Only for operators of all accounts.',
    from: 'manager',
    operations: ['retrieveLedgerCheck', 'startLedgerCheck'],
    coversServer: true,
  },
  manage_account: {
    text: 'See and change the settings of an account, replace its keys, close and reopen it.',
    from: 'administrator',
    operations: [
      'readAccount',
      'updateAccount',
      'rotateAccountKeys',
      'closeAccount',
      'reopenAccount',
    ],
  },
  create_accounts: {
    text: 'Create accounts and OAuth clients. Only for operators of all accounts.',
    from: 'administrator',
    operations: ['createAccount', 'createClient'],
    coversServer: true,
  },
  change_fees: {
    text: 'Change the fee rates of an account. Only for operators of all accounts, so that no merchant changes its own rates.',
    from: 'administrator',
    operations: ['changeFeeRates'],
    coversServer: true,
  },
  manage_operators: {
    text: 'See, export, invite, change and disable operators. Only for operators of all accounts.',
    from: 'administrator',
    operations: [
      'listOperators',
      'exportOperators',
      'createOperator',
      'inviteOperator',
      'updateOperator',
      'disableOperator',
      'enableOperator',
      'signOutOperator',
    ],
    coversServer: true,
  },
  view_audit_log: {
    text: 'See and export the audit log of the whole server. Only for operators of all accounts.',
    from: 'administrator',
    operations: ['listAuditEntries', 'exportAuditLog'],
    coversServer: true,
  },
} as const satisfies Readonly<Record<string, PermissionFacts>>

/** The name of a permission. */
export type OperatorPermission = keyof typeof OPERATOR_PERMISSIONS

/** All permissions, in the order of the table. */
export const OPERATOR_PERMISSION_NAMES = Object.keys(
  OPERATOR_PERMISSIONS,
) as readonly OperatorPermission[]

/** A person who signs in to the console. */
export type Operator = {
  /** `op_` and 16 hexadecimal digits. */
  readonly id: string
  readonly name: string
  /** In lower case. No two operators have the same. */
  readonly email: string
  readonly role: OperatorRole
  /** The accounts that the operator sees. Undefined: all, including those that are created later. */
  readonly accountIds: readonly AccountId[] | undefined
  /** The largest refund without a second person, in the minor units of the payment's currency. Undefined: no limit. */
  readonly refundMaxMinor: bigint | undefined
  /**
   * The same limit for single accounts, which replaces `refundMaxMinor` there. Undefined: no account has its own limit.
   */
  readonly accountRefundMax?: ReadonlyMap<AccountId, bigint> | undefined
  /** Undefined: the operator may sign in. */
  readonly disabledAtMs: number | undefined
}

/** The means by which an operator signs in. */
export type OperatorCredentials = {
  /** An Argon2id hash with its parameters. */
  readonly passwordHash: string
  readonly codeSecretSealed: string
  /** The number of the time step of the last accepted code. Each code is accepted once. */
  readonly lastCodeStep: number
  /** The hashes of the unused recovery codes. */
  readonly recoveryHashes: readonly string[]
}

/** An operator as stored. */
export type OperatorRecord = Operator & {
  readonly createdAtMs: number
  /** The time at which the operator first accepted an invitation. Undefined: never. */
  readonly acceptedAtMs?: number | undefined
  /** Undefined: the operator has no password. */
  readonly credentials: OperatorCredentials | undefined
  /** The open invitation. It is accepted once. */
  readonly invitation: { readonly tokenHash: string; readonly endsAtMs: number } | undefined
  /** The person at an identity provider. Undefined: the operator does not sign in through one. */
  readonly identity: OperatorIdentity | undefined
}

/** A person at an identity provider. */
export type OperatorIdentity = {
  /** The provider, a URL. */
  readonly issuer: string
  /** The provider's id of the person. It never changes, unlike an e-mail address. */
  readonly subject: string
}

/** The session of a signed-in operator. The cookie's token is stored only as its hash. */
export type OperatorSession = OperatorSessionTimes & {
  readonly tokenHash: string
  readonly operatorId: string
  /** The browser and the system, such as `Firefox, Linux`. Undefined: unknown. */
  readonly browser?: string | undefined
}

/** The longest e-mail address of an operator, in characters. */
export const OPERATOR_EMAIL_LENGTH_MAX = 254

const EMAIL = /^[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[a-z\d](?:[a-z\d.-]{0,188}[a-z\d])?$/

/** Reads the e-mail address of an operator, in lower case. Undefined: it is not an address. */
export function parseOperatorEmail(text: string): string | undefined {
  const email = text.trim().toLowerCase()
  return email.length <= OPERATOR_EMAIL_LENGTH_MAX && EMAIL.test(email) ? email : undefined
}

/**
 * Returns the state of an operator's access. `invited`: the operator has not accepted the first invitation, and has no
 * identity at a provider.
 */
export function operatorStatusOf({
  acceptedAtMs,
  disabledAtMs,
  identity,
}: Pick<OperatorRecord, 'acceptedAtMs' | 'disabledAtMs' | 'identity'>):
  | 'active'
  | 'disabled'
  | 'invited' {
  if (disabledAtMs !== undefined) return 'disabled'
  return acceptedAtMs === undefined && identity === undefined ? 'invited' : 'active'
}

/** Returns the largest refund that an operator may make for an account without a second person. Undefined: no limit. */
export function refundMaxOf(
  { accountRefundMax, refundMaxMinor }: Pick<Operator, 'accountRefundMax' | 'refundMaxMinor'>,
  accountId: AccountId,
): bigint | undefined {
  return accountRefundMax?.get(accountId) ?? refundMaxMinor
}

const ACCOUNT_REFUND_MAX_COUNT = 100

/**
 * Reads limits of refunds by account, in minor units: `1234567=500000,2345678=0`. Undefined: another form, an account
 * twice, or more than 100 accounts.
 */
export function parseAccountRefundMax(text: string): ReadonlyMap<AccountId, bigint> | undefined {
  const limits = new Map<AccountId, bigint>()
  for (const pair of text.split(',')) {
    const [, idText = '', minor = ''] = /^\s*(\d{1,16})\s*=\s*(\d{1,15})\s*$/.exec(pair) ?? []
    const id = parseAccountId(idText)
    if (id === undefined || limits.has(id)) return undefined
    limits.set(id, BigInt(minor))
  }
  return limits.size <= ACCOUNT_REFUND_MAX_COUNT ? limits : undefined
}

/** The reason why one operator may not change another. */
export type OperatorChangeRefusal =
  /** Operators cannot change their own permissions, so that they do not give them away by mistake. */
  | 'own_permissions'
  /** The operator who makes the change has lost the permission since the request. */
  | 'not_permitted'

/**
 * Decides whether an operator may change the permissions of another one. The operator who makes the change is an
 * administrator of all accounts and keeps that role, so one such administrator always remains. Both rows must be
 * locked.
 */
export function refusalOfOperatorChange(
  by: Pick<Operator, 'accountIds' | 'disabledAtMs' | 'id' | 'role'>,
  target: Pick<Operator, 'id'>,
): OperatorChangeRefusal | undefined {
  if (by.disabledAtMs !== undefined || !operatorHas(by, 'manage_operators')) return 'not_permitted'
  return by.id === target.id ? 'own_permissions' : undefined
}

/** Returns an operator as the actor of a change, for the audit log. */
export function operatorActor({ email, id }: Pick<Operator, 'id' | 'email'>): AuditActor {
  return { kind: 'operator', name: `${id} ${email}` }
}

/** Returns true if a role has a permission. */
export function roleHas(role: OperatorRole, permission: OperatorPermission): boolean {
  const { from } = OPERATOR_PERMISSIONS[permission]
  return OPERATOR_ROLES.indexOf(role) >= OPERATOR_ROLES.indexOf(from)
}

/** Returns true if an operator has a permission, by the role and the accounts. */
export function operatorHas(
  { accountIds, role }: Pick<Operator, 'accountIds' | 'role'>,
  permission: OperatorPermission,
): boolean {
  return (accountIds === undefined || !coversServer(permission)) && roleHas(role, permission)
}

/** Returns true if a permission covers the whole server, not one account. */
export function coversServer(permission: OperatorPermission): boolean {
  const facts: PermissionFacts = OPERATOR_PERMISSIONS[permission]
  return facts.coversServer === true
}

const PERMISSION_OF_OPERATION: ReadonlyMap<string, OperatorPermission> = new Map(
  OPERATOR_PERMISSION_NAMES.flatMap((name) =>
    OPERATOR_PERMISSIONS[name].operations.map((operation) => [operation, name] as const),
  ),
)

/**
 * Returns the permission that an operation needs. A read of the API needs `view`. Undefined: no operator may do it, because
 * it belongs to the merchant's application, such as the creation of a payment session.
 */
export function permissionOf({
  method,
  operationId,
}: {
  readonly method: string
  readonly operationId: string
}): OperatorPermission | undefined {
  return PERMISSION_OF_OPERATION.get(operationId) ?? (method === 'GET' ? 'view' : undefined)
}

/** Returns true if an operator may see an account and change its objects. */
export function mayActFor(
  { accountIds }: Pick<Operator, 'accountIds'>,
  accountId: AccountId,
): boolean {
  return accountIds === undefined || accountIds.includes(accountId)
}
