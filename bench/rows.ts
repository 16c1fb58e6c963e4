/** Makes rows of payment sessions like those of the sample create request, without HTTP. */
import { parsePaymentSessionCreate } from '../src/api/payment-sessions/parse.ts'
import { readJson } from '../src/api/read-json.ts'
import { type AccountId, BUCKET_COUNT, type PaymentSessionId } from '../src/domain/id.ts'
import { SANDBOX_VALUES } from '../src/sandbox/well-known.ts'
import { systemClock } from '../src/server/clock.ts'
import { createIds } from '../src/server/ids.ts'
import { createRandom } from '../src/server/random.ts'
import { findAccount } from '../src/store/accounts.ts'
import type { Engine } from '../src/store/engine/engine.ts'
import { insertPaymentSessions, type PaymentSessionInsert } from '../src/store/payment-sessions.ts'
import { SAMPLE_CREATE_BODY } from './sample.ts'

/** The maximum number of rows in a statement or a commit: the store's own limit. */
export const BATCH_ROW_COUNT = 128

/** Makes the rows of `count` sample requests, all in one bucket, like a batch of the store. */
export type MakeInserts = (count: number) => readonly PaymentSessionInsert[]

/** Returns a function that makes rows for a database with the sandbox's accounts. */
export async function createMakeInserts(engine: Engine): Promise<MakeInserts> {
  const account = await findAccount(engine.read, SANDBOX_VALUES.accountId as AccountId)
  if (account === undefined) throw new Error('the database has no sandbox account')
  const body = new TextEncoder().encode(SAMPLE_CREATE_BODY)
  const { expiresInSeconds, ...request } = parsePaymentSessionCreate(readJson(body).value, {
    account,
    mode: 'sandbox',
    connectedAccounts: new Set([account.id]),
  })
  const random = createRandom()
  const ids = createIds(systemClock, random)

  return (count) => {
    const nowMs = systemClock.nowMs()
    const bucket = random.below(BUCKET_COUNT)
    return Array.from({ length: count }, () => ({
      session: {
        ...request,
        id: ids.paymentSession(bucket),
        status: 'created',
        createdAtMs: nowMs,
        expiresAtMs: nowMs + expiresInSeconds * 1000,
        attemptCount: 0,
        currentAttemptId: undefined,
      },
      answer: undefined,
      nowMs,
    }))
  }
}

export async function fillSessions(
  engine: Engine,
  count: number,
): Promise<readonly PaymentSessionId[]> {
  const makeInserts = await createMakeInserts(engine)
  const ids: PaymentSessionId[] = []
  while (ids.length < count) {
    const inserts = makeInserts(Math.min(BATCH_ROW_COUNT, count - ids.length))
    checkRows(await insertPaymentSessions(engine, inserts))
    ids.push(...inserts.map(({ session }) => session.id))
  }
  return ids
}

/** Deletes all sessions, so that every measurement starts with an empty table. */
export async function emptySessions(engine: Engine): Promise<void> {
  const text =
    engine.name === 'postgres'
      ? 'truncate payment_sessions cascade'
      : 'delete from payment_sessions'
  await engine.transaction((sql) => sql.run(text, []))
}

export function checkRows(outcomes: Awaited<ReturnType<typeof insertPaymentSessions>>): void {
  if (!outcomes.every((outcome) => 'value' in outcome && outcome.value === 'stored')) {
    throw new Error(`rows that were not stored: ${JSON.stringify(outcomes)}`)
  }
}
