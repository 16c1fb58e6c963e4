import { existsSync, statSync } from 'node:fs'
import { COMMAND_NAME } from '../../program/command-name.ts'
import { type CopyStep, openCopy } from '../../store/engine/data-file-copy.ts'
import { readSchemaVersions } from '../../store/inspect-copy.ts'
import { CommandRefused } from '../command-refused.ts'
import { EXIT_CODES } from '../exit-codes.ts'
import { makePartFile } from '../part-file.ts'

/** A finished backup. */
export type BackupSummary = { readonly byteCount: number; readonly schemaVersion: number }

/** The inputs of a backup. */
export type BackupRequest = {
  readonly dataFile: string
  readonly target: string
  /** Called between two steps. It may throw to end the backup. */
  readonly onStep: (step: CopyStep) => void
}

/**
 * Copies a data file into a new file, even while a server uses the data file. The copy is the state of one moment.
 * Copying needs no secret key, because sealed values stay sealed. Throws CommandRefused and DatabaseUnusable, and then
 * leaves no new file.
 */
export async function backUp({ dataFile, onStep, target }: BackupRequest): Promise<BackupSummary> {
  refuseMissing(dataFile, `To create one: ${COMMAND_NAME} serve`)
  const source = openCopy(dataFile)
  try {
    const { schemaVersion } = await readSchemaVersions(source.sql, dataFile)
    const part = makePartFile(target)
    try {
      await source.copyTo(part.path, onStep)
      const byteCount = statSync(part.path).size
      part.publish()
      return { byteCount, schemaVersion }
    } finally {
      part.discard()
    }
  } finally {
    source.close()
  }
}

/** Refuses a data file or a copy that does not exist. `advice`: the next step. Throws CommandRefused. */
export function refuseMissing(file: string, advice: string): void {
  if (existsSync(file)) return
  throw new CommandRefused(`There is no file ${file}. ${advice}`, EXIT_CODES.usage.code)
}
