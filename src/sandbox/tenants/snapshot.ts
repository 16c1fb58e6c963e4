import { promisify } from 'node:util'
import { DatabaseUnusable, type Engine } from '../../store/engine/engine.ts'
import { zstdCompress, zstdDecompress } from '../../store/engine/new-builtins.ts'
import type { SANDBOX_VALUES } from '../well-known.ts'
import type { Chance, ChanceState } from './chance.ts'
import type { SandboxClock, SandboxClockState } from './sandbox-clock.ts'

/**
 * The whole state of a tenant at one moment: its database, its time and its randomness. A restored tenant continues
 * exactly like the original.
 */
export type Snapshot = {
  readonly name: string
  /** The database's image, compressed with zstd. */
  readonly packedImage: Uint8Array
  /** The size of the image. */
  readonly byteCount: number
  readonly values: typeof SANDBOX_VALUES
  /** The address of the tenant, which its payment links have. */
  readonly baseUrl: string
  readonly clock: SandboxClockState
  readonly chance: ChanceState
}

/** A snapshot, a restore or a reset that is not possible; the message is a sentence. The sandbox is unchanged. */
export class CopyRefused extends Error {}

/**
 * The functions that copy and replace a tenant. Each lets requests wait in the meantime, and may
 * throw CopyRefused.
 */
export type Copies = {
  readonly takeSnapshot: (name: string) => Promise<Snapshot>
  /** Replaces the tenant's whole state with a snapshot. */
  readonly restore: (snapshot: Snapshot) => Promise<void>
  /** Deletes everything except the preset accounts, the clock and the randomness. */
  readonly reset: () => Promise<void>
}

/** The parts of a tenant that a snapshot contains, and the steps around replacing them. */
export type CopiedParts = {
  readonly engine: Engine
  readonly values: typeof SANDBOX_VALUES
  readonly baseUrl: () => string
  readonly clock: SandboxClock
  readonly chance: Chance
  /** Does some work while the tenant has no requests and no background work. */
  readonly whileStill: <Result>(work: () => Promise<Result>) => Promise<Result>
  /** Opens a new store after the replacement, because the old store has cached rows. */
  readonly reopenStore: () => Promise<void>
  /** Replaces the URLs of payment links in the database with the tenant's own. */
  readonly moveLinks: (fromUrl: string) => Promise<void>
  /** Writes the clock's state to the new database. */
  readonly keepClock: () => Promise<void>
  /** Returns the image of a new tenant's database, with its preset accounts. */
  readonly preparedImage: () => Promise<Uint8Array>
  /** Deletes the faults and the log. */
  readonly clear: () => void
}

const pack = promisify(zstdCompress)
const unpack = promisify(zstdDecompress)

/** Returns the image of the snapshot's database. */
export function imageOf({ packedImage }: Snapshot): Promise<Uint8Array> {
  return unpack(packedImage)
}

/** Undefined: the tenant's database has no images. */
export function createCopies(parts: CopiedParts): Copies | undefined {
  const { baseUrl, chance, clock, engine, keepClock, preparedImage, values, whileStill } = parts
  const { moveLinks, reopenStore } = parts
  const { image, replaceBy } = engine
  if (image === undefined || replaceBy === undefined) return undefined
  return {
    takeSnapshot: async (name) => {
      const { image: imageBytes, ...state } = await whileStill(async () => ({
        image: await image(),
        clock: clock.state(),
        chance: chance.state(),
      }))
      const packedImage = await pack(imageBytes)
      const byteCount = imageBytes.byteLength
      return { name, values, packedImage, byteCount, baseUrl: baseUrl(), ...state }
    },
    restore: (snapshot) =>
      whileStill(async () => {
        await waitForReplacement(replaceBy(await imageOf(snapshot)))
        chance.restore(snapshot.chance)
        clock.startFrom(snapshot.clock.nowMs)
        clock.setRate(snapshot.clock.rate)
        await reopenStore()
        await moveLinks(snapshot.baseUrl)
        await keepClock()
      }),
    reset: () =>
      whileStill(async () => {
        const before = chance.state()
        try {
          await waitForReplacement(replaceBy(await preparedImage()))
        } catch (error) {
          chance.rewind(before)
          throw error
        }
        await reopenStore()
        await keepClock()
        parts.clear()
      }),
  }
}

async function waitForReplacement(replacing: Promise<void>): Promise<void> {
  try {
    await replacing
  } catch (error) {
    if (!(error instanceof DatabaseUnusable)) throw error
    throw new CopyRefused(`${error.message} The sandbox is unchanged.`)
  }
}
