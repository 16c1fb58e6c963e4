import { once } from 'node:events'
import { closeSync, existsSync, lstatSync, openSync, readSync, realpathSync, rmSync } from 'node:fs'
import { type FileHandle, open, rename } from 'node:fs/promises'
import { CommandRefused } from '../command-refused.ts'
import { EXIT_CODES } from '../exit-codes.ts'
import { partPathOf } from '../part-file.ts'

/** The receiver of an export's text. */
export type ExportSink = {
  /** Resolves when the receiver can take more. Throws CommandRefused. */
  readonly write: (text: string) => Promise<void>
  /** Makes the export visible under its name. Throws CommandRefused. */
  readonly finish: () => Promise<void>
  /** Removes the unfinished file. Text on the standard output stays. */
  readonly discard: () => Promise<void>
}

/** Makes the sink of the standard output. The signal ends the wait for a reader that does not read. */
export function standardOutput(signal: AbortSignal): ExportSink {
  return {
    write: async (text) => {
      if (!process.stdout.write(text)) await once(process.stdout, 'drain', { signal })
    },
    finish: async () => {},
    discard: async () => {},
  }
}

/**
 * Opens a file for an export. Until `finish` the text is in a file beside it, so that nobody reads half of an export
 * under the final name. Only the user may read it, because it contains data of customers. Throws CommandRefused.
 */
export async function openExportFile(path: string, flag = '--output'): Promise<ExportSink> {
  const refuse = (error: unknown) => {
    if (error instanceof CommandRefused) return error
    const { code = '', message } = error as NodeJS.ErrnoException
    return new CommandRefused(
      `${flag}: the file ${path} cannot be written: ${WRITE_FAILURES[code] ?? (code || message)}.`,
      code === 'ENOENT' || code === 'ENOTDIR' ? EXIT_CODES.usage.code : EXIT_CODES.refused.code,
    )
  }
  let target: string
  let part: string
  let file: FileHandle
  try {
    target = targetOf(path, flag)
    part = partPathOf(target)
    file = await open(part, 'wx', 0o600)
  } catch (error) {
    throw refuse(error)
  }
  const discard = async () => {
    await file.close().catch(() => {})
    rmSync(part, { force: true })
  }
  return {
    write: async (text) => {
      try {
        await file.appendFile(text)
      } catch (error) {
        throw refuse(error)
      }
    },
    finish: async () => {
      try {
        // After a loss of power the name must not belong to an empty file.
        await file.sync()
        await file.close()
        await rename(part, target)
      } catch (error) {
        throw refuse(error)
      }
    },
    discard,
  }
}

const WRITE_FAILURES: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EDQUOT: 'the disk quota of this user is used up',
  EFBIG: 'it would exceed the size limit for files of this user',
  ENOENT: 'its folder does not exist',
  ENOSPC: 'no space is left on the disk',
  ENOTDIR: 'its folder is a file',
  EROFS: 'the file system is read-only',
}

/** Returns the file that a path names. A rename would replace a link or a device with a file. */
function targetOf(path: string, flag: string): string {
  const stats = lstatSync(path, { throwIfNoEntry: false })
  if (stats === undefined) return path
  const target = stats.isSymbolicLink() ? realOf(path, flag) : path
  if (!lstatSync(target).isFile()) {
    throw new CommandRefused(
      `${path} is not a file. Name a file with ${flag}.`,
      EXIT_CODES.usage.code,
    )
  }
  if (isDatabase(target.replace(BESIDE_DATABASE, ''))) {
    throw new CommandRefused(
      `${path} belongs to a database, which the export would replace. Name another file with ${flag}.`,
    )
  }
  return target
}

/** The endings of the files beside a database. */
const BESIDE_DATABASE = /-(?:wal|shm|journal)$|\.lock$/
const DATABASE_START = 'SQLite format 3\0'

function isDatabase(path: string): boolean {
  if (!existsSync(path)) return false
  const file = openSync(path, 'r')
  try {
    const start = Buffer.alloc(DATABASE_START.length)
    readSync(file, start)
    return start.toString('latin1') === DATABASE_START
  } finally {
    closeSync(file)
  }
}

function realOf(path: string, flag: string): string {
  try {
    return realpathSync(path)
  } catch {
    throw new CommandRefused(
      `${path} is a link to a file that does not exist. Name another file with ${flag}.`,
      EXIT_CODES.usage.code,
    )
  }
}
