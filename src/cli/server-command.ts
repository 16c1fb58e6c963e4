import { type Command, type CommandOptions, InvalidArgumentError } from 'commander'
import { type Control, createControl } from '../client/control.ts'
import { createPaydeskClient, type PaydeskClient, PaydeskError } from '../client/index.ts'
import { isLoopbackHost } from '../domain/loopback.ts'
import { COMMAND_NAME } from '../program/command-name.ts'
import { SANDBOX_VALUES } from '../sandbox/well-known.ts'
import { API_SETTINGS } from '../server/settings/api-settings.ts'
import {
  type FoundSetting,
  findVariable,
  unknownVariables,
} from '../server/settings/find-settings.ts'
import {
  environmentName,
  flagName,
  type Setting,
  settingProblem,
} from '../server/settings/setting.ts'
import { SETTINGS as SERVER_SETTINGS } from '../server/settings/settings-table.ts'
import { SettingsUnusable } from '../server/settings/settings-unusable.ts'
import { ServerRefused } from './api-error-text.ts'
import { type Environment, type Flags, rowCountFrom } from './arguments.ts'
import { CommandRefused } from './command-refused.ts'
import { plainDefault } from './database-command.ts'
import { EXIT_CODES } from './exit-codes.ts'
import { jsonOption } from './json-option.ts'
import { printNote } from './output.ts'
import { printSecretFileWarnings } from './secret-file-warnings.ts'

const SETTINGS: readonly Setting[] = Object.values(API_SETTINGS)

/** Makes a command that calls a server, with the flags that name the server. */
export function onServer(parent: Command, name: string, options: CommandOptions = {}): Command {
  const command = parent.command(name, options)
  for (const setting of SETTINGS) {
    const { description, placeholder } = setting
    command.option(
      `${flagName(setting)} ${placeholder}`,
      `${description} Default: ${plainDefault(setting)}.`,
      (value) => {
        const reading = setting.read(value)
        if ('mustBe' in reading) throw new InvalidArgumentError(`It must be ${reading.mustBe}.`)
        return value
      },
    )
  }
  const variables = SETTINGS.map((setting) => `${environmentName(setting)} (${flagName(setting)})`)
  return command.addHelpText(
    'after',
    `\nEnvironment variables of the command. A flag wins over its variable:\n  ${variables.join('\n  ')}`,
  )
}

export { jsonOption } from './json-option.ts'

/** Gives a list's command the flags for days, the number of rows, and JSON. */
export function withDaysAndLimit(command: Command): Command {
  const withDays = command
    .option(
      '--from <date>',
      'the first day in the account’s time zone, such as 2026-11-22, or a time with its zone',
    )
    .option('--to <date>', 'the last day, or a time with its zone')
  return withLimit(withDays)
}

/** Adds the flag for the number of rows, and `--json`. */
export function withLimit(command: Command): Command {
  return command
    .option('--limit <number>', 'the maximum number of rows', rowCountFrom, 25)
    .addOption(jsonOption())
}

/** A server's address, and the credentials to call it with. */
export type ServerAccess = {
  /** Without a slash at its end: `http://127.0.0.1:4242`. */
  readonly url: string
  readonly token: string
  readonly accountId: string
  /** True: the server is on this machine. */
  readonly isLoopback: boolean
}

/**
 * Reads the server, the token and the account of a command's calls. The sandbox's well-known token is used on this
 * machine only. Throws SettingsUnusable or CommandRefused.
 */
export function serverAccessFor(flags: Flags, environment: Environment): ServerAccess {
  const names = Object.values(API_SETTINGS).map(environmentName).join(', ')
  const problems = [...unknownVariables(environment, `Commands that call a server read ${names}.`)]
  const tokenFiles: string[] = []
  const readSetting = (setting: Setting<string>, flag: unknown): string | undefined => {
    const source: FoundSetting | undefined =
      flag === undefined
        ? findVariable(setting, environment)
        : { source: flagName(setting), value: String(flag) }
    if (source === undefined) return undefined
    if ('problem' in source) {
      problems.push(source.problem)
      return undefined
    }
    const reading = setting.read(source.value)
    if ('value' in reading) {
      if (setting === API_SETTINGS.token && source.file !== undefined) tokenFiles.push(source.file)
      return reading.value
    }
    problems.push(settingProblem(source.source, source.value, reading))
    return undefined
  }
  const url = readSetting(API_SETTINGS.url, flags.url) ?? API_SETTINGS.url.defaults.live
  const token = readSetting(API_SETTINGS.token, flags.token)
  const accountId = readSetting(API_SETTINGS.account, flags.account)
  // A command also reads the variables from which a starting sandbox takes its token and its account.
  const sandboxToken = readSetting(SERVER_SETTINGS.sandboxToken, undefined)
  const sandboxAccountId = readSetting(SERVER_SETTINGS.sandboxAccountId, undefined)
  if (problems.length > 0) throw new SettingsUnusable(problems)
  if (token !== SANDBOX_VALUES.accessToken) printSecretFileWarnings(tokenFiles)

  const isLoopback = isLoopbackHost(new URL(url).hostname)
  if (!isLoopback && token === undefined) {
    throw new CommandRefused(
      `${url} is another machine, so PAYDESK_API_TOKEN must be set. To create a token there: ${COMMAND_NAME} token create`,
      EXIT_CODES.usage.code,
    )
  }
  if (!isLoopback && accountId === undefined) {
    throw new CommandRefused(
      `${url} is another machine, so PAYDESK_API_ACCOUNT must be set. To list its accounts there: ${COMMAND_NAME} account list`,
      EXIT_CODES.usage.code,
    )
  }
  if (!isLoopback && url.startsWith('http:')) {
    printNote(`paydesk: the access token goes to ${url} unencrypted. Use https.`)
  }
  return {
    url,
    isLoopback,
    token: token ?? sandboxToken ?? SANDBOX_VALUES.accessToken,
    accountId: accountId ?? sandboxAccountId ?? SANDBOX_VALUES.accountId,
  }
}

/**
 * Writes a command for a tip, which a person can paste. It contains the server's URL unless the server is the default.
 */
export function pastable(command: string, url: string): string {
  const isDefault = url === API_SETTINGS.url.defaults.live
  return `${COMMAND_NAME} ${command}${isDefault ? '' : ` --url ${url}`}`
}

/** Additions to every call of a command. */
type CallOptions = {
  readonly headers?: Readonly<Record<string, string>>
  /** Called with the headers of each answer. */
  readonly onAnswer?: (headers: Headers) => void
}

/** Retries nothing, because a person waits for the answer. */
function apiClientFor(
  { accountId, token, url }: ServerAccess,
  { headers, onAnswer }: CallOptions,
): PaydeskClient {
  return createPaydeskClient({
    baseUrl: url,
    accountId,
    accessToken: token,
    retries: 0,
    fetch: async (input, init) => {
      const response = await fetch(input, { ...init, headers: { ...init?.headers, ...headers } })
      onAnswer?.(response.headers)
      return response
    },
  })
}

/** The tip if a server refuses the sandbox's token, which commands use by default. */
const NO_TOKEN_TIP = `The command used the token of a sandbox. For another server, set PAYDESK_API_TOKEN and PAYDESK_API_ACCOUNT; to create a token: ${COMMAND_NAME} token create`

/**
 * Runs a command's work with the API's client. An error of the API becomes a ServerRefused. Also throws the errors
 * of `serverAccessFor`.
 */
export async function withApi(
  flags: Flags,
  environment: Environment,
  work: (api: PaydeskClient, access: ServerAccess) => Promise<void>,
  options: CallOptions = {},
): Promise<void> {
  const access = serverAccessFor(flags, environment)
  try {
    await work(apiClientFor(access, options), access)
  } catch (error) {
    if (!(error instanceof PaydeskError)) throw error
    const isSandboxToken = access.token === SANDBOX_VALUES.accessToken
    throw new ServerRefused(error, access.url, isSandboxToken ? NO_TOKEN_TIP : undefined)
  }
}

/**
 * Runs a command's work with the control API's client. An error of the API becomes a ServerRefused. Also throws the
 * errors of `serverAccessFor`.
 */
export async function withControl(
  flags: Flags,
  environment: Environment,
  work: (control: Control, access: ServerAccess) => Promise<void>,
  /** A sentence for users of a live server. Undefined: only a sandbox can do this. */
  onLive?: string,
): Promise<void> {
  const access = serverAccessFor(flags, environment)
  try {
    await work(createControl({ baseUrl: access.url }), access)
  } catch (error) {
    if (!(error instanceof PaydeskError)) throw error
    if (hasNoControl(error)) throw new CommandRefused(noControlText(access.url, onLive))
    throw new ServerRefused(error, access.url)
  }
}

/** Returns true if an error means that the server has no control API. A missing object has another code. */
export function hasNoControl(error: PaydeskError): boolean {
  return error.status === 404 && error.code === 'error'
}

/** Writes the sentence about a server without a control API, and a sentence with the alternative. */
export function noControlText(
  url: string,
  onLive = `To start a sandbox: ${COMMAND_NAME} serve`,
): string {
  return `This is only for a sandbox with one process: the server at ${url} has no control API, so it is live or has several workers. ${onLive}`
}

/** The sentence for users of a live server about its calls, because only a sandbox stores them. */
export const LIVE_LOGS = `The log of a live server has the requests (--access-log all). The attempts of a webhook are in: ${COMMAND_NAME} event show <event_id>`
