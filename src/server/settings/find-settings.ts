import { Buffer, isUtf8 } from 'node:buffer'
import { closeSync, constants, openSync, readSync, statSync } from 'node:fs'
import { nearestName } from '../../domain/nearest.ts'
import { COMMAND_NAME } from '../../program/command-name.ts'
import type { SandboxContents } from '../../sandbox/control/contents.ts'
import { API_SETTINGS, WEBHOOK_KEY_SETTING } from './api-settings.ts'
import { RETENTION_SETTINGS } from './retention-settings.ts'
import { environmentName, flagName, type Setting } from './setting.ts'
import { SETTINGS } from './settings-table.ts'

/** A settings file that was read. */
export type SettingsFile = {
  /** The path as the user named it: `paydesk.config.yaml`. */
  readonly path: string
  /** The values of settings by their key in the table, as the texts that environment variables would have. */
  readonly values: Readonly<Record<string, string>>
  /** The names of these settings as the file has them, by their key: `database-url`. */
  readonly names: Readonly<Record<string, string>>
  readonly sandbox: SandboxContents | undefined
}

/** The sources of settings, the strongest first. */
export type SettingSources = {
  readonly flags: Readonly<Record<string, unknown>>
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly file: SettingsFile | undefined
}

/** A setting's value and its source: `--port`, `PAYDESK_PORT` or `settings.port in paydesk.config.ts`. */
type FoundValue = {
  readonly source: string
  readonly value: string
  /** The path of the file with the value: a settings file, or the file that a variable names. */
  readonly file?: string
}

/** A setting that has a source, with its value or a sentence about why it has none. */
export type FoundSetting = FoundValue | { readonly source: string; readonly problem: string }

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
    (key, setting) => {
      // The name of a flag can differ from the key: --log is the flag of `logFormat`.
      const value = flags[key] ?? flags[camelCase(setting.name)]
      return value === undefined ? undefined : { source: flagName(setting), value: String(value) }
    },
    (_key, setting) => findVariable(setting, environment),
    (key) => {
      const value = file?.values[key]
      if (file === undefined || value === undefined) return undefined
      const name = file.names[key] ?? key
      return { source: `settings.${name} in ${file.path}`, value, file: file.path }
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

/** The flag `log-level` is stored as `logLevel`. */
function camelCase(name: string): string {
  return name.replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())
}

/**
 * Finds the variable of a setting, or the variable that names a file with its value. An empty variable is treated as
 * absent, because some shells and compose files cannot remove one.
 */
export function findVariable(
  setting: Setting,
  environment: Readonly<Record<string, string | undefined>>,
): FoundSetting | undefined {
  const name = environmentName(setting)
  const textOf = (source: string) => {
    const value = environment[source]
    return value === '' || isServiceLink(source, value) ? undefined : value
  }
  const own = textOf(name)
  const path = textOf(`${name}${FILE_SUFFIX}`)
  if (own !== undefined && path !== undefined) {
    return {
      source: name,
      problem: `${name} and ${name}${FILE_SUFFIX} exclude each other: set one of them.`,
    }
  }
  if (own !== undefined) return { source: name, value: own }
  if (path !== undefined) return readValueFile(`${name}${FILE_SUFFIX}`, path)
  const { platformVariable = '' } = setting
  const value = textOf(platformVariable)
  return value === undefined ? undefined : { source: platformVariable, value }
}

/** The suffix of a variable that names a file with the value. Containers have their secrets in files. */
const FILE_SUFFIX = '_FILE'
const FILE_ENDING = /_FILE$/
/** The largest file with the value of a setting. Only a wrong path names a larger one. */
const VALUE_FILE_BYTES_MAX = 65_536

/**
 * Reads the file with a setting's value. Blanks and line ends around the value do not belong to it. `pipeMsMax`: the
 * longest wait for a program that writes into a pipe, in milliseconds.
 */
export function readValueFile(source: string, path: string, pipeMsMax = PIPE_MS_MAX): FoundSetting {
  const problem = (text: string) => ({
    source,
    problem: `${source} names the file ${path}, ${text}.`,
  })
  let bytes: Buffer
  try {
    bytes = readBeginning(path, pipeMsMax)
  } catch (error) {
    const { code = 'unknown' } = error as NodeJS.ErrnoException
    return problem(`which cannot be read: ${READ_FAILURES[code] ?? code}`)
  }
  if (bytes.length > VALUE_FILE_BYTES_MAX) {
    return problem(`which has more than ${VALUE_FILE_BYTES_MAX} bytes`)
  }
  if (!isUtf8(bytes)) return problem('which is not text in UTF-8')
  const value = bytes.toString('utf8').trim()
  // An empty value would be treated as absent, and the server would start without the setting.
  return value === '' ? problem('which is empty') : { source, value, file: path }
}

const READ_FAILURES: Readonly<Record<string, string>> = {
  ENOENT: 'it does not exist',
  EACCES: 'permission denied',
  EISDIR: 'it is a folder',
  ETIMEDOUT: 'it is a pipe into which no program has written',
}

/** The longest wait for the value from a pipe. A start must not wait forever without a word. */
const PIPE_MS_MAX = 10_000
/** The time between two reads of an empty pipe. */
const PIPE_LOOK_MS = 20

/** Reads a file up to one byte above the maximum, because a device such as /dev/zero has no end. */
function readBeginning(path: string, pipeMsMax: number): Buffer {
  const isPipe = statSync(path).isFIFO()
  // Without a writer, the usual way to open a pipe would block the program.
  const file = openSync(path, isPipe ? constants.O_RDONLY | constants.O_NONBLOCK : 'r')
  try {
    const bytes = Buffer.alloc(VALUE_FILE_BYTES_MAX + 1)
    let length = 0
    let waitedMs = 0
    while (length < bytes.length) {
      const count = isPipe
        ? readReady(file, bytes, length)
        : readSync(file, bytes, length, bytes.length - length, null)
      length += count ?? 0
      // A pipe ends after its first writer.
      if (count === 0 && (!isPipe || length > 0)) break
      if (count !== undefined && count > 0) continue
      if (waitedMs >= pipeMsMax) throw Object.assign(new Error('no value'), { code: 'ETIMEDOUT' })
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PIPE_LOOK_MS)
      waitedMs += PIPE_LOOK_MS
    }
    return bytes.subarray(0, length)
  } finally {
    closeSync(file)
  }
}

/** Undefined: the pipe's writer has not written yet. */
function readReady(file: number, bytes: Buffer, length: number): number | undefined {
  try {
    return readSync(file, bytes, length, bytes.length - length, null)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return undefined
    throw error
  }
}

/**
 * Returns true if container platforms set a variable for a neighbor called "paydesk", such as
 * `PAYDESK_PORT=tcp://10.0.0.1:4242`.
 */
function isServiceLink(name: string, value: string | undefined): boolean {
  return (
    /^PAYDESK_(?:NAME$|ENV_|SERVICE_(?:HOST|PORT)|PORT_\d+_)/.test(name) ||
    (name === 'PAYDESK_PORT' && /^(?:tcp|udp):\/\//.test(value ?? ''))
  )
}

const DATABASE_KEYS: readonly string[] = ['data', 'memory', 'databaseUrl']

const PREFIX = 'PAYDESK_'

/**
 * Returns the problems of variables that begin with `PAYDESK_` but are not settings. Each ends with
 * the sentence `list`, which says where the settings are listed.
 */
export function unknownVariables(
  environment: Readonly<Record<string, string | undefined>>,
  list = `For the list: ${COMMAND_NAME} serve --help`,
): readonly string[] {
  const settings: readonly Setting[] = [
    ...Object.values(SETTINGS),
    ...Object.values(API_SETTINGS),
    WEBHOOK_KEY_SETTING,
    ...Object.values(RETENTION_SETTINGS),
  ]
  const knownNames = new Set(settings.map(environmentName))
  return Object.keys(environment)
    .filter((name) => name.startsWith(PREFIX) && !name.startsWith('PAYDESK_TEST_'))
    .filter(
      (name) =>
        !knownNames.has(name.replace(FILE_ENDING, '')) && !isServiceLink(name, environment[name]),
    )
    .map((name) => {
      // Without the common beginning, which would make all names similar.
      const nearest = nearestName(withoutPrefix(name), [...knownNames].map(withoutPrefix))
      const suggestion = nearest === undefined ? '.' : `, did you mean ${PREFIX}${nearest}?`
      return `${name} is not a setting${suggestion} ${list}`
    })
}

function withoutPrefix(name: string): string {
  return name.slice(PREFIX.length)
}
