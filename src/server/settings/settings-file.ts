import { existsSync, readFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import { extname, resolve } from 'node:path'
import { suggestionFor } from '../../domain/nearest.ts'
import { COMMAND_NAME } from '../../program/command-name.ts'
import { importModule } from '../../program/import-module.ts'
import type { SandboxContents } from '../../sandbox/control/contents.ts'
import { checkDataFile } from './data-file.ts'
import { findSettings, type SettingsFile } from './find-settings.ts'
import { type NeededSettings, readSettings, type Settings } from './read-settings.ts'
import type { Setting } from './setting.ts'
import { SETTINGS } from './settings-table.ts'
import { SettingsUnusable } from './settings-unusable.ts'

/** The value of a setting in a file. A list means its values joined by commas. */
export type FileValue = string | number | boolean | readonly (string | number)[]

/** The content of a settings file, for files in TypeScript: `export default { … } satisfies PaydeskConfig`. */
export type PaydeskConfig = {
  /** Values by the name of the setting, such as `port`, `databaseUrl` or `database-url`. */
  readonly settings?: { readonly [Name in keyof typeof SETTINGS]?: FileValue } & {
    readonly [name: string]: FileValue
  }
  /** The contents of a sandbox at its start. Live mode refuses them. */
  readonly sandbox?: SandboxContents
}

/** The names of settings files in the current folder, which are used if no file is named. */
export const SETTINGS_FILE_NAMES = [
  'paydesk.config.ts',
  'paydesk.config.mts',
  'paydesk.config.js',
  'paydesk.config.mjs',
  'paydesk.config.yaml',
  'paydesk.config.yml',
  'paydesk.config.json',
] as const

const SANDBOX_PARTS = [
  'accounts',
  'customers',
  'endpoints',
  'faults',
  'sessions',
] as const satisfies readonly (keyof SandboxContents)[]

/**
 * Reads the settings from all sources, including the settings file. `--config` or PAYDESK_CONFIG names it, or it is
 * in the current folder. Throws SettingsUnusable with every problem at once.
 */
export async function loadSettings(
  flags: Readonly<Record<string, unknown>>,
  environment: Readonly<Record<string, string | undefined>>,
  needs?: NeededSettings,
): Promise<Settings> {
  const settings = readSettings(flags, environment, needs, await loadFileFor(flags, environment))
  checkDataFile(settings)
  return settings
}

/** Reads the settings file of a command. Undefined: there is none. Throws SettingsUnusable. */
export async function loadFileFor(
  flags: Readonly<Record<string, unknown>>,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<SettingsFile | undefined> {
  const setting = findSettings({ flags, environment, file: undefined }).get('config')
  if (setting !== undefined && 'problem' in setting) throw new SettingsUnusable([setting.problem])
  return loadSettingsFile(setting?.value, process.cwd())
}

/**
 * Reads the named settings file, or the one in the folder. Undefined: there is none. Throws SettingsUnusable, with
 * the file and the field in each sentence.
 */
export async function loadSettingsFile(
  namedPath: string | undefined,
  folder: string,
): Promise<SettingsFile | undefined> {
  const path = namedPath ?? findFile(folder)
  if (path === undefined) return undefined
  const content = await readContent(path, resolve(folder, path))
  const problems: string[] = []
  const file = checkContent(path, content, problems)
  if (problems.length > 0) throw new SettingsUnusable(problems)
  return file
}

function findFile(folder: string): string | undefined {
  const fileNames = SETTINGS_FILE_NAMES.filter((name) => existsSync(resolve(folder, name)))
  if (fileNames.length > 1) {
    throw new SettingsUnusable([
      `There are several settings files: ${fileNames.join(', ')}. Name one with --config, or delete the others.`,
    ])
  }
  return fileNames[0]
}

async function readContent(path: string, absolute: string): Promise<unknown> {
  if (!existsSync(absolute)) throw new SettingsUnusable([`There is no settings file ${path}.`])
  try {
    switch (extname(path)) {
      case '.ts':
      case '.mts':
      case '.js':
      case '.mjs': {
        return (await importModule(absolute)).default
      }
      case '.yaml':
      case '.yml':
      case '.json': {
        // The YAML parser reads JSON too, and names the line of a mistake.
        const { parse } = await import('yaml')
        return parse(readFileSync(absolute, 'utf8'))
      }
    }
  } catch (error) {
    throw new SettingsUnusable([unreadable(path, absolute, error)])
  }
  throw new SettingsUnusable([`${path} must end in .ts, .mts, .js, .mjs, .yaml, .yml or .json.`])
}

/** Writes the sentence about a file that cannot be read, with the line and the column of a mistake. */
function unreadable(path: string, absolute: string, error: unknown): string {
  const message = error instanceof Error ? error.message.trim() : String(error)
  if (!(error instanceof SyntaxError)) return `${path} cannot be read: ${message}`
  const place = placeOfMistake(absolute)
  return place === undefined
    ? `${path} cannot be read: ${message}`
    : `${path}:${place.line}:${place.column} cannot be read: ${message}`
}

/**
 * Finds the first mistake in a file of JavaScript or TypeScript. The error of an import does not have the place of the
 * mistake. Undefined: the file has no mistake, for example because a module that it imports has one.
 */
function placeOfMistake(
  absolute: string,
): { readonly line: number; readonly column: number } | undefined {
  const warn = process.emitWarning
  try {
    // The function is experimental, but its warning would not help the user.
    process.emitWarning = () => {}
    stripTypeScriptTypes(readFileSync(absolute, 'utf8'))
    return undefined
  } catch (error) {
    const stack = error instanceof Error ? (error.stack ?? '') : ''
    // The lines up to the mistake, then one with a mark below it.
    const [, line, mark] = /^[^\n]*:(\d+)\n[\s\S]*?\n( *)\^/.exec(stack) ?? []
    return line === undefined || mark === undefined
      ? undefined
      : { line: Number(line), column: mark.length + 1 }
  } finally {
    process.emitWarning = warn
  }
}

function checkContent(path: string, content: unknown, problems: string[]): SettingsFile {
  const values: Record<string, string> = {}
  const names: Record<string, string> = {}
  if (!isRecord(content)) {
    problems.push(
      `${path} must have an object with the fields settings and sandbox; in a module it must be the default export.`,
    )
    return { path, values, names, sandbox: undefined }
  }
  const { sandbox, settings = {}, ...others } = content
  for (const name of Object.keys(others)) {
    problems.push(`${path}: ${name} is not a field. The fields are settings and sandbox.`)
  }
  if (isRecord(settings)) readValues(path, settings, { values, names, problems })
  else problems.push(`${path}: settings must be an object.`)
  return { path, values, names, sandbox: checkSandbox(path, sandbox, problems) }
}

function readValues(
  path: string,
  settings: Readonly<Record<string, unknown>>,
  {
    names,
    problems,
    values,
  }: {
    readonly values: Record<string, string>
    readonly names: Record<string, string>
    readonly problems: string[]
  },
): void {
  for (const [name, value] of Object.entries(settings)) {
    const key = KEYS.get(name)
    const text = valueText(value)
    if (key === undefined || key === 'config') {
      const knownKeys = [...KEYS.keys()].filter((one) => one !== 'config')
      const suggestion = suggestionFor(name, knownKeys) || '.'
      problems.push(
        `${path}: settings.${name} is not a setting${suggestion} For the list: ${COMMAND_NAME} serve --help`,
      )
    } else if (text === undefined) {
      problems.push(`${path}: settings.${name} must be a text, a number, true, false or a list.`)
    } else {
      values[key] = text
      names[key] = name
    }
  }
}

/** The keys of the table by the names that a file may use: the key itself and the flag. */
const KEYS: ReadonlyMap<string, string> = new Map(
  Object.entries(SETTINGS).flatMap(([key, { name }]: [string, Setting]) => [
    [key, key],
    [name, key],
  ]),
)

function valueText(value: unknown): string | undefined {
  if (Array.isArray(value)) {
    const texts = value.map(valueText)
    return texts.includes(undefined) ? undefined : texts.join(',')
  }
  return ['string', 'number', 'boolean'].includes(typeof value) ? String(value) : undefined
}

function checkSandbox(
  path: string,
  sandbox: unknown,
  problems: string[],
): SandboxContents | undefined {
  if (sandbox === undefined || sandbox === null) return undefined
  if (!isRecord(sandbox)) {
    problems.push(`${path}: sandbox must be an object.`)
    return undefined
  }
  for (const [name, list] of Object.entries(sandbox)) {
    if (!SANDBOX_PARTS.some((part) => part === name)) {
      problems.push(
        `${path}: sandbox.${name} is not a field. The fields are ${SANDBOX_PARTS.join(', ')}.`,
      )
    } else if (!Array.isArray(list) || !list.every(isRecord)) {
      problems.push(`${path}: sandbox.${name} must be a list of objects.`)
    }
  }
  return sandbox
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
