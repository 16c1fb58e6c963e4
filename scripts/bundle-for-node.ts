/** Bundles a program of this repository for Node, with Vite. */
import http from 'node:http'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('..', import.meta.url))

export type BundleFile = Chunk | Asset
type Chunk = {
  type: 'chunk'
  fileName: string
  code: string
  isEntry: boolean
  /** The files of the modules, including those of packages. */
  moduleIds: string[]
}
type Asset = { type: 'asset'; fileName: string; source: string | Uint8Array }

export type BundlePlugin = {
  readonly name: string
  readonly enforce?: 'pre'
  readonly transform?: (code: string, id: string) => { code: string; map: null } | undefined
  readonly resolveId?: (id: string) => string | undefined
  readonly load?: (id: string) => string | undefined
  /** Runs when all modules are known. */
  readonly buildEnd?: (this: ModuleGraph) => void
}

export type ModuleGraph = {
  readonly getModuleInfo: (id: string) => { readonly importedIds: readonly string[] } | null
}

export type ChunkGroup = {
  readonly name: string
  readonly test: (id: string) => boolean
}

/**
 * Loads node:http without an import: an import reads each of its names, and `WebSocket` loads all of Node's undici.
 */
const HTTP_WITHOUT_UNDICI: BundlePlugin = {
  name: 'http-without-undici',
  enforce: 'pre',
  resolveId: (id) => (id === 'node:http' ? '\0node-http' : undefined),
  load: (id) => {
    if (id !== '\0node-http') return undefined
    const names = Object.entries(Object.getOwnPropertyDescriptors(http))
      .filter(([name, { get }]) => get === undefined && name !== 'default')
      .map(([name]) => name)
    return `const http = process.getBuiltinModule('node:http')
      export default http
      export const { ${names.join(', ')} } = http`
  },
}

/** Bundles the modules of the inputs with their packages, and returns the files. Writes nothing. */
export async function bundleForNode({
  external = [],
  inputs,
  output,
  outDir,
  plugins = [],
  sourcemap = false,
}: {
  /** The entries by the names of their chunks. */
  readonly inputs: Readonly<Record<string, string>>
  readonly output: {
    readonly format: 'es' | 'cjs'
    readonly codeSplitting?: false | { groups: ChunkGroup[] }
    readonly entryFileNames?: string
    readonly chunkFileNames?: string
  }
  /** Source maps name their sources relative to this folder. */
  readonly outDir: string
  readonly external?: string[]
  readonly plugins?: readonly BundlePlugin[]
  readonly sourcemap?: boolean
}): Promise<readonly BundleFile[]> {
  // Vite is imported only for a build.
  const { build } = await import('vite')
  const result = await build({
    root: ROOT,
    configFile: false,
    publicDir: false,
    logLevel: 'warn',
    plugins: [...plugins, HTTP_WITHOUT_UNDICI],
    // Some packages, such as jsonc-parser, can only be bundled in their form for browsers.
    resolve: { mainFields: ['module', 'main'] },
    ssr: { noExternal: true, external },
    build: {
      write: false,
      outDir,
      ssr: true,
      target: 'node24',
      minify: false,
      sourcemap,
      rollupOptions: {
        input: { ...inputs },
        output,
        // With `import()` a command loads less, even if another command imports the same module statically.
        checks: { ineffectiveDynamicImport: false },
      },
    },
  })
  const { output: files } = (Array.isArray(result) ? result[0] : result) as { output: BundleFile[] }
  return files
}
