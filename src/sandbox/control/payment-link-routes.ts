import { ApiError } from '../../api/errors.ts'
import { type PaymentLinkId, parseId } from '../../domain/id.ts'
import type { PaymentLink } from '../../domain/payment-link.ts'
import { expirePaymentLinkNow } from '../../operations/expire-payment-links.ts'
import { openPaymentLink } from '../../operations/open-payment-link.ts'
import { type ControlCall, controlRoute, missing } from './control-route.ts'
import { OpenedLinkAnswer, PaymentLinkAnswer } from './schemas.ts'

const tag = 'Trigger'

const expirePaymentLink = controlRoute({
  method: 'POST',
  url: '/payment_links/{payment_link_id}/expire',
  operationId: 'expirePaymentLink',
  tag,
  summary: 'Expire a payment link',
  description:
    'Expires a payment link now, with its event. If a payment is in progress, its outcome decides: the link is then paid or expired.',
  answers: { 200: PaymentLinkAnswer },
  failures: [400],
  handle: async (call) => {
    const { deps, tenant } = call
    const { accountId, id } = await findLink(call)
    const result = await expirePaymentLinkNow(tenant, id)
    if (result !== undefined && 'refused' in result) throw new ApiError(result.refused)
    const answer = await deps.callApi(tenant, {
      method: 'GET',
      url: `/paymentlinks/${id}?account_id=${accountId}`,
    })
    return { status: answer.statusCode, body: answer.body }
  },
})

const openPaymentLinkRoute = controlRoute({
  method: 'POST',
  url: '/payment_links/{payment_link_id}/open',
  operationId: 'openPaymentLink',
  tag,
  summary: 'Open a payment link',
  description:
    'Does what the button of the link’s page does: returns the link’s newest session while it can be paid, otherwise a new one. Play attempts on it, or open its checkout page.',
  answers: { 200: OpenedLinkAnswer },
  failures: [400, 403],
  handle: async (call) => {
    const { tenant } = call
    const { id } = await findLink(call)
    const result = await openPaymentLink(tenant, id)
    if (result === undefined) throw unknownLink()
    if ('refused' in result) throw new ApiError(result.refused)
    const { accessKey, session } = result
    const payments_session = {
      payments_session_id: session.id,
      payment_link_id: id,
      access_key: accessKey,
      checkout_url: `${tenant.baseUrl}/hostedcheckout/${accessKey}`,
    }
    return {
      status: 200,
      body: JSON.stringify({ code: 0, message: 'success', payments_session }),
    }
  },
})

/** The control API’s routes of payment links. */
export const PAYMENT_LINK_CONTROL_ROUTES = [expirePaymentLink, openPaymentLinkRoute]

async function findLink({
  path,
  tenant,
}: ControlCall<'/payment_links/{payment_link_id}'>): Promise<PaymentLink> {
  const id = parseId<PaymentLinkId>(path.payment_link_id)
  const link = id && (await tenant.store.paymentLinks.find(id))
  if (link === undefined) throw unknownLink()
  return link
}

function unknownLink() {
  return missing('payment_link_id', 'There is no payment link with this payment_link_id.')
}
