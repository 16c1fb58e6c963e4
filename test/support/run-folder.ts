/**
 * The folder of one test run. All processes of the run have its path in their environment. After the run, also after
 * a killed one, `reaper.ts` finds the remaining processes by this path and ends them.
 */
import { appendFileSync, mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** The environment variable with the folder's path. */
export const RUN_FOLDER_VARIABLE = 'PAYDESK_TEST_RUN'

/** Creates the folder, and puts its path into the environment of all later processes. */
export function makeRunFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'paydesk-run-'))
  process.env[RUN_FOLDER_VARIABLE] = folder
  return folder
}

/** A process or a folder that must end with the run. */
export type Leftover = { readonly pid: number } | { readonly folder: string }

/**
 * Registers a process or a folder for the end of the run. Use it for programs that overwrite their environment with a
 * title, such as PostgreSQL and nginx, and for folders outside the run's folder.
 */
export function endWithRun(leftover: Leftover): void {
  const folder = process.env[RUN_FOLDER_VARIABLE]
  // The folder is undefined in benchmarks, which use the same code for clusters.
  if (folder !== undefined) appendFileSync(leftoversFile(folder), `${JSON.stringify(leftover)}\n`)
}

/** Reads the registrations of `endWithRun`. */
export function readLeftovers(runFolder: string): readonly Leftover[] {
  try {
    const lines = readFileSync(leftoversFile(runFolder), 'utf8').trimEnd().split('\n')
    return lines.map((line) => JSON.parse(line) as Leftover)
  } catch {
    return []
  }
}

const leftoversFile = (runFolder: string) => join(runFolder, 'leftovers.jsonl')
