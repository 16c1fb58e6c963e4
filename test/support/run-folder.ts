/**
 * The folder of one test run. Its path is in the environment of all processes that the run starts, and
 * so marks them; `reaper.ts` ends those that are left when the run is over, also when it was killed.
 */
import { appendFileSync, mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** The environment variable with the folder's path. */
export const RUN_FOLDER_VARIABLE = 'PAYDESK_TEST_RUN'

/** Makes the folder, and puts its path into the environment of all processes that are started from now on. */
export function makeRunFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'paydesk-run-'))
  process.env[RUN_FOLDER_VARIABLE] = folder
  return folder
}

/** A process or a folder that must end with the run. */
export type Leftover = { readonly pid: number } | { readonly folder: string }

/**
 * Has the run's end also take what cannot be found by its environment: a program that writes its title
 * over it (PostgreSQL and nginx do), and a folder outside of the run's own.
 */
export function endWithRun(leftover: Leftover): void {
  const folder = process.env[RUN_FOLDER_VARIABLE]
  // Undefined in benchmarks, which use the same cluster.
  if (folder !== undefined) appendFileSync(leftoversFile(folder), `${JSON.stringify(leftover)}\n`)
}

/** Reads the arguments of `endWithRun`. */
export function readLeftovers(runFolder: string): readonly Leftover[] {
  try {
    const lines = readFileSync(leftoversFile(runFolder), 'utf8').trimEnd().split('\n')
    return lines.map((line) => JSON.parse(line) as Leftover)
  } catch {
    return []
  }
}

const leftoversFile = (runFolder: string) => join(runFolder, 'leftovers.jsonl')
