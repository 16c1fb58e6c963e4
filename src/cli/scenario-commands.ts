import { readFileSync, statSync } from 'node:fs'
import { basename } from 'node:path'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { isLoopbackHost } from '../domain/loopback.ts'
import { systemClock } from '../server/clock.ts'
import { readSettings } from '../server/settings/read-settings.ts'
import { serverUrl } from '../server/settings/setting.ts'
import type { Flags } from './arguments.ts'
import { CommandRefused } from './command-refused.ts'
import { EXIT_CODES } from './exit-codes.ts'
import { print, printJson } from './output.ts'

/** Adds `paydesk scenario`. */
export function addScenarioCommands(program: Command): void {
  const scenario = program
    .command('scenario')
    .description('Scenario files: sessions, outcomes, moves of the clock, and faults.')
  scenario
    .command('run')
    .argument('<file>', 'a YAML file, such as those in examples/scenarios')
    .description(
      'Play a scenario in a new sandbox, and report each step. The exit code is 1 if a step fails.',
    )
    .option(
      '--url <url>',
      'a running sandbox on this machine. The sandbox makes a tenant for the scenario. Default: a new sandbox in memory',
      urlFrom,
    )
    .option(
      '--seed <text>',
      'the seed of ids, keys and times. Default: the file’s seed, or "scenario"',
      seedFrom,
    )
    .addOption(new Option('--json', 'print the report as JSON'))
    .action(runFile)
}

async function runFile(path: string, flags: Flags): Promise<void> {
  // Loaded here: no other command needs YAML.
  const { readScenario, SCENARIO_BYTES_MAX, ScenarioUnreadable } = await import(
    './scenarios/read-scenario.ts'
  )
  const { runScenario, ScenarioNotPlayable } = await import('./scenarios/run-scenario.ts')
  const { renderStep, renderTotals, reportFields } = await import('./scenarios/render-report.ts')
  const isJson = flags.json === true
  const fileName = basename(path)
  try {
    const scenario = readScenario(textOf(path, SCENARIO_BYTES_MAX), path)
    const seed = (flags.seed as string | undefined) ?? scenario.seed
    const stopping = new AbortController()
    // A second Ctrl-C ends the program at once.
    process.once('SIGINT', () => stopping.abort())
    const server = await openServer(flags.url as string | undefined)
    try {
      const report = await runScenario(
        { ...scenario, seed },
        {
          url: server.url,
          clock: systemClock,
          signal: stopping.signal,
          onStep: (step) => {
            if (isJson) return
            if (step.number === 1) print(`\n${scenario.name}  (seed ${seed})\n`)
            print(renderStep(step, fileName))
          },
        },
      )
      if (isJson) printJson(reportFields(report))
      else print(`\n${renderTotals(report)}`)
      if (!report.hasPassed) process.exitCode = 1
    } finally {
      await server.close()
    }
  } catch (error) {
    if (error instanceof ScenarioUnreadable || error instanceof ScenarioNotPlayable) {
      throw new CommandRefused(error.message)
    }
    throw error
  }
}

async function openServer(
  url: string | undefined,
): Promise<{ readonly url: string; readonly close: () => Promise<void> }> {
  if (url !== undefined) return { url, close: async () => {} }
  const { startServer } = await import('../server/start-server.ts')
  // The environment is not read: a scenario has the same result everywhere.
  const service = await startServer(
    readSettings({ memory: true, port: '0', logLevel: 'error' }, {}),
  )
  return { url: service.baseUrl, close: service.close }
}

function textOf(path: string, bytesMax: number): string {
  try {
    const stats = statSync(path)
    if (!stats.isFile()) throw new CommandRefused(`${path} is not a file.`, EXIT_CODES.usage.code)
    if (stats.size > bytesMax) {
      throw new CommandRefused(`${path} is longer than ${bytesMax / 1_048_576} MiB.`)
    }
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (error instanceof CommandRefused) throw error
    const { code, message } = error as NodeJS.ErrnoException
    throw new CommandRefused(
      code === 'ENOENT' ? `There is no file ${path}.` : `${path} cannot be read: ${message}`,
      EXIT_CODES.usage.code,
    )
  }
}

/** Reads the address of a server on this machine. Other machines cannot reach the tenants of a server. */
function urlFrom(text: string): string {
  const reading = serverUrl(text)
  if ('mustBe' in reading) throw new InvalidArgumentError(`It must be ${reading.mustBe}.`)
  if (!isLoopbackHost(new URL(reading.value).hostname)) {
    throw new InvalidArgumentError('It must be on this machine, such as http://127.0.0.1:4242.')
  }
  return reading.value
}

function seedFrom(text: string): string {
  if (text.length === 0 || text.length > 100) {
    throw new InvalidArgumentError('It must be a text of 1 to 100 characters.')
  }
  return text
}
