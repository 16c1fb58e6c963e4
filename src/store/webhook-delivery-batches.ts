import type { Random } from '../domain/random.ts'
import type { DeliveryRecord, Store, Transaction } from '../operations/store.ts'
import {
  type ClaimState,
  claimWebhookDeliveries,
  returnDeliveryClaims,
} from './claim-deliveries.ts'
import type { StoreContext, TransactionContext } from './context.ts'
import { GroupCommit } from './engine/group-commit.ts'
import { moveWebhookDeliveries, releaseHeldDeliveries } from './held-deliveries.ts'
import {
  findWebhookDelivery,
  listDeliveryAttempts,
  listEventDeliveries,
  listWebhookDeliveries,
  recordDeliveryAttempts,
  resendWebhookEvents,
} from './webhook-deliveries.ts'

/** The maximum number of delivery attempts in a transaction. */
const RECORD_COUNT_MAX = 64

/** The longest wait for more attempts. The next POST does not wait for the record of the last one. */
const RECORD_PATIENCE_MS = 8

/**
 * Makes a store's functions for deliveries: recorded attempts share commits. `announceDue` calls the listeners of due
 * deliveries.
 */
export function webhookDeliveriesOf(context: StoreContext, random: Random) {
  const { engine, read, readLong } = context
  const records = new GroupCommit(
    (attempts: readonly DeliveryRecord[]) => recordDeliveryAttempts(engine, attempts),
    {
      itemCountMax: RECORD_COUNT_MAX,
      commitsInProcess: engine.commitsInProcess,
      batchCountMax: 1,
      patienceMs: RECORD_PATIENCE_MS,
      onBatch: (itemCount) => engine.countBatch('delivery_attempt', itemCount),
    },
  )
  const claimState: ClaimState = { below: random.below, visitedId: 0 }
  const dueListeners: (() => void)[] = []
  const announceDue = () => {
    for (const listener of dueListeners) listener()
  }
  const part: Store['webhookDeliveries'] = {
    find: (eventId, endpointId) => findWebhookDelivery(read, eventId, endpointId),
    listByEvent: (eventId) => listEventDeliveries(read, eventId),
    list: (endpointId, filter, page) => listWebhookDeliveries(readLong, endpointId, filter, page),
    listAttempts: (eventId, endpointId) => listDeliveryAttempts(read, eventId, endpointId),
    claim: (nowMs, leaseMs, limits) =>
      claimWebhookDeliveries(engine, { nowMs, leaseMs }, limits, claimState),
    returnClaims: (claims) => returnDeliveryClaims(engine, claims),
    releaseHeld: async (nowMs, countMax) => {
      const count = await releaseHeldDeliveries(engine, nowMs, countMax)
      if (count > 0) announceDue()
      return count
    },
    recordAttempt: (record) => records.add(record),
    onDue: (listener) => {
      dueListeners.push(listener)
    },
  }
  return { part, announceDue, idle: () => records.idle() }
}

/** Makes a transaction's functions for deliveries. */
export const webhookDeliveriesIn = (
  context: TransactionContext,
): Transaction['webhookDeliveries'] => ({
  find: (eventId, endpointId) => findWebhookDelivery(context.sql, eventId, endpointId),
  listByEvent: (eventId) => listEventDeliveries(context.sql, eventId),
  move: (endpointId, eventIds, change, nowMs) => {
    if (change.to === 'pending') context.onDue()
    return moveWebhookDeliveries(context, { endpointId, eventIds, ...change, nowMs })
  },
  resend: (endpoint, eventIds, nowMs) => {
    context.onDue()
    return resendWebhookEvents(context, endpoint, eventIds, nowMs)
  },
})
