import { BUCKET_COUNT, COUNTER_COUNT, ID_EPOCH_MS } from '../domain/id.ts'
import { HIDDEN_FROM_MIN } from '../domain/public-id.ts'
import type { Store } from '../operations/store.ts'
import type { Engine } from './engine/engine.ts'

/** Tables with drawn ids. Newer tables are left out: they are still empty when the first hidden id is chosen. */
const TABLES = [
  'payment_sessions',
  'payment_attempts',
  'payment_links',
  'refunds',
  'transfers',
  'transfer_reversals',
  'virtual_accounts',
  'webhook_events',
  'webhook_endpoints',
] as const

/**
 * The time after an upgrade in which new ids still have the same public and stored form. A server of the earlier
 * version, which knows only this form, may still run.
 */
const UPGRADE_MS = 24 * 60 * 60_000

/**
 * Returns the smallest hidden id: the first stored id whose public form differs from its stored form. It is set once. In
 * a new database no drawn id is smaller. In a database of an earlier version it lies at least a day after the newest id
 * and after the present, so that the ids that merchants already have stay valid.
 */
export async function firstHiddenId(
  engine: Engine,
  store: Pick<Store, 'installation'>,
  nowMs: number,
): Promise<number> {
  const [factRow] = await engine.read.all('select value from installation where name = $1', [
    'ids_hidden_from',
  ])
  if (factRow !== undefined) return Number(factRow.value)
  // A migration has written `plain` into each database that was in use before it.
  const atFirst = await store.installation.stateFact('ids_at_first', 'hidden')
  const from = atFirst === 'plain' ? await dayBehindLastId(engine, nowMs) : HIDDEN_FROM_MIN
  return Number(await store.installation.stateFact('ids_hidden_from', String(from)))
}

async function dayBehindLastId(engine: Engine, nowMs: number): Promise<number> {
  // This reads whole tables once in a database's life, so it runs in a snapshot, whose reads may take an hour.
  const lasts = await engine.snapshot(async (sql) => {
    const ids: number[] = []
    for (const table of TABLES) {
      const [row] = await sql.all(`select max(id) as last from ${table}`, [])
      ids.push(Number(row?.last ?? 0))
    }
    return ids
  })
  const perSecond = BUCKET_COUNT * COUNTER_COUNT
  const nowId = Math.floor((nowMs - ID_EPOCH_MS) / 1000) * perSecond
  return Math.max(HIDDEN_FROM_MIN, nowId, ...lasts) + (UPGRADE_MS / 1000) * perSecond
}
