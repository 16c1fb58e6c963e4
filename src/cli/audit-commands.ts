import { type Command, Option } from 'commander'
import { AUDIT_ACTIONS, type AuditEntry, type AuditFilter } from '../domain/audit-log.ts'
import { auditEntryFields } from '../wire/audit-entry.ts'
import { type Environment, type Flags, rowCountFrom } from './arguments.ts'
import { CommandRefused } from './command-refused.ts'
import { onDatabase, withExistingCore } from './database-command.ts'
import { EXIT_CODES } from './exit-codes.ts'
import { jsonOption } from './json-option.ts'
import { momentFrom } from './moment-argument.ts'
import { print, printColumns, printJson, showDay } from './output.ts'

/** The flags of `paydesk audit list`, as their parsers give them. */
type ListFlags = Flags & {
  readonly from?: number
  readonly to?: number
  readonly action?: AuditEntry['action']
  readonly object?: string
  readonly limit: number
}

/** Adds `paydesk audit`. */
export function addAuditCommands(program: Command, environment: Environment): void {
  const audit = program
    .command('audit')
    .description(
      'The log of changes of accounts, keys, clients and tokens. Nothing in it is ever changed.',
    )
  onDatabase(audit, 'list')
    .description('List the changes, newest first: who changed what, and when.')
    .option('--from <time>', 'only changes from this day or time on', momentFrom)
    .option('--to <time>', 'only changes before this day or time', momentFrom)
    .addOption(new Option('--action <action>', 'only this kind of change').choices(AUDIT_ACTIONS))
    .option('--object <id>', 'only changes of this account, client, token or endpoint')
    .option('--limit <number>', 'the maximum number of rows', rowCountFrom, 50)
    .addOption(jsonOption())
    .action((flags: ListFlags) =>
      withExistingCore(flags, environment, async ({ store }) => {
        refuseEmptyPeriod(flags)
        const entries = await store.auditLog.list(filterOf(flags), flags.limit)
        if (flags.json === true) return printJson(entries.map(auditEntryFields))
        if (entries.length === 0) return print('No changes.')
        printColumns(
          [' Number', 'Time', 'Actor', 'Action', 'Object', 'Change'],
          entries.map((entry) => [
            String(entry.number),
            showDay(entry.atMs),
            `${entry.actor.kind} ${entry.actor.name}`,
            entry.action,
            entry.objectId,
            describeChange(entry),
          ]),
        )
      }),
    )
}

/** Throws CommandRefused for a period that contains no moment: its empty list would look like an empty log. */
function refuseEmptyPeriod({ from, to }: ListFlags): void {
  if (from === undefined || to === undefined || to > from) return
  throw new CommandRefused('--to must be after --from.', EXIT_CODES.usage.code)
}

function filterOf({ action, from, object, to }: ListFlags): AuditFilter {
  return {
    ...(from !== undefined && { fromMs: from }),
    ...(to !== undefined && { toMs: to }),
    ...(action !== undefined && { action }),
    ...(object !== undefined && { objectId: object }),
  }
}

/**
 * Writes a change of an object as `name: before → after`. A new or deleted object has only one side. A change that only
 * removes fields keeps both sides, so that a removed time does not look like a new one.
 */
function describeChange({ action, after, before }: AuditEntry): string {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])]
  const isEnd = action.endsWith('.delete') || action.endsWith('.revoke')
  const isPair = Object.keys(before).length > 0 && (Object.keys(after).length > 0 || !isEnd)
  return names
    .map((name) =>
      isPair
        ? `${name}: ${shown(before[name])} → ${shown(after[name])}`
        : `${name}: ${shown(before[name] ?? after[name])}`,
    )
    .join(', ')
}

function shown(value: unknown): string {
  if (value === undefined) return 'none'
  return typeof value === 'string' ? value : JSON.stringify(value)
}
