import type {
  AccountId,
  PaymentAttemptId,
  PaymentLinkId,
  PaymentSessionId,
} from '../../domain/id.ts'
import { paymentLinkEndMs } from '../../domain/payment-link-end.ts'
import type { Payout } from '../../domain/payout.ts'
import { drawTransferReference, type VirtualAccount } from '../../domain/virtual-account.ts'
import type { EventSubject, WebhookEventType } from '../../domain/webhook-event.ts'
import { cancelPaymentLink } from '../../operations/cancel-payment-link.ts'
import { closeLockedVirtualAccount } from '../../operations/change-virtual-account.ts'
import { createPaymentLink } from '../../operations/create-payment-link.ts'
import { createVirtualAccount } from '../../operations/create-virtual-account.ts'
import { expirePaymentLinkNow } from '../../operations/expire-payment-links.ts'
import { openPaymentLink } from '../../operations/open-payment-link.ts'
import { decidePayout, runPayouts } from '../../operations/pay-out.ts'
import { receiveTransfer } from '../../operations/receive-transfer.ts'
import { PAYER_DEFAULTS } from '../../processors/sandbox-instruments.ts'
import { type ControlContext, invalid } from './control-route.ts'
import { type PlayedAttempt, playAttempt } from './play-session.ts'

/** The longest wait of a played attempt for the processor. */
const PATIENCE_MS = 5_000

/** Makes the cause of an event, for an account. Returns the event’s subject. Undefined: it could not be made. */
type MakeCause = (call: ControlContext, accountId: AccountId) => Promise<EventSubject | undefined>

/**
 * The event types with a real cause. The trigger creates a link and pays, expires or cancels it; opens a virtual
 * account and transfers money to it or closes it; or makes a payment, pays out all available money, and decides the
 * payout if the event needs it.
 */
const CAUSES: Partial<Record<WebhookEventType, MakeCause>> = {
  'payment_link.paid': async (call, accountId) => linkSubject(await payLink(call, accountId)),
  'payment_link.expired': async (call, accountId) => {
    const id = await createLink(call, accountId)
    await expirePaymentLinkNow(call.tenant, id)
    return linkSubject(id)
  },
  'payment_link.canceled': async (call, accountId) => {
    const id = await createLink(call, accountId)
    const { tenant } = call
    await tenant.store.transaction(async (tx) => {
      const link = await tx.paymentLinks.lock(id)
      if (link !== undefined) await cancelPaymentLink(tx, tenant, link)
    })
    return linkSubject(id)
  },
  'virtual_account.paid': async (call, accountId) => {
    const id = await openVirtualAccount(call, accountId)
    if (id === undefined) return undefined
    const utr = drawTransferReference(call.tenant.random)
    await receiveTransfer(call.tenant, id, { ...PAYER_DEFAULTS, amountMinor: 149_990n, utr })
    return { kind: 'virtual_account', id }
  },
  'virtual_account.closed': async (call, accountId) => {
    const id = await openVirtualAccount(call, accountId)
    if (id === undefined) return undefined
    const { tenant } = call
    await tenant.store.transaction(async (tx) => {
      const account = await tx.virtualAccounts.lock(id)
      if (account !== undefined) await closeLockedVirtualAccount(tx, tenant, account)
    })
    return { kind: 'virtual_account', id }
  },
  'payout.initiated': async (call, accountId) => payoutSubject(await payOut(call, accountId)),
  'payout.paid': async (call, accountId) => {
    const id = await payOut(call, accountId)
    if (id !== undefined) await decidePayout(call.tenant, id, { type: 'record_payment' })
    return payoutSubject(id)
  },
  'payout.failed': async (call, accountId) => {
    const id = await payOut(call, accountId)
    const failure = { type: 'record_failure', failureCode: 'account_closed' } as const
    if (id !== undefined) await decidePayout(call.tenant, id, failure)
    return payoutSubject(id)
  },
}

const linkSubject = (id: PaymentLinkId): EventSubject => ({ kind: 'payment_link', id })
const payoutSubject = (id: Payout['id'] | undefined): EventSubject | undefined =>
  id && { kind: 'payout', id }

/**
 * Makes a payment, makes its money available at once, and pays out all available money. Undefined:
 * the balance is not positive in spite of the payment, or nothing can be played.
 */
async function payOut(
  call: ControlContext,
  accountId: AccountId,
): Promise<Payout['id'] | undefined> {
  const { deps, tenant } = call
  const account = await tenant.store.accounts.find(accountId)
  if (account === undefined || tenant.sandboxProcessor === undefined) return undefined
  const currency = account.edition === 'US' ? 'USD' : 'INR'
  const answer = await deps.callApi(tenant, {
    method: 'POST',
    url: `/paymentsessions?account_id=${accountId}`,
    payload: JSON.stringify({ amount: '1499.90', currency, description: 'Order 8841' }),
  })
  const { payments_session: session } = answer.json<{
    readonly payments_session?: { readonly payments_session_id: PaymentSessionId }
  }>()
  // A closed account takes no payments.
  if (session === undefined) return undefined
  const paymentId = await play(call, session.payments_session_id, CARD_PAYMENT)
  const nowMs = tenant.clock.nowMs()
  await tenant.store.transaction((tx) => tx.balanceTransactions.makeAvailable(paymentId, nowMs))
  const payouts = await runPayouts(tenant, accountId)
  const isOwn = ({ amount, connectedAccountId }: Payout) =>
    amount.currency === currency && connectedAccountId === undefined
  return payouts.find(isOwn)?.id
}

/** Undefined: only the IN edition and the sandbox’s own processor have virtual accounts. */
async function openVirtualAccount(
  { tenant }: ControlContext,
  accountId: AccountId,
): Promise<VirtualAccount['id'] | undefined> {
  const account = await tenant.store.accounts.find(accountId)
  if (account?.edition !== 'IN' || tenant.sandboxProcessor === undefined) return undefined
  const request = { description: 'Dealer deposits', referenceNumber: 'dealer-9' }
  const { id } = await tenant.store.transaction((tx) =>
    createVirtualAccount(tx, tenant, account, request),
  )
  return id
}

/**
 * Makes the cause of an event, and returns the event's body. Its webhooks are sent as for any event. Undefined: events
 * of this type have no real cause, or the cause could not be made.
 */
export async function makeEvent(
  call: ControlContext,
  accountId: AccountId,
  type: WebhookEventType,
): Promise<string | undefined> {
  const subject = await CAUSES[type]?.(call, accountId)
  if (subject === undefined) return undefined
  const filter = { types: [type], subject }
  const page = { page: 1, perPage: 1 }
  const { items } = await call.tenant.store.webhookEvents.list(accountId, filter, page)
  const [event] = items
  if (event === undefined) throw new Error(`${type} has not been written`)
  return event.bodyJson
}

async function payLink(call: ControlContext, accountId: AccountId): Promise<PaymentLinkId> {
  const id = await createLink(call, accountId)
  const result = await openPaymentLink(call.tenant, id)
  if (result === undefined || 'refused' in result) throw new Error(`link ${id} does not open`)
  await play(call, result.session.id, CARD_PAYMENT)
  return id
}

const CARD_PAYMENT: PlayedAttempt = { method: 'card', outcome: 'succeeded' }

/**
 * Plays an attempt on a session that has just been created. Throws ApiError if the processor is not the sandbox's own.
 */
async function play(
  { deps, tenant }: ControlContext,
  id: PaymentSessionId,
  attempt: PlayedAttempt,
): Promise<PaymentAttemptId> {
  const { sandboxProcessor } = tenant
  if (sandboxProcessor === undefined) {
    throw invalid(
      'event_type',
      'event_type needs an attempt to pay, which only the sandbox’s own processor can play.',
    )
  }
  const { attemptLifeMs } = deps
  const result = await playAttempt(
    { ...tenant, sandboxProcessor, attemptLifeMs, patienceMs: PATIENCE_MS, onLost: () => {} },
    id,
    attempt,
  )
  if (typeof result !== 'string') throw new Error(`session ${id} refuses an attempt`)
  return result
}

/** Creates a link, whose page has the address of the sandbox. */
async function createLink(
  { tenant }: ControlContext,
  accountId: AccountId,
): Promise<PaymentLinkId> {
  const account = await tenant.store.accounts.find(accountId)
  if (account === undefined) throw new Error(`there is no account ${accountId}`)
  const nowMs = tenant.clock.nowMs()
  const { id } = await tenant.store.transaction((tx) =>
    createPaymentLink(
      tx,
      tenant,
      { account, publicUrl: tenant.baseUrl },
      {
        accountId,
        amount: { amountMinor: 149_990n, currency: account.edition === 'US' ? 'USD' : 'INR' },
        description: 'Order 8841',
        email: 'asha@example.com',
        referenceId: 'order-8841',
        expiresAtMs: paymentLinkEndMs(account.edition, nowMs),
      },
    ),
  )
  return id
}
