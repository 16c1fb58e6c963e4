import { type Command, InvalidArgumentError } from 'commander'
import { API_SETTINGS } from '../server/settings/api-settings.ts'
import { type Config, readConfig } from '../server/settings/read-settings.ts'
import { environmentName, flagName } from '../server/settings/setting.ts'
import type { Server } from '../server/start-server.ts'
import type { Environment, Flags } from './arguments.ts'
import { CommandRefused } from './command-refused.ts'
import { plainDefault } from './database-command.ts'
import { serverAccessFor } from './server-command.ts'

/** Adds `paydesk mcp`. */
export function addMcpCommand(program: Command, environment: Environment, version: string): void {
  const command = program
    .command('mcp')
    .description(
      'Serve a sandbox to an agent by the Model Context Protocol, on standard input and output.',
    )
  for (const setting of Object.values(API_SETTINGS)) {
    const { description, placeholder } = setting
    const isUrl = setting === API_SETTINGS.url
    const without = isUrl ? 'a sandbox of its own, in memory' : plainDefault(setting)
    command.option(
      `${flagName(setting)} ${placeholder}`,
      `${description} Default: ${without}.`,
      (value) => {
        const read = setting.read(value)
        if ('mustBe' in read) throw new InvalidArgumentError(`It must be ${read.mustBe}.`)
        return value
      },
    )
  }
  command
    .option('--port <number>', 'The port of its own sandbox. Default: a free one.')
    .option('--seed <text>', 'Makes its own sandbox the same in every run; its clock stands still.')
    .addHelpText(
      'after',
      `\n${environmentName(API_SETTINGS.url)}, ${environmentName(API_SETTINGS.token)} and ${environmentName(API_SETTINGS.account)} stand for flags; flags win.`,
    )
    .action((flags: Flags) => serveAgent(flags, environment, version))
}

async function serveAgent(flags: Flags, environment: Environment, version: string): Promise<void> {
  const named = flags.url ?? (environment[environmentName(API_SETTINGS.url)] || undefined)
  if (named !== undefined && (flags.port ?? flags.seed) !== undefined) {
    throw new CommandRefused('--port and --seed are for a sandbox of its own: leave --url out.')
  }
  const stopped = toldToStop()
  // Loaded only here: no other command needs the protocol.
  const [{ openTargetServer, ServerUnusable }, { serveMcp }] = await Promise.all([
    import('./mcp/target-server.ts'),
    import('./mcp/mcp-server.ts'),
  ])
  const own = named === undefined ? await startOwn(ownConfig(flags, environment)) : undefined
  const said = own === undefined ? flags : { ...flags, url: own.baseUrl }
  try {
    const target = await openTargetServer({
      ...serverAccessFor(said, environment),
      isAccountNamed:
        (flags.account ?? environment[environmentName(API_SETTINGS.account)]) !== undefined,
    })
    const { close, ended } = await serveMcp(target, {
      version,
      onFault: (error) => log((error as Error).stack ?? String(error)),
    })
    log(`serving ${target.baseUrl} to an agent`)
    await Promise.race([ended, stopped])
    await close()
  } catch (error) {
    throw error instanceof ServerUnusable ? new CommandRefused(error.message) : error
  } finally {
    await own?.close()
  }
  // The input may be open still, and would hold the process up.
  process.exit(0)
}

async function startOwn(config: Config): Promise<Server> {
  const { startServer } = await import('../server/start-server.ts')
  return startServer(config)
}

/** A sandbox as `serve --memory` starts it, of which the environment says nothing but its accounts. */
function ownConfig({ port = 0, seed }: Flags, environment: Environment): Config {
  const values = Object.entries(environment).filter(([name]) => name.startsWith('PAYDESK_SANDBOX_'))
  const flags = { memory: true, port, logLevel: 'warn', ...(seed !== undefined && { seed }) }
  return readConfig(flags, Object.fromEntries(values))
}

function toldToStop(): Promise<void> {
  return new Promise((stop) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stop())
  })
}

/** Standard output is the protocol's. */
function log(text: string): void {
  process.stderr.write(`paydesk: ${text}\n`)
}
