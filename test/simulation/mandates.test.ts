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
import { dayAfter, mandateDayAt } from '../../src/domain/mandate-terms.ts'
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
import { openMemoryStore } from '../support/memory-store.ts'
import { ACCOUNT, account, session } from '../support/stored-rows.ts'
import { auditMandates, type MandateCharge, readMandateRows } from './mandate-auditor.ts'

const RUN_COUNT = 50
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
type Frequency = 'daily' | 'monthly' | 'one_time' | 'as_presented'

async function createWorld() {
  const { clock, ids, readRows, changeRows, store } = await openMemoryStore()
  const network = { isLost: false }
  const charges: MandateCharge[] = []
  const sandbox = createSandboxProcessor({ clock, store })
  const processor: Processor = {
    ...sandbox,
    charge: async (request) => {
      const { attemptId, instrument } = request
      if (instrument.type === 'mandate_debit') {
        const mandate = await store.mandates.find(instrument.mandateId)
        const booked = await store.sandboxCharges.findMandate(instrument.mandateId)
        const isRevoked = (booked?.revokeAtMs ?? Number.POSITIVE_INFINITY) <= clock.nowMs()
        charges.push({
          attemptId,
          atMs: clock.nowMs(),
          storedStatus: mandate && mandateAt(mandate, clock.nowMs()).status,
          bankStatus: isRevoked ? 'revoked' : booked?.status,
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
    const opened = session({ customerId: customer.id, amount: AMOUNT, ...times, ...more })
    await store.paymentSessions.insert(opened, undefined, nowMs)
    return opened
  }

  /** The customer approves a mandate for debits from tomorrow, for 40 days. */
  async function enroll(frequency: Frequency, upiId: string): Promise<void> {
    const today = mandateDayAt(clock.nowMs())
    const terms = {
      amountRule: 'variable',
      frequency,
      description: 'Fee',
      startOn: dayAfter(today, 1),
      endOn: dayAfter(today, 40),
    } as const
    const facts = { ...terms, type: 'mandate_enrollment', charge: 'authorization' } as const
    const amount = { ...AMOUNT, amountMinor: 100n }
    const typeFacts = { ...facts, maxAmountMinor: '500000' }
    const { id } = await openSession({ amount, typeFacts })
    await payPaymentSession(deps, id, {
      instrument: { type: 'upi', channel: 'collect', upiId },
      customer: {},
      description: '',
      returnUrl: '',
      enrolls: { ...terms, amountMinor: 500_000n },
    })
    const [attempt] = await store.paymentAttempts.listBySession(id)
    if (attempt?.mandateId === undefined) throw new Error('no mandate')
    mandates.push(attempt.mandateId)
    clock.advance(3_000)
    await work()
  }

  async function notify(id: MandateId, dayCount: number): Promise<void> {
    const notice = await store.transaction(async (tx) => {
      const mandate = await tx.mandates.lock(id)
      if (mandate === undefined) throw new Error('no mandate')
      return notifyOfDebit(tx, deps, mandate, {
        amountMinor: AMOUNT.amountMinor,
        executionOn: dayAfter(mandateDayAt(clock.nowMs()), dayCount),
        description: 'Fee',
        invoiceNumber: INVOICE_NUMBER,
      })
    })
    if (!('refused' in notice)) notices.push(notice.id)
  }

  /** Debits a mandate as the API does. `crashes`: the process ends before it calls the processor. */
  async function execute(
    id: MandateId,
    noticeId: MandateNotificationId | undefined,
    crashes: boolean,
  ): Promise<void> {
    const typeFacts = { type: 'mandate_execution' } as const
    const opened = await openSession({ typeFacts, invoiceNumber: INVOICE_NUMBER })
    const begun = await store.transaction(async (tx) => {
      const locked = await tx.paymentSessions.lock(opened.id)
      const mandate = await tx.mandates.lock(id)
      if (locked === undefined || mandate === undefined) throw new Error('no session')
      const refused = mandateRefusal(deps, mandate)
      if (refused !== undefined) return refused
      const notification = noticeId && (await tx.mandateNotifications.find(noticeId))
      return executeMandate(tx, deps, {
        session: locked,
        mandate,
        customer: {},
        invoiceNumber: INVOICE_NUMBER,
        ...(notification !== undefined && { notification }),
      })
    })
    if ('refused' in begun || crashes || begun.debit.status === 'waiting') return
    await chargeDebit(deps, begun)
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

  const audit = async () => auditMandates(await readMandateRows(readRows), charges)
  const steps = { cancel, enroll, execute, notify, work }
  return {
    ...steps,
    audit,
    changeRows,
    charges,
    clock,
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
const STEPS = fc.oneof(
  fc.record({
    kind: fc.constant('enroll' as const),
    frequency: fc.constantFrom<Frequency>('daily', 'monthly', 'one_time', 'as_presented'),
    upiId: fc.constantFrom(...UPI_IDS),
  }),
  fc.record({
    kind: fc.constant('notify' as const),
    index,
    dayCount: fc.integer({ min: 1, max: 3 }),
  }),
  fc.record({
    kind: fc.constant('execute' as const),
    index,
    notice: fc.option(fc.nat(5), { nil: undefined }),
    crashes: fc.boolean(),
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
    ms: fc.constantFrom(3_000, HOUR_MS, 25 * HOUR_MS, 25 * HOUR_MS, 200 * HOUR_MS),
  }),
  fc.record({ kind: fc.constant('work' as const) }),
)
/** The merchant debits a mandate by a notice, twice at the same time, or the debit waits for its own notice. */
const DEBIT = fc.record({
  kind: fc.constant('debit' as const),
  index,
  dayCount: fc.integer({ min: 1, max: 2 }),
  isManual: fc.boolean(),
  crashes: fc.boolean(),
  status: fc.constantFrom('active' as const, 'active' as const, 'paused' as const),
})
const ALL_STEPS = fc.oneof(STEPS, DEBIT)
type Step = typeof ALL_STEPS extends fc.Arbitrary<infer One> ? One : never

async function play(world: World, step: Step): Promise<void> {
  switch (step.kind) {
    case 'enroll':
      return world.enroll(step.frequency, step.upiId)
    case 'network':
      world.network.isLost = step.isLost
      return undefined
    case 'advance':
      world.clock.advance(step.ms)
      return undefined
    case 'work':
      return world.work()
  }
  const id = world.mandates[step.index % Math.max(1, world.mandates.length)]
  if (id === undefined) return
  switch (step.kind) {
    case 'notify':
      return world.notify(id, step.dayCount)
    case 'execute': {
      const { notices } = world
      const noticeId =
        step.notice === undefined ? undefined : notices[step.notice % Math.max(1, notices.length)]
      return world.execute(id, noticeId, step.crashes)
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
    crashes,
    dayCount,
    isManual,
    status,
  }: typeof DEBIT extends fc.Arbitrary<infer One> ? One : never,
): Promise<void> {
  if (isManual) await world.notify(id, dayCount)
  else await world.execute(id, undefined, crashes)
  const noticeId = world.notices.at(-1)
  world.clock.advance(3_000)
  await world.work()
  await world.sandbox.changeMandate(id, status)
  world.clock.advance(dayCount * 25 * HOUR_MS)
  if (isManual && noticeId !== undefined) {
    await Promise.all([world.execute(id, noticeId, crashes), world.execute(id, noticeId, crashes)])
  }
  await world.work()
}

test('no order of notices, debits, pauses, crashes and lost answers debits a mandate twice in a cycle, or one that is not active', async () => {
  /** The successes of debits whose merchant had notified the customer, and of those with their own notice. */
  const counts = { manual: 0, automatic: 0 }
  await fc.assert(
    fc.asyncProperty(fc.array(ALL_STEPS, { minLength: 8, maxLength: 40 }), async (steps) => {
      const world = await createWorld()
      try {
        await world.enroll('as_presented', 'success@paydesk')
        for (const step of steps) {
          await play(world, step)
          await world.audit()
        }
        world.network.isLost = false
        for (let round = 0; round < 4; round += 1) {
          world.clock.advance(13 * HOUR_MS)
          await world.work()
        }
        await world.audit()
        const { debits } = await readMandateRows(world.readRows)
        for (const { notification_id: noticeId } of debits) {
          if (noticeId === null) continue
          const isManual = world.notices.some((id) => id === String(noticeId))
          counts[isManual ? 'manual' : 'automatic'] += 1
        }
        // Each debit is decided: a failed one is deleted.
        expect(debits.filter(({ status }) => status !== 'succeeded')).toEqual([])
        expect((await world.store.ledger.check()).discrepancies).toEqual([])
      } finally {
        await world.store.close()
      }
    }),
    { numRuns: RUN_COUNT },
  )
  expect(counts.manual, 'debits with a notice').toBeGreaterThan(RUN_COUNT / 10)
  expect(counts.automatic, 'debits after their own notice').toBeGreaterThan(RUN_COUNT / 10)
}, 120_000)

/** A damage of the rows, and what the auditor says about it. */
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
  await world.enroll('daily', 'success@paydesk')
  const [id] = world.mandates
  if (id === undefined) throw new Error('no mandate')
  for (let count = 0; count < 2; count += 1) {
    await world.notify(id, 2)
    world.clock.advance(3_000)
    await world.work()
    world.clock.advance(48 * HOUR_MS)
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
] as const)('the auditor of mandates finds a debit of %s', async (_what, change, finding) => {
  const world = await createDebitedWorld()
  try {
    const [first, ...others] = world.charges
    if (first === undefined) throw new Error('no charge')
    const rows = await readMandateRows(world.readRows)
    expect(() => auditMandates(rows, [{ ...first, ...change }, ...others])).toThrow(finding)
    expect(() => auditMandates(rows, [first, ...world.charges])).toThrow(/the charges of payment/)
    expect(() => auditMandates(rows, others)).toThrow(/the charge of payment/)
  } finally {
    await world.store.close()
  }
})
