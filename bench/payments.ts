/** Writes payments with the server's operations, but without HTTP and a processor. */
import { setTimeout as wait } from 'node:timers/promises'
import type { PaymentSessionId, WebhookEventId } from '../src/domain/id.ts'
import { applyMove } from '../src/operations/apply-move.ts'
import { prepareSandbox } from '../src/sandbox/tenants/prepare.ts'
import { SANDBOX_VALUES } from '../src/sandbox/well-known.ts'
import type { Core } from '../src/server/core.ts'
import type { Engine } from '../src/store/engine/engine.ts'
import { createMakeInserts } from './rows.ts'

const ATTEMPT_LIFE_MS = 600_000

export type WrittenPayment = {
  readonly paymentSessionId: PaymentSessionId
  readonly eventId: WebhookEventId
}

/** Writes one payment, from its creation to its event. */
export type WritePayment = () => Promise<WrittenPayment>

/** Stores the sandbox's accounts, also in live mode, and returns a function that writes payments. */
export async function createWritePayment(core: Core, engine: Engine): Promise<WritePayment> {
  await prepareSandbox(core, SANDBOX_VALUES)
  const makeInserts = await createMakeInserts(engine)
  const { ids, store } = core

  return async () => {
    let eventId: WebhookEventId | undefined
    const webhookEvent: typeof ids.webhookEvent = (subject) => {
      eventId = ids.webhookEvent(subject)
      return eventId
    }
    const deps = { ...core, ids: { ...ids, webhookEvent } }
    const [insert] = makeInserts(1)
    if (insert === undefined) throw new Error('no session to insert')
    const id = ids.paymentSession(store.paymentSessions.creationBucket())
    await store.paymentSessions.insert({ ...insert.session, id }, undefined, insert.nowMs)

    const attemptId = ids.paymentAttempt(id)
    await applyMove(deps, id, {
      type: 'start_attempt',
      attemptId,
      instrument: { type: 'upi', channel: 'collect', upiId: 'asha@paydesk' },
      customer: {},
      attemptLifeMs: ATTEMPT_LIFE_MS,
    })
    const processorReference = 'approved'
    await applyMove(deps, id, { type: 'record_approval', attemptId, processorReference })
    if (eventId === undefined) throw new Error('a payment without an event')
    return { paymentSessionId: id, eventId }
  }
}

/** The tables that payments write, children before their parents. */
const TABLES = [
  'webhook_delivery_attempts',
  'webhook_deliveries',
  'webhook_events',
  'ledger_postings',
  'balance_transactions',
  'transfers',
  'refunds',
  'payment_attempts',
  'payment_sessions',
]

/** The time limit for recording deliveries. */
const RECORDED_MS_MAX = 5_000

/** Deletes all payments and their events, so that every measurement starts with empty tables. */
export async function emptyPayments(engine: Engine): Promise<void> {
  const startedAtMs = performance.now()
  // A server that still records deliveries would hold locks on these tables.
  while (performance.now() - startedAtMs < RECORDED_MS_MAX) {
    const open = 'select 1 from webhook_deliveries where next_attempt_at_ms is not null limit 1'
    if ((await engine.read.all(open, [])).length === 0) break
    await wait(20)
  }
  await engine.transaction(async (sql) => {
    if (engine.name === 'postgres') await sql.run(`truncate ${TABLES.join(', ')} cascade`, [])
    else for (const table of TABLES) await sql.run(`delete from ${table}`, [])
  })
}
