import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { constants, Script } from 'node:vm'
import { embedding } from './embedding.ts'

/** Imports a module of the user by its path, which may be relative to the current folder. Throws the module's errors. */
export async function importModule(path: string): Promise<Readonly<Record<string, unknown>>> {
  return importUrl(pathToFileURL(resolve(path)).href)
}

type ImportUrl = (url: string) => Promise<Readonly<Record<string, unknown>>>

/** In a single executable an ordinary `import()` finds only Node's own modules. */
const importUrl: ImportUrl =
  embedding === undefined
    ? (url) => import(url)
    : new Script('(url) => import(url)', {
        importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
      }).runInThisContext()
