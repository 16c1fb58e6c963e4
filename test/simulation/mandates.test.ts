/**
 * Enrollments, notices, debits with and without a notice, pauses, cancellations, crashes, lost answers, the clock and
 * workers in any order, on the real operations and the real store in memory. After each step an auditor reads all rows.
 *
 * A failure prints the seed and the path: pass them to `fc.assert` to repeat the same run.
 */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { MandateId, MandateNotificationId } from '../../src/domain/id.ts'
import { mandateAt } from '../../src/domain/mandate.ts'
import {
  DEBIT_RULES,
  dayAfter,
  debitDayMax,
  MANDATE_FREQUENCIES,
  type MandateTerms,
  mandateDayAt,
} from '../../src/domain/mandate-terms.ts'
import { deriveKeys } from '../../src/domain/secret.ts'
import { chargeDebitNext } from '../../src/operations/charge-waiting-debits.ts'
import { createCustomer } from '../../src/operations/create-customer.ts'
import {
  chargeDebit,
  executeMandate,
  mandateRefusal,
} from '../../src/operations/execute-mandate.ts'
import {
  endAtProcessor,
  expireMandates,
  moveMandateIn,
  queryMandateNext,
} from '../../src/operations/move-mandate.ts'
import { notifyOfDebit, sendNoticeNext } from '../../src/operations/notify-of-debit.ts'
import { payPaymentSession } from '../../src/operations/pay-payment-session.ts'
import { reconcileNext } from '../../src/operations/reconcile-attempts.ts'
import { guardProcessor } from '../../src/processors/guarded-processor.ts'
import type { Processor } from '../../src/processors/processor.ts'
import { createSandboxProcessor } from '../../src/processors/sandbox.ts'
import { createRandom } from '../../src/server/random.ts'
import { openSimulatedStore, runCountOf } from '../support/simulated-store.ts'
import { ACCOUNT, account, session } from '../support/stored-rows.ts'
import {
  auditMandates,
  keepsDebitRule,
  type MandateCharge,
  readMandateRows,
} from './mandate-auditor.ts'

const RUN_COUNT_IN_MEMORY = 200
const RUN_COUNT = runCountOf(RUN_COUNT_IN_MEMORY)
const HOUR_MS = 60 * 60_000
const AMOUNT = { amountMinor: 49_900n, currency: 'INR' } as const
const INVOICE_NUMBER = 'INV-9001'
const UPI_IDS = [
  'success@paydesk',
  'success@paydesk',
  'success@paydesk',
  'lowfunds@paydesk',
  'nonotice@paydesk',
  'revoked@paydesk',
]
/** Days near the ends of months and years, and near 29 February 2028. */
const FIRST_DAYS = [
  '2026-11-22',
  '2026-12-30',
  '2027-01-29',
  '2027-02-26',
  '2028-01-30',
  '2028-02-27',
  '2028-08-29',
]

/** The terms of a mandate that differ between runs. */
type Terms = Pick<MandateTerms, 'amountRule' | 'frequency' | 'debitDay' | 'debitRule'> & {
  /** True: the enrollment takes the first debit. */
  readonly hasFirstDebit?: boolean
}

async function createWorld(firstDay = '2026-11-22') {
  const { clock, ids, readRows, changeRows, store } = await openSimulatedStore()
  clock.advance(Date.parse(firstDay) - clock.nowMs())
  /** The time that has really passed: a clock that goes back does not shorten it. */
  const elapsedTime = { ms: 0, isClockSteady: true }
  const noticedAtMs = new Map<string, number>()
  const pass = (ms: number) => {
    clock.advance(ms)
    elapsedTime.ms += ms
  }
  const goBack = (ms: number) => {
    clock.advance(-ms)
    elapsedTime.isClockSteady = false
  }
  const network = { isLost: false }
  const charges: MandateCharge[] = []
  const sandbox = createSandboxProcessor({ clock, store })
  const processor: Processor = {
    ...sandbox,
    charge: async (request) => {
      const { attemptId, instrument } = request
      if (instrument.type === 'mandate_debit') {
        const mandate = await store.mandates.find(instrument.mandateId)
        const bookedMandate = await store.sandboxCharges.findMandate(instrument.mandateId)
        const isRevoked = (bookedMandate?.revokeAtMs ?? Number.POSITIVE_INFINITY) <= clock.nowMs()
        const noticeAtMs = noticedAtMs.get(instrument.notificationId ?? '')
        charges.push({
          attemptId,
          atMs: clock.nowMs(),
          ...(noticeAtMs !== undefined && { noticeAgeMs: elapsedTime.ms - noticeAtMs }),
          storedStatus: mandate && mandateAt(mandate, clock.nowMs()).status,
          bankStatus: isRevoked ? 'revoked' : bookedMandate?.status,
        })
      }
      const outcome = await sandbox.charge(request)
      return network.isLost ? { kind: 'unknown', reason: 'lost' } : outcome
    },
  }
  const deps = {
    store,
    clock,
    ids,
    processor: guardProcessor(processor, { clock, report: () => {} }),
    mode: 'sandbox' as const,
    keys: deriveKeys(new Uint8Array(32).fill(7)),
    random: createRandom(),
    attemptLifeMs: 600_000,
    patienceMs: 60_000,
    onLost: () => {},
  }
  const customer = await store.transaction(async (tx) => {
    await tx.accounts.insert(account(ACCOUNT), clock.nowMs())
    return createCustomer(tx, deps, ACCOUNT, { name: 'Asha Rao', email: 'asha@shop.example' })
  })
  const mandates: MandateId[] = []
  const notices: MandateNotificationId[] = []

  async function openSession(more: Parameters<typeof session>[0]) {
    const nowMs = clock.nowMs()
    const times = { createdAtMs: nowMs, expiresAtMs: nowMs + 900_000 }
    const newSession = session({ customerId: customer.id, amount: AMOUNT, ...times, ...more })
    await store.paymentSessions.insert(newSession, undefined, nowMs)
    return newSession
  }

  /** The customer approves a mandate for debits from tomorrow, or from today with a first debit, for 500 days. */
  async function enroll(
    { hasFirstDebit = false, ...more }: Terms,
    upiId = 'success@paydesk',
  ): Promise<void> {
    const today = mandateDayAt(clock.nowMs())
    const amountMinor = more.amountRule === 'fixed' ? AMOUNT.amountMinor : 500_000n
    const terms = {
      ...more,
      description: 'Fee',
      startOn: hasFirstDebit ? today : dayAfter(today, 1),
      endOn: dayAfter(today, 500),
    } as const
    const charge = hasFirstDebit ? 'first_debit' : 'authorization'
    const amount = { ...AMOUNT, amountMinor: hasFirstDebit ? AMOUNT.amountMinor : 100n }
    const typeFacts = {
      ...terms,
      type: 'mandate_enrollment',
      charge,
      maxAmountMinor: String(amountMinor),
    } as const
    const { id } = await openSession({ amount, typeFacts })
    await payPaymentSession(deps, id, {
      instrument: { type: 'upi', channel: 'collect', upiId },
      customer: {},
      description: '',
      returnUrl: '',
      enrolls: { ...terms, amountMinor },
    })
    const [attempt] = await store.paymentAttempts.listBySession(id)
    if (attempt?.mandateId === undefined) throw new Error('no mandate')
    mandates.push(attempt.mandateId)
    pass(3_000)
    await work()
  }

  /** Returns the number of days, at least `dayCount`, until the mandate's debit day allows a debit. */
  async function daysToDebit(id: MandateId, dayCount: number): Promise<number> {
    const [mandate = {}] = await readRows(`select * from mandates where id = ${Number(id)}`)
    const today = mandateDayAt(clock.nowMs())
    for (let days = dayCount; days < dayCount + 31; days += 1) {
      if (keepsDebitRule(mandate, dayAfter(today, days))) return days
    }
    return dayCount
  }

  /** Announces a debit that is `dayCount` days away. Its amount differs from the fixed amount by `extraMinor` paise. */
  async function notify(id: MandateId, dayCount: number, extraMinor = 0n): Promise<void> {
    const notice = await store.transaction(async (tx) => {
      const mandate = await tx.mandates.lock(id)
      if (mandate === undefined) throw new Error('no mandate')
      return notifyOfDebit(tx, deps, mandate, {
        amountMinor: AMOUNT.amountMinor + extraMinor,
        executionOn: dayAfter(mandateDayAt(clock.nowMs()), dayCount),
        description: 'Fee',
        invoiceNumber: INVOICE_NUMBER,
      })
    })
    if ('refused' in notice) return
    notices.push(notice.id)
    noticedAtMs.set(notice.id, elapsedTime.ms)
  }

  /** Debits a mandate as the API does. `crashes`: the process ends before it calls the processor. */
  async function execute(
    id: MandateId,
    noticeId: MandateNotificationId | undefined,
    crashes: boolean,
    extraMinor = 0n,
  ): Promise<void> {
    const typeFacts = { type: 'mandate_execution' } as const
    const amount = { ...AMOUNT, amountMinor: AMOUNT.amountMinor + extraMinor }
    const newSession = await openSession({ amount, typeFacts, invoiceNumber: INVOICE_NUMBER })
    const debitStart = await store.transaction(async (tx) => {
      const lockedSession = await tx.paymentSessions.lock(newSession.id)
      const mandate = await tx.mandates.lock(id)
      if (lockedSession === undefined || mandate === undefined) throw new Error('no session')
      const refusal = mandateRefusal(deps, mandate)
      if (refusal !== undefined) return refusal
      const notification = noticeId && (await tx.mandateNotifications.find(noticeId))
      return executeMandate(tx, deps, {
        session: lockedSession,
        mandate,
        customer: {},
        invoiceNumber: INVOICE_NUMBER,
        ...(notification !== undefined && { notification }),
      })
    })
    if ('refused' in debitStart) return
    const { notificationId, status } = debitStart.debit
    if (status === 'waiting') noticedAtMs.set(String(notificationId), elapsedTime.ms)
    if (crashes || status === 'waiting') return
    await chargeDebit(deps, debitStart)
  }

  async function cancel(id: MandateId): Promise<void> {
    if (!(await endAtProcessor(deps, id))) return
    await store.transaction(async (tx) => {
      const mandate = await tx.mandates.lock(id)
      return mandate && moveMandateIn(tx, deps, mandate, { type: 'cancel' })
    })
  }

  async function work(): Promise<void> {
    while ((await sendNoticeNext(deps)) !== undefined);
    while ((await chargeDebitNext(deps)) !== undefined);
    while ((await queryMandateNext(deps)) !== undefined);
    while ((await expireMandates(deps)) !== undefined);
    while ((await reconcileNext(deps)) !== undefined);
  }

  const audit = async () =>
    auditMandates(await readMandateRows(readRows), charges, elapsedTime.isClockSteady)
  const steps = { cancel, daysToDebit, enroll, execute, notify, work }
  return {
    ...steps,
    audit,
    changeRows,
    charges,
    goBack,
    pass,
    mandates,
    network,
    notices,
    readRows,
    sandbox,
    store,
  }
}
type World = Awaited<ReturnType<typeof createWorld>>

const index = fc.nat(2)
/** The difference from the fixed amount of a mandate, in paise. Most debits have none. */
const extraMinor = fc.constantFrom(0n, 0n, 0n, -1n, 1n)
const TERMS: fc.Arbitrary<Terms> = fc
  .record({
    amountRule: fc.constantFrom('fixed' as const, 'variable' as const),
    frequency: fc.constantFrom(...MANDATE_FREQUENCIES),
    hasFirstDebit: fc.boolean(),
    debitDay: fc.option(fc.constantFrom(1, 5, 28, 29, 30, 31), { nil: undefined }),
    debitRule: fc.constantFrom(...DEBIT_RULES),
  })
  .map(({ debitDay, debitRule, ...terms }) => {
    const max = debitDayMax(terms.frequency)
    if (debitDay === undefined || max === undefined) return terms
    return { ...terms, debitDay: Math.min(debitDay, max), debitRule }
  })
const STEPS = fc.oneof(
  fc.record({
    kind: fc.constant('enroll' as const),
    terms: TERMS,
    upiId: fc.constantFrom(...UPI_IDS),
  }),
  fc.record({
    kind: fc.constant('notify' as const),
    index,
    dayCount: fc.integer({ min: 1, max: 3 }),
    extraMinor,
  }),
  fc.record({
    kind: fc.constant('execute' as const),
    index,
    notice: fc.option(fc.nat(5), { nil: undefined }),
    crashes: fc.boolean(),
    extraMinor,
  }),
  fc.record({
    kind: fc.constant('change' as const),
    index,
    status: fc.constantFrom(
      'active' as const,
      'active' as const,
      'paused' as const,
      'revoked' as const,
    ),
  }),
  fc.record({ kind: fc.constant('cancel' as const), index }),
  fc.record({ kind: fc.constant('network' as const), isLost: fc.boolean() }),
  fc.record({
    kind: fc.constant('advance' as const),
    ms: fc.constantFrom(3_000, HOUR_MS, 25 * HOUR_MS, 200 * HOUR_MS, 31 * 24 * HOUR_MS),
  }),
  fc.record({ kind: fc.constant('back' as const), ms: fc.constantFrom(HOUR_MS, 30 * HOUR_MS) }),
  fc.record({ kind: fc.constant('work' as const) }),
)
/** A whole debit: with the merchant's notice, and then requested twice at the same time, or with an automatic notice. */
const DEBIT = fc.record({
  kind: fc.constant('debit' as const),
  index,
  dayCount: fc.integer({ min: 1, max: 2 }),
  isManual: fc.boolean(),
  crashes: fc.boolean(),
  /** The time by which the clock goes back during the wait. */
  backMs: fc.constantFrom(0, 0, HOUR_MS, 30 * HOUR_MS),
  status: fc.constantFrom('active' as const, 'active' as const, 'paused' as const),
})
const ALL_STEPS = fc.oneof(STEPS, DEBIT)
type Step = typeof ALL_STEPS extends fc.Arbitrary<infer One> ? One : never

/** A run for each frequency, because random runs can miss a frequency: one debit with the merchant's notice. */
const ONE_DEBIT_EACH = MANDATE_FREQUENCIES.map((frequency): [string, Terms, Step[]] => [
  FIRST_DAYS[0] ?? '',
  { amountRule: 'fixed', frequency },
  [
    {
      kind: 'debit',
      index: 0,
      dayCount: 1,
      isManual: true,
      crashes: false,
      backMs: 0,
      status: 'active',
    },
  ],
])

async function play(world: World, step: Step): Promise<void> {
  switch (step.kind) {
    case 'enroll':
      return world.enroll(step.terms, step.upiId)
    case 'network':
      world.network.isLost = step.isLost
      return undefined
    case 'advance':
      world.pass(step.ms)
      return undefined
    case 'back':
      world.goBack(step.ms)
      return undefined
    case 'work':
      return world.work()
  }
  const id = world.mandates[step.index % Math.max(1, world.mandates.length)]
  if (id === undefined) return
  switch (step.kind) {
    case 'notify':
      return world.notify(id, step.dayCount, step.extraMinor)
    case 'execute': {
      const { notices } = world
      const noticeId =
        step.notice === undefined ? undefined : notices[step.notice % Math.max(1, notices.length)]
      return world.execute(id, noticeId, step.crashes, step.extraMinor)
    }
    case 'change':
      return world.sandbox.changeMandate(id, step.status)
    case 'cancel':
      return world.cancel(id)
    case 'debit':
      return debit(world, id, step)
  }
}

async function debit(
  world: World,
  id: MandateId,
  {
    backMs,
    crashes,
    dayCount,
    isManual,
    status,
  }: typeof DEBIT extends fc.Arbitrary<infer One> ? One : never,
): Promise<void> {
  const days = isManual ? await world.daysToDebit(id, dayCount) : 1
  if (isManual) await world.notify(id, days)
  else await world.execute(id, undefined, crashes)
  const noticeId = world.notices.at(-1)
  world.pass(3_000)
  await world.work()
  if (backMs > 0) {
    world.goBack(backMs)
    await world.work()
  }
  await world.sandbox.changeMandate(id, status)
  world.pass(days * 24 * HOUR_MS + HOUR_MS)
  if (isManual && noticeId !== undefined) {
    await Promise.all([world.execute(id, noticeId, crashes), world.execute(id, noticeId, crashes)])
  }
  await world.work()
}

/** Adds up the times by which the clock goes back. */
function setBackMs(steps: readonly Step[]): number {
  return steps.reduce((sum, step) => {
    if (step.kind === 'back') return sum + step.ms
    return step.kind === 'debit' ? sum + step.backMs : sum
  }, 0)
}

test('no order of notices, debits, pauses, crashes, lost answers and clock changes makes two debits in a cycle, a debit against the terms, or a debit of an inactive mandate', async () => {
  /** The numbers of succeeded debits: with the merchant's notice, with an automatic notice, and without a notice. */
  const counts = { manual: 0, automatic: 0, first: 0 }
  const debitedFrequencies = new Set<string>()
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...FIRST_DAYS),
      TERMS,
      fc.array(ALL_STEPS, { minLength: 8, maxLength: 40 }),
      async (firstDay, terms, steps) => {
        const world = await createWorld(firstDay)
        try {
          await world.enroll(terms)
          for (const step of steps) {
            await play(world, step)
            await world.audit()
          }
          world.network.isLost = false
          // If the clock goes back by an hour, planned work becomes due an hour later.
          for (let leftMs = 52 * HOUR_MS + setBackMs(steps); leftMs > 0; leftMs -= 13 * HOUR_MS) {
            world.pass(13 * HOUR_MS)
            await world.work()
          }
          await world.audit()
          const { debits, mandates } = await readMandateRows(world.readRows)
          for (const { mandate_id: mandateId, notification_id: noticeId } of debits) {
            const isManual = world.notices.some((id) => id === String(noticeId))
            counts[noticeId === null ? 'first' : isManual ? 'manual' : 'automatic'] += 1
            const mandate = mandates.find(({ id }) => id === mandateId)
            if (noticeId !== null) debitedFrequencies.add(String(mandate?.frequency))
          }
          // Each debit is decided: a failed one is deleted.
          expect(debits.filter(({ status }) => status !== 'succeeded')).toEqual([])
          expect((await world.store.ledger.check()).discrepancies).toEqual([])
        } finally {
          await world.store.close()
        }
      },
    ),
    { numRuns: RUN_COUNT, examples: RUN_COUNT < RUN_COUNT_IN_MEMORY ? [] : ONE_DEBIT_EACH },
  )
  // A few runs do not reach everything.
  if (RUN_COUNT < RUN_COUNT_IN_MEMORY) return
  expect(counts.manual, 'debits with a notice').toBeGreaterThan(RUN_COUNT / 10)
  expect(counts.automatic, 'debits after their own notice').toBeGreaterThan(RUN_COUNT / 10)
  expect(counts.first, 'first debits and debits without a notice').toBeGreaterThan(RUN_COUNT / 10)
  expect([...debitedFrequencies].sort()).toEqual([...MANDATE_FREQUENCIES].sort())
}, 120_000)

/** A damage of the rows, and the auditor's message about it. */
const DAMAGES: readonly (readonly [what: string, change: string, finding: RegExp])[] = [
  [
    'two debits of a cycle',
    `drop index mandate_debits_of_cycle;
     update mandate_debits set cycle_on = (select min(cycle_on) from mandate_debits);
     update mandate_notifications set execution_on = (select min(execution_on) from mandate_notifications);
     update mandate_debits set created_at_ms = (select min(created_at_ms) from mandate_debits)`,
    /the cycle of mandate \d+ .* has two debits/,
  ],
  [
    'two debits of a notice',
    `drop index mandate_debits_of_notification; drop index mandate_debits_of_cycle;
     update mandate_debits set cycle_on = (select min(cycle_on) from mandate_debits),
       notification_id = (select min(notification_id) from mandate_debits)`,
    /the notice \d+ has two debits/,
  ],
  [
    'a debit in another cycle',
    `update mandate_debits set cycle_on = '2020-01-01'
     where id = (select min(id) from mandate_debits)`,
    /the cycle of debit/,
  ],
  [
    'a debit whose notice failed',
    `update mandate_notifications set status = 'failed'`,
    /the notice of debit/,
  ],
  [
    'a debit whose notice is too young',
    'update mandate_notifications set created_at_ms = created_at_ms + 40 * 3600000',
    /the age of notice/,
  ],
  [
    'a debit off its debit day',
    `update mandates set frequency = 'daily', debit_day = 1, debit_rule = 'on';
     update mandates set frequency = 'monthly';
     update mandate_debits set cycle_on = '2026-11-01'
     where id = (select min(id) from mandate_debits);
     delete from mandate_debits where cycle_on <> '2026-11-01';
     update payment_attempts set status = 'refunded'
     where mandate_id is not null and id not in (select id from mandate_debits)`,
    /the day of debit/,
  ],
  [
    'a debit after the last day',
    `update mandates set end_on = '2026-11-23'`,
    /the last day of mandate/,
  ],
  [
    'a debit of another amount than its notice',
    'update mandate_notifications set amount_minor = amount_minor + 1',
    /the amount of debit/,
  ],
  [
    'a debit above the mandate',
    `update mandates set amount_minor = 49899`,
    /the amount of mandate/,
  ],
  ['a payment without a debit', 'delete from mandate_debits', /payment \d+ has a debit/],
  [
    'a debit without a success',
    `update mandate_debits set status = 'sent'`,
    /debit \d+ has succeeded/,
  ],
]

/** Makes a world with two succeeded debits of a daily mandate, each with a notice. */
async function createDebitedWorld(): Promise<World> {
  const world = await createWorld()
  await world.enroll({ amountRule: 'variable', frequency: 'daily' })
  const [id] = world.mandates
  if (id === undefined) throw new Error('no mandate')
  for (let count = 0; count < 2; count += 1) {
    await world.notify(id, 2)
    world.pass(3_000)
    await world.work()
    world.pass(48 * HOUR_MS)
    await world.execute(id, world.notices.at(-1), false)
  }
  await world.audit()
  expect((await readMandateRows(world.readRows)).debits.length).toBe(2)
  return world
}

test.each(DAMAGES)('the auditor of mandates finds %s', async (_what, change, finding) => {
  const world = await createDebitedWorld()
  try {
    for (const statement of change.split(';')) await world.changeRows(statement)
    await expect(world.audit()).rejects.toThrow(finding)
  } finally {
    await world.store.close()
  }
})

test.each([
  ['a mandate that was paused', { storedStatus: 'paused' }, /the mandate of charge/],
  ['a mandate that the bank had paused', { bankStatus: 'paused' }, /the bank’s mandate of payment/],
  [
    'a customer who was notified less than 24 hours before',
    { noticeAgeMs: 86_399_999 },
    /the notice of charge/,
  ],
] as const)(
  'the auditor of mandates finds a debit of %s, a repeated charge, and a missing charge',
  async (_what, change, finding) => {
    const world = await createDebitedWorld()
    try {
      const [first, ...others] = world.charges
      if (first === undefined) throw new Error('no charge')
      const rows = await readMandateRows(world.readRows)
      expect(() => auditMandates(rows, [{ ...first, ...change }, ...others], true)).toThrow(finding)
      expect(() => auditMandates(rows, [first, ...world.charges], true)).toThrow(
        /the charges of payment/,
      )
      expect(() => auditMandates(rows, others, true)).toThrow(/the charge of payment/)
    } finally {
      await world.store.close()
    }
  },
)
