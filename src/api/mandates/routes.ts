import { type MandateId, type MandateNotificationId, parseId } from '../../domain/id.ts'
import type { Mandate } from '../../domain/mandate.ts'
import { chargeDebit } from '../../operations/execute-mandate.ts'
import { endAtProcessor, moveMandateIn } from '../../operations/move-mandate.ts'
import { notifyOfDebit } from '../../operations/notify-of-debit.ts'
import { EMPTY_LIST_PAGE } from '../../operations/store.ts'
import {
  mandateFields,
  mandateNotificationFields,
  mandatePaymentFields,
} from '../../wire/mandate.ts'
import { httpAnswerFrom, ok } from '../answer.ts'
import { answerOnce } from '../answer-once.ts'
import { chargeOnce } from '../charge-once.ts'
import { requireEdition } from '../edition.ts'
import { ApiError, notFound } from '../errors.ts'
import { renderList, renderOne } from '../render-envelope.ts'
import { type ApiContext, route } from '../route.ts'
import { beginDebit } from './begin-debit.ts'
import { parseMandateExecute, parseMandateList, parseMandateNotify } from './parse.ts'
import { debitError } from './refusal-text.ts'
import { requireMandates } from './require-mandates.ts'
import {
  ExecuteMandateAnswer,
  ListMandatesAnswer,
  MandateAnswer,
  MandateExecuteBody,
  MandateListQuery,
  MandateNotificationAnswer,
  MandateNotifyBody,
} from './schemas.ts'

const tag = 'Mandates'

const notifyMandate = route({
  method: 'POST',
  url: '/mandates/notify',
  scope: 'payments.CREATE',
  operationId: 'notifyMandate',
  tag,
  summary: 'Notify a customer of a debit',
  description:
    'Sends the notice of a debit. UPI requires the notice at least 24 hours before the debit. The notification is `initiated` until the result is known. It is then `succeeded` (the customer’s bank has the notice) or `failed`.',
  body: MandateNotifyBody,
  answers: { 201: MandateNotificationAnswer },
  failures: [403, 404],
  handle: async (call) => {
    const { account, body, idempotent, tenant } = call
    requireEdition(account, 'IN')
    requireMandates(tenant)
    const { mandateId, ...draft } = parseMandateNotify(body)
    const once = await answerOnce(tenant, idempotent, {
      lock: async (tx) => {
        const mandate = await tx.mandates.lock(mandateId)
        return mandate?.accountId === account.id ? mandate : undefined
      },
      missing: unknownMandate,
      change: async (tx, mandate) => {
        if (account.closedAtMs !== undefined) throw new ApiError('account_closed')
        const notice = await notifyOfDebit(tx, tenant, mandate, draft)
        if ('refused' in notice) throw debitError(notice, 'execution_date')
        return { mandate, notice }
      },
      render: ({ mandate, notice }) => ({
        status: 201,
        body: renderOne('mandate_notification', mandateNotificationFields(notice, mandate)),
        resourceId: notice.id,
      }),
    })
    if ('result' in once) log(call, mandateId, 'notified')
    return httpAnswerFrom(once)
  },
})

const executeMandateRoute = route({
  method: 'POST',
  url: '/mandates/execute',
  scope: 'payments.CREATE',
  operationId: 'executeMandate',
  tag,
  summary: 'Debit a mandate',
  description:
    'Debits a mandate by a session with the type `mandate_execution`. With a notification the debit is made at once. Without one the customer is notified now, and Paydesk makes the debit 24 hours later: until then the payment is `initiated`. A `daily` mandate needs no notification and is debited at once. The HTTP status is 201 even if the debit failed. A repeated request with the same `Idempotency-Key` debits nothing and gets the same answer, or, if that answer had no outcome yet, the payment in its current state.',
  body: MandateExecuteBody,
  answers: { 201: ExecuteMandateAnswer },
  failures: [403, 404],
  handle: async (call) => {
    const { account, body, tenant } = call
    requireEdition(account, 'IN')
    requireMandates(tenant)
    const execution = parseMandateExecute(body)
    const once = await chargeOnce(call, {
      begin: async (tx) => {
        const beginning = await beginDebit(tx, call, execution)
        const { attempt, debit, session } = beginning
        const { notificationId } = debit
        const payment = { attempt, session }
        return { ...beginning, payment, ...(notificationId !== undefined && { notificationId }) }
      },
      send: (beginning) =>
        beginning.debit.status === 'waiting'
          ? undefined
          : chargeDebit({ ...tenant, ...tenant.chargeLimits }, beginning),
      fields: mandatePaymentFields,
    })
    if ('result' in once) log(call, execution.mandateId, 'executed')
    return httpAnswerFrom(once)
  },
})

const retrieveMandate = route({
  method: 'GET',
  url: '/mandates/{mandate_id}',
  scope: 'payments.READ',
  operationId: 'retrieveMandate',
  tag,
  summary: 'Retrieve a mandate',
  description: 'Returns a mandate with its current status.',
  answers: { 200: MandateAnswer },
  handle: async (call) => ok(renderMandate(call, await find(call, call.path.mandate_id))),
})

const retrieveMandateNotification = route({
  method: 'GET',
  url: '/mandates/notifications/{mandate_notification_id}',
  scope: 'payments.READ',
  operationId: 'retrieveMandateNotification',
  tag,
  summary: 'Retrieve the notification of a debit',
  description: 'Returns a notification with its current status.',
  answers: { 200: MandateNotificationAnswer },
  handle: async ({ account, path, tenant: { store } }) => {
    requireEdition(account, 'IN')
    const id = parseId<MandateNotificationId>(path.mandate_notification_id)
    const notice = id && (await store.mandateNotifications.find(id))
    const mandate = notice && (await store.mandates.find(notice.mandateId))
    if (notice?.accountId !== account.id || mandate === undefined) {
      throw notFound('notification', 'mandate_notification_id')
    }
    return ok(renderOne('mandate_notification', mandateNotificationFields(notice, mandate)))
  },
})

const listMandates = route({
  method: 'GET',
  url: '/mandates',
  scope: 'payments.READ',
  operationId: 'listMandates',
  tag,
  summary: 'List mandates',
  isPaydeskOnly: true,
  description: 'Returns the mandates of the account, newest first.',
  query: MandateListQuery,
  answers: { 200: ListMandatesAnswer },
  failures: [404],
  handle: async ({ account, openPage, query, tenant: { clock, store } }) => {
    requireEdition(account, 'IN')
    const { filter, page: requestedPage } = parseMandateList(query)
    const page = openPage(requestedPage)
    const nowMs = clock.nowMs()
    const list =
      filter === 'nothing'
        ? EMPTY_LIST_PAGE
        : await store.mandates.list(account.id, filter, page, nowMs)
    const rows = list.items.map((item) => mandateFields(item, nowMs))
    return ok(renderList('mandates', rows, page, list))
  },
})

const cancelMandateRoute = route({
  method: 'POST',
  url: '/mandates/{mandate_id}/cancel',
  scope: 'payments.CREATE',
  operationId: 'cancelMandate',
  tag,
  summary: 'Cancel a mandate',
  isPaydeskOnly: true,
  description:
    'Ends an active or paused mandate for good, at the customer’s bank too. A requested debit that Paydesk has not made yet fails. A repeated call is refused.',
  answers: { 200: MandateAnswer },
  failures: [400, 503],
  handle: async (call) => {
    const { idempotent, tenant } = call
    const { id } = await find(call, call.path.mandate_id)
    // The processor first: a mandate that is canceled here must not stay active at the bank.
    if (!(await endAtProcessor(tenant, id))) throw new ApiError('processor_unavailable')
    const once = await answerOnce(tenant, idempotent, {
      bucket: tenant.store.publicIds.bucketOf(id),
      lock: (tx) => tx.mandates.lock(id),
      missing: unknownMandate,
      change: async (tx, mandate) => {
        const result = await moveMandateIn(tx, tenant, mandate, { type: 'cancel' })
        if (!('refused' in result)) return result
        const status = result.refused.replace('mandate_', '')
        throw new ApiError('invalid_mandate', 'mandate_id', `Mandate is invalid: it is ${status}.`)
      },
      render: (mandate) => ({
        status: 200,
        body: renderMandate(call, mandate),
        resourceId: id,
      }),
    })
    if ('result' in once) log(call, id, 'canceled')
    return httpAnswerFrom(once)
  },
})

/** The routes of mandates, in the order of the documentation. Their sessions are variants of payment sessions. */
export const MANDATE_ROUTES = [
  notifyMandate,
  retrieveMandateNotification,
  executeMandateRoute,
  retrieveMandate,
  listMandates,
  cancelMandateRoute,
]

function unknownMandate(): ApiError {
  return notFound('mandate', 'mandate_id')
}

/** Throws ApiError for another edition, or if the account has no mandate with this id. */
async function find(
  { account, tenant }: Pick<ApiContext, 'account' | 'tenant'>,
  text: string,
): Promise<Mandate> {
  requireEdition(account, 'IN')
  const id = parseId<MandateId>(text)
  const mandate = id && (await tenant.store.mandates.find(id))
  if (mandate?.accountId !== account.id) throw unknownMandate()
  return mandate
}

function renderMandate({ tenant }: Pick<ApiContext, 'tenant'>, mandate: Mandate): string {
  return renderOne('mandate', mandateFields(mandate, tenant.clock.nowMs()))
}

/** Logs no data of the customer. */
function log({ account, deps, requestId }: ApiContext, mandateId: MandateId, what: string): void {
  deps.logger.info({ requestId, accountId: account.id, mandateId }, `mandate ${what}`)
}
