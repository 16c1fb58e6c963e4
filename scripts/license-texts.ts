/** Writes the licenses of packages in a bundle. Most licenses require that copies contain them. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { BundleFile } from './bundle-for-node.ts'

/** The software of a license, and the path of its text. */
export type License = { readonly software: string; readonly file: string }

export function packageFolders(files: readonly BundleFile[]): readonly string[] {
  const modules = files.flatMap((file) => (file.type === 'chunk' ? file.moduleIds : []))
  const folders = modules.flatMap(
    (id) => /^\0?(.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+)[\\/]/.exec(id)?.[1] ?? [],
  )
  return [...new Set(folders)].sort()
}

export function licensesOf(folders: readonly string[]): readonly License[] {
  return folders.flatMap((folder) =>
    readdirSync(folder)
      .filter((name) => /^licen[cs]e(?:\.|$)/i.test(name))
      .map((name) => ({
        software: folder.split(/node_modules[\\/]/).at(-1) ?? folder,
        file: join(folder, name),
      })),
  )
}

/** Joins the texts of licenses, each below the name of its software. */
export function licenseTexts(licenses: readonly License[]): string {
  return licenses
    .map(({ file, software }) => `${software}\n\n${readFileSync(file, 'utf8').trim()}\n`)
    .join(`\n${'-'.repeat(80)}\n\n`)
}
