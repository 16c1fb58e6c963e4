import type { PublicIds } from '../domain/public-id.ts'
import type { Store } from '../operations/store.ts'
import { publicIdTransaction } from './public-id-transaction.ts'
import { translateBy } from './translate-ids.ts'

/**
 * Makes a store that is spoken to in public ids, on one that holds stored ids. It is the one place where ids
 * are translated, and so names each member: one that is added does not compile until it is decided here
 * which ids it has.
 */
export function createPublicIdStore(store: Store, publicIds: PublicIds): Store {
  const inward = translateBy(publicIds.storedOf)
  const outward = translateBy(publicIds.publicOf)
  const { id } = inward

  return {
    publicIds,

    insertSandboxCharge: (charge) => store.insertSandboxCharge(inward.sandboxCharge(charge)),
    findSandboxCharge: async (of) =>
      outward.found(await store.findSandboxCharge(id(of)), outward.sandboxCharge),
    decideSandboxCharge: (of, decided, nowMs) => store.decideSandboxCharge(id(of), decided, nowMs),
    bookSandboxRefund: (refundId, attemptId, amountMinor, decidedAtMs) =>
      store.bookSandboxRefund(id(refundId), id(attemptId), amountMinor, decidedAtMs),

    transaction: (work) =>
      store.transaction((tx) => work(publicIdTransaction(tx, inward, outward))),
    creationBucket: store.creationBucket,
    insertPaymentSession: async (session, answer, nowMs) => {
      const storedAnswer = inward.found(answer, inward.answer)
      const outcome = await store.insertPaymentSession(inward.session(session), storedAnswer, nowMs)
      return typeof outcome === 'string' ? outcome : { answered: outward.answer(outcome.answered) }
    },
    findIdempotentAnswer: async (bucket, identityHash, liveFromMs) =>
      outward.found(
        await store.findIdempotentAnswer(bucket, identityHash, liveFromMs),
        outward.answer,
      ),
    noteOpener: (of, openedByHash) => store.noteOpener(id(of), openedByHash),
    findPaymentSession: async (of) =>
      outward.found(await store.findPaymentSession(id(of)), outward.session),
    listPaymentSessions: async (accountId, filter, page, nowMs) => {
      const { sessions, total } = await store.listPaymentSessions(accountId, filter, page, nowMs)
      return { sessions: sessions.map(outward.session), total }
    },

    listPaymentAttempts: async (of) =>
      (await store.listPaymentAttempts(id(of))).map(outward.attempt),
    findPaymentAttempt: async (of) =>
      outward.found(await store.findPaymentAttempt(id(of)), outward.attempt),
    listPayments: async (accountId, filter, page) => {
      const stored = inward.within(filter, 'soughtId')
      const { attempts, total } = await store.listPayments(accountId, stored, page)
      return { attempts: attempts.map(outward.attempt), total }
    },
    claimPaymentAttempt: async (nowMs, leaseMs) =>
      outward.found(await store.claimPaymentAttempt(nowMs, leaseMs), outward.attempt),

    claimRefund: async (nowMs, leaseMs) =>
      outward.found(await store.claimRefund(nowMs, leaseMs), outward.refund),
    listRefunds: async (of) => (await store.listRefunds(id(of))).map(outward.refund),
    listPaymentRefunds: async (of, page) => {
      const { refunds, total } = await store.listPaymentRefunds(id(of), page)
      return { refunds: refunds.map(outward.refund), total }
    },
    findRefund: async (of) => outward.found(await store.findRefund(id(of)), outward.refund),

    listTransfers: async (of) => (await store.listTransfers(id(of))).map(outward.transfer),
    findTransfer: async (of) => outward.found(await store.findTransfer(id(of)), outward.transfer),
    listAccountTransfers: async (accountId, filter, page) => {
      const stored = inward.transferFilter(filter)
      const { transfers, total } = await store.listAccountTransfers(accountId, stored, page)
      return { transfers: transfers.map(outward.transfer), total }
    },
    findTransferReversal: async (of) =>
      outward.found(await store.findTransferReversal(id(of)), outward.reversal),
    listTransferReversals: async (accountId, filter, page) => {
      const stored = inward.transferFilter(filter)
      const { reversals, total } = await store.listTransferReversals(accountId, stored, page)
      return { reversals: reversals.map(outward.reversal), total }
    },
    checkLedger: async () => outward.ledgerReport(await store.checkLedger()),

    findWebhookEvent: async (of) =>
      outward.found(await store.findWebhookEvent(id(of)), outward.event),
    listWebhookEvents: async (accountId, filter, page) => {
      const stored = inward.within(filter, 'paymentSessionId')
      const { events, total } = await store.listWebhookEvents(accountId, stored, page)
      return { events: events.map(outward.event), total }
    },
    countWebhookEvents: store.countWebhookEvents,
    listWebhookEventsFrom: async (accountId, filter, after, countMax) => {
      const stored = inward.within(filter, 'paymentSessionId')
      const from = inward.found(after, (event) => inward.within(event, 'id'))
      const events = await store.listWebhookEventsFrom(accountId, stored, from, countMax)
      return events.map((event) => outward.within(event, 'id'))
    },
    findWebhookEndpoint: async (of) =>
      outward.found(await store.findWebhookEndpoint(id(of)), outward.endpoint),
    listWebhookEndpoints: async (of) =>
      (await store.listWebhookEndpoints(of)).map(outward.endpoint),
    claimWebhookDeliveries: async (nowMs, leaseMs, limits) => {
      const stored = inward.claimLimits(limits)
      const claimed = await store.claimWebhookDeliveries(nowMs, leaseMs, stored)
      return claimed.map(({ bodyJson, delivery }) => ({
        delivery: outward.delivery(delivery),
        bodyJson,
      }))
    },
    releaseHeldDeliveries: store.releaseHeldDeliveries,
    recordDeliveryAttempt: async (record) => {
      const stored = {
        ...inward.delivery(record),
        decide: (before: Parameters<typeof record.decide>[0]) =>
          inward.delivery(record.decide(outward.delivery(before))),
      }
      return outward.found(await store.recordDeliveryAttempt(stored), outward.delivery)
    },
    noteEndpointAccepted: (of, atMs) => store.noteEndpointAccepted(id(of), atMs),
    findWebhookDelivery: async (eventId, endpointId) =>
      outward.found(await store.findWebhookDelivery(id(eventId), id(endpointId)), outward.delivery),
    listEventDeliveries: async (of) =>
      (await store.listEventDeliveries(id(of))).map(outward.delivery),
    listWebhookDeliveries: async (of, filter, page) => {
      const { deliveries, total } = await store.listWebhookDeliveries(id(of), filter, page)
      return { deliveries: deliveries.map(outward.delivery), total }
    },
    listDeliveryAttempts: (eventId, endpointId) =>
      store.listDeliveryAttempts(id(eventId), id(endpointId)),
    findNextDueMs: store.findNextDueMs,
    findOldestOpen: store.findOldestOpen,
    onDeliveriesDue: store.onDeliveriesDue,

    findAccount: store.findAccount,
    findConnectedAccount: store.findConnectedAccount,
    listConnectedAccounts: store.listConnectedAccounts,
    listAccounts: store.listAccounts,
    findConnectedAccounts: store.findConnectedAccounts,
    findAccountSecrets: store.findAccountSecrets,
    findOwnerKeyHash: store.findOwnerKeyHash,
    findClient: store.findClient,
    listClients: store.listClients,
    findAccessToken: store.findAccessToken,
    advanceExpiryTime: store.advanceExpiryTime,
    deleteExpired: store.deleteExpired,
    stateInstallationFact: store.stateInstallationFact,
    checkWritable: store.checkWritable,
    close: store.close,
  }
}
