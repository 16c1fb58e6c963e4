import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  lstatSync,
  openSync,
  renameSync,
  rmSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { createRandom } from '../server/random.ts'
import { CommandRefused } from './command-refused.ts'
import { EXIT_CODES } from './exit-codes.ts'

/** A file under another name until it is complete, so that nobody reads half of it under its own name. */
export type PartFile = {
  /** The path of the incomplete file, which exists and is empty. Only its owner may read it. */
  readonly path: string
  /** Gives the file its name, which must still be free. Throws CommandRefused. */
  readonly publish: () => void
  /** Removes the file and those that SQLite has put beside it. Does nothing after `publish`. */
  readonly discard: () => void
}

/** Makes the path of an incomplete file beside its target: `.copy.db.1f2e3d4c5b6a.part`. */
export function partPathOf(target: string): string {
  const mark = Buffer.from(createRandom().bytes(6)).toString('hex')
  return join(dirname(target), `.${basename(target)}.${mark}.part`)
}

/** The endings of a file, and of those that SQLite puts beside it while it writes the file. */
const BESIDE = ['', '-journal', '-wal', '-shm']

/** Makes the incomplete file of a target, whose name must be free. Throws CommandRefused. */
export function makePartFile(target: string): PartFile {
  refuseExistingFile(target)
  const path = partPathOf(target)
  const discard = () => {
    for (const ending of BESIDE) rmSync(`${path}${ending}`, { force: true })
  }
  attempt(target, () => closeSync(openSync(path, 'wx', 0o600)))
  return {
    path,
    publish: () => {
      attempt(target, () => {
        sync(path, 'r+')
        giveName(path, target)
      })
      // The new name must survive a loss of power. Not every system can flush a folder.
      try {
        sync(dirname(target), 'r')
      } catch {}
    },
    discard,
  }
}

/** Refuses an existing target, even a link to nothing. Throws CommandRefused. */
export function refuseExistingFile(target: string): void {
  if (lstatSync(target, { throwIfNoEntry: false }) === undefined) return
  throw new CommandRefused(`${target} already exists, and is not overwritten. Name another file.`)
}

/** The errors of a file system that has no hard links. */
const WITHOUT_LINKS: ReadonlySet<string> = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'])

/**
 * Gives a file another name: by a hard link, or by a rename if the file system has no hard links. A hard link, unlike
 * a rename, never replaces a file that another program has made in the meantime.
 */
function giveName(path: string, target: string): void {
  try {
    linkSync(path, target)
  } catch (error) {
    if (!WITHOUT_LINKS.has((error as NodeJS.ErrnoException).code ?? '')) throw error
    refuseExistingFile(target)
    renameSync(path, target)
    return
  }
  rmSync(path)
}

function sync(path: string, flags: string): void {
  const file = openSync(path, flags)
  try {
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

function attempt(target: string, work: () => void): void {
  try {
    work()
  } catch (error) {
    if (error instanceof CommandRefused) throw error
    const { code, message } = error as NodeJS.ErrnoException
    if (code === 'EEXIST') refuseExistingFile(target)
    const isMissing = !existsSync(dirname(target))
    throw new CommandRefused(
      isMissing
        ? `The folder ${dirname(target)} does not exist.`
        : `The file ${target} cannot be written: ${code ?? message}.`,
      isMissing ? EXIT_CODES.usage.code : EXIT_CODES.refused.code,
    )
  }
}
