/** Bundles the types of the packages' entries, so that users install no other package for them. */
import { execFileSync } from 'node:child_process'
import { globSync, readFileSync, writeFileSync } from 'node:fs'
import { join, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { rolldown } from 'rolldown'
import { dts } from 'rolldown-plugin-dts'
import { printDeclarations, TYPEBOX_DECLARATIONS } from './print-declarations.ts'

const ROOT = fileURLToPath(new URL('..', import.meta.url))

export type DeclarationFile = { readonly name: string; readonly code: string }

/**
 * Compiles the sources: the modules into `modules`, and their declarations into `declarations`. The
 * declarations of schemas name the types of their values, and `typebox.d.ts` declares the few types of TypeBox that
 * remain.
 */
export async function compile(modules: string, declarations: string): Promise<void> {
  const folders = ['--outDir', modules, '--declarationDir', declarations]
  execFileSync(join(ROOT, 'node_modules/.bin/tsc'), ['-p', 'tsconfig.build.json', ...folders], {
    cwd: ROOT,
    stdio: 'inherit',
  })
  for (const path of globSync('**/*.d.ts', { cwd: declarations })) {
    const file = join(declarations, path)
    const code = /^(api|sandbox)\/.*\/(.*-)?schemas\.d\.ts$/.test(path)
      ? printDeclarations(await import(`../src/${path.replace(/\.d\.ts$/, '.ts')}`))
      : readFileSync(file, 'utf8')
    const depth = path.split(sep).length - 1
    const typebox = `'./${'../'.repeat(depth)}typebox.ts'`
    if (code.includes("'typebox'")) writeFileSync(file, code.replaceAll("'typebox'", typebox))
  }
  writeFileSync(join(declarations, 'typebox.d.ts'), TYPEBOX_DECLARATIONS)
}

/**
 * Bundles the declarations of entries. `folder`: the compiled declarations. `entries`: the sources of the entries by
 * the names of their files. Types that several entries use are in shared files, so that they are the same type.
 */
export async function bundleDeclarations(
  folder: string,
  entries: Readonly<Record<string, string>>,
): Promise<readonly DeclarationFile[]> {
  const input = Object.entries(entries).map(([name, source]) => [
    name,
    declarationsOf(source, folder),
  ])
  const bundle = await rolldown({
    input: Object.fromEntries(input),
    plugins: [dts({ dtsInput: true, tsconfig: false })],
    // Types of packages stay imports.
    external: /^[^./]/,
  })
  try {
    const { output } = await bundle.generate({ format: 'es', chunkFileNames: 'shared-[name].js' })
    return output.map((file) => {
      if (file.type !== 'chunk') throw new Error(`${file.fileName} is not a file of declarations`)
      return { name: file.fileName, code: tidy(file.code) }
    })
  } finally {
    await bundle.close()
  }
}

const declarationsOf = (source: string, folder: string) =>
  join(folder, source.replace(/^src\//, '').replace(/\.ts$/, '.d.ts'))

/** Removes the bundler's comments with the paths of the inputs, and gives each docstring its own line. */
function tidy(code: string): string {
  return (
    code
      .replaceAll(/^\/\/(#(end)?region| \.\.?\/).*\n/gm, '')
      .replaceAll(/^( *)(.*[;{]) (\/\*\* .* \*\/)$/gm, '$1$2\n$1$3')
      // Before version 5.7 of TypeScript this type has no parameter.
      .replaceAll('Uint8Array<ArrayBuffer>', 'Uint8Array')
      .replaceAll(/^( *)(\/\*\* .*? \*\/)(?=\S)/gm, '$1$2\n$1')
  )
}
