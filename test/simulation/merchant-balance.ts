/** One merchant whose customers pay by links and by transfers, and who is paid out: the actions of its simulation. */
import { expect } from 'vitest'
import type { PaymentAttemptId, PaymentLinkId, PaymentSessionId } from '../../src/domain/id.ts'
import { deriveKeys } from '../../src/domain/secret.ts'
import { applyMove } from '../../src/operations/apply-move.ts'
import { createVirtualAccount } from '../../src/operations/create-virtual-account.ts'
import { lockPayment } from '../../src/operations/lock-payment.ts'
import { moveLink } from '../../src/operations/move-payment-link.ts'
import { openPaymentLink } from '../../src/operations/open-payment-link.ts'
import {
  decidePayout,
  type PayoutDeps,
  payOutNext,
  runPayouts,
} from '../../src/operations/pay-out.ts'
import { receiveTransfer } from '../../src/operations/receive-transfer.ts'
import { recordRefundOutcome, refundPayment } from '../../src/operations/refund-payment.ts'
import type { Store } from '../../src/operations/store.ts'
import { createRandom } from '../../src/server/random.ts'
import { openMemoryStore } from '../support/memory-store.ts'
import { ACCOUNT, account, linkOf } from '../support/stored-rows.ts'
import { auditBalances, ownerOf, readBalanceRows } from './balance-auditor.ts'
import { feesOn } from './money-auditor.ts'

const DAY_MS = 24 * 60 * 60_000

class Killed extends Error {}

/** A merchant with the money that the model expects of it. */
export class MerchantBalance {
  readonly memory: Awaited<ReturnType<typeof openMemoryStore>>
  /** What each payment has earned and what was refunded of it, in minor units. */
  readonly payments = new Map<
    PaymentAttemptId,
    { readonly capturedMinor: bigint; refundedMinor: bigint }
  >()
  readonly #deps
  readonly #virtualAccountId
  readonly #utrs = new Set<string>()

  private constructor(
    memory: Awaited<ReturnType<typeof openMemoryStore>>,
    virtualAccountId: Awaited<ReturnType<typeof createVirtualAccount>>['id'],
  ) {
    this.memory = memory
    const { clock, ids, store } = memory
    const keys = deriveKeys(new Uint8Array(32).fill(1))
    this.#deps = { store, clock, ids, keys, random: createRandom(), mode: 'sandbox' as const }
    this.#virtualAccountId = virtualAccountId
  }

  static async begin(): Promise<MerchantBalance> {
    const memory = await openMemoryStore()
    const deps = { ...memory, random: createRandom() }
    const { id } = await memory.store.transaction(async (tx) => {
      await tx.accounts.insert(account(ACCOUNT), memory.clock.nowMs())
      const request = { description: 'Deposits' }
      return createVirtualAccount(tx, deps, { id: ACCOUNT, name: 'Shop' }, request)
    })
    return new MerchantBalance(memory, id)
  }

  close(): Promise<void> {
    return this.memory.store.close()
  }

  /** Two customers pay a link in two sessions at the same time; both approvals are reported twice. */
  async payLinkTwice(amountMinor: bigint): Promise<PaymentLinkId> {
    const { id, sessions } = await this.#openLinkTwice(amountMinor)
    const attempts = await Promise.all(sessions.map((session) => this.#start(session)))
    const reports = [...attempts, ...attempts].map((one) => this.#approve(one))
    await Promise.all(reports)
    await this.#noteLink(id, amountMinor)
    return id
  }

  /** The first customer's payment is declined, a second customer pays, and then the first one's money arrives. */
  async payLinkAfterDecline(amountMinor: bigint): Promise<void> {
    const { id, sessions } = await this.#openLinkTwice(amountMinor)
    const [first, second] = sessions
    const declined = await this.#start(first)
    await applyMove(this.#deps, first, {
      type: 'record_decline',
      attemptId: declined.attemptId,
      declineCode: 'bank_declined',
    })
    await this.#approve(await this.#start(second))
    await this.#approve(declined)
    await this.#noteLink(id, amountMinor)
  }

  /** The bank reports a transfer twice at the same time. */
  async transfer(amountMinor: bigint, utr: string): Promise<void> {
    const report = () =>
      receiveTransfer(this.#deps, this.#virtualAccountId, {
        amountMinor,
        mode: 'NEFT',
        payerName: 'Asha Rao',
        payerIfscCode: 'HDFC0000001',
        utr,
      })
    const [one, other] = await Promise.all([report(), report()])
    expect(other?.id).toBe(one?.id)
    if (one === undefined || this.#utrs.has(utr)) return
    this.#utrs.add(utr)
    this.payments.set(one.id, { capturedMinor: amountMinor, refundedMinor: 0n })
  }

  /** The merchant refunds a part of a payment, and the processor decides. `part`: 1 to 100 percent of what is left. */
  async refund(pick: number, part: number, kind: 'succeeded' | 'failed'): Promise<void> {
    const [id, payment] = [...this.payments][pick % Math.max(1, this.payments.size)] ?? []
    if (id === undefined || payment === undefined) return
    const leftMinor = payment.capturedMinor - payment.refundedMinor
    const amountMinor = (leftMinor * BigInt(part)) / 100n
    if (amountMinor === 0n) return
    const refund = await this.memory.store.transaction(async (tx) => {
      const attempt = await tx.paymentAttempts.find(id)
      const locked = attempt && (await lockPayment(tx, attempt))
      if (locked === undefined) throw new Error('no payment')
      const amount = { amountMinor, currency: 'INR' } as const
      const type = 'initiated_by_merchant'
      return refundPayment(tx, this.#deps, locked, { amount, type, reason: 'others' })
    })
    if ('refused' in refund) throw new Error('the refund is refused')
    const outcome = kind === 'failed' ? { kind, reason: 'unknown' } : { kind }
    await recordRefundOutcome(this.#deps, refund, outcome)
    if (kind === 'succeeded') payment.refundedMinor += amountMinor
  }

  /** Days later the payouts of these days are made: first by a process that is killed, then by two workers. */
  async payOut(dayCount: number, killAt: number): Promise<void> {
    await this.#workUntilIdle(this.#deps)
    this.memory.clock.advance(dayCount * DAY_MS)
    await this.#workUntilIdle(this.#dyingAt(killAt))
    await Promise.all([this.#workUntilIdle(this.#deps), this.#workUntilIdle(this.#deps)])
  }

  /** The bank refuses the payouts of a run. */
  async failPayouts(): Promise<void> {
    for (const { id } of await runPayouts(this.#deps, ACCOUNT)) {
      await decidePayout(this.#deps, id, { type: 'record_failure', failureCode: 'declined' })
    }
  }

  /** Throws for every forbidden state. */
  async audit(): Promise<void> {
    const owners = auditBalances(await readBalanceRows(this.memory.readRows))
    const result = owners.get(ownerOf(ACCOUNT, 0, 'INR')) ?? { ledgerMinor: 0n, paidOutMinor: 0n }
    let earnedMinor = 0n
    for (const { capturedMinor, refundedMinor } of this.payments.values()) {
      const { feeMinor, taxMinor } = feesOn(capturedMinor)
      earnedMinor += capturedMinor - feeMinor - taxMinor - refundedMinor
    }
    expect(result.ledgerMinor + result.paidOutMinor, 'what the merchant has earned').toBe(
      earnedMinor,
    )
    expect((await this.memory.store.ledger.check()).discrepancies).toEqual([])
  }

  async #openLinkTwice(amountMinor: bigint) {
    const nowMs = this.memory.clock.nowMs()
    const amount = { amountMinor, currency: 'INR' } as const
    const link = linkOf(ACCOUNT, { amount, createdAtMs: nowMs, expiresAtMs: nowMs + DAY_MS })
    await this.memory.store.transaction((tx) => tx.paymentLinks.insert(link))
    const first = await this.#open(link.id)
    // After an update the link opens another session, and the first one stays payable.
    await this.memory.store.transaction(async (tx) => {
      const locked = await tx.paymentLinks.lock(link.id)
      return locked && moveLink(tx, this.#deps, locked, { type: 'update', change: {} })
    })
    return { id: link.id, sessions: [first, await this.#open(link.id)] as const }
  }

  async #open(id: PaymentLinkId): Promise<PaymentSessionId> {
    const result = await openPaymentLink(this.#deps, id)
    if (result === undefined || 'refused' in result) throw new Error('the link does not open')
    return result.session.id
  }

  async #start(sessionId: PaymentSessionId) {
    const attemptId = this.memory.ids.paymentAttempt(sessionId)
    await applyMove(this.#deps, sessionId, {
      type: 'start_attempt',
      attemptId,
      attemptLifeMs: 600_000,
      instrument: { type: 'netbanking', bankName: 'Bank' },
    })
    return { attemptId, sessionId }
  }

  async #approve({
    attemptId,
    sessionId,
  }: {
    readonly attemptId: PaymentAttemptId
    readonly sessionId: PaymentSessionId
  }): Promise<void> {
    const move = { type: 'record_approval', attemptId, processorReference: 'p' } as const
    await applyMove(this.#deps, sessionId, move)
  }

  /** Notes the success of a paid link, and lets the processor refund money that came too late. */
  async #noteLink(id: PaymentLinkId, amountMinor: bigint): Promise<void> {
    const { paymentAttempts, paymentLinks, refunds } = this.memory.store
    const { paidAttemptId } = (await paymentLinks.find(id)) ?? {}
    if (paidAttemptId === undefined) throw new Error('the link is not paid')
    this.payments.set(paidAttemptId, { capturedMinor: amountMinor, refundedMinor: 0n })
    for (const attempt of await paymentAttempts.listByLink(id)) {
      for (const refund of await refunds.listByPayment(attempt.id)) {
        await recordRefundOutcome(this.#deps, refund, { kind: 'succeeded' })
      }
    }
  }

  async #workUntilIdle(deps: PayoutDeps): Promise<void> {
    try {
      while ((await payOutNext({ ...deps, batchSize: 2 })) !== undefined);
    } catch (error) {
      if (!(error instanceof Killed)) throw error
    }
  }

  /** Makes the dependencies of a process that ends after the commit of its n-th transaction. */
  #dyingAt(killAt: number): PayoutDeps {
    let count = 0
    const { store } = this.memory
    const transaction: Store['transaction'] = async (work) => {
      count += 1
      const result = await store.transaction(work)
      if (count === killAt) throw new Killed()
      return result
    }
    return { ...this.#deps, store: { ...store, transaction } }
  }
}
