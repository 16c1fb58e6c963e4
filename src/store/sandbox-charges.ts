import { bucketOf, type MandateId, type PaymentAttemptId, type RefundId } from '../domain/id.ts'
import type { SandboxCharge, SandboxCharges, SandboxMandate } from '../processors/sandbox-charge.ts'
import {
  columns,
  id,
  json,
  minor,
  omitUndefined,
  optionalJson,
  optionalText,
  optionalWhole,
  small,
  text,
  whole,
} from './columns.ts'
import type { Engine } from './engine/engine.ts'

const CHARGE = columns<SandboxCharge>()({
  bucket: small(({ attemptId }) => bucketOf(attemptId)),
  attempt_id: id(({ attemptId }) => attemptId),
  currency: text(({ amount }) => amount.currency),
  amount_minor: minor(({ amount }) => amount.amountMinor),
  instrument_json: json(({ instrument }) => instrument),
  action_json: optionalJson(({ action }) => action),
  return_url: text(({ returnUrl }) => returnUrl),
  outcome_on_consent: text(({ outcomeOnConsent }) => outcomeOnConsent),
  decide_after_ms: whole(({ decideAfterMs }) => decideAfterMs),
  outcome: optionalText(({ decision }) => decision?.outcome),
  decided_at_ms: optionalWhole(({ decision }) => decision?.atMs),
  created_at_ms: whole(({ createdAtMs }) => createdAtMs),
})

/**
 * Makes the records of the sandbox's processor. Only this processor, erasures and prunes use the tables of these
 * records.
 */
export function sandboxChargesOn(engine: Engine): SandboxCharges {
  return {
    insert: async (charge) => {
      await engine.transaction((sql) =>
        sql.run(
          `insert into sandbox_charges ${CHARGE.insert()} on conflict (bucket, attempt_id) do nothing`,
          CHARGE.values(charge),
        ),
      )
    },
    find: (id) => findSandboxCharge(engine, id),
    decide: (id, decisionAt, readNowMs) =>
      engine.transaction(async (sql) => {
        const key = [bucketOf(id), Number(id)]
        const [row] = await sql.all(
          `select decided_at_ms from sandbox_charges
           where bucket = $1 and attempt_id = $2${engine.rowLock}`,
          key,
        )
        const nowMs = readNowMs()
        const isDecided = row?.decided_at_ms != null && Number(row.decided_at_ms) <= nowMs
        if (row === undefined || isDecided) return false
        const { atMs, outcome } = decisionAt(nowMs)
        await sql.run(
          `update sandbox_charges set outcome = $3, decided_at_ms = $4
           where bucket = $1 and attempt_id = $2`,
          [...key, outcome, atMs],
        )
        return true
      }),
    bookRefund: (id, attemptId, amountMinor, decidedAtMs) =>
      bookSandboxRefund(engine, { id, attemptId, amountMinor, decidedAtMs }),
    insertMandate: async (mandate) => {
      await engine.transaction((sql) =>
        sql.run(
          `insert into sandbox_mandates ${MANDATE.insert()}
           on conflict (bucket, mandate_id) do nothing`,
          MANDATE.values(mandate),
        ),
      )
    },
    findMandate: (id) => findSandboxMandate(engine, id),
    changeMandate: async (id, status) => {
      await engine.transaction((sql) =>
        sql.run(
          `update sandbox_mandates set status = $3
           where bucket = $1 and mandate_id = $2 and status <> 'revoked'`,
          [bucketOf(id), Number(id), status],
        ),
      )
    },
  }
}

const MANDATE = columns<SandboxMandate>()({
  bucket: small(({ mandateId }) => bucketOf(mandateId)),
  mandate_id: id(({ mandateId }) => mandateId),
  upi_id: text(({ upiId }) => upiId),
  status: text(({ status }) => status),
  revoke_at_ms: optionalWhole(({ revokeAtMs }) => revokeAtMs),
})

async function findSandboxMandate(
  engine: Engine,
  id: MandateId,
): Promise<SandboxMandate | undefined> {
  const [row] = await engine.read.all(
    `select ${MANDATE.list()} from sandbox_mandates where bucket = $1 and mandate_id = $2`,
    [bucketOf(id), Number(id)],
  )
  if (row === undefined) return undefined
  const values = MANDATE.read(row)
  return omitUndefined({
    mandateId: values.mandate_id,
    upiId: values.upi_id,
    status: values.status,
    revokeAtMs: values.revoke_at_ms,
  })
}

async function findSandboxCharge(
  engine: Engine,
  id: PaymentAttemptId,
): Promise<SandboxCharge | undefined> {
  const [row] = await engine.read.all(
    `select ${CHARGE.list()} from sandbox_charges where bucket = $1 and attempt_id = $2`,
    [bucketOf(id), Number(id)],
  )
  if (row === undefined) return undefined
  const values = CHARGE.read(row)
  const { decided_at_ms: atMs, outcome } = values
  return omitUndefined({
    attemptId: id,
    amount: { amountMinor: values.amount_minor, currency: values.currency },
    instrument: values.instrument_json,
    returnUrl: values.return_url,
    outcomeOnConsent: values.outcome_on_consent,
    decideAfterMs: values.decide_after_ms,
    createdAtMs: values.created_at_ms,
    action: values.action_json,
    decision: outcome !== undefined && atMs !== undefined ? { outcome, atMs } : undefined,
  })
}

type SandboxRefund = {
  readonly id: RefundId
  readonly attemptId: PaymentAttemptId
  readonly amountMinor: bigint
  readonly decidedAtMs: number
}

function bookSandboxRefund(
  engine: Engine,
  { amountMinor, attemptId, decidedAtMs, id }: SandboxRefund,
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
    return Number(row?.decided_at_ms)
  })
}
