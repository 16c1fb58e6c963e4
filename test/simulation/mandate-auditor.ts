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

const NOTICE_MS = 24 * 60 * 60_000
const INDIA_MS = 5.5 * 60 * 60_000
const dayOf = (atMs: number): string => new Date(atMs + INDIA_MS).toISOString().slice(0, 10)

/** Returns the first day of the cycle of a day. Null: the mandate has no cycles. */
function cycleOf({ frequency, start_on: startOn }: Row, day: string): string | null {
  switch (frequency) {
    case 'daily':
      return day
    case 'monthly':
      return `${day.slice(0, 7)}-01`
    case 'one_time':
      return String(startOn)
    case 'as_presented':
      return null
    default:
      throw new Error(`the auditor does not know ${frequency}`)
  }
}

/**
 * Throws unless each mandate has at most one debit in a cycle, each notice at most one debit, each debit a succeeded notice
 * that is 24 hours old (except those of daily mandates), each succeeded payment its debit, and each charge was sent once for
 * an active mandate.
 */
export function auditMandates(rows: MandateRows, charges: readonly MandateCharge[]): void {
  const notices = new Map(rows.notices.map((row) => [String(row.id), row]))
  const mandates = new Map(rows.mandates.map((row) => [String(row.id), row]))
  const payments = new Map(rows.payments.map((row) => [String(row.id), row]))
  const used = new Set<string>()
  const debited = new Set<string>()
  for (const debit of rows.debits) {
    const mandate = mandates.get(String(debit.mandate_id))
    const notice = notices.get(String(debit.notification_id))
    if (mandate === undefined) throw new Error(`debit ${debit.id} has no mandate`)
    const day = notice === undefined ? dayOf(Number(debit.created_at_ms)) : notice.execution_on
    const cycleOn = cycleOf(mandate, String(day))
    quickExpect(debit.cycle_on, `the cycle of debit ${debit.id}`).toBe(cycleOn)
    for (const [what, key, seen] of [
      ['the notice', debit.notification_id, used],
      [`the cycle of mandate ${mandate.id}`, cycleOn && `${mandate.id} ${cycleOn}`, debited],
    ] as const) {
      if (key === null || key === undefined) continue
      quickExpect(seen.has(String(key)), `${what} ${key} has two debits`).toBe(false)
      seen.add(String(key))
    }
    const payment = payments.get(String(debit.id))
    auditNotice(mandate, notice, debit, charges)
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
  charges: readonly MandateCharge[],
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
  const chargedAtMs = charges.find(({ attemptId }) => attemptId === String(id))?.atMs
  quickExpectAtMost(
    Number(notice.created_at_ms) + NOTICE_MS,
    chargedAtMs ?? Number(createdAtMs) + NOTICE_MS,
    `the age of notice ${notice.id}`,
  )
}

function auditCharges(payments: ReadonlyMap<string, Row>, charges: readonly MandateCharge[]): void {
  const counts = new Map<string, number>()
  for (const { attemptId, bankStatus, storedStatus } of charges) {
    counts.set(attemptId, (counts.get(attemptId) ?? 0) + 1)
    quickExpectAtMost(counts.get(attemptId) ?? 0, 1, `the charges of payment ${attemptId}`)
    quickExpect(storedStatus, `the mandate of charge ${attemptId}`).toBe('active')
    if (payments.get(attemptId)?.status !== 'succeeded') continue
    quickExpect(bankStatus, `the bank’s mandate of payment ${attemptId}`).toBe('active')
  }
  for (const [id, { status }] of payments) {
    if (status === 'succeeded') quickExpect(counts.get(id), `the charge of payment ${id}`).toBe(1)
  }
}
