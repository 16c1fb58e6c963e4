/**
 * The files that belong to the program, such as `sql/` and the pages of the documentation: in the folder of the
 * package, or embedded in the single executable. Paths begin at the root of the package.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { embedding } from './embedding.ts'

const ROOT = new URL('../../', import.meta.url)

/** The modules that are compiled into the single executable, by their paths in the package. */
const embeddedModules = new Map<string, () => Promise<unknown>>()

/** Undefined: there is no such file. */
export function readProgramFile(path: string): Buffer | undefined {
  if (embedding !== undefined) {
    return isEmbedded(path) ? Buffer.from(embedding.getAsset(path)) : undefined
  }
  try {
    return readFileSync(new URL(path, ROOT))
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}

/** Throws if there is no such file, because then the program is incomplete. */
export function readProgramText(path: string): string {
  const content = readProgramFile(path)
  if (content === undefined) throw new Error(`The file ${path} of the program is missing`)
  return content.toString('utf8')
}

/** Lists the names in a folder, such as `sql/`, in the order of their characters. Throws if there is no such folder. */
export function listProgramFiles(folder: string): readonly string[] {
  if (embedding === undefined) return readdirSync(new URL(folder, ROOT)).sort()
  return embedding
    .getAssetKeys()
    .filter((path) => `${dirname(path)}/` === folder)
    .map((path) => basename(path))
    .sort()
}

/** The caller states the type of the built module. Throws if there is no such file. */
export function importProgramModule(path: string): Promise<unknown> {
  const load = embeddedModules.get(path)
  return load === undefined ? import(/* @vite-ignore */ new URL(path, ROOT).href) : load()
}

/** Makes a module available to `importProgramModule`. The entry of the single executable calls it. */
export function embedModule(path: string, load: () => Promise<unknown>): void {
  embeddedModules.set(path, load)
}

function isEmbedded(path: string): boolean {
  return embedding?.getAssetKeys().includes(path) === true
}
