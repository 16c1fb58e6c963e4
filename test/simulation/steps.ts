/** The steps of a session: actions of its payers and their results. */
import fc from 'fast-check'
import { expect } from 'vitest'
import { applyMove } from '../../src/operations/apply-move.ts'
import {
  cancelAttempt,
  reconcileAttempt,
  reconcileNext,
} from '../../src/operations/reconcile-attempts.ts'
import { refundNext } from '../../src/operations/refund-payment.ts'
import { ATTEMPT_LIFE_MS, type Run, SESSION_LIFE_MS } from './run.ts'
import { MESSAGE_PLAYS } from './scripted-messenger.ts'
import {
  CHARGE_PLAYS,
  type ChargePlay,
  REFUND_PLAYS,
  type RefundPlay,
} from './scripted-processor.ts'

const DAY_MS = 24 * 60 * 60_000

/** A step of the simulation: one action on a session, followed by the audit. */
export class Step implements fc.AsyncCommand<object, Run> {
  readonly #text: string
  readonly #action: (run: Run) => Promise<unknown>

  constructor(text: string, action: (run: Run) => Promise<unknown>) {
    this.#text = text
    this.#action = action
  }
  check(): boolean {
    return true
  }
  async run(_: object, run: Run): Promise<void> {
    await this.#action(run)
    await run.audit()
  }
  toString(): string {
    return this.#text
  }
}

/** Generators of steps, from which a run draws. */
export type Steps = readonly fc.Arbitrary<fc.AsyncCommand<object, Run>>[]

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
// Declines are twice as likely, so that sessions use up all their attempts.
const charging = fc.constantFrom<ChargePlay[]>('declined', ...CHARGE_PLAYS)
const refunding = fc.constantFrom<RefundPlay[]>(...REFUND_PLAYS)
/** Selects one of several objects. */
export const pick = fc.nat(4)
/** Actions of payers. */
export const PAYER_STEPS: Steps = [
  fc
    .tuple(charging, fc.option(fc.integer({ min: 1, max: 5 }), { freq: 3, nil: undefined }))
    .map(
      ([play, number]) =>
        new Step(`pay ${number ?? ''}: ${play}`, (run) => payOnce(run, play, number)),
    ),
  fc.tuple(charging, charging).map(
    (plays) =>
      new Step(`two payments at the same time: ${plays}`, async (run) => {
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
  fc.constant(new Step('the held request or answer continues', (run) => run.release())),
  charging.map(
    (play) =>
      new Step(`pay: ${play}, and the process dies`, (run) => {
        run.world.processor.play([play])
        return run.crash()
      }),
  ),
]

/** Steps of the processor, the clock, the workers and customers who return. */
export const RESULT_STEPS: Steps = [
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
      new Step(`the processor approves the declined attempt ${index}`, async (run) => {
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
      new Step(`${ms} ms later two workers query`, ({ world: { deps, clock } }) => {
        clock.advance(ms)
        return Promise.all([reconcileNext(deps), reconcileNext(deps)])
      }),
  ),
  pick.map(
    (index) =>
      new Step(`the customer of attempt ${index} returns`, async (run) => {
        const id = await run.attempt(index)
        if (id !== undefined) await reconcileAttempt(run.world.deps, id)
      }),
  ),
  pick.map(
    (index) =>
      new Step(`the customer cancels attempt ${index}`, async (run) => {
        const id = await run.attempt(index)
        if (id !== undefined) await cancelAttempt(run.world.deps, id)
      }),
  ),
  fc.tuple(refunding, refunding).map(
    (plays) =>
      new Step(`two workers refund: ${plays}`, async ({ world: { deps, processor } }) => {
        processor.playRefunds(plays)
        await Promise.all([refundNext(deps), refundNext(deps)])
        processor.playRefunds([])
      }),
  ),
  fc.tuple(refunding, fc.boolean()).map(
    ([play, isForEver]) =>
      new Step(
        `a worker refunds: ${play}, and ${isForEver ? 'dies' : 'records it late'}`,
        async (run) => {
          run.world.processor.playRefunds([play])
          await run.refundUnrecorded(isForEver)
          run.world.processor.playRefunds([])
        },
      ),
  ),
  fc
    .tuple(pick, fc.integer({ min: 1, max: 3 }))
    .map(
      ([index, count]) =>
        new Step(`${count} callbacks about refund ${index}`, (run) =>
          run.refundCallback(index, count),
        ),
    ),
]

const sending = fc.constantFrom(...MESSAGE_PLAYS)
/** Steps of the workers that send messages to customers. */
export const MESSAGE_STEPS: Steps = [
  fc.tuple(sending, sending).map(
    (plays) =>
      new Step(`two workers send messages: ${plays}`, async (run) => {
        run.world.messenger.play(plays)
        await Promise.all([run.sendMessage(), run.sendMessage()])
        run.world.messenger.play([])
      }),
  ),
  sending.map(
    (play) =>
      new Step(`a worker sends a message: ${play}, and dies`, async (run) => {
        run.world.messenger.play([play])
        await run.sendUnrecorded()
        run.world.messenger.play([])
      }),
  ),
]

/** Steps of the runs of payouts and of the bank, days later. */
export const PAYOUT_STEPS: Steps = [
  fc.integer({ min: 1, max: 5 }).map(
    (days) =>
      new Step(`${days} days later payouts run`, async (run) => {
        // An open session would expire.
        const status = await run.status()
        if (status !== 'created' && status !== 'in_progress') await run.payOut(days * DAY_MS)
      }),
  ),
  fc.constant(new Step('the bank refuses the payouts', (run) => run.failPayouts())),
]

/** Steps of the customer in the UPI app. Without a mandate nothing happens. */
export const MANDATE_STEPS: Steps = [
  fc
    .constantFrom('pause' as const, 'resume' as const, 'resume' as const, 'revoke' as const)
    .map((type) => new Step(`the customer: ${type} the mandate`, (run) => run.moveMandate(type))),
]

/** Rare events: a session ends early, a deadline passes, or the processor goes down, comes up or changes its reports. */
export const RARE_STEPS: Steps = [
  fc
    .constantFrom('cancel', 'expire_now')
    .map(
      (type) =>
        new Step(type, async ({ world: { deps }, agreement }) =>
          applyMove(deps, agreement.id, { type }),
        ),
    ),
  fc.constantFrom(ATTEMPT_LIFE_MS, SESSION_LIFE_MS).map(passing),
  fc.tuple(fc.boolean(), fc.boolean()).map(
    ([isDown, reportsTime]) =>
      new Step(
        `the processor is ${isDown ? 'down' : 'up'}, and ${reportsTime ? 'reports' : 'omits'} the approval time`,
        async ({ world: { processor } }) => {
          processor.isDown = isDown
          processor.reportsTime = reportsTime
        },
      ),
  ),
]
