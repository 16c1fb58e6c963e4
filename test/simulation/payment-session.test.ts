/**
 * Payers, processor, clock, crashes and workers in any order, on the real operations and the real
 * store in memory. An auditor with sums of its own looks at everything after each step.
 *
 * A failure prints the seed, the path and the replayPath: pass them to `fc.assert` and `fc.commands`
 * to see the same run again.
 */
import fc from 'fast-check'
import { afterAll, expect, test } from 'vitest'
import { FEE_RATES_DEFAULT } from '../../src/domain/fee.ts'
import type { AccountId, PaymentAttemptId } from '../../src/domain/id.ts'
import { statusAt } from '../../src/domain/payment-session.ts'
import { applyMove } from '../../src/operations/apply-move.ts'
import { type PayDeps, payPaymentSession } from '../../src/operations/pay-payment-session.ts'
import type { Store } from '../../src/operations/ports.ts'
import {
  cancelAttempt,
  reconcileAttempt,
  reconcileNext,
} from '../../src/operations/reconcile-attempts.ts'
import { refundNext } from '../../src/operations/refund-payment.ts'
import { recordOutcome } from '../../src/operations/record-outcome.ts'
import { guardProcessor } from '../../src/processors/guarded-processor.ts'
import { openMemoryStore, type TestClock } from '../support/memory-store.ts'
import { type Agreement, audit } from './auditor.ts'
import {
  CHARGE_PLAYS,
  type ChargePlay,
  createScriptedProcessor,
  REFUND_PLAYS,
  type RefundPlay,
  type ScriptedProcessor,
} from './scripted-processor.ts'

const RUN_COUNT = 2_000
const ACCOUNT = '60000000001' as AccountId
const CONNECTED = '60000000002' as AccountId
const SESSION_LIFE_MS = 900_000
const ATTEMPT_LIFE_MS = 600_000
/** Far longer than a run: what a payer waits for is held by gates, not by time. */
const PATIENCE_MS = 600_000

/** The parts that all runs share. */
type World = {
  readonly deps: PayDeps & { readonly store: Store }
  readonly clock: TestClock
  readonly processor: ScriptedProcessor
}

async function createWorld(): Promise<World> {
  const { store, clock, ids } = await openMemoryStore()
  await store.transaction(async (tx) => {
    for (const id of [ACCOUNT, CONNECTED]) {
      await tx.insertAccount(
        {
          ...{ id, name: 'Shop', edition: 'IN', paymentMethods: ['card', 'upi'] },
          ...{ feeRates: FEE_RATES_DEFAULT, frameOrigins: [] },
          ...{ signingKeySealed: 's', apiKeyHash: 'a', ownerKeyHash: 'o' },
        },
        clock.nowMs(),
      )
    }
  })
  const processor = createScriptedProcessor(clock)
  const onLost = (id: PaymentAttemptId, error: unknown) => {
    throw new Error(`an outcome of ${id} got lost`, { cause: error })
  }
  const times = { attemptLifeMs: ATTEMPT_LIFE_MS, patienceMs: PATIENCE_MS }
  const guarded = guardProcessor(processor, { clock, report: () => {} })
  const deps = { store, clock, ids, mode: 'sandbox' as const, processor: guarded, onLost, ...times }
  return { deps, clock, processor }
}

let shared: World | undefined
afterAll(() => shared?.deps.store.close())

/** One session in a world. */
class Run {
  readonly world: World
  readonly agreed: Agreement
  #held: { readonly open: () => void; readonly paying: Promise<unknown> } | undefined

  constructor(world: World, agreed: Agreement) {
    this.world = world
    this.agreed = agreed
  }

  static async begin(world: World, { amountMinor, attemptCountMax, shares }: Terms): Promise<Run> {
    const { deps, clock, processor } = world
    processor.saysWhen = true
    const id = deps.ids.paymentSession(deps.store.creationBucket())
    // Shares are parts of a thousand, which together are at most the whole.
    const transfersMinor = shares
      .map((share) => (amountMinor * BigInt(share)) / 1_000n)
      .filter((minor) => minor > 0n)
    const details = transfersMinor.map((minor) => ({
      connected_account_id: CONNECTED,
      amount_minor: String(minor),
    }))
    const outcome = await deps.store.insertPaymentSession(
      {
        ...{ id, accountId: ACCOUNT, status: 'created', echoedJson: '{}' },
        amount: { amountMinor, currency: 'INR' },
        createdAtMs: clock.nowMs(),
        expiresAtMs: clock.nowMs() + SESSION_LIFE_MS,
        ...{ attemptCount: 0, attemptCountMax, currentAttemptId: undefined },
        ...(details.length > 0 && { transferDetailsJson: JSON.stringify(details) }),
      },
      undefined,
      clock.nowMs(),
    )
    expect(outcome).toBe('stored')
    return new Run(world, { id, amountMinor, attemptCountMax, transfersMinor })
  }

  audit(): Promise<boolean> {
    return audit({ ...this.world, store: this.world.deps.store }, this.agreed)
  }

  async status() {
    const session = await this.world.deps.store.findPaymentSession(this.agreed.id)
    if (session === undefined) throw new Error('the session is gone')
    return statusAt(session, this.world.clock.nowMs())
  }

  /** One of the session's attempts, whichever a number picks. Undefined: there is none yet. */
  async attempt(pick: number): Promise<PaymentAttemptId | undefined> {
    const attempts = await this.world.deps.store.listPaymentAttempts(this.agreed.id)
    return attempts[pick % attempts.length]?.id
  }

  pay(deps: PayDeps = this.world.deps, number?: number) {
    return payPaymentSession(deps, this.agreed.id, {
      instrument: { type: 'netbanking', bankCode: 'b', bankName: 'Bank' },
      ...{ customer: {}, description: '', returnUrl: '' },
      ...(number !== undefined && { number }),
    })
  }

  /** Pays, and holds the charge's request or its answer until `release`. */
  async hold(what: 'request' | 'answer'): Promise<void> {
    await this.release()
    const reached = Promise.withResolvers<void>()
    const opened = Promise.withResolvers<void>()
    this.world.processor.hold({ what, reached: reached.resolve, opened: opened.promise })
    const paying = this.pay()
    this.#held = { open: opened.resolve, paying }
    await Promise.race([reached.promise, paying])
    // A payment that was refused never comes to the gate, and the next one shall not either.
    this.world.processor.hold(undefined)
  }

  async release(): Promise<void> {
    this.#held?.open()
    await this.#held?.paying
    this.#held = undefined
  }

  /** Pays in a process that dies between the attempt's transaction and the outcome's. */
  async crash(): Promise<void> {
    const { deps } = this.world
    const died = Promise.withResolvers<void>()
    let isRecorded = false
    const transaction: Store['transaction'] = (work) => {
      if (isRecorded) {
        died.resolve()
        return new Promise(() => {})
      }
      isRecorded = true
      return deps.store.transaction(work)
    }
    await Promise.race([this.pay({ ...deps, store: { ...deps.store, transaction } }), died.promise])
  }

  async callback(id: PaymentAttemptId, count: number): Promise<void> {
    const { deps, processor } = this.world
    if (!processor.charges.has(id)) return
    const outcome = processor.outcomeOf(id)
    await Promise.all(
      Array.from({ length: count }, () => recordOutcome(deps, this.agreed.id, id, outcome)),
    )
  }

  /** Lets everything come to its end: the processor decides, and the workers have all their time. */
  async settle(decision: 'approved' | 'declined'): Promise<void> {
    const { deps, clock, processor } = this.world
    processor.isDown = false
    await this.release()
    for (const { id } of await deps.store.listPaymentAttempts(this.agreed.id)) {
      if (processor.charges.get(id)?.state === 'waiting') processor.decide(id, decision)
    }
    for (let round = 0; round < 20; round += 1) {
      while ((await reconcileNext(deps)) !== undefined);
      while ((await refundNext(deps)) !== undefined);
      if (await this.audit()) return
      clock.advance(300_000)
    }
    throw new Error('something is still open after a hundred minutes')
  }
}

/** What a session is made with. */
type Terms = {
  readonly amountMinor: bigint
  readonly attemptCountMax: number
  readonly shares: readonly number[]
}

/** A step of the simulation: something that happens to a session, and then the audit. */
class Step implements fc.AsyncCommand<object, Run> {
  readonly #text: string
  readonly #happen: (run: Run) => Promise<unknown>

  constructor(text: string, happen: (run: Run) => Promise<unknown>) {
    this.#text = text
    this.#happen = happen
  }
  check(): boolean {
    return true
  }
  async run(_: object, run: Run): Promise<void> {
    await this.#happen(run)
    await run.audit()
  }
  toString(): string {
    return this.#text
  }
}

async function payOnce(run: Run, play: ChargePlay, number?: number): Promise<void> {
  const before = await run.status()
  const chargeCount = run.world.processor.charges.size
  run.world.processor.play([play])
  const result = await run.pay(undefined, number)
  if (before !== 'created') {
    expect(result, `a payment of a session that is ${before}`).toHaveProperty('refused')
    expect(run.world.processor.charges.size).toBe(chargeCount)
  }
}

const passing = (ms: number) =>
  new Step(`${ms} ms pass`, async ({ world }) => world.clock.advance(ms))
// Declined twice as often, so that sessions see all their attempts.
const charging = fc.constantFrom<ChargePlay[]>('declined', ...CHARGE_PLAYS)
const pick = fc.nat(4)
/** What payers do. */
const PAYING: readonly fc.Arbitrary<fc.AsyncCommand<object, Run>>[] = [
  fc
    .tuple(charging, fc.option(fc.integer({ min: 1, max: 5 }), { freq: 3, nil: undefined }))
    .map(
      ([play, number]) =>
        new Step(`pay ${number ?? ''}: ${play}`, (run) => payOnce(run, play, number)),
    ),
  fc.tuple(charging, charging).map(
    (plays) =>
      new Step(`two pay at once: ${plays}`, async (run) => {
        run.world.processor.play(plays)
        await Promise.all([run.pay(), run.pay()])
      }),
  ),
  fc.tuple(charging, fc.constantFrom('request', 'answer')).map(
    ([play, what]) =>
      new Step(`pay: ${play}, the ${what} is held`, (run) => {
        run.world.processor.play([play])
        return run.hold(what)
      }),
  ),
  fc.constant(new Step('what is held goes on', (run) => run.release())),
  charging.map(
    (play) =>
      new Step(`pay: ${play}, and the process dies`, (run) => {
        run.world.processor.play([play])
        return run.crash()
      }),
  ),
]

/** What comes of it: the processor, time, workers, customers who come back. */
const ANSWERING: typeof PAYING = [
  fc.tuple(pick, fc.constantFrom('approved', 'declined')).map(
    ([index, state]) =>
      new Step(`the processor decides attempt ${index}: ${state}`, async (run) => {
        const id = await run.attempt(index)
        const isWaiting = id && run.world.processor.charges.get(id)?.state === 'waiting'
        if (isWaiting) run.world.processor.decide(id, state)
      }),
  ),
  fc.tuple(pick, fc.integer({ min: 1, max: 3 })).map(
    ([index, count]) =>
      new Step(`${count} callbacks about attempt ${index}`, async (run) => {
        const id = await run.attempt(index)
        if (id !== undefined) await run.callback(id, count)
      }),
  ),
  pick.map(
    (index) =>
      new Step(`the processor approves attempt ${index} after all`, async (run) => {
        const id = await run.attempt(index)
        const wasDeclined = id && run.world.processor.charges.get(id)?.state === 'declined'
        if (!wasDeclined) return
        run.world.processor.decide(id, 'approved')
        await run.callback(id, 2)
      }),
  ),
  fc.constantFrom(1_000, 10_000, 61_000, 299_000).map(passing),
  fc.constantFrom(0, 1_000, 61_000, 299_000).map(
    (ms) =>
      new Step(`${ms} ms later two workers ask`, ({ world: { deps, clock } }) => {
        clock.advance(ms)
        return Promise.all([reconcileNext(deps), reconcileNext(deps)])
      }),
  ),
  pick.map(
    (index) =>
      new Step(`the customer of attempt ${index} comes back`, async (run) => {
        const id = await run.attempt(index)
        if (id !== undefined) await reconcileAttempt(run.world.deps, id)
      }),
  ),
  pick.map(
    (index) =>
      new Step(`the customer gives up attempt ${index}`, async (run) => {
        const id = await run.attempt(index)
        if (id !== undefined) await cancelAttempt(run.world.deps, id)
      }),
  ),
  fc.constantFrom<RefundPlay[]>(...REFUND_PLAYS).map(
    (play) =>
      new Step(`two workers refund: ${play}`, async ({ world: { deps, processor } }) => {
        processor.playRefund(play)
        await Promise.all([refundNext(deps), refundNext(deps)])
      }),
  ),
]

/** What ends a session early, or stops the processor: seldom enough that the rest has its time. */
const SELDOM: typeof PAYING = [
  fc
    .constantFrom('cancel', 'expire_now')
    .map(
      (type) =>
        new Step(type, async ({ world: { deps }, agreed }) => applyMove(deps, agreed.id, { type })),
    ),
  fc.constantFrom(ATTEMPT_LIFE_MS, SESSION_LIFE_MS).map(passing),
  fc.tuple(fc.boolean(), fc.boolean()).map(
    ([isDown, saysWhen]) =>
      new Step(
        `the processor is ${isDown ? 'down' : 'up'}, and ${saysWhen ? 'says' : 'does not say'} when`,
        async ({ world: { processor } }) => {
          processor.isDown = isDown
          processor.saysWhen = saysWhen
        },
      ),
  ),
]

const terms: fc.Arbitrary<Terms> = fc.record({
  amountMinor: fc.bigInt({ min: 1n, max: 10n ** 12n }),
  attemptCountMax: fc.integer({ min: 1, max: 5 }),
  shares: fc.array(fc.nat(333), { maxLength: 3 }),
})

test('whatever happens in whatever order, a session is paid at most once and no other money is kept', async () => {
  await fc.assert(
    fc.asyncProperty(
      terms,
      fc.commands([PAYING, PAYING, PAYING, ANSWERING, ANSWERING, SELDOM].flat(), {
        maxCommands: 60,
        size: 'max',
      }),
      fc.constantFrom('approved', 'declined'),
      async (agreed, steps, lastDecision) => {
        shared ??= await createWorld()
        const world = shared
        // What a failed run leaves open is no business of the next one.
        shared = undefined
        const run = await Run.begin(world, agreed)
        await fc.asyncModelRun(() => ({ model: {}, real: run }), steps)
        await run.settle(lastDecision)
        shared = world
      },
    ),
    { numRuns: RUN_COUNT },
  )
}, 120_000)
