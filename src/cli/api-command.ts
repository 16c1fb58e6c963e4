import { type Command, InvalidArgumentError, Option } from 'commander'
import { isLoopbackHost } from '../domain/loopback.ts'
import { SANDBOX_VALUES } from '../sandbox/well-known.ts'
import { ConfigUnusable, unknownVariables } from '../server/settings/read-settings.ts'
import { environmentName, flagName, type Setting } from '../server/settings/setting.ts'
import { type ApiClient, type ApiPlace, createApiClient } from './api-client.ts'
import { API_SETTINGS } from './api-settings.ts'
import type { Environment, Flags } from './arguments.ts'
import { CommandRefused } from './command-refused.ts'

const SETTINGS: readonly Setting[] = Object.values(API_SETTINGS)

/** Makes a command that calls a server, with the flags by which it finds it. */
export function onServer(parent: Command, name: string): Command {
  const command = parent.command(name)
  for (const setting of SETTINGS) {
    const { defaultText, description, placeholder } = setting
    command.option(
      `${flagName(setting)} ${placeholder}`,
      `${description} Default: ${defaultText.replaceAll('`', '')}.`,
      (value) => {
        const read = setting.read(value)
        if ('mustBe' in read) throw new InvalidArgumentError(`It must be ${read.mustBe}.`)
        return value
      },
    )
  }
  const variables = SETTINGS.map((setting) => `${environmentName(setting)} (${flagName(setting)})`)
  return command.addHelpText(
    'after',
    `\nEach of these variables stands for a flag; flags win:\n  ${variables.join('\n  ')}`,
  )
}

/** The flag by which a command writes JSON. */
export function jsonOption(): Option {
  return new Option('--json', 'print JSON, as the API has it')
}

/** Where a command calls, and whether it is this machine. */
export type Place = ApiPlace & { readonly isLoopback: boolean }

/**
 * Finds the server that is meant. The sandbox's well-known token is for this machine alone. Throws
 * ConfigUnusable or CommandRefused.
 */
export function placeFor(flags: Flags, environment: Environment): Place {
  const problems = [...unknownVariables(environment)]
  const readSetting = (setting: Setting<string>, flag: unknown): string | undefined => {
    const variable = environment[environmentName(setting)]
    const given = flag === undefined ? variable : String(flag)
    // An empty variable is how a shell leaves one out.
    if (given === undefined || given === '') return undefined
    const read = setting.read(given)
    if ('value' in read) return read.value
    problems.push(`${environmentName(setting)} must be ${read.mustBe}.`)
    return undefined
  }
  const url = readSetting(API_SETTINGS.url, flags.url) ?? 'http://127.0.0.1:4242'
  const token = readSetting(API_SETTINGS.token, flags.token)
  const accountId = readSetting(API_SETTINGS.account, flags.account)
  if (problems.length > 0) throw new ConfigUnusable(problems)

  const isLoopback = isLoopbackHost(new URL(url).hostname)
  if (!isLoopback && (token === undefined || accountId === undefined)) {
    const [what, name] = token === undefined ? ['access token', 'TOKEN'] : ['account', 'ACCOUNT']
    throw new CommandRefused(
      `There is no well-known ${what} for ${url}: set PAYDESK_API_${name}. ${token === undefined ? 'On its machine this makes one: paydesk token create' : 'On its machine this shows them: paydesk account list'}`,
    )
  }
  if (!isLoopback && url.startsWith('http:')) {
    process.stderr.write(`paydesk: the access token goes to ${url} unencrypted. Use https.\n`)
  }
  return {
    url,
    isLoopback,
    // What the environment says of the sandbox holds here as well as at its start.
    token: token ?? (environment.PAYDESK_SANDBOX_TOKEN || SANDBOX_VALUES.accessToken),
    accountId: accountId ?? (environment.PAYDESK_SANDBOX_ACCOUNT_ID || SANDBOX_VALUES.accountId),
  }
}

/** Makes the client of the server that is meant. Throws as `placeFor` does. */
export function clientFor(flags: Flags, environment: Environment): ApiClient {
  return createApiClient(placeFor(flags, environment))
}
