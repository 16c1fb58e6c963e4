import {
  chmodSync,
  existsSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { hostname } from 'node:os'
import { basename, dirname, join } from 'node:path'
import type { DatabaseSync as Database } from 'node:sqlite'
import { COMMAND_NAME, quote } from '../../program/command-name.ts'
import { DatabaseUnusable } from './engine.ts'
import { DatabaseSync } from './new-builtins.ts'

/** The lock of a data file. It ends with the process, even if the process is killed. */
type DataFileLock = {
  /** Records the server's address, for the error message of a second server. */
  readonly recordAddress: (address: string) => void
  /** Releases the file. A second call does nothing. */
  readonly release: () => void
}

type Holder = {
  readonly pid: number
  /** The name of the machine, because machines and containers can share a folder. */
  readonly host: string
  readonly startedAtMs: number
  /** Undefined: it does not listen, or not yet. */
  readonly address?: string
}

/** The longest wait for a process that is about to release the file. The wait blocks this process. */
const WAIT_MS_MAX = 250

/**
 * Takes the lock of a data file. The data file may be missing, but its folder must exist. The lock is an open
 * transaction on the empty file `<data file>.lock` beside it; the operating system ends the transaction with the
 * process. `<data file>.lock.json` describes the process. Both files lie beside the target of symbolic links, so that
 * all names of a data file have the same lock.
 *
 * `startedAtMs` is the machine's time, and `waitMs` the time in which another process may release the lock. Throws
 * DatabaseUnusable, which names the process that has the lock.
 */
export function lockDataFile(
  file: string,
  startedAtMs: number,
  waitMs = WAIT_MS_MAX,
): DataFileLock {
  const path = existsSync(file)
    ? realpathSync(file)
    : join(realpathSync(dirname(file)), basename(file))
  refuseHardLinks(path)
  const lockFile = `${path}.lock`
  const holderFile = `${path}.lock.json`
  const database = begin(lockFile, file, waitMs, () => readHolder(holderFile))
  const holder: Holder = { pid: process.pid, host: hostname(), startedAtMs }
  let isReleased = false
  record(holder)

  function record(holder: Holder): void {
    // Written to another file and renamed, so that no process reads a part of it.
    const aside = `${holderFile}.${process.pid}`
    try {
      writeFileSync(aside, `${JSON.stringify(holder)}\n`, { mode: 0o600 })
      renameSync(aside, holderFile)
    } catch {
      // The lock works anyway: on a full disk only the description of the process is missing.
      rmSync(aside, { force: true })
    }
  }

  return {
    recordAddress: (address) => {
      if (!isReleased) record({ ...holder, address })
    },
    release: () => {
      if (isReleased) return
      isReleased = true
      rmSync(holderFile, { force: true })
      // The lock file is not deleted: otherwise a process that has already opened it would lock a
      // file without a name.
      database.close()
    },
  }
}

/** Refuses a file with several names: SQLite would keep a separate log for each name. */
function refuseHardLinks(path: string): void {
  if ((statSync(path, { throwIfNoEntry: false })?.nlink ?? 1) <= 1) return
  throw new DatabaseUnusable(
    `The data file ${path} has a second name (a hard link), under which another program could damage it. Either delete the other name (to find it: find / -samefile ${quote(path)}), or copy the file and use the copy.`,
  )
}

function begin(
  lockFile: string,
  file: string,
  waitMs: number,
  holder: () => Holder | undefined,
): Database {
  let database: Database | undefined
  try {
    // No other code may open this file: closing any of its descriptors ends the process's lock.
    database = new DatabaseSync(lockFile, { timeout: waitMs })
    chmodSync(lockFile, 0o600)
    database.exec('begin exclusive')
    return database
  } catch (error) {
    database?.close()
    const { errcode = 0, message } = error as { errcode?: number; message: string }
    throw new DatabaseUnusable(
      (errcode & 0xff) === SQLITE_BUSY
        ? sentenceOf(file, holder())
        : `The lock file ${lockFile} cannot be used: ${message}. Give this user the right to write this file and its folder.`,
    )
  }
}

const SQLITE_BUSY = 5

function sentenceOf(file: string, holder: Holder | undefined): string {
  const advice = `End that program, or start a server with another data file: ${COMMAND_NAME} serve --port 0 --data other.db`
  if (holder === undefined) {
    return `The data file ${file} is in use by another Paydesk. ${advice}`
  }
  const { address, host, pid, startedAtMs } = holder
  const place = host === hostname() ? '' : ` on the machine ${host}`
  const since = new Date(startedAtMs).toISOString()
  const listening = address === undefined ? '' : `, which listens at ${address}`
  return `The data file ${file} is in use by another Paydesk: process ${pid}${place}, started at ${since}${listening}. ${advice}`
}

/** Undefined: the file is missing or incomplete, because the other process has only just started or could not write it. */
function readHolder(file: string): Holder | undefined {
  try {
    const { address, host, pid, startedAtMs } = JSON.parse(readFileSync(file, 'utf8')) as Holder
    const isComplete =
      typeof host === 'string' && Number.isInteger(pid) && Number.isInteger(startedAtMs)
    if (!isComplete || Number.isNaN(new Date(startedAtMs).getTime())) return undefined
    return { host, pid, startedAtMs, ...(typeof address === 'string' && { address }) }
  } catch {
    return undefined
  }
}
