import { type PaymentLinkId, parseId } from '../../domain/id.ts'
import type { PaymentLink, RefusedLinkMove } from '../../domain/payment-link.ts'
import { cancelPaymentLink } from '../../operations/cancel-payment-link.ts'
import { createPaymentLink } from '../../operations/create-payment-link.ts'
import { sendPaymentLink } from '../../operations/send-payment-link.ts'
import type { Transaction } from '../../operations/store.ts'
import { updatePaymentLink } from '../../operations/update-payment-link.ts'
import { paymentLinkFields, type ShownPaymentLink } from '../../wire/payment-link.ts'
import { httpAnswerFrom, ok } from '../answer.ts'
import { answerOnce } from '../answer-once.ts'
import { ApiError, notFound, renderError } from '../errors.ts'
import type { KeptAnswer } from '../idempotency.ts'
import { renderList, renderOne } from '../render-envelope.ts'
import { type ApiContext, type Call, route } from '../route.ts'
import {
  type LinkContext,
  parsePaymentLinkCreate,
  parsePaymentLinkList,
  parsePaymentLinkNotify,
  parsePaymentLinkUpdate,
} from './parse.ts'
import {
  CreatePaymentLinkAnswer,
  ListPaymentLinksAnswer,
  PaymentLinkCreateBody,
  PaymentLinkListQuery,
  PaymentLinkNotifyBody,
  PaymentLinkUpdateBody,
  RetrievePaymentLinkAnswer,
} from './schemas.ts'

const tag = 'Payment links'

const createPaymentLinkRoute = route({
  method: 'POST',
  url: '/paymentlinks',
  scope: 'payments.CREATE',
  operationId: 'createPaymentLink',
  tag,
  summary: 'Create a payment link',
  description:
    'Creates a link to a page on which a customer pays one amount once. Send its `url` to the customer, or let Paydesk send it.',
  body: PaymentLinkCreateBody,
  answers: { 201: CreatePaymentLinkAnswer },
  // The account may be closed.
  failures: [403],
  handle: async (call) => {
    const { account, body, idempotent, publicUrl, tenant } = call
    const once = await answerOnce(tenant, idempotent, {
      lock: async () => 'nothing',
      change: (tx) => {
        if (account.closedAtMs !== undefined) throw new ApiError('account_closed')
        const request = parsePaymentLinkCreate(body, contextOf(call))
        return createPaymentLink(tx, tenant, { account, publicUrl: publicUrl() }, request)
      },
      render: (link) => ({
        status: 201,
        body: render(call, { account, link }),
        resourceId: link.id,
      }),
    })
    if ('result' in once) log(call, once.result, 'created')
    return httpAnswerFrom(once)
  },
})

const retrievePaymentLink = route({
  method: 'GET',
  url: '/paymentlinks/{payment_link_id}',
  scope: 'payments.READ',
  operationId: 'retrievePaymentLink',
  tag,
  summary: 'Retrieve a payment link',
  description: 'Returns the link with its current status and its payments.',
  answers: { 200: RetrievePaymentLinkAnswer },
  handle: async (call) => {
    const { account, path, tenant } = call
    const link = await tenant.store.paymentLinks.find(linkId(path))
    if (link?.accountId !== account.id) throw unknownLink()
    const payments = await tenant.store.paymentAttempts.listByLink(link.id)
    return ok(render(call, { account, link, payments }))
  },
})

const listPaymentLinks = route({
  method: 'GET',
  url: '/paymentlinks',
  scope: 'payments.READ',
  operationId: 'listPaymentLinks',
  tag,
  summary: 'List payment links',
  isPaydeskOnly: true,
  description: 'Returns the account’s links without their payments, newest first.',
  query: PaymentLinkListQuery,
  answers: { 200: ListPaymentLinksAnswer },
  handle: async ({ account, openPage, query, tenant: { clock, store } }) => {
    const { filter, page: requestedPage } = parsePaymentLinkList(query, account.edition)
    const page = openPage(requestedPage)
    const nowMs = clock.nowMs()
    const list = await store.paymentLinks.list(account.id, filter, page, nowMs)
    const rows = list.items.map((link) => paymentLinkFields({ account, link }, nowMs))
    return ok(renderList('payment_links', rows, page, list))
  },
})

const updatePaymentLinkRoute = route({
  method: 'PUT',
  url: '/paymentlinks/{payment_link_id}',
  scope: 'payments.UPDATE',
  operationId: 'updatePaymentLink',
  tag,
  summary: 'Update a payment link',
  description:
    'Changes an active link. Its URL, amount and currency do not change. A checkout form that a customer has already opened keeps its texts and payment methods.',
  body: PaymentLinkUpdateBody,
  answers: { 200: RetrievePaymentLinkAnswer },
  handle: async (call) => {
    const { account, body, tenant } = call
    return changeLink(call, 'updated', (tx, link) => {
      const change = parsePaymentLinkUpdate(body, { ...contextOf(call), link })
      return updatePaymentLink(tx, tenant, { account, link }, change)
    })
  },
})

const cancelPaymentLinkRoute = route({
  method: 'PUT',
  url: '/paymentlinks/{payment_link_id}/cancel',
  scope: 'payments.UPDATE',
  operationId: 'cancelPaymentLink',
  tag,
  summary: 'Cancel a payment link',
  description:
    'Cancels an active link, which then cannot be paid. A link with a payment in progress is refused. A cancellation cannot be undone.',
  takesIdempotencyKey: true,
  answers: { 200: RetrievePaymentLinkAnswer },
  handle: (call) =>
    changeLink(call, 'canceled', (tx, link) => cancelPaymentLink(tx, call.tenant, link)),
})

const notifyOfPaymentLinkRoute = route({
  method: 'POST',
  url: '/paymentlinks/{payment_link_id}/notify',
  scope: 'payments.UPDATE',
  operationId: 'notifyOfPaymentLink',
  tag,
  summary: 'Send a payment link again',
  isPaydeskOnly: true,
  description:
    'Sends an active link to its customer again, by e-mail or text message. The link does not change.',
  body: PaymentLinkNotifyBody,
  isBodyOptional: true,
  answers: { 200: RetrievePaymentLinkAnswer },
  handle: async (call) => {
    const { account, body, tenant } = call
    return changeLink(call, 'sent again', (tx, link) => {
      const notify = parsePaymentLinkNotify(body, { ...contextOf(call), link })
      return sendPaymentLink(tx, tenant, { account, link }, notify)
    })
  },
})

/** The routes of payment links, in the order of the documentation. */
export const PAYMENT_LINK_ROUTES = [
  createPaymentLinkRoute,
  retrievePaymentLink,
  listPaymentLinks,
  updatePaymentLinkRoute,
  cancelPaymentLinkRoute,
  notifyOfPaymentLinkRoute,
]

/** Changes the link in the path, in a transaction that locks it, and answers with the link. */
async function changeLink(
  call: Call<'/paymentlinks/{payment_link_id}'>,
  what: string,
  change: (tx: Transaction, link: PaymentLink) => Promise<PaymentLink | RefusedLinkMove>,
) {
  const { account, idempotent, path, tenant } = call
  const id = linkId(path)
  const once = await answerOnce(tenant, idempotent, {
    bucket: tenant.store.publicIds.bucketOf(id),
    lock: async (tx) => {
      const link = await tx.paymentLinks.lock(id)
      return link?.accountId === account.id ? link : undefined
    },
    missing: unknownLink,
    change: async (tx, lockedLink) => {
      const link = await change(tx, lockedLink)
      if ('refused' in link) return link
      return { account, link, payments: await tx.paymentAttempts.listByLink(id) }
    },
    render: (result): KeptAnswer =>
      'refused' in result
        ? { ...renderError(new ApiError(result.refused)), resourceId: id }
        : { status: 200, body: render(call, result), resourceId: id },
  })
  if ('result' in once && !('refused' in once.result)) log(call, once.result.link, what)
  return httpAnswerFrom(once)
}

function render({ tenant }: ApiContext, link: ShownPaymentLink): string {
  return renderOne('payment_links', paymentLinkFields(link, tenant.clock.nowMs()))
}

function contextOf({ account, tenant }: ApiContext): LinkContext {
  const { clock, messageChannels, mode } = tenant
  return { account, mode, messageChannels, nowMs: clock.nowMs() }
}

function unknownLink(): ApiError {
  return notFound('payment link', 'payment_link_id')
}

function linkId(path: { readonly payment_link_id: string }): PaymentLinkId {
  const id = parseId<PaymentLinkId>(path.payment_link_id)
  if (id === undefined) throw unknownLink()
  return id
}

/** Logs no data of the customer. */
function log({ account, deps, requestId }: ApiContext, { id }: PaymentLink, what: string): void {
  const facts = { requestId, accountId: account.id, paymentLinkId: id }
  deps.logger.info(facts, `payment link ${what}`)
}
