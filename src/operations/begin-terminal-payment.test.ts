import { describe, expect, test } from 'vitest'
import { BOTH_ENGINES, OPEN_ENGINE } from '../../test/support/both-engines.ts'
import { createTestClock } from '../../test/support/memory-store.ts'
import { ACCOUNT, NOW_MS, useStore } from '../../test/support/stored-rows.ts'
import { terminalStatusAt } from '../domain/terminal-status.ts'
import { guardProcessor } from '../processors/guarded-processor.ts'
import type { ChargeOutcome, ChargeRequest, Processor } from '../processors/processor.ts'
import { createIds } from '../server/ids.ts'
import { createRandom } from '../server/random.ts'
import { applyMove } from './apply-move.ts'
import {
  beginTerminalPayment,
  showForgottenSession,
  takeOffTerminal,
} from './begin-terminal-payment.ts'
import { reconcileNext } from './reconcile-attempts.ts'
import type { PaymentSessionRecord, Store } from './store.ts'

const CARD = {
  type: 'card',
  brand: 'visa',
  lastFourDigits: '1111',
  expiryMonth: 9,
  expiryYear: 2028,
  holderName: 'Asha Rao',
} as const
const DECLINED: ChargeOutcome = { kind: 'declined', declineCode: 'canceled_by_customer' }

/** Makes a terminal that shows each charge until its customer pays or the charge is canceled. */
function openTerminal() {
  const outcomes = new Map<string, ChargeOutcome>()
  const requests: ChargeRequest[] = []
  const outcomeOf = (id: string, first: ChargeOutcome) => {
    const outcome = outcomes.get(id) ?? first
    outcomes.set(id, outcome)
    return outcome
  }
  const processor: Processor = {
    name: 'terminals',
    charge: async (request) => {
      requests.push(request)
      const waiting = { kind: 'pending', processorReference: 'p1', askAfterMs: 1_000 } as const
      return outcomeOf(request.attemptId, waiting)
    },
    findCharge: async (id) => outcomeOf(id, DECLINED),
    cancelCharge: async (id) => {
      if (outcomeOf(id, DECLINED).kind === 'pending') outcomes.set(id, DECLINED)
      return outcomeOf(id, DECLINED)
    },
    refund: async () => ({ kind: 'succeeded' }),
  }
  /** Acts as the customer of every charge that waits. */
  const present = (outcome: ChargeOutcome) => {
    for (const [id, { kind }] of outcomes) if (kind === 'pending') outcomes.set(id, outcome)
  }
  return { present, processor, requests }
}

let hourCount = 0

async function givenSession(store: Store) {
  // Each test has a separate hour: the sessions of the others have ended.
  hourCount += 1
  const clock = createTestClock(NOW_MS + hourCount * 60 * 60_000)
  const terminal = openTerminal()
  const random = createRandom()
  const startServer = (processor: Processor = terminal.processor) => ({
    store,
    clock,
    random,
    ids: createIds(clock, random),
    mode: 'live' as const,
    processor: guardProcessor(processor, { clock, report: () => {} }),
    attemptLifeMs: 600_000,
    patienceMs: 60_000,
    onLost: () => {},
  })
  const server = startServer()
  const nowMs = clock.nowMs()
  const session: PaymentSessionRecord = {
    id: server.ids.paymentSession(store.paymentSessions.creationBucket()),
    accountId: ACCOUNT,
    status: 'created',
    echoedJson: JSON.stringify({ description: 'Till 2' }),
    amount: { amountMinor: 25_000n, currency: 'INR' },
    createdAtMs: nowMs,
    expiresAtMs: nowMs + 180_000,
    attemptCount: 0,
    attemptCountMax: 1,
    currentAttemptId: undefined,
    typeFacts: { type: 'pos_payment', terminalId: 'T1', tryCountMax: 3 },
  }
  await store.paymentSessions.insert(session, undefined, nowMs)
  const read = async () => {
    const storedSession = await store.paymentSessions.find(session.id)
    if (storedSession === undefined) throw new Error('the session vanished')
    const [attempt] = await store.paymentAttempts.listBySession(session.id)
    return {
      attempt,
      session: storedSession,
      status: terminalStatusAt(storedSession, clock.nowMs()),
    }
  }
  return { ...terminal, clock, read, server, session, startServer }
}

describe.each(BOTH_ENGINES)('in-person sessions at a real terminal, on %s', (name) => {
  const db = useStore(OPEN_ENGINE[name])

  test('a terminal gets the amount once, and the facts of the presented card are stored with the approval', async () => {
    const { clock, present, read, requests, server, session } = await givenSession(db.store)
    await beginTerminalPayment(server, session)
    expect(requests).toMatchObject([
      {
        amount: { amountMinor: 25_000n, currency: 'INR' },
        instrument: { type: 'terminal', terminalId: 'T1', tryCountMax: 3 },
        description: 'Till 2',
      },
    ])
    expect((await read()).attempt).toMatchObject({
      status: 'pending',
      instrument: { type: 'terminal' },
    })
    present({ kind: 'approved', processorReference: 'p1', instrument: CARD })
    clock.advance(2_000)
    await reconcileNext(server)
    const { attempt, status } = await read()
    expect([status, attempt]).toMatchObject([
      'succeeded',
      { status: 'succeeded', instrument: CARD },
    ])
    const cards = await db.store.paymentAttempts.list(
      ACCOUNT,
      { method: 'card' },
      { page: 1, perPage: 5 },
    )
    expect(cards.total).toBe(1)
    expect((await db.store.ledger.check()).discrepancies).toEqual([])
  })

  test('a customer who presents nothing ends the session', async () => {
    const { clock, present, read, server, session } = await givenSession(db.store)
    await beginTerminalPayment(server, session)
    present(DECLINED)
    clock.advance(2_000)
    await reconcileNext(server)
    expect(await read()).toMatchObject({ status: 'failed', attempt: { status: 'failed' } })
  })

  test('a session whose server died before it was shown is shown once, by one of several servers', async () => {
    const { clock, read, requests, server, session, startServer } = await givenSession(db.store)
    const servers = [startServer(), startServer(), startServer()]
    const show = () => Promise.all(servers.map(showForgottenSession))
    clock.advance(2_999)
    expect(await show()).toEqual([undefined, undefined, undefined])
    clock.advance(2)
    expect((await show()).filter((id) => id !== undefined)).toEqual([session.id])
    // The first server was only slow.
    expect(await beginTerminalPayment(server, session)).toHaveProperty('refused')
    clock.advance(10_000)
    expect(await show()).toEqual([undefined, undefined, undefined])
    expect(requests).toHaveLength(1)
    expect(await read()).toMatchObject({ status: 'in_progress', attempt: { status: 'pending' } })
  })

  test('a server that dies between the stored attempt and its charge leaves a failed session, and no money is taken', async () => {
    const { clock, read, requests, session, startServer, processor } = await givenSession(db.store)
    const dying = startServer({ ...processor, charge: () => new Promise(() => {}) })
    await beginTerminalPayment({ ...dying, patienceMs: 1 }, session)
    clock.advance(61_000)
    expect(await showForgottenSession(startServer())).toBeUndefined()
    const next = startServer()
    while ((await reconcileNext(next)) !== undefined);
    expect(await read()).toMatchObject({ status: 'failed', attempt: { status: 'failed' } })
    expect(requests).toEqual([])
  })

  test.each([
    ['has ended', (clock: ReturnType<typeof createTestClock>) => clock.advance(180_001)],
    ['was canceled', (clock: ReturnType<typeof createTestClock>) => clock.advance(10_000)],
  ])('a session that %s is not shown', async (how, wait) => {
    const { clock, read, requests, server, session } = await givenSession(db.store)
    wait(clock)
    if (how === 'was canceled') await applyMove(server, session.id, { type: 'cancel' })
    expect(await showForgottenSession(server)).toBeUndefined()
    expect([requests, (await read()).status]).toEqual([[], 'failed'])
  })

  test('a canceled session is taken off its terminal, and no customer can pay it later', async () => {
    const { clock, present, read, server, session } = await givenSession(db.store)
    await beginTerminalPayment(server, session)
    const shownSession = (await read()).session
    const results = await Promise.all([
      takeOffTerminal(server, shownSession),
      takeOffTerminal(server, shownSession),
    ])
    expect(results.toSorted()).toEqual([false, true])
    present({ kind: 'approved', processorReference: 'p1', instrument: CARD })
    clock.advance(60_000)
    await reconcileNext(server)
    expect(await read()).toMatchObject({
      status: 'failed',
      attempt: { status: 'failed', declineCode: 'canceled_by_customer' },
    })
  })

  test('a session stays on its terminal if its customer has paid, or if the processor cannot cancel', async () => {
    const { present, processor, read, server, session, startServer } = await givenSession(db.store)
    expect(await takeOffTerminal(server, session)).toBe(false)
    await beginTerminalPayment(server, session)
    const { cancelCharge: _, ...withoutCancel } = processor
    const shownSession = (await read()).session
    expect(await takeOffTerminal(startServer(withoutCancel), shownSession)).toBe(false)
    expect((await read()).status).toBe('in_progress')
    present({ kind: 'approved', processorReference: 'p1', instrument: CARD })
    expect(await takeOffTerminal(server, shownSession)).toBe(false)
    expect((await read()).status).toBe('succeeded')
  })
})
