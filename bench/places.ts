import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { prepareSandbox } from '../src/sandbox/tenants/prepare.ts'
import { SANDBOX_VALUES } from '../src/sandbox/well-known.ts'
import { openCore } from '../src/server/core.ts'
import { readSettings, type Settings } from '../src/server/settings/read-settings.ts'
import { startPostgres } from '../test/support/postgres-cluster.ts'
import type { Lifetime } from './lifetime.ts'

export const ENGINES = ['sqlite', 'postgres'] as const
export type EngineName = (typeof ENGINES)[number]

export const MODES = ['sandbox', 'live'] as const
export type ModeName = (typeof MODES)[number]

/** A database for the run, with the settings of a server that uses it. */
export type Place = {
  readonly mode: ModeName
  /** The arguments of `paydesk serve`. */
  readonly args: readonly string[]
  /** The environment variables of `paydesk serve`. */
  readonly environment: Readonly<Record<string, string>>
  /** The same settings for code that runs without a server. Only errors are logged. */
  readonly settings: Settings
  /** The first process of PostgreSQL. Undefined: there is none. */
  readonly databasePid: number | undefined
}

/** The path of a processor that approves every charge at once, so that only Paydesk is measured. */
export const APPROVING_PROCESSOR = fileURLToPath(
  new URL('../test/support/approving-processor.ts', import.meta.url),
)

/** Creates an empty database, which is deleted at the end of the run. Its commits wait for the disk. */
export async function makePlace(
  lifetime: Lifetime,
  engine: EngineName,
  mode: ModeName,
): Promise<Place> {
  if (engine === 'sqlite') {
    return makePlaceOn({ data: join(await makeFolder(lifetime), 'paydesk.db') }, mode, undefined)
  }
  const cluster = await lifetime.keep(startPostgres({ isDurable: true }), ({ stop }) => stop())
  return makePlaceOn({ databaseUrl: cluster.url }, mode, cluster.pid)
}

export type DatabaseFlag = { readonly data: string } | { readonly databaseUrl: string }

export const newSecretKey = (): string => randomBytes(32).toString('hex')

/**
 * Makes a place on a database. In live mode it adds the accounts and tokens of a sandbox, so that both modes answer
 * the same requests. `secretKey` is the one of an earlier place on the same database.
 */
export async function makePlaceOn(
  database: DatabaseFlag,
  mode: ModeName,
  databasePid: number | undefined,
  secretKey = newSecretKey(),
): Promise<Place> {
  const flag = 'data' in database ? '--data' : '--database-url'
  const databaseArgs = [flag, 'data' in database ? database.data : database.databaseUrl]
  if (mode === 'sandbox') {
    const settings = readSettings({ ...database, logLevel: 'error' }, {})
    return { mode, args: databaseArgs, environment: {}, settings, databasePid }
  }
  const environment = { PAYDESK_SECRET_KEY: secretKey }
  const processor = APPROVING_PROCESSOR
  const settings = readSettings(
    { ...database, live: true, processor, logLevel: 'error' },
    environment,
  )
  const core = await openCore(settings)
  await prepareSandbox(core, SANDBOX_VALUES)
  await core.store.close()
  const args = [...databaseArgs, ...LIVE_ARGS, '--processor', processor]
  return { mode, args, environment, settings, databasePid }
}

/**
 * Rate limits and overload protection would refuse the load on a busy machine, and the webhooks go to this machine.
 * All other settings are those of live mode.
 */
const LIVE_ARGS = [
  '--live',
  '--rate-limits',
  'off',
  '--overload-protection',
  'off',
  '--webhook-networks',
  '127.0.0.0/8',
]

/** Creates a temporary folder, which is deleted at the end of the run. */
export function makeFolder(lifetime: Lifetime): Promise<string> {
  return lifetime.keep(mkdtempSync(join(tmpdir(), 'paydesk-bench-')), (folder) =>
    rmSync(folder, { recursive: true, force: true }),
  )
}
