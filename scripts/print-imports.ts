/** Prints the part of ARCHITECTURE.md about the imports between the folders of `src/`. */
import { globSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'
import { IMPORT_TABLE } from './import-table.ts'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const PAGE = 'ARCHITECTURE.md'
const BEGIN = '<!-- Imports: printed by `npm run print`. Do not edit. -->'
const END = '<!-- End of the imports. -->'

type Imports = ReadonlyMap<string, ReadonlySet<string>>

/** Returns ARCHITECTURE.md with the import table, and a picture of the imports in the current source. */
export function printArchitecture(): string {
  const page = readFileSync(join(ROOT, PAGE), 'utf8')
  const begin = page.indexOf(BEGIN)
  const end = page.indexOf(END)
  if (begin < 0 || end < begin) throw new Error(`${PAGE} has lost the marks around its imports`)
  const output = `${printPicture(withoutDetours(folderImports()))}\n\n${printTable()}`
  return `${page.slice(0, begin)}${BEGIN}\n\n${output}\n\n${page.slice(end)}`
}

function printTable(): string {
  const rows = Object.entries(IMPORT_TABLE).map(([folder, allowedFolders]) => {
    const names = allowedFolders.map((name) => `\`${name}\``).join(', ')
    return `| \`${folder}/\` | ${names || 'nothing'} |`
  })
  return `| folder | may import, besides itself |\n|---|---|\n${rows.join('\n')}`
}

function printPicture(imports: Imports): string {
  const arrows = [...imports].flatMap(([folder, targets]) =>
    [...targets].sort().map((target) => `  ${folder} --> ${target}`),
  )
  return `\`\`\`mermaid\nflowchart TD\n${arrows.join('\n')}\n\`\`\``
}

/** Returns the folders that each folder currently imports, types and values. Tests do not count. */
function folderImports(): Imports {
  const imports = new Map(Object.keys(IMPORT_TABLE).map((folder) => [folder, new Set<string>()]))
  for (const path of globSync('src/**/*.{ts,tsx}', { cwd: ROOT })) {
    if (/(?:\.test\.tsx?|-suite\.ts)$/.test(path)) continue
    const [, folder = ''] = path.split('/')
    for (const [, target = ''] of readFileSync(join(ROOT, path), 'utf8').matchAll(
      /(?:from |import\()'(\.[^']+)'/g,
    )) {
      const [, importedFolder = ''] = normalize(join(dirname(path), target)).split('/')
      if (importedFolder !== folder && importedFolder in IMPORT_TABLE)
        imports.get(folder)?.add(importedFolder)
    }
  }
  return imports
}

/**
 * Removes each arrow whose target can also be reached through other arrows, because a picture of all arrows would be
 * unreadable. Folders that import each other count as one, so a path through them removes no arrow.
 */
function withoutDetours(imports: Imports): Imports {
  const targetsOf = (folder: string) => [...(imports.get(folder) ?? [])]
  const reach = (folder: string, seenFolders = new Set<string>()): ReadonlySet<string> => {
    for (const target of targetsOf(folder).filter((one) => !seenFolders.has(one))) {
      seenFolders.add(target)
      reach(target, seenFolders)
    }
    return seenFolders
  }
  const isDetour = (folder: string, target: string) =>
    targetsOf(folder).some(
      (other) => other !== target && !reach(other).has(folder) && reach(other).has(target),
    )
  return new Map(
    [...imports].map(([folder, targets]) => [
      folder,
      new Set([...targets].filter((target) => !isDetour(folder, target))),
    ]),
  )
}
