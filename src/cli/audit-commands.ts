import { type Command, Option } from 'commander'
import { AUDIT_ACTIONS, type AuditEntry, type AuditFilter } from '../domain/audit-log.ts'
import { auditEntryFields } from '../wire/audit-entry.ts'
import { type Environment, type Flags, rowCountFrom } from './arguments.ts'
import { CommandRefused } from './command-refused.ts'
import { onDatabase, withExistingCore } from './database-command.ts'
import { EXIT_CODES } from './exit-codes.ts'
import { jsonOption } from './json-option.ts'
import { momentFrom } from './moment-argument.ts'
import { print, printColumns, printJson, showTime } from './output.ts'

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
      'The audit log: changes to accounts, webhook endpoints, clients, tokens, operators and the secret key; sign-ins of operators; contacts that operators opened; approvals of refunds; exports, erasures and deletions. Its entries never change.',
    )
  onDatabase(audit, 'list')
    .description('List the entries, newest first: who did what, and when.')
    .option('--from <time>', 'only entries from this day or time on', momentFrom)
    .option('--to <time>', 'only entries before this day or time', momentFrom)
    .addOption(
      new Option('--action <action>', 'only entries of this action').choices(AUDIT_ACTIONS),
    )
    .option(
      '--object <id>',
      'only entries about the object with this id, such as an account, or about exports of this table, such as payments',
    )
    .option('--limit <number>', 'the maximum number of rows', rowCountFrom, 50)
    .addOption(jsonOption())
    .action((flags: ListFlags) =>
      withExistingCore(flags, environment, async ({ store }) => {
        refuseEmptyPeriod(flags)
        const entries = await store.auditLog.list(filterOf(flags), flags.limit)
        if (flags.json === true) return printJson(entries.map(auditEntryFields))
        if (entries.length === 0) return print('No matching entries.')
        printColumns(
          [' Number', 'Time', 'Actor', 'Action', 'Object', 'Change'],
          entries.map((entry) => [
            String(entry.number),
            showTime(entry.atMs),
            `${entry.actor.kind} ${entry.actor.name}`,
            entry.action,
            entry.objectId,
            describeChange(entry),
          ]),
        )
      }),
    )
}

/**
 * Throws CommandRefused for an empty period, because its empty list would look like an empty log.
 */
function refuseEmptyPeriod({ from, to }: ListFlags): void {
  if (from === undefined || to === undefined || to > from) return
  throw new CommandRefused(
    `--to must be after --from, but it is ${showTime(to)} and --from is ${showTime(from)}.`,
    EXIT_CODES.usage.code,
  )
}

function filterOf({ action, from, object, to }: ListFlags): AuditFilter {
  return {
    ...(from !== undefined && { fromMs: from }),
    ...(to !== undefined && { toMs: to }),
    ...(action !== undefined && { action }),
    ...(object !== undefined && { objectId: object }),
  }
}

/** Values that describe the change itself, so they have no earlier value. */
const FACTS: ReadonlySet<string> = new Set(['revoked_tokens', 'rotated_keys', 'sealed_again'])

/**
 * Writes the changed fields as `name: before → after`. The fields of a new or deleted object have only one value. A
 * field that a change removes has both, `before → none`, so that a removed time does not look like a new one.
 */
function describeChange({ action, after, before }: AuditEntry): string {
  const names = [...new Set([...Object.keys(after), ...Object.keys(before)])]
  const isEnd = action.endsWith('.delete') || action.endsWith('.revoke')
  const isPair = Object.keys(before).length > 0 && (Object.keys(after).length > 0 || !isEnd)
  const changes = names.map((name) =>
    isPair && !FACTS.has(name)
      ? `${name}: ${valueText(before[name], name)} → ${valueText(after[name], name)}`
      : `${name}: ${valueText(before[name] ?? after[name], name)}`,
  )
  // An older version recorded no field for a rotation without a date.
  return changes.join(', ') || 'a secret'
}

const ISO_TIME = /^\d{4}-\d{2}-\d{2}T[\d:.]{8,12}Z$/

function valueText(value: unknown, name: string): string {
  // The objects of webhook endpoints have times in seconds.
  if (typeof value === 'number' && name.endsWith('_time')) return showTime(value * 1000)
  if (value === undefined) return 'none'
  if (typeof value === 'string' && ISO_TIME.test(value)) return showTime(Date.parse(value))
  return typeof value === 'string' ? value : JSON.stringify(value)
}
