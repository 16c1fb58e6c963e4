/** Data for tests of the live console: an account with every kind of money, and a webhook endpoint. */
import { expect } from 'vitest'
import type { AccountId, PaymentAttemptId, PaymentSessionId } from '../../src/domain/id.ts'
import { NO_SUMMARY } from '../../src/domain/payout.ts'
import { SEAL_NONCE_BYTES, seal } from '../../src/domain/secret.ts'
import { makeWebhookKey, WEBHOOK_KEY_BYTES } from '../../src/domain/webhook-signature.ts'
import { applyMove } from '../../src/operations/apply-move.ts'
import { createConnectedAccount } from '../../src/operations/create-connected-account.ts'
import { createVirtualAccount } from '../../src/operations/create-virtual-account.ts'
import { openDispute } from '../../src/operations/dispute-payment.ts'
import { lockPayment } from '../../src/operations/lock-payment.ts'
import { makeTransfers } from '../../src/operations/make-transfers.ts'
import { receiveTransfer } from '../../src/operations/receive-transfer.ts'
import type { PaymentSessionRecord } from '../../src/operations/store.ts'
import type { Tenant } from '../../src/operations/tenant.ts'
import { EXAMPLE_BANK_ACCOUNT } from './example-bank.ts'
import { session } from './stored-rows.ts'

const inr = (amountMinor: bigint) => ({ amountMinor, currency: 'INR' }) as const

/** Stores an open session of an account, with the fields that a test sets. */
export async function storeSession(
  { clock, ids, store }: Tenant,
  accountId: AccountId,
  more: Partial<PaymentSessionRecord> = {},
): Promise<PaymentSessionRecord> {
  const nowMs = clock.nowMs()
  const id = ids.paymentSession(store.paymentSessions.creationBucket())
  const times = { createdAtMs: nowMs, expiresAtMs: nowMs + 600_000 }
  const record = session({ id, accountId, ...times, ...more })
  await store.paymentSessions.insert(record, undefined, nowMs)
  return record
}

/** Pays a session by card, without a page. Returns the payment. */
export async function takePayment(
  tenant: Tenant,
  sessionId: PaymentSessionId,
): Promise<PaymentAttemptId> {
  const attemptId = tenant.ids.paymentAttempt(sessionId)
  const instrument = {
    type: 'card',
    brand: 'visa',
    lastFourDigits: '1111',
    expiryMonth: 9,
    expiryYear: 2028,
    holderName: 'Asha Rao',
    funding: 'credit',
  } as const
  for (const move of [
    { type: 'start_attempt', attemptId, instrument, attemptLifeMs: 600_000 },
    { type: 'record_approval', attemptId, processorReference: `r${attemptId}` },
  ] as const) {
    expect(await applyMove(tenant, sessionId, move)).toHaveProperty('session')
  }
  return attemptId
}

/**
 * Stores a virtual account with a transfer, a connected account with a transfer of a payment, a payout of the merchant
 * and one of the connected account, a dispute of the payment, and an endpoint. `sessionId`: an open session of 400.00.
 */
export async function fillLiveAccount(
  tenant: Tenant,
  accountId: AccountId,
  sessionId: PaymentSessionId,
): Promise<void> {
  const { clock, ids, keys, random, store } = tenant
  const nowMs = clock.nowMs()
  await store.transaction((tx) =>
    tx.webhookEndpoints.put({
      id: ids.webhookEndpoint(),
      accountId,
      name: 'Shop server',
      // The guard refuses its address, so nothing leaves this machine.
      url: 'https://127.0.0.1:9/webhooks',
      status: 'active',
      enabledEvents: ['payment.succeeded', 'payment.failed'],
      signingKeySealed: seal(
        makeWebhookKey(random.bytes(WEBHOOK_KEY_BYTES)),
        keys.sealing,
        random.bytes(SEAL_NONCE_BYTES),
      ),
      createdAtMs: nowMs,
      changedAtMs: nowMs,
    }),
  )
  const virtualAccount = await store.transaction((tx) =>
    createVirtualAccount(
      tx,
      tenant,
      { id: accountId, name: 'Tea shop' },
      {
        description: 'Dealer deposits',
        maximumMinor: 50_000n,
      },
    ),
  )
  await receiveTransfer(tenant, virtualAccount.id, {
    amountMinor: 25_050n,
    mode: 'NEFT',
    payerName: 'Asha Rao',
    payerIfscCode: 'HDFC0000001',
    utr: 'UTR17',
  })
  const paymentId = await takePayment(tenant, sessionId)
  const attempt = await store.paymentAttempts.find(paymentId)
  if (attempt === undefined) throw new Error('the session has no payment')
  const connectedAccount = await store.transaction(async (tx) => {
    const account = await createConnectedAccount(tx, tenant, accountId, {
      name: 'Asha’s Lamps',
      details: { email: 'asha@lamps.example' },
    })
    const payment = await lockPayment(tx, attempt)
    if (payment === undefined) throw new Error('the payment vanished')
    await makeTransfers(tx, tenant, payment, [
      { connectedAccountId: account.id, amount: inr(10_000n), description: 'Seller' },
    ])
    return account
  })
  await openDispute(tenant, paymentId, { reason: 'product_not_received' })
  await store.transaction(async (tx) => {
    for (const owner of [{}, { connectedAccountId: connectedAccount.id }]) {
      await tx.payouts.insert({
        ...owner,
        id: ids.payout(),
        accountId,
        status: 'paid',
        amount: inr(24_459n),
        summary: NO_SUMMARY,
        createdAtMs: nowMs,
        arrivesAtMs: nowMs,
        decidedAtMs: nowMs,
        bankReference: `ACMEPAY${'connectedAccountId' in owner ? 2 : 1}`,
        statementDescriptor: 'TEA SHOP',
        bankAccount: EXAMPLE_BANK_ACCOUNT,
      })
    }
  })
}
