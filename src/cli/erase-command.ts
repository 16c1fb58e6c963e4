import { type Command, InvalidArgumentError } from 'commander'
import type { CustomerRecord } from '../domain/customer.ts'
import { ERASED_KINDS, type ErasedKind } from '../domain/erasure.ts'
import { type AccountId, type CustomerId, parseId } from '../domain/id.ts'
import {
  type ErasurePart,
  type ErasureReport,
  type ErasureSubject,
  eraseCustomer,
  erasedCountOf,
  type Obstacle,
} from '../operations/erase-customer.ts'
import type { Core } from '../server/core.ts'
import { KEPT_REASONS, type KeptReason, PERSONAL_TABLES } from '../store/personal-columns.ts'
import { accountIdsFrom, type Environment, type Flags } from './arguments.ts'
import { CommandRefused } from './command-refused.ts'
import { countText } from './count-text.ts'
import {
  DATABASE_SETTINGS,
  settingsFor,
  withExistingCore,
  withSettings,
} from './database-command.ts'
import { EXIT_CODES } from './exit-codes.ts'
import { jsonOption } from './json-option.ts'
import { withOsUser } from './os-user.ts'
import { print, printColumns, printJson } from './output.ts'
import { createProgress } from './progress.ts'
import { reportInterruption, watchInterruption } from './watch-interruption.ts'

type EraseFlags = Flags & {
  readonly account?: readonly AccountId[]
  readonly cancel?: true
  readonly dryRun?: true
}

/**
 * The settings of the processor, which ends mandates at the bank and deletes the tokens of saved
 * methods.
 */
const PROCESSOR_SETTINGS: ReadonlySet<string> = new Set(['processor', 'processor-key'])

/** Adds `paydesk customer erase`. */
export function addEraseCommand(customer: Command, environment: Environment): void {
  withSettings(
    customer.command('erase'),
    ({ name }) => DATABASE_SETTINGS.has(name) || PROCESSOR_SETTINGS.has(name),
  )
    .argument(
      '<customer>',
      'the customer: an id, or an e-mail address as it is stored, which means all customers of the account with this address',
      idOrEmailFrom,
    )
    .description(
      'Erase the personal data of a customer from the database, and report the data that is kept, with the reason. The ledger needs amounts, times, references, and the last digits of instruments. The command works on the database, beside running servers, and can be interrupted and run again. It refuses a customer with open sessions, payment links, mandates or virtual accounts. A payment at the processor, the saving of a payment method and an open dispute must end first. In live mode set --processor, so that the processor deletes the tokens of saved methods. Begin with --dry-run.',
    )
    .option(
      '--account <id>',
      'the account of the customer. Necessary for an e-mail address if there is more than one account',
      accountIdsFrom,
    )
    .option('--cancel', 'cancel open sessions, payment links, mandates and virtual accounts first')
    .option('--dry-run', 'count the rows, and change nothing')
    .addOption(jsonOption())
    .action((name: string, flags: EraseFlags) =>
      withExistingCore(flags, environment, async (core) => {
        const subject = await findSubject(core, name, flags.account)
        const processor = await openProcessor(core, flags, environment)
        try {
          await erase(
            { ...withOsUser(core, environment), processor: processor.guarded },
            subject,
            flags,
          )
        } finally {
          processor.close()
        }
      }),
    )
}

function idOrEmailFrom(text: string): string {
  if (!text.includes('@') && parseId(text) === undefined) {
    throw new InvalidArgumentError('It must be an id of 1 to 16 digits, or an e-mail address.')
  }
  return text
}

/** The maximum number of customers with one e-mail address that one run erases. */
const CUSTOMER_COUNT_MAX = 200

/**
 * Finds the customer with an id, or all customers with an e-mail address. Throws CommandRefused for an unknown id, and
 * for an e-mail address if several accounts can have the customer.
 */
async function findSubject(
  { store }: Core,
  name: string,
  accountIds: readonly AccountId[] | undefined,
): Promise<ErasureSubject> {
  if (!name.includes('@')) {
    const id = parseId<CustomerId>(name)
    const foundCustomer = id && (await store.customers.find(id))
    const isOfAccount =
      accountIds === undefined || (foundCustomer && accountIds.includes(foundCustomer.accountId))
    if (foundCustomer === undefined || !isOfAccount)
      throw new CommandRefused(`There is no customer ${name}.`)
    return subjectOf(foundCustomer.accountId, [foundCustomer], [])
  }
  const accounts = await store.accounts.list()
  const wantedAccounts = accounts.filter(({ id }) => accountIds?.includes(id) ?? true)
  const [account] = wantedAccounts
  if (account === undefined || wantedAccounts.length > 1) {
    throw new CommandRefused(
      account === undefined
        ? 'There is no such account.'
        : 'There are several accounts, and each can have this customer. Name one with --account.',
      EXIT_CODES.usage.code,
    )
  }
  const page = { page: 1, perPage: CUSTOMER_COUNT_MAX }
  const { items } = await store.customers.list(account.id, { searchText: name }, page)
  return subjectOf(account.id, items, [name])
}

function subjectOf(
  accountId: AccountId,
  customers: readonly CustomerRecord[],
  emails: readonly string[],
): ErasureSubject {
  const distinctValues = <Value>(values: readonly (Value | undefined)[]) => [
    ...new Set(values.filter((value) => value !== undefined)),
  ]
  return {
    accountId,
    customers,
    emails: distinctValues([...emails, ...customers.map(({ email }) => email)]),
    phones: distinctValues(customers.map(({ phone }) => phone?.digits)),
  }
}

/**
 * Opens the configured processor, or the sandbox's own. In the result, `guarded` is undefined in live mode if no
 * processor is configured.
 */
async function openProcessor(core: Core, flags: Flags, environment: Environment) {
  const settings = await settingsFor(flags, environment)
  const [{ connectServer, guardFor, loadModule }, { processorsFor }] = await Promise.all([
    import('../server/load-processor.ts'),
    import('../server/open-tenant.ts'),
  ])
  if (settings.processor === undefined) {
    const own =
      core.mode === 'live'
        ? undefined
        : processorsFor({ logger: core.logger, module: undefined, settings }, core).processor
    return { guarded: own, close: () => {} }
  }
  const guard = guardFor(core.logger)
  if (settings.processor.kind === 'module') {
    return {
      guarded: guard(await loadModule(settings.processor.path), core.clock),
      close: () => {},
    }
  }
  const server = { url: settings.processor.url, keys: settings.processorKeys }
  const { processor, sender } = await connectServer(server)
  return { guarded: guard(processor, core.clock), close: sender.close }
}

const PARTS: Readonly<Record<ErasurePart, string>> = {
  check: 'looking for open payments',
  cancel: 'canceling',
  erase: 'erasing',
}

async function erase(
  deps: Parameters<typeof eraseCustomer>[0],
  subject: ErasureSubject,
  flags: EraseFlags,
): Promise<void> {
  const isDryRun = flags.dryRun === true
  const interruption = watchInterruption()
  const progress = createProgress()
  let report: ErasureReport
  try {
    report = await eraseCustomer(deps, {
      ...subject,
      isDryRun,
      cancels: flags.cancel === true,
      signal: interruption.signal,
      onStep: ({ objectCount, part }) =>
        progress.show({
          count: objectCount,
          text: `${PARTS[part]}: ${objectCount.toLocaleString('en')} objects`,
        }),
    })
  } catch (error) {
    const name = interruption.signalName()
    if (name === undefined) throw error
    progress.end()
    return reportInterruption(
      name,
      'The erasure was interrupted. Run it again to continue.',
      flags.json === true,
    )
  } finally {
    progress.end()
    interruption.stop()
  }
  if (report.obstacles.length > 0 && !isDryRun) throw refusalOf(deps, report.obstacles, flags)
  printReport(subject, report, flags)
}

/** The maximum number of obstacles that an error names. */
const NAMED_COUNT_MAX = 5

function refusalOf(
  { processor }: { readonly processor: unknown },
  obstacles: readonly Obstacle[],
  { cancel }: EraseFlags,
): CommandRefused {
  const obstacleTexts = obstacles
    .slice(0, NAMED_COUNT_MAX)
    .map(
      ({ object, state }) => `${object.kind.replaceAll('_', ' ')} ${object.id} is ${STATES[state]}`,
    )
  const more =
    obstacles.length > NAMED_COUNT_MAX ? `, and ${obstacles.length - NAMED_COUNT_MAX} more` : ''
  return new CommandRefused(
    `Nothing was erased, because of these objects: ${obstacleTexts.join(', ')}${more}. ${adviceOn(obstacles, cancel === true, processor !== undefined)}`,
  )
}

const STATES: Readonly<Record<Obstacle['state'], string>> = {
  open: 'open',
  in_progress: 'in progress at the processor',
  disputed: 'disputed',
}

function adviceOn(
  obstacles: readonly Obstacle[],
  hasCanceled: boolean,
  hasProcessor: boolean,
): string {
  const has = (wantedState: Obstacle['state']) =>
    obstacles.some(({ state }) => state === wantedState)
  if (has('disputed')) return 'Run the command again after the decision of the bank.'
  if (has('in_progress')) return 'Run the command again when the objects in progress have ended.'
  if (!hasCanceled) return 'To cancel these objects first, add --cancel.'
  return hasProcessor
    ? 'The processor did not confirm the cancellation. Run the command again.'
    : 'Only the processor can end a mandate: name the processor with --processor.'
}

function printReport(
  { accountId, customers }: ErasureSubject,
  report: ErasureReport,
  flags: EraseFlags,
): void {
  const { counts, obstacles, othersCount, tokenCount } = report
  const isDryRun = flags.dryRun === true
  const rows = ERASED_KINDS.flatMap((kind) => {
    const count = counts[kind]
    return count === undefined || count.foundCount === 0 ? [] : [{ kind, ...count }]
  })
  if (flags.json === true) {
    printJson({
      is_dry_run: isDryRun,
      account_id: accountId,
      customer_ids: customers.map(({ id }) => id),
      kinds: rows.map(({ erasedCount, foundCount, kind }) => ({
        kind,
        row_count: foundCount,
        erased_count: erasedCount,
        kept: keptOf(kind),
      })),
      open_token_count: tokenCount,
      others_count: othersCount,
      obstacles: obstacles.map(({ object, state }) => ({ ...object, state })),
    })
    return
  }
  printColumns(
    ['Rows', ' Found', isDryRun ? ' Would be erased' : ' Erased', 'Kept'],
    rows.map(({ erasedCount, foundCount, kind }) => [
      kind.replaceAll('_', ' '),
      foundCount.toLocaleString('en'),
      erasedCount.toLocaleString('en'),
      keptOf(kind)
        .map(({ columns }) => columns.join(', '))
        .join(', '),
    ]),
  )
  for (const reason of new Set(rows.flatMap(({ kind }) => keptOf(kind)))) {
    print(`Kept: ${reason.columns.join(', ')}: ${reason.reason}.`)
  }
  print(
    'Kept: ids, amounts, currencies, times and statuses, because the ledger and accounting laws require them.',
  )
  if (othersCount > 0) {
    print(
      `Kept: ${countText(othersCount, 'object')} of other customers with the same e-mail address or phone number.`,
    )
  }
  if (tokenCount > 0) print(tokenText(tokenCount, isDryRun))
  for (const { object, state } of obstacles) {
    const name = `${object.kind.replaceAll('_', ' ')} ${object.id}`
    print(
      state === 'open' && flags.cancel === true
        ? `The erasure would first cancel ${name}.`
        : `The erasure is not possible yet: ${name} is ${STATES[state]}.`,
    )
  }
  print(
    isDryRun
      ? 'Nothing was erased. To erase, run the command without --dry-run.'
      : erasedCountOf(counts) === 0
        ? 'There was nothing left to erase.'
        : 'Backups, exports and snapshots that were made before still have the data.',
  )
}

/** The sentences about the processor's tokens. A dry run also counts the tokens of methods that are not deleted yet. */
function tokenText(count: number, isDryRun: boolean): string {
  const tokens = `${countText(count, 'token')} of saved methods`
  const object = count === 1 ? 'it' : 'them'
  return isDryRun
    ? `The processor has ${tokens}. After the erasure, servers ask the processor to delete ${object}. With --processor this command asks, too.`
    : `The processor still has ${tokens}. Servers ask the processor to delete ${object}. With --processor this command asks, too.`
}

/** Returns the columns that rows of a kind keep, by their reason. */
function keptOf(
  kind: ErasedKind,
): readonly { readonly columns: readonly string[]; readonly reason: string }[] {
  const byReason = new Map<KeptReason, string[]>()
  for (const table of Object.values(PERSONAL_TABLES)) {
    if (table.kind !== kind) continue
    for (const [column, reason] of Object.entries(table.kept ?? {})) {
      byReason.set(reason, [...(byReason.get(reason) ?? []), column])
    }
  }
  return [...byReason].map(([reason, columns]) => ({ columns, reason: KEPT_REASONS[reason] }))
}
