import { bucketOf, type PaymentMethodId } from '../domain/id.ts'
import type { SandboxSave, SandboxSaves } from '../processors/sandbox-charge.ts'
import {
  columns,
  id,
  json,
  omitUndefined,
  optionalJson,
  optionalText,
  optionalWhole,
  small,
  text,
  whole,
} from './columns.ts'
import type { Engine, Row } from './engine/engine.ts'

const SAVE = columns<SandboxSave>()({
  bucket: small(({ paymentMethodId }) => bucketOf(paymentMethodId)),
  payment_method_id: id(({ paymentMethodId }) => paymentMethodId),
  instrument_json: json(({ instrument }) => instrument),
  checks_json: optionalJson(({ checks }) => checks),
  return_url: text(({ returnUrl }) => returnUrl),
  outcome_on_consent: optionalText(({ outcomeOnConsent }) => outcomeOnConsent),
  decide_after_ms: whole(({ decideAfterMs }) => decideAfterMs),
  charge_outcome: text(({ chargeOutcome }) => chargeOutcome),
  charge_after_ms: whole(({ chargeAfterMs }) => chargeAfterMs),
  outcome: optionalText(({ decision }) => decision?.outcome),
  decided_at_ms: optionalWhole(({ decision }) => decision?.atMs),
  forgotten_at_ms: optionalWhole(({ forgottenAtMs }) => forgottenAtMs),
  created_at_ms: whole(({ createdAtMs }) => createdAtMs),
})
const WHERE = 'where bucket = $1 and payment_method_id = $2'
const keyOf = (id: PaymentMethodId) => [bucketOf(id), Number(id)]

/**
 * Makes the sandbox's records of saved instruments. Only the sandbox's processor and erasures use the table of these
 * records.
 */
export function sandboxSavesOn(engine: Engine): SandboxSaves {
  return {
    insert: async (save) => {
      await engine.transaction((sql) =>
        sql.run(
          `insert into sandbox_saves ${SAVE.insert()} on conflict (bucket, payment_method_id) do nothing`,
          SAVE.values(save),
        ),
      )
    },
    find: async (id) => {
      const [row] = await engine.read.all(
        `select ${SAVE.list()} from sandbox_saves ${WHERE}`,
        keyOf(id),
      )
      return row && saveFrom(row)
    },
    decide: (id, decisionAt, readNowMs) =>
      engine.transaction(async (sql) => {
        const [row] = await sql.all(
          `select decided_at_ms from sandbox_saves ${WHERE}${engine.rowLock}`,
          keyOf(id),
        )
        const nowMs = readNowMs()
        const isDecided = row?.decided_at_ms != null && Number(row.decided_at_ms) <= nowMs
        if (row === undefined || isDecided) return false
        const { atMs, outcome } = decisionAt(nowMs)
        await sql.run(`update sandbox_saves set outcome = $3, decided_at_ms = $4 ${WHERE}`, [
          ...keyOf(id),
          outcome,
          atMs,
        ])
        return true
      }),
    forget: async (id, nowMs) => {
      await engine.transaction((sql) =>
        sql.run(
          `update sandbox_saves set forgotten_at_ms = $3 ${WHERE} and forgotten_at_ms is null`,
          [...keyOf(id), nowMs],
        ),
      )
    },
  }
}

function saveFrom(row: Row): SandboxSave {
  const values = SAVE.read(row)
  const { decided_at_ms: atMs, outcome } = values
  return omitUndefined({
    paymentMethodId: values.payment_method_id,
    instrument: values.instrument_json,
    checks: values.checks_json,
    returnUrl: values.return_url,
    outcomeOnConsent: values.outcome_on_consent,
    decideAfterMs: values.decide_after_ms,
    chargeOutcome: values.charge_outcome,
    chargeAfterMs: values.charge_after_ms,
    createdAtMs: values.created_at_ms,
    decision: outcome !== undefined && atMs !== undefined ? { outcome, atMs } : undefined,
    forgottenAtMs: values.forgotten_at_ms,
  })
}
