import { existsSync, writeFileSync } from 'node:fs'
import { type Command, Option } from 'commander'
import { COMMAND_NAME } from '../program/command-name.ts'
import { readProgramText } from '../program/program-files.ts'
import { findSettings, type SettingSources } from '../server/settings/find-settings.ts'
import { readSettings, type Settings } from '../server/settings/read-settings.ts'
import { defaultIn, type Setting } from '../server/settings/setting.ts'
import { loadFileFor, SETTINGS_FILE_NAMES } from '../server/settings/settings-file.ts'
import { SETTINGS } from '../server/settings/settings-table.ts'
import { withoutPassword } from '../server/settings/shown-value.ts'
import type { Environment, Flags } from './arguments.ts'
import { CommandRefused } from './command-refused.ts'
import { withSettings } from './database-command.ts'
import { jsonOption } from './json-option.ts'
import { print, printJson, printWarning } from './output.ts'
import { applyStyle } from './styles.ts'

/**
 * The folders of the files that `init` writes. A sandbox starts with any file of the first folder, without a change of
 * the file.
 */
const EXAMPLES = { sandbox: 'examples/settings/', live: 'examples/settings/live/' } as const

type SettingInForce = {
  readonly name: string
  readonly value: string
  readonly from: string
  /** The file that a variable names. */
  readonly file?: string
}

type InitFlags = Flags & { readonly format: 'ts' | 'yaml'; readonly live?: true }

/** Adds `paydesk init` and `paydesk config`. */
export function addConfigCommands(program: Command, environment: Environment): void {
  program
    .command('init')
    .description('Write a settings file into this folder. `serve` reads it at its start.')
    .addOption(
      new Option('--format <format>', 'the language of the file')
        .choices(['ts', 'yaml'])
        .default('ts'),
    )
    .option('--live', 'write the settings of a live installation. Default: those of a sandbox')
    .addOption(jsonOption())
    .action(({ format, json, live }: InitFlags) => {
      const present = SETTINGS_FILE_NAMES.find((name) => existsSync(name))
      if (present !== undefined) {
        throw new CommandRefused(
          `The file ${present} already exists. Delete it, or run init in another folder.`,
        )
      }
      const name = `paydesk.config.${format}`
      writeFileSync(
        name,
        readProgramText(`${EXAMPLES[live === true ? 'live' : 'sandbox']}${name}`),
        { flag: 'wx' },
      )
      if (json === true) printJson({ file: name })
      else if (live === true) {
        print(
          `Wrote ${name}. Edit it, put the output of openssl rand -hex 32 into a file that only the server’s user can read, set PAYDESK_SECRET_KEY_FILE to its path, then: ${COMMAND_NAME} config check`,
        )
      } else print(`Wrote ${name}. Edit it, then: ${COMMAND_NAME} config check`)
    })

  const config = program.command('config').description('The settings of a server.')
  withSettings(config.command('check'))
    .description(
      'Check the settings as `serve` does, and print each value with its source. The command loads the modules of the processor and the messenger, opens no database, and calls no other server.',
    )
    .option('--json', 'print JSON')
    .action(async (flags: Flags) => {
      const file = await loadFileFor(flags, environment)
      // Throws the same errors as `serve`: a sentence for each problem.
      const settings = readSettings(flags, environment, undefined, file)
      const { checkSettings } = await import('../server/check-settings.ts')
      const { skippedNames, warnings } = await checkSettings(settings)
      const rows = settingsInForce({ flags, environment, file }, settings)
      for (const warning of warnings) printWarning(warning)
      if (flags.json === true) printJson(rows)
      else {
        printSettings(rows)
        print('The settings are valid.')
        if (skippedNames.length > 0) print(`Not checked: ${skippedNames.join(', and ')}.`)
      }
    })
}

/** The width of the column of names, wider than the longest name of a setting, such as `sandbox-us-account-id`. */
const NAME_WIDTH = 24
/** The usual width of a terminal. */
const LINE_WIDTH = 80

function printSettings(rows: readonly SettingInForce[]): void {
  for (const { file, from, name, value } of rows) {
    const valueText = withUnit(name, value)
    const source = file === undefined ? from : `${from}: ${file}`
    const text = from === 'default' ? valueText : `${valueText} (from ${source})`
    // A line breaks only after a blank or a comma of the value, so that each part can be copied.
    const parts = text.match(/[^, ]+[, ]*/g) ?? ['']
    const isLong = parts.some((part) => NAME_WIDTH + part.length > LINE_WIDTH)
    const indent = isLong ? 2 : NAME_WIDTH
    const lines = wrap(parts, LINE_WIDTH - indent)
    const [first = '', ...more] = isLong ? ['', ...lines] : lines
    print(`${applyStyle('quiet', name.padEnd(NAME_WIDTH))}${first}`.trimEnd())
    for (const line of more) print(' '.repeat(indent) + line)
  }
}

function withUnit(name: string, value: string): string {
  const { placeholder } = UNIT_SETTINGS.get(name) ?? {}
  return placeholder === undefined || !/^\d+$/.test(value)
    ? value
    : `${value} ${placeholder.slice(1, -1)}`
}

/** The settings whose placeholder is the unit of their number. */
const UNIT_SETTINGS: ReadonlyMap<string, Setting> = new Map(
  Object.values(SETTINGS)
    .filter(({ placeholder }: Setting) => placeholder === '<seconds>' || placeholder === '<MiB>')
    .map((setting: Setting) => [setting.name, setting]),
)

function wrap(parts: readonly string[], width: number): readonly string[] {
  const lines: string[] = []
  for (const part of parts) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + part.trimEnd().length <= width) {
      lines[lines.length - 1] = last + part
    } else lines.push(part)
  }
  return lines.map((line) => line.trimEnd())
}

/**
 * Settings that only a sandbox has are listed in live mode only if a source has them. If the database is PostgreSQL or
 * in memory, the setting of the data file is `none`, unless a source has it.
 */
function settingsInForce(
  sources: SettingSources,
  { database, mode }: Pick<Settings, 'database' | 'mode'>,
): readonly SettingInForce[] {
  const foundSettings = findSettings(sources)
  return Object.entries(SETTINGS).flatMap(([key, setting]: [string, Setting]) => {
    const { isSandboxOnly, isSandboxValue, name } = setting
    const entry = foundSettings.get(key)
    // `readSettings` has already refused unusable values.
    if (entry !== undefined && !('problem' in entry)) {
      const value = hidesValue(setting) ? '(hidden)' : valueText(setting, entry.value)
      const { file, source: from } = entry
      const isNamedFile = file !== undefined && file !== sources.file?.path
      return [{ name, value, from, ...(isNamedFile && { file }) }]
    }
    if (key === 'config' && sources.file !== undefined) {
      return [{ name, value: sources.file.path, from: 'the current folder' }]
    }
    if (mode === 'live' && (isSandboxOnly === true || isSandboxValue === true)) return []
    const isOtherDatabase =
      key === 'data' && (database.kind === 'postgres' || database.file === ':memory:')
    const value = isOtherDatabase ? 'none' : defaultIn(setting, mode).replaceAll('`', '')
    return [{ name, value, from: 'default' }]
  })
}

/** Writes a value in the form of the defaults: a switch is on or off. */
function valueText(setting: Setting, text: string): string {
  const reading = setting.read(text)
  if ('value' in reading && typeof reading.value === 'boolean') return reading.value ? 'on' : 'off'
  return withoutPassword(text)
}

function hidesValue({ isSandboxValue, isSecret }: Setting): boolean {
  return isSecret === true && isSandboxValue !== true
}
