import { resolve } from 'node:path'
import { clearTimeout, setTimeout } from 'node:timers'
import { pathToFileURL } from 'node:url'
import { constants, Script } from 'node:vm'
import { embedding } from './embedding.ts'

/** The longest import of a user's module, in milliseconds. A module with a top-level `await` can wait forever. */
const IMPORT_MS_MAX = 10_000

let hasImported = false

/** Returns true if a user's module was imported. Its timers and sockets can keep the process alive. */
export function hasImportedModule(): boolean {
  return hasImported
}

/**
 * Imports a module of the user by its path, which may be relative to the current folder. Throws the module's errors,
 * and an error for a module that is not loaded in time. `msMax`: the longest import, in milliseconds.
 */
export async function importModule(
  path: string,
  msMax = IMPORT_MS_MAX,
): Promise<Readonly<Record<string, unknown>>> {
  hasImported = true
  const { promise, reject } = Promise.withResolvers<never>()
  const late = new Error(
    `it was not loaded within ${msMax / 1000} seconds, because of a top-level await that does not end`,
  )
  const timer = setTimeout(() => reject(late), msMax)
  try {
    return await Promise.race([importUrl(pathToFileURL(resolve(path)).href), promise])
  } finally {
    clearTimeout(timer)
  }
}

type ImportUrl = (url: string) => Promise<Readonly<Record<string, unknown>>>

/** In a single executable an ordinary `import()` finds only Node's own modules. */
const importUrl: ImportUrl =
  embedding === undefined
    ? (url) => import(url)
    : new Script('(url) => import(url)', {
        importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
      }).runInThisContext()
