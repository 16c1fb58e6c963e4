import { type Command, InvalidArgumentError } from 'commander'
import { API_SETTINGS } from '../server/settings/api-settings.ts'
import { findVariable } from '../server/settings/find-settings.ts'
import { readSettings, type Settings } from '../server/settings/read-settings.ts'
import { environmentName, flagName } from '../server/settings/setting.ts'
import type { Server } from '../server/start-server.ts'
import type { Environment, Flags } from './arguments.ts'
import { CommandRefused } from './command-refused.ts'
import { plainDefault } from './database-command.ts'
import { EXIT_CODES } from './exit-codes.ts'
import { jsonOption } from './json-option.ts'
import { printNote } from './output.ts'
import { serverAccessFor } from './server-command.ts'

/** Adds `paydesk mcp`. */
export function addMcpCommand(program: Command, environment: Environment, version: string): void {
  const command = program
    .command('mcp')
    .description(
      'Offer tools to an AI agent by the Model Context Protocol on standard input and output. The tools use a private sandbox, or the server at --url.',
    )
  for (const setting of Object.values(API_SETTINGS)) {
    const { description, placeholder } = setting
    const isUrl = setting === API_SETTINGS.url
    const without = isUrl ? 'a private sandbox in memory' : plainDefault(setting)
    command.option(
      `${flagName(setting)} ${placeholder}`,
      `${description} Default: ${without}.`,
      (value) => {
        const reading = setting.read(value)
        if ('mustBe' in reading) throw new InvalidArgumentError(`It must be ${reading.mustBe}.`)
        return value
      },
    )
  }
  command
    .option('--port <number>', 'The port of the private sandbox. Default: a free port.')
    .option(
      '--seed <text>',
      'Makes the private sandbox the same in every run; its clock is frozen.',
    )
    .addOption(jsonOption('has no effect: the messages of the protocol are always lines of JSON'))
    .addHelpText(
      'after',
      `\n${environmentName(API_SETTINGS.url)}, ${environmentName(API_SETTINGS.token)} and ${environmentName(API_SETTINGS.account)} set --url, --token and --account, too. A flag wins over its variable.`,
    )
    .action((flags: Flags) => serveAgent(flags, environment, version))
}

async function serveAgent(flags: Flags, environment: Environment, version: string): Promise<void> {
  const url = flags.url ?? findVariable(API_SETTINGS.url, environment)
  if (url !== undefined && (flags.port ?? flags.seed) !== undefined) {
    throw new CommandRefused(
      '--port and --seed are for a private sandbox: leave --url out.',
      EXIT_CODES.usage.code,
    )
  }
  const stop = stopSignal()
  // Loaded here: no other command needs the protocol.
  const [{ openTargetServer, ServerUnusable }, { serveMcp }] = await Promise.all([
    import('./mcp/target-server.ts'),
    import('./mcp/mcp-server.ts'),
  ])
  const own = url === undefined ? await startOwn(ownSettings(flags, environment)) : undefined
  const targetFlags = own === undefined ? flags : { ...flags, url: own.baseUrl }
  try {
    const target = await openTargetServer({
      ...serverAccessFor(targetFlags, environment),
      isAccountNamed:
        (flags.account ?? findVariable(API_SETTINGS.account, environment)) !== undefined,
    })
    const { close, end } = await serveMcp(target, {
      version,
      onFault: (error) =>
        log(error instanceof Error ? (error.stack ?? error.message) : String(error)),
    })
    log(`serving ${target.baseUrl} to an agent`)
    await Promise.race([end, stop])
    await close()
  } catch (error) {
    throw error instanceof ServerUnusable
      ? new CommandRefused(error.message, EXIT_CODES.unreachable.code)
      : error
  } finally {
    await own?.close()
  }
  // The last answer is written completely: a pipe takes a large one in parts.
  await new Promise<void>((resolve) => {
    process.stdout.write('', () => resolve())
  })
  // An open input would keep the process alive.
  process.exit(0)
}

async function startOwn(settings: Settings): Promise<Server> {
  const { startServer } = await import('../server/start-server.ts')
  return startServer(settings)
}

/** Only the sandbox's credentials come from the environment. */
function ownSettings({ port = 0, seed }: Flags, environment: Environment): Settings {
  const values = Object.entries(environment).filter(([name]) => name.startsWith('PAYDESK_SANDBOX_'))
  const flags = { memory: true, port, logLevel: 'warn', ...(seed !== undefined && { seed }) }
  return readSettings(flags, Object.fromEntries(values))
}

function stopSignal(): Promise<void> {
  return new Promise((stop) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stop())
  })
}

/** Writes to the error output, because the protocol uses the standard output. */
function log(text: string): void {
  printNote(`paydesk: ${text}`)
}
