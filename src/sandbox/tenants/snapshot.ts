import { promisify } from 'node:util'
import { zstdCompress, zstdDecompress } from 'node:zlib'
import { DatabaseUnusable, type Engine } from '../../store/engine/engine.ts'
import { CopyRefused } from './tenant.ts'

/** Compresses an image, beside the event loop. */
export const pack = promisify(zstdCompress)
/** Gives the image that was compressed. */
export const unpack = promisify(zstdDecompress)

/** Answers whether the database can give its image and take another one. */
export function hasImages(
  engine: Engine,
): engine is Engine & Pick<Required<Engine>, 'image' | 'replaceBy'> {
  return engine.image !== undefined && engine.replaceBy !== undefined
}

/** Tells, where the database says why it stayed as it was, the person who asked for another. */
export async function replaced(replacing: Promise<void>): Promise<void> {
  try {
    await replacing
  } catch (error) {
    if (!(error instanceof DatabaseUnusable)) throw error
    throw new CopyRefused(`${error.message} The sandbox is as it was.`)
  }
}
