import { BUCKET_COUNT, COUNTER_COUNT, ID_EPOCH_MS } from '../domain/id.ts'
import { HIDDEN_FROM_MIN } from '../domain/public-id.ts'
import type { Store } from '../operations/store.ts'
import type { Engine } from './engine/engine.ts'

/** Every table whose ids are drawn. */
const TABLES = [
  'payment_sessions',
  'payment_attempts',
  'refunds',
  'transfers',
  'transfer_reversals',
  'webhook_events',
  'webhook_endpoints',
] as const

/**
 * The time after an upgrade in which new ids are still shown as they are stored, in milliseconds: a server of
 * the version before may run beside, and shows its own ids so.
 */
const UPGRADE_MS = 24 * 60 * 60_000

/**
 * Gives the id from which on this database's ids have a public form of their own. It is decided once: at the
 * first start for a new database, so that all of them have; and for one that an earlier version made,
 * a day behind its last id and this moment, so that ids which merchants know still lead to their objects.
 */
export async function hiddenIdsFrom(
  engine: Engine,
  store: Pick<Store, 'installation'>,
  nowMs: number,
): Promise<number> {
  const [known] = await engine.read.all('select value from installation where name = $1', [
    'ids_hidden_from',
  ])
  if (known !== undefined) return Number(known.value)
  // A migration has said `plain` for each database that was in use before it.
  const atFirst = await store.installation.stateFact('ids_at_first', 'hidden')
  const from = atFirst === 'plain' ? await dayBehindLastId(engine, nowMs) : HIDDEN_FROM_MIN
  return Number(await store.installation.stateFact('ids_hidden_from', String(from)))
}

async function dayBehindLastId(engine: Engine, nowMs: number): Promise<number> {
  // A walk over whole tables, once in a database's life: a snapshot has no time limit.
  const lasts = await engine.snapshot(async (sql) => {
    const found: number[] = []
    for (const table of TABLES) {
      const [row] = await sql.all(`select max(id) as last from ${table}`, [])
      found.push(Number(row?.last ?? 0))
    }
    return found
  })
  const perSecond = BUCKET_COUNT * COUNTER_COUNT
  const nowId = Math.floor((nowMs - ID_EPOCH_MS) / 1000) * perSecond
  return Math.max(HIDDEN_FROM_MIN, nowId, ...lasts) + (UPGRADE_MS / 1000) * perSecond
}
