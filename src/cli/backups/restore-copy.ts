import { existsSync, lstatSync, statSync } from 'node:fs'
import { systemClock } from '../../server/clock.ts'
import { type CopyStep, openCopy } from '../../store/engine/data-file-copy.ts'
import { lockDataFile } from '../../store/engine/data-file-lock.ts'
import { DatabaseUnusable } from '../../store/engine/engine.ts'
import { findDamage, readSchemaVersions } from '../../store/inspect-copy.ts'
import { CommandRefused } from '../command-refused.ts'
import { makePartFile } from '../part-file.ts'
import type { BackupSummary } from './back-up.ts'

/** The inputs of a restoration. */
export type RestoreRequest = {
  readonly copyFile: string
  readonly dataFile: string
  /** Called between two steps. It may throw to end the restoration. */
  readonly onStep: (step: CopyStep) => void
}

/**
 * Makes a new data file from a copy. It overwrites nothing, and fails while a server uses the data
 * file's name, even if that file was deleted. Throws CommandRefused and DatabaseUnusable; it then
 * leaves no new file.
 */
export async function restoreCopy(request: RestoreRequest): Promise<BackupSummary> {
  const { copyFile, dataFile } = request
  refuseOpenFile(dataFile)
  const lock = lockDataFile(dataFile, systemClock.nowMs())
  try {
    refuseRemains(dataFile)
    const copy = openCopy(copyFile)
    try {
      const { schemaVersion } = await readSchemaVersions(copy.sql, copyFile)
      const part = makePartFile(dataFile)
      try {
        await copy.copyTo(part.path, request.onStep)
        await refuseDamage(part.path, copyFile)
        const byteCount = statSync(part.path).size
        part.publish()
        return { byteCount, schemaVersion }
      } finally {
        part.discard()
      }
    } finally {
      copy.close()
    }
  } finally {
    lock.release()
  }
}

function refuseOpenFile(dataFile: string): void {
  if (lstatSync(dataFile, { throwIfNoEntry: false }) === undefined) return
  throw new CommandRefused(
    `${dataFile} already exists, and is not overwritten. Stop its server, move this file and the files beside it (-wal, -shm) to another folder, and run this command again.`,
  )
}

/** Refuses the log of an earlier data file: SQLite would apply it to the restored one. */
function refuseRemains(dataFile: string): void {
  const remains = ['-wal', '-journal'].map((ending) => `${dataFile}${ending}`).filter(existsSync)
  if (remains.length === 0) return
  throw new CommandRefused(
    `${remains.join(' and ')} of an earlier data file would damage the restored one. Move ${remains.length === 1 ? 'it' : 'them'} away, and run this command again.`,
  )
}

async function refuseDamage(part: string, copyFile: string): Promise<void> {
  const restoredCopy = openCopy(part)
  try {
    const [first] = await findDamage(restoredCopy.sql)
    if (first === undefined) return
    throw new DatabaseUnusable(
      `${copyFile} is damaged, so nothing was restored: ${first}. Use another backup.`,
    )
  } finally {
    restoredCopy.close()
  }
}
