import { ok } from '../api/answer.ts'
import { ApiError } from '../api/errors.ts'
import { Problem } from '../api/read-fields.ts'
import { renderOne } from '../api/render-envelope.ts'
import { type AccountId, parseAccountId } from '../domain/id.ts'
import {
  type Operator,
  type OperatorRecord,
  parseAccountRefundMax,
  parseOperatorEmail,
} from '../domain/operator.ts'
import { isPlainText } from '../domain/text.ts'
import {
  changeOperatorBy,
  endOperatorSessions,
  type PermissionChange,
} from '../operations/change-operator.ts'
import { createOperator, type InvitedOperator, inviteAgain } from '../operations/invite-operator.ts'
import { operatorRecordFields } from '../wire/operator.ts'
import { bodyFieldsOf, type ServerContext, serverRoute } from './console-route.ts'
import {
  InvitedAnswer,
  NO_BOUND,
  NO_LIMITS,
  OperatorAnswer,
  OperatorCreateBody,
  OperatorListAnswer,
  OperatorUpdateBody,
  SignedOutAnswer,
} from './operator-schemas.ts'

const tag = 'Operators'
/** The maximum number of changes of operators a minute by one operator. */
const CHANGES_PER_MINUTE = 30

/**
 * Reads ids of accounts, with commas between them. A text that is not an id is refused, because a list without it would
 * mean other accounts.
 */
export function readAccountIds(text: string): readonly AccountId[] | Problem {
  const ids = new Set<AccountId>()
  for (const one of text.split(',')) {
    const id = parseAccountId(one)
    if (id === undefined) return new Problem('must be ids of accounts separated by commas')
    ids.add(id)
  }
  return [...ids]
}

const RULES = {
  name: (text: string) => (isPlainText(text) ? text.trim() : new Problem('must not be blank')),
  accounts: (text: string) => (text === NO_BOUND ? NO_BOUND : readAccountIds(text)),
  refund_max_minor: (text: string) => (text === NO_BOUND ? NO_BOUND : BigInt(text)),
  account_refund_max: (text: string) =>
    text === NO_LIMITS
      ? NO_LIMITS
      : (parseAccountRefundMax(text) ??
        new Problem(
          'must be the word none, or pairs of an account and minor units, such as 1234567=500000,2345678=0',
        )),
} as const

const readCreate = bodyFieldsOf(OperatorCreateBody, {
  ...RULES,
  email: (text) =>
    parseOperatorEmail(text) ?? new Problem('must be an e-mail address, such as asha@example.com'),
})
const readUpdate = bodyFieldsOf(OperatorUpdateBody, RULES)

const listOperators = serverRoute({
  method: 'GET',
  url: '/operators',
  operationId: 'listOperators',
  tag,
  summary: 'List the operators',
  description: 'Returns all operators, sorted by e-mail address.',
  answers: { 200: OperatorListAnswer },
  handle: async ({ tenant }) => {
    const operators = await tenant.store.operators.list()
    return ok(renderOne('operators', operators.map(fieldsOf)))
  },
})

const createRoute = serverRoute({
  method: 'POST',
  url: '/operators',
  operationId: 'createOperator',
  tag,
  summary: 'Invite a new operator',
  description: 'Creates an operator. The link of the invitation is shown once.',
  ratePerMinute: CHANGES_PER_MINUTE,
  body: OperatorCreateBody,
  readBody: readCreate,
  answers: { 201: InvitedAnswer },
  handle: async (call) => {
    const { account_refund_max: limits, accounts, email, name, role } = call.body
    const { refund_max_minor: refundMax } = call.body
    await requireAccounts(call, accounts, limits)
    const invitation = await createOperator(asActor(call), {
      name,
      email,
      role,
      accountIds: boundOf(accounts),
      refundMaxMinor: boundOf(refundMax),
      accountRefundMax: limitsOf(limits),
    })
    if (invitation === undefined) {
      throw new ApiError(
        'invalid_parameter',
        'email',
        'An operator with this e-mail address exists.',
      )
    }
    return { status: 201, body: await renderInvited(call, invitation) }
  },
})

const inviteRoute = serverRoute({
  method: 'POST',
  url: '/operators/{operator_id}/invite',
  operationId: 'inviteOperator',
  tag,
  summary: 'Invite an operator again',
  description: 'Makes a new link, for a lost password or phone. An earlier link stops working.',
  ratePerMinute: CHANGES_PER_MINUTE,
  answers: { 200: InvitedAnswer },
  handle: async (call) => {
    const invitation = await inviteAgain(asActor(call), call.path.operator_id)
    if (invitation === undefined) throw unknownOperator()
    return ok(await renderInvited(call, invitation))
  },
})

const updateRoute = serverRoute({
  method: 'PUT',
  url: '/operators/{operator_id}',
  operationId: 'updateOperator',
  tag,
  summary: 'Change an operator',
  description:
    'Changes the name, the role, the accounts or the limits. The change applies from the operator’s next request on.',
  ratePerMinute: CHANGES_PER_MINUTE,
  body: OperatorUpdateBody,
  readBody: readUpdate,
  answers: { 200: OperatorAnswer },
  handle: async (call) => {
    const { account_refund_max: limits, accounts, name, role } = call.body
    const { refund_max_minor: refundMax } = call.body
    await requireAccounts(call, accounts, limits)
    return change(call, call.path.operator_id, {
      ...(name !== undefined && { name }),
      ...(role !== undefined && { role }),
      ...(accounts !== undefined && { accountIds: boundOf(accounts) }),
      ...(refundMax !== undefined && { refundMaxMinor: boundOf(refundMax) }),
      ...(limits !== undefined && { accountRefundMax: limitsOf(limits) }),
    })
  },
})

const disableRoute = serverRoute({
  method: 'POST',
  url: '/operators/{operator_id}/disable',
  operationId: 'disableOperator',
  tag,
  summary: 'Disable an operator',
  description: 'Ends the sessions and the invitation of an operator, and refuses sign-ins.',
  ratePerMinute: CHANGES_PER_MINUTE,
  answers: { 200: OperatorAnswer },
  handle: (call) => change(call, call.path.operator_id, 'disable'),
})

const enableRoute = serverRoute({
  method: 'POST',
  url: '/operators/{operator_id}/enable',
  operationId: 'enableOperator',
  tag,
  summary: 'Enable an operator',
  description: 'Lets a disabled operator sign in again.',
  ratePerMinute: CHANGES_PER_MINUTE,
  answers: { 200: OperatorAnswer },
  handle: (call) => change(call, call.path.operator_id, 'enable'),
})

const signOutRoute = serverRoute({
  method: 'POST',
  url: '/operators/{operator_id}/sign_out',
  operationId: 'signOutOperator',
  tag,
  summary: 'End the sessions of an operator',
  description: 'Ends all sessions of an operator.',
  ratePerMinute: CHANGES_PER_MINUTE,
  answers: { 200: SignedOutAnswer },
  handle: async (call) => {
    const target = await call.tenant.store.operators.find(call.path.operator_id)
    if (target === undefined) throw unknownOperator()
    const count = await endOperatorSessions(asActor(call), target.id)
    return ok(renderOne('signed_out', { session_count: count }))
  },
})

/** The routes of operators. */
export const OPERATOR_ROUTES = [
  listOperators,
  createRoute,
  inviteRoute,
  updateRoute,
  disableRoute,
  enableRoute,
  signOutRoute,
]

async function change(call: ServerContext, operatorId: string, wanted: PermissionChange) {
  const { operator, tenant } = call
  const result = await changeOperatorBy(asActor(call), operator.id, operatorId, wanted)
  if (result === undefined) throw unknownOperator()
  if ('refused' in result) {
    throw new ApiError(
      'not_permitted',
      undefined,
      result.refused === 'own_permissions'
        ? 'You cannot change your own access. Ask another administrator.'
        : 'You are no longer an administrator of all accounts.',
    )
  }
  const after = await tenant.store.operators.find(result.id)
  return ok(renderOne('operator', after && fieldsOf(after)))
}

function asActor({ actor, tenant }: ServerContext) {
  return { ...tenant, actor: actor() }
}

/** Undefined: no bound. */
function boundOf<Bound>(value: Bound | typeof NO_BOUND): Bound | undefined {
  return value === NO_BOUND ? undefined : (value as Bound)
}

type Limits = ReadonlyMap<AccountId, bigint> | typeof NO_LIMITS | undefined

/** Undefined: no limits. */
function limitsOf(limits: Limits): ReadonlyMap<AccountId, bigint> | undefined {
  return limits === NO_LIMITS ? undefined : limits
}

async function requireAccounts(
  { tenant }: ServerContext,
  accounts: readonly AccountId[] | typeof NO_BOUND | undefined,
  limits: Limits,
): Promise<void> {
  await requireKnownAccounts(tenant, 'accounts', boundOf(accounts ?? NO_BOUND) ?? [])
  await requireKnownAccounts(tenant, 'account_refund_max', limitsOf(limits)?.keys() ?? [])
}

/** Throws an ApiError about a field of a request if an account of the field does not exist. */
export async function requireKnownAccounts(
  { store }: Pick<ServerContext['tenant'], 'store'>,
  field: string,
  ids: Iterable<AccountId>,
): Promise<void> {
  for (const id of ids) {
    if ((await store.accounts.find(id)) !== undefined) continue
    throw new ApiError('invalid_parameter', field, `There is no account ${id}.`)
  }
}

function unknownOperator(): ApiError {
  return new ApiError('resource_does_not_exist', 'operator_id', 'There is no such operator.')
}

function fieldsOf(operator: OperatorRecord) {
  const { invitation } = operator
  return {
    ...operatorRecordFields(operator),
    ...(invitation !== undefined && {
      invitation_ends: new Date(invitation.endsAtMs).toISOString(),
    }),
  }
}

async function renderInvited(
  { consoleUrl, tenant }: ServerContext,
  { invitationToken, operator }: InvitedOperator,
): Promise<string> {
  const record = await tenant.store.operators.find((operator satisfies Operator).id)
  return renderOne('invited', {
    operator: record && fieldsOf(record),
    invitation_link: `${consoleUrl()}/console/invitation/${invitationToken}`,
  })
}
