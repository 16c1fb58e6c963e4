import type { Random } from '../../domain/random.ts'
import { createRandom } from '../../server/random.ts'
import { createSeededRandom, type SeededRandom } from '../../server/seeded-random.ts'
import type { Snapshot } from './tenant.ts'

/** The sources of chance of a world. What one draws moves no other's. */
const STREAMS = ['requests', 'store', 'work', 'faults'] as const

/** A source for each stream. */
export type Chance = Readonly<Record<(typeof STREAMS)[number], Random>>

/** Makes the sources of a world. A snapshot's states are where they go on from; `random`: a test's own source. */
export function chanceFrom(
  seed: string | undefined,
  random: Random | undefined,
  snapshot: Pick<Snapshot, 'randomStates'> | undefined,
): Chance {
  const of = (name: (typeof STREAMS)[number]): Random =>
    seed === undefined
      ? (random ?? createRandom())
      : createSeededRandom(seed, name, snapshot?.randomStates?.[name])
  return { requests: of('requests'), store: of('store'), work: of('work'), faults: of('faults') }
}

/** Gives where the sources stand. Undefined: they are not seeded, and cannot be repeated. */
export function statesOf(chance: Chance): Snapshot['randomStates'] {
  const states = STREAMS.flatMap((name) => {
    const source = chance[name] as Partial<SeededRandom>
    return source.state === undefined ? [] : [[name, source.state()] as const]
  })
  return states.length === 0 ? undefined : Object.fromEntries(states)
}
