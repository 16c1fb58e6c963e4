import type { Command } from 'commander'
import {
  PRUNED_KINDS,
  type PrunedKind,
  type Retention,
  showRetention,
} from '../domain/retention.ts'
import { type PruneCounts, prune } from '../operations/prune.ts'
import { COMMAND_NAME } from '../program/command-name.ts'
import { findVariable } from '../server/settings/find-settings.ts'
import { RETENTION_SETTINGS } from '../server/settings/retention-settings.ts'
import { environmentName, flagName, settingProblem } from '../server/settings/setting.ts'
import { SettingsUnusable } from '../server/settings/settings-unusable.ts'
import type { Environment, Flags } from './arguments.ts'
import { countText } from './count-text.ts'
import { onDatabase, plainDefault, withExistingCore } from './database-command.ts'
import { jsonOption } from './json-option.ts'
import { withOsUser } from './os-user.ts'
import { print, printColumns, printJson } from './output.ts'
import { createProgress } from './progress.ts'
import { reportInterruption, watchInterruption } from './watch-interruption.ts'

/** Adds `paydesk prune`. */
export function addPruneCommand(program: Command, environment: Environment): void {
  const command = onDatabase(program, 'prune').description(
    'Delete old rows: sessions that were never paid, webhook events, delivery attempts. The command never deletes rows about money, or rows that the ledger needs. It works in short transactions beside running servers, and can be interrupted and run again. Use --dry-run first.',
  )
  for (const setting of Object.values(RETENTION_SETTINGS)) {
    command.option(
      `${flagName(setting)} ${setting.placeholder}`,
      `${setting.description} Default: ${plainDefault(setting)}.`,
    )
  }
  command
    .option('--dry-run', 'count the rows, and delete nothing')
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `  ${Object.values(RETENTION_SETTINGS).map(environmentName).join('\n  ')}`,
    )
    .action((flags: Flags & { readonly dryRun?: true }) => {
      const retention = readRetention(flags, environment)
      return withExistingCore(flags, environment, async (core) => {
        const isDryRun = flags.dryRun === true
        const interruption = watchInterruption()
        const progress = createProgress()
        let counts: PruneCounts = {}
        try {
          progress.begin(isDryRun ? 'counting old rows' : 'deleting old rows')
          counts = await prune(withOsUser(core, environment), {
            retention,
            isDryRun,
            signal: interruption.signal,
            onStep: (all, share) => {
              counts = { ...all }
              progress.show({ share, text: countText(totalOf(all), 'row') })
            },
          })
        } catch (error) {
          const name = interruption.signalName()
          if (name === undefined) throw error
          progress.end()
          const message = `The command was interrupted after ${countText(totalOf(counts), 'row')}. Run it again to continue.`
          return reportInterruption(name, message, flags.json === true)
        } finally {
          progress.end()
          interruption.stop()
        }
        report(flags, { counts, isDryRun, retention })
      })
    })
}

/** Throws SettingsUnusable with every problem at once. */
function readRetention(flags: Flags, environment: Environment): Retention {
  const problems: string[] = []
  const keptMsOf = (kind: PrunedKind): number | undefined => {
    const setting = RETENTION_SETTINGS[kind]
    const flag =
      flags[setting.name.replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())]
    const variable =
      flag === undefined
        ? findVariable(setting, environment)
        : { source: flagName(setting), value: String(flag) }
    if (variable === undefined) return setting.defaults.live.keptMs
    if ('problem' in variable) {
      problems.push(variable.problem)
      return undefined
    }
    const reading = setting.read(variable.value)
    if ('value' in reading) return reading.value.keptMs
    problems.push(settingProblem(variable.source, variable.value, reading))
    return undefined
  }
  const retention = {
    unpaid_sessions: keptMsOf('unpaid_sessions'),
    events: keptMsOf('events'),
    delivery_attempts: keptMsOf('delivery_attempts'),
  }
  if (problems.length > 0) throw new SettingsUnusable(problems)
  return retention
}

function totalOf(counts: PruneCounts): number {
  return Object.values(counts).reduce((total, count) => total + count, 0)
}

function report(
  flags: Flags,
  { counts, isDryRun, retention }: { counts: PruneCounts; isDryRun: boolean; retention: Retention },
): void {
  if (flags.json === true) {
    printJson({
      is_dry_run: isDryRun,
      kinds: PRUNED_KINDS.map((kind) => ({
        kind,
        keep: showRetention(retention[kind]),
        row_count: counts[kind] ?? 0,
      })),
    })
    return
  }
  printColumns(
    ['Rows', 'Kept for', isDryRun ? ' Would be deleted' : ' Deleted'],
    PRUNED_KINDS.map((kind) => [
      kind.replaceAll('_', ' '),
      showRetention(retention[kind]),
      (counts[kind] ?? 0).toLocaleString('en'),
    ]),
  )
  if (isDryRun) print(`Nothing was deleted. To delete: ${COMMAND_NAME} prune without --dry-run.`)
}
