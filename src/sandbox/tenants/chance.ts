import { BUCKET_COUNT, type DrawnIds, emptyDrawnIds } from '../../domain/id.ts'
import type { Random } from '../../domain/random.ts'
import { createRandom } from '../../server/random.ts'
import { createSeededRandom, type SeededRandom } from '../../server/seeded-random.ts'

/** The sources of randomness of a tenant. A draw from one source does not change the others. */
const SOURCES = ['requests', 'store', 'work', 'faults'] as const
type SourceName = (typeof SOURCES)[number]

/** The state from which seeded sources continue. Undefined: the sources have no seed. */
type SourceStates = Readonly<Record<string, readonly number[]>> | undefined

/** The state that decides a tenant's next draws. */
export type ChanceState = {
  readonly sources: SourceStates
  readonly drawnIds: DrawnIds
  /** The bucket of the store's next sessions. */
  readonly creationBucket: number | undefined
}

/** The randomness of a tenant: four sources, and the last drawn ids. */
export type Chance = Readonly<Record<SourceName, Random>> & {
  /** The last drawn ids. Drawing changes them; `restore` replaces them. */
  readonly drawnIds: () => DrawnIds
  readonly state: () => ChanceState
  /**
   * Continues from a state: the next store starts with the state's bucket, and `drawnIds` returns the state's ids.
   */
  readonly restore: (state: ChanceState) => void
  /** Undoes the draws since a state. */
  readonly rewind: (state: ChanceState) => void
}

/**
 * Makes the randomness of a tenant. `random`: the source of a test, for tenants without a seed. `state`: the state of
 * a snapshot, from which it continues.
 */
export function createChance(
  seed: string | undefined,
  random: Random | undefined,
  state: ChanceState | undefined,
): Chance {
  const sourceOf = (name: SourceName, states: SourceStates): Random =>
    seed === undefined ? (random ?? createRandom()) : createSeededRandom(seed, name, states?.[name])
  const sourcesOf = (states: SourceStates) => ({
    requests: sourceOf('requests', states),
    store: sourceOf('store', states),
    work: sourceOf('work', states),
    faults: sourceOf('faults', states),
  })
  let sources = sourcesOf(state?.sources)
  let drawnIds = structuredClone(state?.drawnIds) ?? emptyDrawnIds()
  let creationBucket = state?.creationBucket
  /** The bucket with which the next store starts. */
  let nextBucket = creationBucket

  const current = (name: SourceName): Random => ({
    bytes: (count) => sources[name].bytes(count),
    below: (bound) => sources[name].below(bound),
  })
  return {
    requests: current('requests'),
    work: current('work'),
    faults: current('faults'),
    store: {
      ...current('store'),
      below: (bound) => {
        if (bound !== BUCKET_COUNT) return sources.store.below(bound)
        creationBucket = nextBucket ?? sources.store.below(bound)
        nextBucket = undefined
        return creationBucket
      },
    },
    drawnIds: () => drawnIds,
    state: () => ({
      sources: statesOf(sources),
      drawnIds: structuredClone(drawnIds),
      creationBucket,
    }),
    restore: (to) => {
      sources = sourcesOf(to.sources)
      drawnIds = structuredClone(to.drawnIds)
      nextBucket = to.creationBucket
    },
    rewind: (to) => {
      sources = sourcesOf(to.sources)
    },
  }
}

function statesOf(sources: Readonly<Record<SourceName, Random>>): SourceStates {
  const states = SOURCES.flatMap((name) => {
    const source = sources[name]
    return isSeeded(source) ? [[name, source.state()] as const] : []
  })
  return states.length === 0 ? undefined : Object.fromEntries(states)
}

function isSeeded(source: Random): source is SeededRandom {
  return 'state' in source
}
