import { BUCKET_COUNT } from '../domain/id.ts'
import { IDEMPOTENCY_KEY_LIFE_MS } from '../operations/store.ts'
import { deleteUnusedLogos } from './accounts.ts'
import type { Engine } from './engine/engine.ts'
import { deleteOldMessages } from './messages.ts'
import { deleteEndedSignIns } from './operators.ts'
import { deleteOldAttempts } from './webhook-deliveries.ts'

/**
 * The retention of codes and access tokens after their expiry. It allows Paydesk to detect the second use of a code,
 * and a fast clock deletes no valid token.
 */
const GRANT_KEPT_MS = 24 * 60 * 60_000

/** Deletes expired rows. Returns their number. */
export async function deleteExpired(engine: Engine, nowMs: number): Promise<number> {
  let count = await engine.longTransaction(async (sql) => {
    const codes = await sql.run('delete from authorization_codes where expires_at_ms <= $1', [
      nowMs - GRANT_KEPT_MS,
    ])
    const tokens = await sql.run('delete from access_tokens where expires_at_ms <= $1', [
      nowMs - GRANT_KEPT_MS,
    ])
    const signIns = await deleteEndedSignIns(sql, nowMs)
    return codes + tokens + signIns + (await deleteUnusedLogos(sql, nowMs))
  })
  // Each transaction deletes from one bucket, so that it is short and stays on one machine of a distributed database.
  for (let bucket = 0; bucket < BUCKET_COUNT; bucket += 1) {
    count += await engine.longTransaction(async (sql) => {
      const keys = await sql.run(
        'delete from idempotency_keys where bucket = $1 and created_at_ms <= $2',
        // After twice their life, so that a key that is valid by a slower clock is not deleted.
        [bucket, nowMs - 2 * IDEMPOTENCY_KEY_LIFE_MS],
      )
      const attempts = await deleteOldAttempts(sql, bucket, nowMs)
      return keys + attempts + (await deleteOldMessages(sql, bucket, nowMs))
    })
  }
  return count
}
