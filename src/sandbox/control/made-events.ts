import type { AccountId, PaymentLinkId } from '../../domain/id.ts'
import type { WebhookEventType } from '../../domain/webhook-event.ts'
import { expirePaymentLinkNow } from '../../operations/expire-payment-links.ts'
import { openPaymentLink } from '../../operations/open-payment-link.ts'
import { type ControlContext, invalid } from './control-route.ts'
import { playAttempt } from './play-session.ts'

/** The longest wait of a played attempt for the processor, in milliseconds. */
const PATIENCE_MS = 5_000

/** Makes the cause of an event, for an account. Returns the id of the event’s subject. */
type MakeCause = (call: ControlContext, accountId: AccountId) => Promise<PaymentLinkId>

/** The event types whose causes are really made: a link is created, and paid, expired or canceled. */
const CAUSES: Partial<Record<WebhookEventType, MakeCause>> = {
  'payment_link.paid': payLink,
  'payment_link.expired': async (call, accountId) => {
    const id = await createLink(call, accountId)
    await expirePaymentLinkNow(call.tenant, id)
    return id
  },
  'payment_link.canceled': async (call, accountId) => {
    const id = await createLink(call, accountId)
    await callApi(call, 'PUT', `/paymentlinks/${id}/cancel?account_id=${accountId}`)
    return id
  },
}

/**
 * Makes the cause of an event, and returns the event's body. Its webhooks are sent as for any event. Undefined: the causes
 * of this type are not made.
 */
export async function makeEvent(
  call: ControlContext,
  accountId: AccountId,
  type: WebhookEventType,
): Promise<string | undefined> {
  const id = await CAUSES[type]?.(call, accountId)
  if (id === undefined) return undefined
  const filter = { types: [type], subject: { kind: 'payment_link', id } } as const
  const page = { page: 1, perPage: 1 }
  const { items } = await call.tenant.store.webhookEvents.list(accountId, filter, page)
  const [event] = items
  if (event === undefined) throw new Error(`${type} has not been written`)
  return event.bodyJson
}

async function payLink(call: ControlContext, accountId: AccountId): Promise<PaymentLinkId> {
  const { deps, tenant } = call
  const { sandboxProcessor } = tenant
  if (sandboxProcessor === undefined) {
    throw invalid('event_type', 'event_type can be played only with the sandbox’s own processor.')
  }
  const id = await createLink(call, accountId)
  const opened = await openPaymentLink(tenant, id)
  if (opened === undefined || 'refused' in opened) throw new Error(`link ${id} does not open`)
  await playAttempt(
    {
      ...tenant,
      sandboxProcessor,
      attemptLifeMs: deps.attemptLifeMs,
      patienceMs: PATIENCE_MS,
      onLost: () => {},
    },
    opened.session.id,
    { method: 'card', outcome: 'succeeded' },
  )
  return id
}

/** Creates a link by the API. */
async function createLink(call: ControlContext, accountId: AccountId): Promise<PaymentLinkId> {
  const currency = accountId === call.tenant.values.usAccountId ? 'USD' : 'INR'
  const answer = await callApi(call, 'POST', `/paymentlinks?account_id=${accountId}`, {
    amount: '1499.90',
    currency,
    description: 'Order 8841',
    email: 'asha@example.com',
    reference_id: 'order-8841',
  })
  return answer.payment_links.payment_link_id
}

type LinkAnswer = { readonly payment_links: { readonly payment_link_id: PaymentLinkId } }

async function callApi(
  { deps, tenant }: ControlContext,
  method: 'POST' | 'PUT',
  url: string,
  fields?: object,
): Promise<LinkAnswer> {
  const answer = await deps.callApi(tenant, {
    method,
    url,
    ...(fields !== undefined && { payload: JSON.stringify(fields) }),
  })
  if (answer.statusCode >= 300) throw new Error(`${method} ${url}: ${answer.body}`)
  return answer.json<LinkAnswer>()
}
