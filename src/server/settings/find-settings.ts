import { readFileSync } from 'node:fs'
import type { SandboxContents } from '../../sandbox/control/contents.ts'
import { API_SETTINGS, WEBHOOK_KEY_SETTING } from './api-settings.ts'
import { environmentName, flagName, type Setting } from './setting.ts'
import { SETTINGS } from './settings-table.ts'
import { SettingsUnusable } from './settings-unusable.ts'

/** A settings file that was read. */
export type SettingsFile = {
  /** The path as the user named it: `paydesk.config.yaml`. */
  readonly path: string
  /** The texts of settings, by their key in the table and in the form of environment variables. */
  readonly values: Readonly<Record<string, string>>
  readonly sandbox: SandboxContents | undefined
}

/** The sources of settings, the strongest first. */
export type SettingSources = {
  readonly flags: Readonly<Record<string, unknown>>
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly file: SettingsFile | undefined
}

/** A setting's value and its source: `--port`, `PAYDESK_PORT` or `settings.port in paydesk.config.ts`. */
type FoundSetting = { readonly source: string; readonly value: string }

/**
 * Finds the settings in all sources, by their key. A database from a stronger source replaces one from a weaker
 * source.
 */
export function findSettings({
  environment,
  file,
  flags,
}: SettingSources): ReadonlyMap<string, FoundSetting> {
  const all: readonly (readonly [string, Setting])[] = Object.entries(SETTINGS)
  const settingByKey = new Map<string, FoundSetting>()
  const places: readonly ((key: string, setting: Setting) => FoundSetting | undefined)[] = [
    (key, setting) =>
      flags[key] === undefined
        ? undefined
        : { source: flagName(setting), value: String(flags[key]) },
    (_key, setting) => givenVariable(setting, environment),
    (key) => {
      const value = file?.values[key]
      return value === undefined ? undefined : { source: `settings.${key} in ${file?.path}`, value }
    },
  ]
  for (const place of places) {
    const hasDatabase = DATABASE_KEYS.some((key) => settingByKey.has(key))
    for (const [key, setting] of all) {
      if (settingByKey.has(key) || (hasDatabase && DATABASE_KEYS.includes(key))) continue
      const one = place(key, setting)
      if (one !== undefined) settingByKey.set(key, one)
    }
  }
  return settingByKey
}

/**
 * Finds the variable of a setting. An empty one is treated as absent, because some shells and compose files cannot
 * remove one.
 */
function givenVariable(
  setting: Setting,
  environment: Readonly<Record<string, string | undefined>>,
): { readonly source: string; readonly value: string } | undefined {
  const name = environmentName(setting)
  const textOf = (source: string) => {
    const value = environment[source]
    return value === '' || isServiceLink(source, value) ? undefined : value
  }
  const own = textOf(name)
  if (own !== undefined) return { source: name, value: own }
  const path = textOf(`${name}${FILE_SUFFIX}`)
  if (path !== undefined) return { source: `${name}${FILE_SUFFIX}`, value: readSecret(name, path) }
  const { platformVariable = '' } = setting
  const value = textOf(platformVariable)
  return value === undefined ? undefined : { source: platformVariable, value }
}

/** The suffix of a variable that names a file with the value. Containers have their secrets in files. */
const FILE_SUFFIX = '_FILE'
const FILE_ENDING = /_FILE$/

function readSecret(name: string, path: string): string {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch (error) {
    const { code = 'unknown' } = error as NodeJS.ErrnoException
    throw new SettingsUnusable([
      `${name}${FILE_SUFFIX} names the file ${path}, which cannot be read: ${code}.`,
    ])
  }
}

/**
 * Returns true if container platforms set a variable for a neighbour called "paydesk", such as
 * `PAYDESK_PORT=tcp://10.0.0.1:4242`.
 */
function isServiceLink(name: string, value: string | undefined): boolean {
  return (
    /^PAYDESK_(?:NAME$|ENV_|SERVICE_(?:HOST|PORT)|PORT_\d+_)/.test(name) ||
    (name === 'PAYDESK_PORT' && /^(?:tcp|udp):\/\//.test(value ?? ''))
  )
}

/** The settings that name a database. */
const DATABASE_KEYS: readonly string[] = ['data', 'memory', 'databaseUrl']

/** Returns the problems of variables that begin with `PAYDESK_` and are no setting, a sentence each. */
export function unknownVariables(
  environment: Readonly<Record<string, string | undefined>>,
): readonly string[] {
  const settings: readonly Setting[] = [
    ...Object.values(SETTINGS),
    ...Object.values(API_SETTINGS),
    WEBHOOK_KEY_SETTING,
  ]
  const knownNames = new Set(settings.map(environmentName))
  return Object.keys(environment)
    .filter((name) => name.startsWith('PAYDESK_') && !name.startsWith('PAYDESK_TEST_'))
    .filter(
      (name) =>
        !knownNames.has(name.replace(FILE_ENDING, '')) && !isServiceLink(name, environment[name]),
    )
    .map((name) => `${name} is not a setting. For the list: paydesk serve --help`)
}
