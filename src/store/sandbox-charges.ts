import { bucketOf, type PaymentAttemptId, type RefundId } from '../domain/id.ts'
import type { InstrumentFacts } from '../domain/instrument.ts'
import type { Currency } from '../domain/money.ts'
import type { CustomerAction } from '../domain/payment-attempt.ts'
import type { SandboxCharge, SandboxCharges, SandboxOutcome } from '../processors/sandbox-charge.ts'
import type { Engine } from './engine/engine.ts'

/** The sandbox processor's books, in the same database but read by nobody else. */
export function sandboxChargesOn(engine: Engine): SandboxCharges {
  return {
    insert: async (charge) => {
      await engine.transaction((sql) =>
        sql.run(
          `insert into sandbox_charges (bucket, attempt_id, currency, amount_minor, instrument_json,
             action_json, return_url, outcome_on_consent, decide_after_ms, outcome, decided_at_ms,
             created_at_ms)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
           on conflict (bucket, attempt_id) do nothing`,
          [
            bucketOf(charge.attemptId),
            Number(charge.attemptId),
            charge.amount.currency,
            charge.amount.amountMinor,
            JSON.stringify(charge.instrument),
            charge.action === undefined ? null : JSON.stringify(charge.action),
            charge.returnUrl,
            charge.outcomeOnConsent,
            charge.decideAfterMs,
            charge.decided?.outcome ?? null,
            charge.decided?.atMs ?? null,
            charge.createdAtMs,
          ],
        ),
      )
    },
    find: (id) => findSandboxCharge(engine, id),
    decide: (id, { outcome, atMs }, nowMs) =>
      engine.transaction(async (sql) => {
        const count = await sql.run(
          `update sandbox_charges set outcome = $3, decided_at_ms = $4
           where bucket = $1 and attempt_id = $2 and (decided_at_ms is null or decided_at_ms > $5)`,
          [bucketOf(id), Number(id), outcome, atMs, nowMs],
        )
        return count === 1
      }),
    bookRefund: (id, attemptId, amountMinor, decidedAtMs) =>
      bookSandboxRefund(engine, id, attemptId, amountMinor, decidedAtMs),
  }
}

async function findSandboxCharge(
  engine: Engine,
  id: PaymentAttemptId,
): Promise<SandboxCharge | undefined> {
  const [row] = await engine.read.all(
    'select * from sandbox_charges where bucket = $1 and attempt_id = $2',
    [bucketOf(id), Number(id)],
  )
  if (row === undefined) return undefined
  return {
    attemptId: id,
    amount: { amountMinor: BigInt(row.amount_minor as number), currency: row.currency as Currency },
    instrument: JSON.parse(row.instrument_json as string) as InstrumentFacts,
    returnUrl: row.return_url as string,
    outcomeOnConsent: row.outcome_on_consent as SandboxOutcome,
    decideAfterMs: row.decide_after_ms as number,
    createdAtMs: row.created_at_ms as number,
    ...(row.action_json !== null && {
      action: JSON.parse(row.action_json as string) as CustomerAction,
    }),
    ...(row.decided_at_ms !== null && {
      decided: { outcome: row.outcome as SandboxOutcome, atMs: row.decided_at_ms as number },
    }),
  }
}

function bookSandboxRefund(
  engine: Engine,
  id: RefundId,
  attemptId: PaymentAttemptId,
  amountMinor: bigint,
  decidedAtMs: number,
): Promise<number> {
  return engine.transaction(async (sql) => {
    await sql.run(
      `insert into sandbox_refunds (bucket, refund_id, attempt_id, amount_minor, decided_at_ms)
       values ($1, $2, $3, $4, $5) on conflict (bucket, refund_id) do nothing`,
      [bucketOf(id), Number(id), Number(attemptId), amountMinor, decidedAtMs],
    )
    const [row] = await sql.all(
      'select decided_at_ms from sandbox_refunds where bucket = $1 and refund_id = $2',
      [bucketOf(id), Number(id)],
    )
    return row?.decided_at_ms as number
  })
}
