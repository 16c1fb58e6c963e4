import { readFileSync } from 'node:fs'
import { CLIENT_ENTRIES } from './package-entries.ts'

/** The oldest Node with `process.getBuiltinModule`, by which the synchronous verifiers find Node's crypto. */
const NODE_MIN = '20.16.0'

/** Returns the package.json of `paydesk-client`. Its version and its addresses are those of `paydesk`. */
export function clientManifest(): object {
  const { bugs, homepage, license, publishConfig, repository, version } = JSON.parse(
    readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
  )
  return {
    name: 'paydesk-client',
    version,
    description:
      'A typed client of the Zoho Payments API, with checks of its webhooks and redirects',
    keywords: ['zoho-payments', 'zoho', 'payments', 'upi', 'webhooks', 'client', 'sdk', 'edge'],
    homepage,
    bugs,
    repository,
    license,
    type: 'commonjs',
    engines: { node: `>=${NODE_MIN}` },
    sideEffects: false,
    // Tools that do not read `exports` find each entry by its file's name.
    main: './index.js',
    module: './index.mjs',
    types: './index.d.ts',
    exports: {
      ...Object.fromEntries(
        Object.keys(CLIENT_ENTRIES).map((name) => [subpathOf(name), filesOf(name)]),
      ),
      './package.json': './package.json',
    },
    publishConfig,
  }
}

const subpathOf = (name: string) => (name === 'index' ? '.' : `./${name}`)

function filesOf(name: string): object {
  return {
    import: { types: `./${name}.d.mts`, default: `./${name}.mjs` },
    require: { types: `./${name}.d.ts`, default: `./${name}.js` },
  }
}
