import type { Command } from 'commander'
import { API_SETTINGS } from '../server/settings/api-settings.ts'
import { findVariable } from '../server/settings/find-settings.ts'
import { environmentName, flagName, settingProblem } from '../server/settings/setting.ts'
import { SettingsUnusable } from '../server/settings/settings-unusable.ts'
import type { Environment } from './arguments.ts'
import { CommandRefused } from './command-refused.ts'
import { connectionReason } from './connection-reason.ts'
import { EXIT_CODES } from './exit-codes.ts'
import { jsonOption } from './json-option.ts'
import { print, printJson } from './output.ts'

/** The longest wait for an answer: a server answers within two seconds. */
const ANSWER_MS_MAX = 4_000
/** The longest status that is read, in characters. */
const STATUS_LENGTH_MAX = 200
const MISSING_COUNT_MAX = 100

/** Adds `paydesk health`. */
export function addHealthCommand(program: Command, environment: Environment): void {
  const { url } = API_SETTINGS
  program
    .command('health')
    .description(
      'Ask a server by GET /readyz whether it can take payments. The exit code is 0 if the server is ready, 1 if it is not, and 3 if nothing answers. The command needs no access token, so container engines can use it. If the server has an --operations-port, use that port in the URL.',
    )
    .option(
      `${flagName(url)} ${url.placeholder}`,
      `${url.description} Default: ${url.defaults.live}. The variable is ${environmentName(url)}.`,
    )
    .addOption(jsonOption())
    .action(async (flags: { readonly url?: string; readonly json?: boolean }) => {
      const address = addressFrom(flags.url, environment)
      const { missing, status } = await readStatus(address)
      if (status !== 'ready' && status !== 'degraded') {
        throw new CommandRefused(`The server at ${address} is not ready: ${status}.`)
      }
      if (flags.json === true) {
        printJson({ url: address, status, ...(missing.length > 0 && { missing }) })
      } else if (missing.length === 0) print(`The server at ${address} is ready.`)
      else {
        print(
          `The server at ${address} is ready, but these machines of its database do not answer: ${missing.join(', ')}.`,
        )
      }
    })
}

function addressFrom(flag: string | undefined, environment: Environment): string {
  const setting = API_SETTINGS.url
  const variable =
    flag === undefined
      ? findVariable(setting, environment)
      : { source: flagName(setting), value: flag }
  if (variable === undefined) return setting.defaults.live
  if ('problem' in variable) throw new SettingsUnusable([variable.problem])
  const reading = setting.read(variable.value)
  if ('value' in reading) return reading.value
  throw new SettingsUnusable([settingProblem(variable.source, variable.value, reading)])
}

/** The answer at /readyz. `missing`: the machines of a distributed database that do not answer. */
type Readiness = { readonly status: string; readonly missing: readonly string[] }

/** Throws CommandRefused if no Paydesk answers. */
async function readStatus(address: string): Promise<Readiness> {
  const refuse = (reason: string) =>
    new CommandRefused(`No Paydesk answers at ${address}: ${reason}.`, EXIT_CODES.unreachable.code)
  let answer: unknown
  try {
    const signal = AbortSignal.timeout(ANSWER_MS_MAX)
    const response = await fetch(`${address}/readyz`, { signal, redirect: 'error' })
    answer = await response.json()
  } catch (error) {
    throw refuse(connectionReason(error))
  }
  const { missing, status } = (answer ?? {}) as { readonly status?: unknown; missing?: unknown }
  if (typeof status === 'string') {
    const places = Array.isArray(missing) ? missing.slice(0, MISSING_COUNT_MAX).map(String) : []
    return { status: status.slice(0, STATUS_LENGTH_MAX), missing: places }
  }
  throw refuse('the answer at /readyz is not from Paydesk')
}
