import type { MandateNotificationId } from '../domain/id.ts'
import type { Mandate } from '../domain/mandate.ts'
import {
  amountRefusal,
  type DebitRefusal,
  dayRefusal,
  inactiveRefusal,
  type MandateNotification,
  recordNotice,
} from '../domain/mandate-debit.ts'
import { cycleOf, MANDATE_CURRENCY } from '../domain/mandate-terms.ts'
import type { MessageChannel } from '../domain/message.ts'
import { CALL_MS_MAX } from '../processors/guarded-processor.ts'
import type { NoticeOutcome } from '../processors/mandates.ts'
import type { Processor } from '../processors/processor.ts'
import type { MandateDeps } from './move-mandate.ts'
import { queueDebitNotice, readNoticeFacts } from './queue-debit-notice.ts'
import type { Store, Transaction } from './store.ts'
import { storeWithFreeId } from './store-drawn.ts'

/** A merchant's request for a notice, checked. */
export type NoticeDraft = Pick<
  MandateNotification,
  'amountMinor' | 'executionOn' | 'description' | 'invoiceNumber'
>

/**
 * Makes the notice of a debit of a mandate that the transaction has locked, or returns the reason
 * why it is not allowed. The loop of notices sends it afterwards.
 */
export async function notifyOfDebit(
  tx: Transaction,
  deps: MandateDeps,
  mandate: Mandate,
  draft: NoticeDraft,
): Promise<MandateNotification | DebitRefusal> {
  const nowMs = deps.clock.nowMs()
  const refusal =
    inactiveRefusal(mandate, nowMs) ??
    amountRefusal(mandate, draft.amountMinor) ??
    dayRefusal(mandate, draft.executionOn, {
      nowMs,
      cycles: await debitedCycles(tx, mandate, draft.executionOn),
    })
  return refusal ?? insertNotice(tx, deps, mandate, draft)
}

/** Stores a notice that is due to be sent now. */
export function insertNotice(
  tx: Pick<Transaction, 'mandateNotifications'>,
  { clock, ids }: Pick<MandateDeps, 'clock' | 'ids'>,
  { accountId, id: mandateId }: Mandate,
  draft: NoticeDraft,
): Promise<MandateNotification> {
  const nowMs = clock.nowMs()
  const draw = (): MandateNotification => ({
    ...draft,
    id: ids.mandateNotification(mandateId),
    mandateId,
    accountId,
    status: 'initiated',
    createdAtMs: nowMs,
    nextQueryAtMs: nowMs,
    queryCount: 0,
  })
  return storeWithFreeId(draw, tx.mandateNotifications.insert)
}

/** Returns a set with the cycle of a day. The set is empty if no debit of the cycle has succeeded. */
async function debitedCycles(
  tx: Pick<Transaction, 'mandateDebits'>,
  mandate: Mandate,
  day: string,
): Promise<ReadonlySet<string>> {
  const cycleOn = cycleOf(mandate, day)
  if (cycleOn === undefined) return new Set()
  const debit = await tx.mandateDebits.findByCycle(mandate.id, cycleOn)
  return new Set(debit?.status === 'succeeded' ? [cycleOn] : [])
}

type SendDeps = MandateDeps & {
  readonly store: Pick<
    Store,
    | 'transaction'
    | 'accounts'
    | 'customers'
    | 'mandates'
    | 'mandateNotifications'
    | 'paymentAttempts'
  >
  /** The channels by which messages can leave. Undefined: none. */
  readonly messageChannels?: readonly MessageChannel[]
  /** Guarded (`guardProcessor`). */
  readonly processor: Pick<Processor, 'mandates'>
}

/** Longer than the call and the record of its answer. */
const LEASE_MS = CALL_MS_MAX + 10_000

/**
 * Sends one due notice to the processor, or queries its state. When the customer's bank has the notice, one transaction
 * records this and queues the messages to the customer, once. Returns the notice's id; undefined when none is due.
 */
export async function sendNoticeNext(deps: SendDeps): Promise<MandateNotificationId | undefined> {
  const notice = await deps.store.mandateNotifications.claim(deps.clock.nowMs(), LEASE_MS)
  if (notice === undefined) return undefined
  const { messageChannels = [], store } = deps
  const mandate = await store.mandates.find(notice.mandateId)
  if (mandate === undefined) throw new Error(`notification ${notice.id} has no mandate`)
  const outcome = await send(deps, notice, mandate)
  const needsMessage = outcome.kind === 'succeeded' && messageChannels.length > 0
  const facts = needsMessage ? await readNoticeFacts(store, mandate) : undefined
  await store.transaction(async (tx) => {
    const storedNotice = await tx.mandateNotifications.find(notice.id)
    if (storedNotice === undefined) throw new Error(`notification ${notice.id} vanished`)
    const result = recordNotice(storedNotice, outcome, deps.clock.nowMs())
    // A final status that another server recorded does not change.
    const isRecorded = await tx.mandateNotifications.update(result)
    if (!isRecorded || facts === undefined) return
    await queueDebitNotice(tx, { ...deps, messageChannels }, result, facts)
  })
  return notice.id
}

async function send(
  deps: SendDeps,
  notice: MandateNotification,
  mandate: Mandate,
): Promise<NoticeOutcome> {
  const { amountMinor, createdAtMs, description, executionOn, id, invoiceNumber } = notice
  const { mandates } = deps.processor
  // The processor was changed after the request.
  if (mandates === undefined) return { kind: 'failed' }
  return mandates.notify({
    notificationId: id,
    mandateId: mandate.id,
    ...(mandate.upiId !== undefined && { upiId: mandate.upiId }),
    amount: { amountMinor, currency: MANDATE_CURRENCY },
    executionOn,
    description,
    invoiceNumber,
    requestedAtMs: createdAtMs,
  })
}
