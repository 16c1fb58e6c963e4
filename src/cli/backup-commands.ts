import { resolve } from 'node:path'
import { Argument, type Command } from 'commander'
import { COMMAND_NAME, quote } from '../program/command-name.ts'
import { systemClock } from '../server/clock.ts'
import { checkDataFile } from '../server/settings/data-file.ts'
import {
  type FileCommandSettings,
  readFileCommandSettings,
} from '../server/settings/read-settings.ts'
import { loadFileFor } from '../server/settings/settings-file.ts'
import type { CopyStep } from '../store/engine/data-file-copy.ts'
import { ledgerReportFields } from '../wire/ledger-report.ts'
import type { Environment, Flags } from './arguments.ts'
import type { BackupSummary } from './backups/back-up.ts'
import type { CheckStep, CopyCheck } from './backups/check-copy.ts'
import { byteSize } from './byte-size.ts'
import { CommandRefused } from './command-refused.ts'
import { countText } from './count-text.ts'
import { withSettings } from './database-command.ts'
import { EXIT_CODES } from './exit-codes.ts'
import { jsonOption } from './json-option.ts'
import { print, printJson, printTable, showTime } from './output.ts'
import { createProgress } from './progress.ts'
import { reportInterruption, watchInterruption } from './watch-interruption.ts'

/** Commands on a data file work without the secret key, so that a backup job does not need it. */
const FILE_SETTINGS: ReadonlySet<string> = new Set(['config', 'data', 'database-url', 'live'])
/** The settings of `paydesk restore`, which compares the secret key, if there is one, with the key of the backup. */
const RESTORE_SETTINGS: ReadonlySet<string> = new Set([...FILE_SETTINGS, 'secret-key'])

const ON_POSTGRES = {
  backup:
    'paydesk backup copies the embedded database. Back up PostgreSQL with its own programs: pg_dump for a copy, pg_basebackup with an archive of the write-ahead log for any point in time. See docs/guides/backup.md',
  restore:
    'paydesk restore makes the file of an embedded database. Restore PostgreSQL with its own programs: pg_restore, or a copy of pg_basebackup with its archive. See docs/guides/backup.md',
} as const

/** Adds `paydesk backup` and `paydesk restore`. */
export function addBackupCommands(program: Command, environment: Environment): void {
  onDataFile(program, 'backup', FILE_SETTINGS)
    .description(
      'Copy the embedded database into a new file, even while a server uses the database. The copy is the state of one moment. The new file gets its name when it is complete, and never replaces another file. The command needs no secret key, but a server with the restored copy does.',
    )
    .addArgument(new Argument('<file>', 'the file to write, such as paydesk-2026-11-29.db'))
    .addOption(jsonOption())
    .action(async (target: string, flags: Flags) => {
      const { dataFile } = await readPlace('backup', flags, environment)
      const { backUp } = await import('./backups/back-up.ts')
      const startedAtMs = systemClock.nowMs()
      const summary = await interruptible({ name: 'backup', part: 'copying' }, flags, (onStep) =>
        backUp({ dataFile, target, onStep }),
      )
      if (summary === undefined) return
      report(flags, summary, {
        fields: { backup: resolve(target), data_file: resolve(dataFile) },
        sentence: `Backed up ${dataFile} to ${target}: ${sizeOf(summary)}, in ${secondsSince(startedAtMs)} s. To check the copy: ${COMMAND_NAME} restore --check ${quote(target)}`,
      })
    })

  onDataFile(program, 'restore', RESTORE_SETTINGS)
    .description(
      'Make a data file from a backup. The command overwrites nothing, and stops with an error while a server uses the data file. With --check it changes nothing: it reads the whole backup, and compares its ledger with its payments. The exit code is 1 if the backup is damaged, if its ledger differs, or if PAYDESK_SECRET_KEY is set, but is not the key of the backup.',
    )
    .addArgument(new Argument('<file>', 'the backup'))
    .option('--check', 'only check the backup')
    .addOption(jsonOption())
    .action(async (copyFile: string, flags: Flags & { readonly check?: true }) => {
      const { refuseMissing } = await import('./backups/back-up.ts')
      refuseMissing(copyFile, 'Name a backup.')
      if (flags.check === true) return check(copyFile, flags, environment)
      const { dataFile, database } = await readPlace('restore', flags, environment)
      checkDataFile({ database })
      const { restoreCopy } = await import('./backups/restore-copy.ts')
      const work = { name: 'restoration', part: 'restoring' }
      const summary = await interruptible(work, flags, (onStep) =>
        restoreCopy({ copyFile, dataFile, onStep }),
      )
      if (summary === undefined) return
      report(flags, summary, {
        fields: { data_file: resolve(dataFile), backup: resolve(copyFile) },
        sentence: `Restored ${dataFile} from ${copyFile}: ${sizeOf(summary)}. Before you start a server: ${COMMAND_NAME} ledger check --data ${quote(dataFile)}`,
      })
    })
}

function onDataFile(program: Command, name: string, settings: ReadonlySet<string>): Command {
  return withSettings(program.command(name), (setting) => settings.has(setting.name))
}

/** Throws CommandRefused for a database without a data file. */
async function readPlace(
  command: keyof typeof ON_POSTGRES,
  flags: Flags,
  environment: Environment,
): Promise<{ readonly dataFile: string; readonly database: { kind: 'sqlite'; file: string } }> {
  const { database } = await readSettingsOf(flags, environment)
  const refuse = (message: string) => new CommandRefused(message, EXIT_CODES.usage.code)
  if (database === undefined) throw refuse('Name the data file with --data.')
  if (database.kind === 'postgres') throw refuse(ON_POSTGRES[command])
  if (database.file === ':memory:') throw refuse('A database in memory has no data file.')
  return { dataFile: database.file, database }
}

async function readSettingsOf(
  flags: Flags,
  environment: Environment,
): Promise<FileCommandSettings> {
  return readFileCommandSettings(flags, environment, await loadFileFor(flags, environment))
}

/** Undefined: a signal ended the work, and the error is printed. */
async function interruptible(
  { name, part }: { readonly name: string; readonly part: string },
  flags: Flags,
  work: (onStep: (step: CopyStep) => void) => Promise<BackupSummary>,
): Promise<BackupSummary | undefined> {
  const interruption = watchInterruption()
  const progress = createProgress()
  try {
    progress.begin(part)
    return await work(({ doneBytes, totalBytes }) => {
      interruption.signal.throwIfAborted()
      const share = totalBytes === 0 ? 1 : doneBytes / totalBytes
      progress.show({ share, text: `${byteSize(doneBytes)} of ${byteSize(totalBytes)}` })
    })
  } catch (error) {
    const signalName = interruption.signalName()
    if (signalName === undefined || !interruption.signal.aborted) throw error
    progress.end()
    reportInterruption(
      signalName,
      `The ${name} was interrupted. No file was made.`,
      flags.json === true,
    )
    return undefined
  } finally {
    progress.end()
    interruption.stop()
  }
}

function sizeOf({ byteCount, schemaVersion }: BackupSummary): string {
  return `${byteSize(byteCount)}, schema ${schemaVersion}`
}

function secondsSince(startedAtMs: number): string {
  const seconds = Math.max(0, systemClock.nowMs() - startedAtMs) / 1_000
  return seconds.toLocaleString('en', { maximumFractionDigits: 1 })
}

function report(
  flags: Flags,
  { byteCount, schemaVersion }: BackupSummary,
  { fields, sentence }: { readonly fields: object; readonly sentence: string },
): void {
  if (flags.json === true) {
    printJson({ ...fields, byte_count: byteCount, schema_version: schemaVersion })
  } else print(sentence)
}

const CHECK_STEPS: Readonly<Record<CheckStep, string>> = {
  pages: 'checking all pages and indexes',
  rows: 'counting rows',
  migration: 'updating the schema of a temporary copy',
  ledger: 'comparing the ledger with the payments',
}

async function check(copyFile: string, flags: Flags, environment: Environment): Promise<void> {
  const { secretKey } = await readSettingsOf(flags, environment)
  const { checkCopy, isSound } = await import('./backups/check-copy.ts')
  const progress = createProgress()
  let result: CopyCheck
  try {
    result = await checkCopy(copyFile, secretKey, (step) => progress.begin(CHECK_STEPS[step]))
  } finally {
    progress.end()
  }
  const isGood = isSound(result)
  if (!isGood) process.exitCode = EXIT_CODES.refused.code
  if (flags.json === true) printJson({ is_sound: isGood, ...checkFields(copyFile, result) })
  else printCheck(copyFile, result, isGood)
}

function checkFields(copyFile: string, result: CopyCheck) {
  const { newestSessionAtMs } = result
  return {
    backup: resolve(copyFile),
    byte_count: result.byteCount,
    mode: result.mode ?? null,
    schema_version: result.schemaVersion,
    program_schema_version: result.programSchemaVersion,
    has_configured_secret_key: result.hasConfiguredKey ?? null,
    newest_session_time:
      newestSessionAtMs === undefined ? null : new Date(newestSessionAtMs).toISOString(),
    counts: result.counts,
    damage: result.damage,
    ledger: result.ledger === undefined ? null : ledgerReportFields(result.ledger),
  }
}

function printCheck(copyFile: string, result: CopyCheck, isGood: boolean): void {
  const { damage, hasConfiguredKey, ledger, newestSessionAtMs } = result
  const isOld = result.schemaVersion < result.programSchemaVersion
  printTable([
    ['Backup', copyFile],
    ['Size', byteSize(result.byteCount)],
    ['Mode', result.mode],
    [
      'Schema',
      `${result.schemaVersion}${isOld ? `, which a server updates to ${result.programSchemaVersion}` : ''}`,
    ],
    ['Secret key', keyText(hasConfiguredKey)],
    ['Newest session', newestSessionAtMs === undefined ? 'none' : showTime(newestSessionAtMs)],
    ...Object.entries(result.counts).map(
      ([name, count]) => [labelOf(name), count.toLocaleString('en')] as const,
    ),
    ['Ledger', ledger && ledgerText(ledger.discrepancies.length)],
  ])
  for (const problem of damage) print(`Damage: ${problem}`)
  for (const { id, what } of ledger?.discrepancies ?? []) print(`Discrepancy: ${id} ${what}`)
  print(isGood ? 'The backup can be restored.' : 'Do not rely on this backup.')
}

function keyText(hasConfiguredKey: boolean | undefined): string {
  if (hasConfiguredKey === undefined) return 'not compared'
  return hasConfiguredKey ? 'the configured one' : 'not the configured one'
}

function ledgerText(discrepancyCount: number): string {
  return discrepancyCount === 0
    ? 'matches the payments'
    : `does not match the payments: ${countText(discrepancyCount, 'discrepancy', 'discrepancies')}`
}

function labelOf(name: string): string {
  const words = name.replaceAll('_', ' ')
  return `${words[0]?.toUpperCase()}${words.slice(1)}`
}
