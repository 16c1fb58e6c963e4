import { BUCKET_COUNT } from '../domain/id.ts'
import type { Random } from '../domain/random.ts'
import type { Nodes } from './engine/engine.ts'
import { steadyNowMs } from './engine/group-commit.ts'

/** The age at which a running batch makes its node look slow. */
const SLOW_MS = 250

/** The buckets of batches of creations. */
export type CreationBuckets = {
  /**
   * Draws the bucket of the next batch: if possible, one that no running batch has and, on a distributed database, one
   * of a node that answers and runs no other batch.
   */
  readonly draw: () => number
  /** Notes that a batch with these buckets runs, until the returned function is called. */
  readonly begin: (buckets: readonly number[]) => () => void
  /** False: the bucket's node does not answer. */
  readonly isReachable: (bucket: number) => boolean
}

/** Makes the buckets of a store. `nodes`: those of a distributed database. */
export function createCreationBuckets(
  nodes: Nodes | undefined,
  random: Random,
  nowMs: () => number = steadyNowMs,
): CreationBuckets {
  const running = new Set<{ readonly buckets: ReadonlySet<number>; readonly startedAtMs: number }>()
  const isReachable = (bucket: number) => nodes?.isReachable(bucket) ?? true

  function draw(): number {
    const drawnBucket = random.below(BUCKET_COUNT)
    if (running.size === 0 && isReachable(drawnBucket)) return drawnBucket
    const buckets = Array.from(
      { length: BUCKET_COUNT },
      (_, index) => (drawnBucket + index) % BUCKET_COUNT,
    )
    const batches = [...running]
    const free = buckets.filter(
      (bucket) => isReachable(bucket) && !batches.some((batch) => batch.buckets.has(bucket)),
    )
    if (nodes === undefined) return free[0] ?? drawnBucket
    const placesOf = (startedBeforeMs: number) =>
      new Set(
        batches
          .filter(({ startedAtMs }) => startedAtMs <= startedBeforeMs)
          .flatMap((batch) => [...batch.buckets].map(nodes.placeOf)),
      )
    const [busy, slow] = [placesOf(nowMs()), placesOf(nowMs() - SLOW_MS)]
    return (
      free.find((bucket) => !busy.has(nodes.placeOf(bucket))) ??
      free.find((bucket) => !slow.has(nodes.placeOf(bucket))) ??
      free[0] ??
      drawnBucket
    )
  }
  return {
    draw,
    begin: (buckets) => {
      const batch = { buckets: new Set(buckets), startedAtMs: nowMs() }
      running.add(batch)
      return () => {
        running.delete(batch)
      }
    },
    isReachable,
  }
}
