import { extname } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { FastifyInstance } from 'fastify'
import { importProgramModule, readProgramFile } from '../program/program-files.ts'

/** The folder of the files that `npm run build:browser` builds. */
const BROWSER_FOLDER = 'dist/browser/'

/** The built files. Both functions throw AssetsMissing. */
export type Assets = {
  readonly find: (name: AssetName) => Asset
  /** The caller states the type of the module. */
  readonly importModule: (name: ServerModuleName) => Promise<unknown>
}

/** A built file. */
export type Asset = {
  /** `/assets/checkout-x1y2z3.js`, below the server's base path. */
  readonly path: string
  /** For the attribute `integrity`: `sha384-…` */
  readonly integrity: string
  /** Returns the file, compressed with gzip. */
  readonly gzip: () => Buffer
}

type AssetName =
  | 'checkout.js'
  | 'checkout.css'
  | 'frame.js'
  | 'save-method.js'
  | 'zpayments.js'
  | 'consent.css'
  | 'payer.css'
  | 'terminal.js'
  | 'terminal.css'
  | 'start.js'
  | 'start.css'
  | 'demo.js'
  | 'demo.css'
  | 'console.js'
  | 'console.css'
  | 'console-theme.js'
  | 'operator.css'
  | 'operator.js'
  | 'passkey.js'
  | 'docs-theme.js'
  | 'docs.js'
  | 'docs.css'

/** The name of a module for the server, which cannot run JSX from its source. No route serves it. */
type ServerModuleName = 'render-page.js'
const SERVER_MODULES: readonly string[] = ['render-page.js']

/** The browser files are missing. */
export class AssetsMissing extends Error {
  constructor() {
    super(
      'The pages for browsers have not been built. Run: npm run build:browser (npm ci does it too, except with --ignore-scripts).',
    )
  }
}

type BuiltFile = { readonly file: string; readonly integrity: string }

const TYPES: ReadonlyMap<string, string> = new Map([
  ['.js', 'text/javascript; charset=utf-8'],
  ['.css', 'text/css; charset=utf-8'],
])

/**
 * Registers a route for each file that browsers load, under a name that changes with its content. Reads
 * the files once, so a server sends the files that it started with. Throws AssetsMissing.
 */
export function registerAssets(app: FastifyInstance): Assets {
  const manifest = JSON.parse(readBrowserFile('manifest.json').toString('utf8')) as Readonly<
    Record<string, BuiltFile>
  >
  const assets = new Map<string, Asset>()
  for (const [name, { file, integrity }] of Object.entries(manifest)) {
    if (SERVER_MODULES.includes(name)) continue
    // The file is read at the start, because a later build removes old files.
    const content = readBrowserFile(file)
    let cache: Buffer | undefined
    const gzip = () => {
      cache ??= gzipSync(content, { level: 9 })
      return cache
    }
    assets.set(name, { path: `${app.basePath}/assets/${file}`, integrity, gzip })
    app.get(`/assets/${file}`, { schema: { hide: true } }, (_request, reply) =>
      reply
        .headers({
          'content-type': TYPES.get(extname(file)) ?? 'application/octet-stream',
          'content-encoding': 'gzip',
          'cache-control': 'public, max-age=31536000, immutable',
          'x-content-type-options': 'nosniff',
          'cross-origin-resource-policy': 'same-origin',
        })
        .send(gzip()),
    )
  }
  return {
    find: (name) => {
      const asset = assets.get(name)
      if (asset === undefined) throw new AssetsMissing()
      return asset
    },
    importModule: async (name) => {
      const module = manifest[name]
      if (module === undefined) throw new AssetsMissing()
      return importProgramModule(`${BROWSER_FOLDER}${module.file}`)
    },
  }
}

/** Reads a built file by its name in the folder. Throws AssetsMissing. */
export function readBrowserFile(file: string): Buffer {
  const content = readProgramFile(`${BROWSER_FOLDER}${file}`)
  if (content === undefined) throw new AssetsMissing()
  return content
}
