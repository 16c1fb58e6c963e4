import type { DrawnIds } from '../../domain/id.ts'
import type { Ids } from '../../domain/ids.ts'
import type { Random } from '../../domain/random.ts'
import type { Store } from '../../operations/store.ts'
import type { Processor } from '../../processors/processor.ts'
import type { SandboxProcessor } from '../../processors/sandbox.ts'
import type { Faults } from '../faults/faults.ts'
import type { RequestLog } from '../log/request-log.ts'
import type { SANDBOX_VALUES } from '../well-known.ts'
import type { ClockMover } from './move-clock.ts'
import type { RequestGate } from './request-gate.ts'
import type { Rest } from './rest.ts'
import type { SandboxClock } from './sandbox-clock.ts'

/** All of a sandbox at one moment: what it holds, what time it was there, and what chance goes on from. */
export type Snapshot = {
  readonly name: string
  /** The database's image, compressed with zstd. */
  readonly packed: Uint8Array
  /** The size of the image, in bytes. */
  readonly byteCount: number
  readonly values: typeof SANDBOX_VALUES
  readonly clockMs: number
  /** How the clock went; 0: it stood still. */
  readonly clockRate: number
  readonly takenAtMs: number
  readonly randomStates: Readonly<Record<string, readonly number[]>> | undefined
  readonly drawnIds: DrawnIds
  /** Where the store was about to put new sessions. */
  readonly creationBucket: number | undefined
}

/**
 * A sandbox of its own: a database with its accounts, and its own clock and chance. The program's own
 * is called `main`; others are made for tests, which so never see one another.
 */
export type World = {
  readonly name: string
  /** Where it is reached: `http://127.0.0.1:40123`. */
  readonly baseUrl: string
  /** The clock of the signatures of webhooks: this world's, or the machine's. */
  readonly webhookTime: 'sandbox' | 'real'
  readonly values: typeof SANDBOX_VALUES
  readonly clock: SandboxClock
  readonly mover: ClockMover
  readonly ids: Ids
  readonly random: Random
  /** Stands for whichever database is open: a snapshot that is restored opens another one. */
  readonly store: Store
  readonly processor: Processor
  /** Undefined where a module of the developer's is the processor. */
  readonly sandbox: SandboxProcessor | undefined
  /** What is made to go wrong. */
  readonly faults: Faults
  /** What has happened. */
  readonly log: RequestLog
  /** Keeps requests outside while the database is replaced. */
  readonly gate: RequestGate
  /** Gives memory back while nobody asks anything. */
  readonly rest: Rest
  /** Estimates its memory, in bytes. */
  readonly byteCount: () => number
  /** The size of an image of its database, in bytes, while it does not rest. */
  readonly imageByteCount: () => number
  /** Ends what only waits, when the world ends. */
  readonly stopping: AbortSignal
  /** Undefined: its database is not in this program, and cannot be copied. */
  readonly copies:
    | {
        /** Like the others: keeps requests outside meanwhile. Throws CopyRefused, and then nothing has changed. */
        readonly takeSnapshot: (name: string) => Promise<Snapshot>
        /** Puts a snapshot in the place of all that it holds. */
        readonly restore: (snapshot: Snapshot) => Promise<void>
        /** Throws away all that it holds but its accounts, with its faults and what was logged. */
        readonly reset: () => Promise<void>
      }
    | undefined
}

/** Every world of the program. */
export type Worlds = {
  /** The memory budget of snapshots and of all tenants but the program's own, in bytes. */
  readonly bytesMax: number
  /** The one that the request at hand is for. */
  readonly current: () => World
  readonly list: () => readonly World[]
  /** Makes one of its own accounts, or a copy of a snapshot. Throws `TooManyWorlds`. */
  readonly create: (from: {
    readonly name?: string
    readonly seed?: string
    readonly snapshot?: Snapshot
  }) => Promise<World>
  /** False: there is none of this name, or it is the program's own. */
  readonly remove: (name: string) => Promise<boolean>
}

/** Memory of a world beside its database and its log, in bytes, as measured: statements, timers, a server. */
export const WORLD_BYTES = 900_000

/** How many worlds there can be beside the program's own: each holds a database in memory. */
export const WORLD_COUNT_MAX = 500

/** There are as many worlds as there can be. */
export class TooManyWorlds extends Error {}

/** A snapshot, a restore or a reset that cannot be made, in a sentence. The sandbox is as it was. */
export class CopyRefused extends Error {}
