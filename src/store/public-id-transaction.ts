import type { Transaction } from '../operations/store.ts'
import type { Translation } from './translate-ids.ts'

/** Makes a transaction that is spoken to in public ids, on one of a store that holds stored ids. */
export function publicIdTransaction(
  tx: Transaction,
  inward: Translation,
  outward: Translation,
): Transaction {
  const { id } = inward

  return {
    lockPaymentSession: async (of) =>
      outward.found(await tx.lockPaymentSession(id(of)), outward.session),
    updatePaymentSession: (session) => tx.updatePaymentSession(inward.session(session)),
    listPaymentAttempts: async (of) => (await tx.listPaymentAttempts(id(of))).map(outward.attempt),
    findPaymentAttempt: async (of) =>
      outward.found(await tx.findPaymentAttempt(id(of)), outward.attempt),
    insertPaymentAttempt: (attempt) => tx.insertPaymentAttempt(inward.attempt(attempt)),
    updatePaymentAttempt: (attempt) => tx.updatePaymentAttempt(inward.attempt(attempt)),
    insertTransfer: (transfer) => tx.insertTransfer(inward.transfer(transfer)),
    updateTransfer: (transfer) => tx.updateTransfer(inward.transfer(transfer)),
    findTransfer: async (of) => outward.found(await tx.findTransfer(id(of)), outward.transfer),
    listTransfers: async (of) => (await tx.listTransfers(id(of))).map(outward.transfer),
    insertTransferReversal: (reversal) => tx.insertTransferReversal(inward.reversal(reversal)),
    insertRefund: (refund) => tx.insertRefund(inward.refund(refund)),
    findRefund: async (of) => outward.found(await tx.findRefund(id(of)), outward.refund),
    updateRefund: (refund) => tx.updateRefund(inward.refund(refund)),
    insertLedgerPostings: (postings) => tx.insertLedgerPostings(postings.map(inward.posting)),

    insertWebhookEvent: (event) => tx.insertWebhookEvent(inward.event(event)),
    lockWebhookEndpoints: async (of) => (await tx.lockWebhookEndpoints(of)).map(outward.endpoint),
    insertWebhookEndpoint: (endpoint) => tx.insertWebhookEndpoint(inward.endpoint(endpoint)),
    putWebhookEndpoint: (endpoint) => tx.putWebhookEndpoint(inward.endpoint(endpoint)),
    deleteWebhookEndpoint: (of, nowMs) => tx.deleteWebhookEndpoint(id(of), nowMs),
    moveWebhookDeliveries: (of, events, from, to, nowMs) =>
      tx.moveWebhookDeliveries(id(of), events.map(id), from, to, nowMs),
    resendWebhookEvents: (to, events, nowMs) =>
      tx.resendWebhookEvents(inward.endpoint(to), events.map(id), nowMs),
    findWebhookDelivery: async (eventId, endpointId) =>
      outward.found(await tx.findWebhookDelivery(id(eventId), id(endpointId)), outward.delivery),
    listEventDeliveries: async (of) => (await tx.listEventDeliveries(id(of))).map(outward.delivery),
    findIdempotentAnswer: async (bucket, identityHash, liveFromMs) =>
      outward.found(
        await tx.findIdempotentAnswer(bucket, identityHash, liveFromMs),
        outward.answer,
      ),
    putIdempotentAnswer: (answer, nowMs, liveFromMs) =>
      tx.putIdempotentAnswer(inward.answer(answer), nowMs, liveFromMs),

    insertAuthorizationCode: tx.insertAuthorizationCode,
    useAuthorizationCode: tx.useAuthorizationCode,
    insertRefreshToken: tx.insertRefreshToken,
    lockRefreshToken: tx.lockRefreshToken,
    insertAccessToken: tx.insertAccessToken,
    deleteGrantTokens: tx.deleteGrantTokens,
    deleteGivenTokens: tx.deleteGivenTokens,
    deleteToken: tx.deleteToken,

    findAccount: tx.findAccount,
    insertAccount: tx.insertAccount,
    putAccount: tx.putAccount,
    putConnectedAccount: tx.putConnectedAccount,
    insertConnectedAccount: tx.insertConnectedAccount,
    putClient: tx.putClient,
  }
}
