import { readFileSync } from 'node:fs'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import type { FastifyInstance } from 'fastify'

/** Where `npm run build:browser` puts what browsers load. */
export const BROWSER_FOLDER = fileURLToPath(new URL('../../dist/browser/', import.meta.url))

/** What a page loads: by name in the source, the built file's path and its digest. */
export type Assets = {
  /** Undefined: nothing of this name was built. */
  readonly find: (name: AssetName) => Asset
}

/** A built file. */
export type Asset = {
  /** `/assets/checkout-x1y2z3.js`, below the server's base path. */
  readonly path: string
  /** For the attribute `integrity`: `sha384-…` */
  readonly integrity: string
  /** Gives the file, packed by gzip. */
  readonly packed: () => Buffer
}

/** What can be built. */
export type AssetName =
  | 'checkout.js'
  | 'checkout.css'
  | 'frame.js'
  | 'zpayments.js'
  | 'payer.css'
  | 'demo.js'
  | 'demo.css'
  | 'console.js'
  | 'console.css'

/** The browser's parts were not built. */
export class AssetsMissing extends Error {
  constructor() {
    super(
      'The checkout page has not been built. Run: npm run build:browser (npm ci does it by itself, unless it is told to ignore scripts).',
    )
  }
}

type BuiltFile = { readonly file: string; readonly integrity: string }

const TYPES: ReadonlyMap<string, string> = new Map([
  ['.js', 'text/javascript; charset=utf-8'],
  ['.css', 'text/css; charset=utf-8'],
])

/**
 * Registers the files that pages load, under names that change with their content, and gives where
 * they are. Read once: a server sends what it started with. Throws AssetsMissing.
 */
export function registerAssets(app: FastifyInstance): Assets {
  let built: Readonly<Record<string, BuiltFile>>
  let read: (file: string) => Buffer
  try {
    read = (file) => readFileSync(`${BROWSER_FOLDER}${file}`)
    built = JSON.parse(read('manifest.json').toString('utf8')) as typeof built
  } catch {
    throw new AssetsMissing()
  }
  const assets = new Map<string, Asset>()
  for (const [name, { file, integrity }] of Object.entries(built)) {
    // Read at the start: a later build takes away what it replaces.
    const content = read(file)
    let kept: Buffer | undefined
    const packed = () => {
      kept ??= gzipSync(content, { level: 9 })
      return kept
    }
    assets.set(name, { path: `${app.basePath}/assets/${file}`, integrity, packed })
    app.get(`/assets/${file}`, { schema: { hide: true } }, (_request, reply) =>
      reply
        .headers({
          'content-type': TYPES.get(extname(file)) ?? 'application/octet-stream',
          'content-encoding': 'gzip',
          'cache-control': 'public, max-age=31536000, immutable',
          'x-content-type-options': 'nosniff',
          'cross-origin-resource-policy': 'same-origin',
        })
        .send(packed()),
    )
  }
  return {
    find: (name) => {
      const found = assets.get(name)
      if (found === undefined) throw new AssetsMissing()
      return found
    },
  }
}
