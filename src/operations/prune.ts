import type { Clock } from '../domain/clock.ts'
import { BUCKET_COUNT } from '../domain/id.ts'
import {
  PRUNED_KINDS,
  type PrunedKind,
  pruneBeforeMs,
  type Retention,
  showRetention,
} from '../domain/retention.ts'
import type { OldRowsOfBucket, PrunedRows, Store } from './store.ts'
import { type AuditDeps, writeAuditEntry } from './write-audit-entry.ts'

/** The numbers of rows that were or would be deleted. */
export type PruneCounts = Readonly<Partial<Record<PrunedKind, number>>>

/** A request to delete or count old rows. */
export type PruneRequest = {
  readonly retention: Retention
  /** True: rows are counted, and nothing is deleted. */
  readonly isDryRun: boolean
  /** An abort ends the work between two transactions. Earlier deletions stay. */
  readonly signal: AbortSignal
  /** Called after each transaction with all counts so far. */
  readonly onStep: (counts: PruneCounts, doneShare: number) => void
}

type Deps = AuditDeps & {
  readonly clock: Clock
  readonly store: Pick<Store, 'installation' | 'oldRows' | 'transaction'>
}

/**
 * Deletes the rows whose retention has passed, bucket by bucket, in short transactions. It may be interrupted and run
 * again, and several processes may run it at the same time. The audit log records each run before its first row is
 * deleted. Returns the counts of the kinds that are not kept forever; after an abort it throws the signal's reason.
 */
export async function prune(deps: Deps, request: PruneRequest): Promise<PruneCounts> {
  const { isDryRun, onStep, retention, signal } = request
  const kinds = PRUNED_KINDS.flatMap((kind) => {
    const keptMs = retention[kind]
    return keptMs === undefined ? [] : [{ kind, keptMs }]
  })
  const expiryFact = await deps.store.installation.findFact('expiry_time_ms')
  const followedMs = expiryFact === undefined ? undefined : Number(expiryFact)
  const nowMs = deps.clock.nowMs()
  if (!isDryRun && kinds.length > 0) await recordPrune(deps, retention)

  const counts: Partial<Record<PrunedKind, number>> = {}
  for (const [index, { kind, keptMs }] of kinds.entries()) {
    const beforeMs = pruneBeforeMs(nowMs, followedMs, keptMs)
    counts[kind] = 0
    for (let bucket = 0; bucket < BUCKET_COUNT; bucket += 1) {
      const share = (index + bucket / BUCKET_COUNT) / kinds.length
      for await (const count of rowsOf(deps, { kind, bucket, beforeMs }, isDryRun)) {
        counts[kind] += count
        onStep(counts, share)
        signal.throwIfAborted()
      }
    }
  }
  return counts
}

/** Yields the number of rows of each transaction. */
async function* rowsOf(
  { store }: Pick<Deps, 'store'>,
  rows: OldRowsOfBucket,
  isDryRun: boolean,
): AsyncGenerator<number> {
  if (isDryRun) {
    yield await store.oldRows.count(rows)
    return
  }
  for (let after: number | undefined = 0; after !== undefined; ) {
    const { deletedCount, nextAfter }: PrunedRows = await store.oldRows.delete({ ...rows, after })
    yield deletedCount
    after = nextAfter
  }
}

function recordPrune(deps: Deps, retention: Retention): Promise<void> {
  return deps.store.transaction((tx) =>
    writeAuditEntry(tx, deps, {
      action: 'database.prune',
      objectId: 'old rows',
      after: Object.fromEntries(
        PRUNED_KINDS.map((kind) => [`keep_${kind}`, showRetention(retention[kind])]),
      ),
    }),
  )
}
