/** The auditor of mandates: it reads the rows themselves, and has its own calendar. */
import type { Row } from '../../src/store/engine/engine.ts'
import { quickExpect, quickExpectAtMost } from './quick-expect.ts'

/** The rows that have to agree with the debits of mandates. */
export type MandateRows = {
  readonly mandates: readonly Row[]
  readonly debits: readonly Row[]
  readonly notices: readonly Row[]
  /** The payments of debits. */
  readonly payments: readonly Row[]
}

/** A charge of a mandate that reached the processor, with the states of the mandate at that time. */
export type MandateCharge = {
  readonly attemptId: string
  readonly atMs: number
  /** The time that has really passed since its notice, in milliseconds. Undefined: it has no notice. */
  readonly noticeAgeMs?: number
  readonly storedStatus: string | undefined
  readonly bankStatus: string | undefined
}

/** Reads the rows of all mandates. */
export async function readMandateRows(
  readRows: (text: string) => Promise<readonly Row[]>,
): Promise<MandateRows> {
  return {
    mandates: await readRows('select * from mandates'),
    debits: await readRows('select * from mandate_debits'),
    notices: await readRows('select * from mandate_notifications'),
    payments: await readRows(
      `select * from payment_attempts
       where mandate_id is not null and id not in (select enrollment_attempt_id from mandates)`,
    ),
  }
}

const DAY_MS = 24 * 60 * 60_000
const NOTICE_MS = DAY_MS
const INDIA_MS = 5.5 * 60 * 60_000
const dayOf = (atMs: number): string => new Date(atMs + INDIA_MS).toISOString().slice(0, 10)

const numberOf = (day: string): number => Date.parse(day) / DAY_MS
const dayOfNumber = (number: number): string => new Date(number * DAY_MS).toISOString().slice(0, 10)
const monthOf = (day: string): number => Number(day.slice(0, 4)) * 12 + Number(day.slice(5, 7)) - 1
/** Returns the Monday of a day's week. 1 January 1970 was a Thursday. */
const mondayOf = (day: string): number => numberOf(day) - ((numberOf(day) + 3) % 7)
const MONTHS_OF: Readonly<Record<string, number>> = {
  monthly: 1,
  bimonthly: 2,
  quarterly: 3,
  half_yearly: 6,
  yearly: 12,
}

/** Returns the first day of the cycle that contains a day. Null: the mandate has no cycles. */
function cycleOf(mandate: Row, day: string): string | null {
  const { frequency } = mandate
  const startOn = String(mandate.start_on)
  switch (frequency) {
    case 'as_presented':
      return null
    case 'one_time':
      return startOn
    case 'daily':
      return day
    case 'weekly':
      return dayOfNumber(mondayOf(day))
    case 'fortnightly': {
      const number = numberOf(day)
      return dayOfNumber(number - ((number - numberOf(startOn)) % 14))
    }
    default: {
      const months = MONTHS_OF[String(frequency)]
      if (months === undefined) throw new Error(`the auditor has no cycles for ${frequency}`)
      const month = monthOf(day) - ((monthOf(day) - monthOf(startOn)) % months)
      return `${Math.floor(month / 12)}-${String((month % 12) + 1).padStart(2, '0')}-01`
    }
  }
}

/** Returns true if the debit day of a mandate allows a debit on a day. */
export function keepsDebitRule(mandate: Row, day: string): boolean {
  const { debit_day: debitDay, debit_rule: rule, frequency } = mandate
  if (typeof debitDay !== 'number') return true
  const isWeekly = frequency === 'weekly' || frequency === 'fortnightly'
  const debitOn = isWeekly ? mondayOf(day) + debitDay - 1 : lastWithin(day, debitDay)
  const number = numberOf(day)
  return rule === 'on'
    ? number === debitOn
    : rule === 'before'
      ? number <= debitOn
      : number >= debitOn
}

/** Returns the day `dayOfMonth` in the month of `day`, or the last day of a shorter month. */
function lastWithin(day: string, dayOfMonth: number): number {
  const month = monthOf(day) + 1
  const firstOfNext = `${Math.floor(month / 12)}-${String((month % 12) + 1).padStart(2, '0')}-01`
  const first = numberOf(`${day.slice(0, 7)}-01`)
  return Math.min(first + dayOfMonth - 1, numberOf(firstOfNext) - 1)
}

/**
 * Throws unless each mandate has at most one debit in a cycle, each notice at most one debit, each debit a succeeded notice
 * that is 24 hours old (except those of daily mandates), each debit keeps the terms of its mandate, each succeeded payment
 * has its debit, and each charge was sent once for an active mandate. `isClockSteady`: the clock has never gone back, so
 * the times of rows can be compared.
 */
export function auditMandates(
  rows: MandateRows,
  charges: readonly MandateCharge[],
  isClockSteady: boolean,
): void {
  const notices = new Map(rows.notices.map((row) => [String(row.id), row]))
  const mandates = new Map(rows.mandates.map((row) => [String(row.id), row]))
  const payments = new Map(rows.payments.map((row) => [String(row.id), row]))
  const usedNotices = new Set<string>()
  const debitedCycles = new Set<string>()
  for (const debit of rows.debits) {
    const mandate = mandates.get(String(debit.mandate_id))
    const notice = notices.get(String(debit.notification_id))
    if (mandate === undefined) throw new Error(`debit ${debit.id} has no mandate`)
    const day = notice === undefined ? dayOf(Number(debit.created_at_ms)) : notice.execution_on
    const cycleOn = cycleOf(mandate, String(day))
    quickExpect(debit.cycle_on, `the cycle of debit ${debit.id}`).toBe(cycleOn)
    for (const [what, key, seenKeys] of [
      ['the notice', debit.notification_id, usedNotices],
      [`the cycle of mandate ${mandate.id}`, cycleOn && `${mandate.id} ${cycleOn}`, debitedCycles],
    ] as const) {
      if (key === null || key === undefined) continue
      quickExpect(seenKeys.has(String(key)), `${what} ${key} has two debits`).toBe(false)
      seenKeys.add(String(key))
    }
    const payment = payments.get(String(debit.id))
    auditNotice(mandate, notice, debit, isClockSteady ? charges : undefined)
    if (notice !== undefined) auditTerms(mandate, notice, debit)
    auditAmount(mandate, notice, payment)
    const isEnded = payment?.status === 'succeeded'
    const isOfEnrollment = String(mandate.enrollment_attempt_id) === String(debit.id)
    if (!isOfEnrollment) {
      quickExpect(debit.status === 'succeeded', `debit ${debit.id} has succeeded`).toBe(isEnded)
    }
  }
  const ids = new Set(rows.debits.map(({ id }) => String(id)))
  for (const [id, { status }] of payments) {
    if (status === 'succeeded') quickExpect(ids.has(id), `payment ${id} has a debit`).toBe(true)
  }
  auditCharges(payments, charges)
}

function auditNotice(
  mandate: Row,
  notice: Row | undefined,
  { created_at_ms: createdAtMs, id, status }: Row,
  charges: readonly MandateCharge[] | undefined,
): void {
  if (status === 'waiting' || String(mandate.enrollment_attempt_id) === String(id)) return
  if (notice === undefined) {
    quickExpect(mandate.frequency, `the frequency of debit ${id} without a notice`).toBe('daily')
    return
  }
  quickExpect(notice.status, `the notice of debit ${id}`).toBe('succeeded')
  quickExpect(String(notice.mandate_id), `the mandate of the notice ${notice.id}`).toBe(
    String(mandate.id),
  )
  if (charges === undefined) return
  const chargedAtMs = charges.find(({ attemptId }) => attemptId === String(id))?.atMs
  quickExpectAtMost(
    Number(notice.created_at_ms) + NOTICE_MS,
    chargedAtMs ?? Number(createdAtMs) + NOTICE_MS,
    `the age of notice ${notice.id}`,
  )
}

/** Checks the announced day of a debit. */
function auditTerms(mandate: Row, { execution_on: executionOn }: Row, { id }: Row): void {
  const day = String(executionOn)
  quickExpect(keepsDebitRule(mandate, day), `the day of debit ${id}`).toBe(true)
  const startNumber = numberOf(String(mandate.start_on))
  quickExpectAtMost(startNumber, numberOf(day), `the first day of mandate ${mandate.id}`)
  if (mandate.end_on === null) return
  const endNumber = numberOf(String(mandate.end_on))
  quickExpectAtMost(numberOf(day), endNumber, `the last day of mandate ${mandate.id}`)
}

function auditAmount(mandate: Row, notice: Row | undefined, payment: Row | undefined): void {
  if (payment?.status !== 'succeeded') return
  const paidMinor = Number(payment.captured_minor)
  if (notice !== undefined) {
    quickExpect(Number(notice.amount_minor), `the amount of debit ${payment.id}`).toBe(paidMinor)
  }
  const what = `the amount of mandate ${mandate.id}`
  if (mandate.amount_rule === 'fixed')
    quickExpect(paidMinor, what).toBe(Number(mandate.amount_minor))
  else quickExpectAtMost(paidMinor, Number(mandate.amount_minor), what)
}

function auditCharges(payments: ReadonlyMap<string, Row>, charges: readonly MandateCharge[]): void {
  const counts = new Map<string, number>()
  for (const { attemptId, bankStatus, noticeAgeMs, storedStatus } of charges) {
    counts.set(attemptId, (counts.get(attemptId) ?? 0) + 1)
    quickExpectAtMost(counts.get(attemptId) ?? 0, 1, `the charges of payment ${attemptId}`)
    quickExpect(storedStatus, `the mandate of charge ${attemptId}`).toBe('active')
    quickExpectAtMost(NOTICE_MS, noticeAgeMs ?? NOTICE_MS, `the notice of charge ${attemptId}`)
    if (payments.get(attemptId)?.status !== 'succeeded') continue
    quickExpect(bankStatus, `the bank’s mandate of payment ${attemptId}`).toBe('active')
  }
  for (const [id, { status }] of payments) {
    if (status === 'succeeded') quickExpect(counts.get(id), `the charge of payment ${id}`).toBe(1)
  }
}
