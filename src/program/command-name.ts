import { realpathSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { embedding } from './embedding.ts'

/**
 * The program's name in commands for the user: `npx paydesk`, or the name by which the user called
 * the single executable.
 */
export const COMMAND_NAME =
  embedding === undefined ? 'npx paydesk' : quote(process.argv[1] ?? 'paydesk')

/** Writes a word for a shell. */
export function quote(path: string): string {
  return /^[\w./\\:~+@,=-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`
}

/** A program as a shell can start it from every folder. */
export type ProgramStart = {
  /** The words of the command line: `paydesk`, or absolute paths. */
  readonly command: string
  /** True: the shell finds the program as `paydesk`. */
  readonly isOnPath: boolean
}

/**
 * Returns the words by which a shell can start this program later, from every folder. `path`: the
 * variable PATH.
 */
export function programStart(path: string): ProgramStart {
  const file = realPath(embedding === undefined ? (process.argv[1] ?? '') : process.execPath)
  // Only npx and npm scripts have these folders in their PATH.
  const folders = path.split(delimiter).filter((folder) => !/node_modules[\\/]\.bin$/.test(folder))
  const commandPath = folders.map((folder) => realPath(join(folder, 'paydesk'))).find(Boolean)
  if (commandPath !== undefined && commandPath === file)
    return { command: 'paydesk', isOnPath: true }
  const words = embedding === undefined ? [process.execPath, file ?? ''] : [process.execPath]
  return { command: words.map(quote).join(' '), isOnPath: false }
}

function realPath(path: string): string | undefined {
  try {
    return realpathSync(path)
  } catch {
    return undefined
  }
}
