/**
 * Builds the files of both packages: `paydesk` in dist/, and `paydesk-client` in dist/paydesk-client/. They have the same
 * version, and the client's files are in both.
 */
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { rolldown } from 'rolldown'
import { buildBrowserIfStale } from './build-browser.ts'
import { buildCommonJs } from './build-common-js.ts'
import { bundleDeclarations, compile, type DeclarationFile } from './bundle-declarations.ts'
import { clientManifest } from './client-manifest.ts'
import { CLIENT_ENTRIES, type EntryName, fileNameOf, PACKAGE_ENTRIES } from './package-entries.ts'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const DIST = join(ROOT, 'dist')
const CLIENT = join(DIST, 'paydesk-client')

/** Folders of dist/ that other programs of this repository build and use. */
const FOREIGN_FOLDERS: readonly string[] = ['bin', 'browser', 'bundle']

/** The syntax that the files of the client may use. Node 20 and every edge runtime have it. */
const CLIENT_TARGET = 'es2022'

export async function buildPackages(): Promise<void> {
  mkdirSync(DIST, { recursive: true })
  for (const name of readdirSync(DIST)) {
    if (!FOREIGN_FOLDERS.includes(name)) rmSync(join(DIST, name), { recursive: true, force: true })
  }
  const declarations = mkdtempSync(join(DIST, 'declarations-'))
  try {
    await compile(DIST, declarations)
    await buildBrowserIfStale()
    await writeTypes(declarations)
    await buildClient(declarations)
    await buildCommonJs()
  } finally {
    rmSync(declarations, { recursive: true, force: true })
  }
}

async function writeTypes(declarations: string): Promise<void> {
  const folder = join(DIST, 'types')
  mkdirSync(folder)
  const entries = Object.entries(PACKAGE_ENTRIES).map(([name, source]) => [
    fileNameOf(name as EntryName),
    source,
  ])
  for (const { code, name } of await bundleDeclarations(
    declarations,
    Object.fromEntries(entries),
  )) {
    writeFileSync(join(folder, name), code)
    const commonJs = code.replaceAll(/(from "\.\/[^"]+)\.js"/g, '$1.cjs"')
    writeFileSync(join(folder, name.replace(/\.ts$/, '.cts')), commonJs)
  }
}

/** Builds `paydesk-client`: each entry has an ES module and a CommonJS module, each one file with a file of types. */
async function buildClient(declarations: string): Promise<void> {
  mkdirSync(CLIENT)
  for (const [name, source] of Object.entries(CLIENT_ENTRIES)) {
    const files = await bundleDeclarations(declarations, { [name]: source })
    writeFileSync(join(CLIENT, `${name}.d.ts`), onlyCode(files))
    writeFileSync(join(CLIENT, `${name}.d.mts`), onlyCode(files))
    await bundleEntry(name, join(ROOT, source))
  }
  writeFileSync(join(CLIENT, 'package.json'), `${JSON.stringify(clientManifest(), undefined, 2)}\n`)
  copyFileSync(join(ROOT, 'src/client/README.md'), join(CLIENT, 'README.md'))
  for (const name of ['CHANGELOG.md', 'LICENSE']) copyFileSync(join(ROOT, name), join(CLIENT, name))
}

/** Bundles an entry of the client into one file for each kind of module. Throws if such a file imports another. */
async function bundleEntry(name: string, input: string): Promise<void> {
  const bundle = await rolldown({
    input: { [name]: input },
    platform: 'neutral',
    transform: { target: CLIENT_TARGET },
  })
  try {
    for (const [format, ending] of [
      ['es', 'mjs'],
      ['cjs', 'js'],
    ] as const) {
      const { output } = await bundle.generate({ format, comments: { jsdoc: false } })
      const [{ code, imports, dynamicImports }] = output
      if (output.length + imports.length + dynamicImports.length !== 1)
        throw new Error(`${name}.${ending} is not one file`)
      writeFileSync(join(CLIENT, `${name}.${ending}`), code)
    }
  } finally {
    await bundle.close()
  }
}

function onlyCode(files: readonly DeclarationFile[]): string {
  const [file, ...others] = files
  if (file === undefined || others.length > 0 || /^import /m.test(file.code))
    throw new Error(`The types of ${file?.name} are not one file`)
  return file.code
}

if (import.meta.main) {
  process.stderr.write('Building the packages. This takes a while…\n')
  await buildPackages()
}
