/**
 * Bundles the entries of `paydesk` for CommonJS: Jest's default configuration loads nothing else. The bundle contains the
 * packages that it needs, because some of them exist as ES modules only.
 */
import { globSync, mkdirSync, writeFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { nodeProblem } from '../bin/node-problem.js'
import { type BundlePlugin, bundleForNode } from './bundle-for-node.ts'
import { licensesOf, licenseTexts, packageFolders } from './license-texts.ts'
import { COMMON_JS_ENTRIES, fileNameOf, PACKAGE_ENTRIES } from './package-entries.ts'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const SOURCES = join(ROOT, 'src') + sep
const OUT = join(ROOT, 'dist/cjs')
/** The name of an entry's module, which this script writes. */
const ENTRY = 'virtual:entry/'

/** A module keeps the address of its compiled file, by which the program finds its own files. */
const KEEP_ADDRESSES: BundlePlugin = {
  name: 'keep-addresses',
  enforce: 'pre',
  transform: (code, id) => {
    if (!id.startsWith(SOURCES) || !code.includes('import.meta.url')) return undefined
    const file = relative(SOURCES, id).replaceAll(sep, '/').replace(/\.ts$/, '.js')
    const address = `require('node:url').pathToFileURL(\`\${__dirname}/../${file}\`).href`
    return { code: code.replaceAll('import.meta.url', address), map: null }
  },
}

/** The browser files must be built. */
export async function buildCommonJs(): Promise<void> {
  const files = await bundleForNode({
    inputs: Object.fromEntries(COMMON_JS_ENTRIES.map((name) => [fileNameOf(name), ENTRY + name])),
    output: {
      format: 'cjs',
      entryFileNames: '[name].cjs',
      chunkFileNames: '[name]-[hash].cjs',
    },
    outDir: OUT,
    // Only a server on PostgreSQL loads this package.
    external: ['pg'],
    plugins: [entryModules(), KEEP_ADDRESSES],
  })
  mkdirSync(OUT, { recursive: true })
  for (const file of files) {
    if (file.type === 'asset') writeFileSync(join(OUT, file.fileName), file.source)
    else if (file.isEntry && file.fileName.startsWith('testing')) writeWithNodeCheck(file)
    else writeFileSync(join(OUT, file.fileName), file.code)
  }
  writeFileSync(join(OUT, 'LICENSES.txt'), licenseTexts(licensesOf(packageFolders(files))))
}

/**
 * Writes two files for an entry that needs a new Node. The first has syntax that any Node reads: an old Node throws the
 * sentences about its version there, before it reads the second file.
 */
function writeWithNodeCheck({ code, fileName }: { fileName: string; code: string }): void {
  const program = fileName.replace(/\.cjs$/, '-program.cjs')
  writeFileSync(join(OUT, program), code)
  const check = `${nodeProblem}
var problem = nodeProblem()
if (problem !== undefined) throw new Error(problem)
module.exports = require('./${program}')
`
  writeFileSync(join(OUT, fileName), check)
}

/** The modules of the entries: they export their source, and name the module that renders the checkout page. */
function entryModules(): BundlePlugin {
  const modules = globSync('dist/browser/render-page-*.js', { cwd: ROOT }).map(
    (path) =>
      `embedModule(${JSON.stringify(path)}, () => import(${JSON.stringify(join(ROOT, path))}))`,
  )
  const embed = `import { embedModule } from ${JSON.stringify(`${SOURCES}program/program-files.ts`)}
${modules.join('\n')}`
  return {
    name: 'entries',
    enforce: 'pre',
    resolveId: (id) => (id.startsWith(ENTRY) ? id : undefined),
    load: (id) => {
      const entry = COMMON_JS_ENTRIES.find((name) => ENTRY + name === id)
      if (entry === undefined) return undefined
      const source = `export * from ${JSON.stringify(join(ROOT, PACKAGE_ENTRIES[entry]))}`
      return entry.startsWith('testing') ? `${embed}\n${source}` : source
    },
  }
}
