import { type Command, InvalidArgumentError, Option } from 'commander'
import { type Account, statementDescriptorOf } from '../domain/account.ts'
import { accountDayAt, accountDayStartMs } from '../domain/account-day.ts'
import { ACCOUNT_KEY_NAMES, type AccountKeyName } from '../domain/account-key-name.ts'
import { FEE_CHANGE_COUNT_MAX, feeRatesAt, percentOf } from '../domain/fee.ts'
import type { AccountId } from '../domain/id.ts'
import { type Edition, PAYMENT_METHODS } from '../domain/payment-method.ts'
import { closeAccount, reopenAccount } from '../operations/close-account.ts'
import { createAccount } from '../operations/create-account.ts'
import { rotateAccountKeys } from '../operations/rotate-account-keys.ts'
import { updateAccount } from '../operations/update-account.ts'
import type { Core } from '../server/core.ts'
import { accountFields, accountKeyFields } from '../wire/account.ts'
import { newPageOf, type PageFlags, withPageFlags } from './account-page-flags.ts'
import {
  createSettingsOf,
  type SettingFlags,
  settingChangeOf,
  withFeeFlags,
  withSettingFlags,
} from './account-setting-flags.ts'
import { accountIdFrom, type Environment, type Flags } from './arguments.ts'
import { CommandRefused, nothingToChange } from './command-refused.ts'
import { onDatabase, pastableOnDatabase, withCore, withExistingCore } from './database-command.ts'
import { EXIT_CODES } from './exit-codes.ts'
import { jsonOption } from './json-option.ts'
import { nameFrom } from './name-argument.ts'
import { withOsUser } from './os-user.ts'
import { print, printColumns, printJson, printTable, showTime, untilText } from './output.ts'
import { withOverlap } from './overlap-argument.ts'

type CreateFlags = Flags &
  PageFlags &
  SettingFlags & { readonly name: string; readonly edition: Edition }

/** Adds `paydesk account`. */
export function addAccountCommands(program: Command, environment: Environment): void {
  const account = program.command('account').description('The merchant accounts of a database.')
  addCreate(account, environment)
  onDatabase(account, 'list')
    .description('List the accounts.')
    .addOption(jsonOption())
    .action((flags: Flags) =>
      withExistingCore(flags, environment, async ({ store }) => {
        const accounts = await store.accounts.list()
        if (flags.json === true) return printJson(accounts.map(accountFields))
        if (accounts.length === 0) {
          return print(`No accounts. To create one: ${pastableOnDatabase('account create', flags)}`)
        }
        printColumns(
          ['Account', 'Edition', 'Status', 'Name'],
          accounts.map(({ closedAtMs, edition, id, name }) => [
            id,
            edition,
            closedAtMs === undefined ? 'open' : 'closed',
            name,
          ]),
        )
      }),
    )
  onDatabase(account, 'show')
    .argument('<account_id>', 'the account', accountIdFrom)
    .description('Show an account, without its secrets.')
    .addOption(jsonOption())
    .action((id: AccountId, flags: Flags) =>
      withExistingCore(flags, environment, async ({ clock, store }) => {
        const account = await store.accounts.find(id)
        const keys = account && (await store.accounts.findKeys(account.id))
        if (account === undefined || keys === undefined) throw unknownAccount(id, flags)
        const ends = accountKeyFields(keys, clock.nowMs())
        if (flags.json === true) return printJson({ ...accountFields(account), ...ends })
        printAccount(account, ends, clock.nowMs())
      }),
    )
  addUpdate(account, environment)
  addClosing(account, environment)
  addRotate(account, environment)
}

function addCreate(account: Command, environment: Environment): void {
  withPageFlags(withFeeFlags(withSettingFlags(onDatabase(account, 'create'))))
    .description('Create a merchant account. Its secrets are shown only once.')
    .requiredOption('--name <text>', 'the name that customers see', nameFrom)
    .requiredOption(
      '--edition <IN|US>',
      'the country’s version of Zoho Payments, IN (India) or US: it sets the currencies and payment methods of the account',
      editionFrom,
    )
    .addOption(jsonOption())
    .action((flags: CreateFlags) =>
      withCore(flags, environment, async (core) => {
        const { edition, name } = flags
        const { account, secrets } = await createAccount(
          withOsUser(core, environment),
          name,
          edition,
          { ...createSettingsOf(flags), ...newPageOf(flags) },
        )
        const { apiKey, ownerKey, signingKey } = secrets
        if (flags.json === true) {
          const keys = { signing_key: signingKey, api_key: apiKey, owner_key: ownerKey }
          return printJson({ ...accountFields(account), ...keys })
        }
        printTable([
          ['Account id', account.id],
          ['Edition', account.edition],
          ['Methods', account.paymentMethods.join(', ')],
          ['On statements', statementDescriptorOf(account)],
          ['Signing key', signingKey],
          ['API key', apiKey],
          ['Owner key', `${ownerKey}  (confirms consent pages in live mode)`],
        ])
        print('The three keys are not shown again: store them now.')
      }),
    )
}

type UpdateFlags = Flags &
  PageFlags &
  SettingFlags & { readonly name?: string; readonly ratesFrom?: Date }

function addUpdate(account: Command, environment: Environment): void {
  withPageFlags(withFeeFlags(withSettingFlags(onDatabase(account, 'update'))))
    .description(
      'Change the settings of an account. A setting without a flag does not change. The value `none` of --frame-origin, --statement-descriptor, --brand-color, --logo, --terms-url or --privacy-url removes that setting. Servers use the new settings within 20 seconds.',
    )
    .argument('<account_id>', 'the account', accountIdFrom)
    .option('--name <text>', 'the name that customers see', nameFrom)
    .option(
      '--rates-from <date>',
      'the first day of the new rates, in the account’s time zone, such as 2027-01-01. Default: from now on',
      dateFrom,
    )
    .addOption(jsonOption())
    .action((id: AccountId, flags: UpdateFlags) =>
      withExistingCore(flags, environment, (core) => update(core, environment, id, flags)),
    )
}

async function update(
  core: Core,
  environment: Environment,
  id: AccountId,
  flags: UpdateFlags,
): Promise<void> {
  const before = await core.store.accounts.find(id)
  if (before === undefined) throw unknownAccount(id, flags)
  const change = settingChangeOf(flags, feeRatesAt(before, core.clock.nowMs()), before.edition)
  if (Object.keys(change).length === 0) {
    if (flags.ratesFrom === undefined) throw nothingToChange('account update', 'setting')
    throw new CommandRefused('--rates-from needs --fee-rate or --tax-rate.', EXIT_CODES.usage.code)
  }
  const result = await updateAccount(withOsUser(core, environment), before.id, change)
  if (result === undefined) throw unknownAccount(id, flags)
  if ('refused' in result) {
    throw result.refused === 'rates_in_the_past'
      ? new CommandRefused(
          `--rates-from must be later than today, which is ${accountDay(before.edition, core.clock.nowMs())} in the account’s time zone: the fees of past payments do not change. Without the flag the rates apply from now on.`,
          EXIT_CODES.usage.code,
        )
      : new CommandRefused(
          `An account can have at most ${FEE_CHANGE_COUNT_MAX} changes of its rates.`,
        )
  }
  if (flags.json === true) return printJson(accountFields(result.account))
  print(
    result.isChanged
      ? `Changed account ${id}.`
      : `Account ${id} already has these settings. Nothing was changed.`,
  )
}

function addClosing(account: Command, environment: Environment): void {
  onDatabase(account, 'close')
    .argument('<account_id>', 'the account', accountIdFrom)
    .description(
      'Close an account. After at most 20 seconds the API refuses new sessions, payment links, virtual accounts, charges and debits of the account. Open sessions can still be paid, and payments refunded.',
    )
    .addOption(jsonOption())
    .action((id: AccountId, flags: Flags) => change(id, flags, closeAccount, 'closed'))
  onDatabase(account, 'reopen')
    .argument('<account_id>', 'the account', accountIdFrom)
    .description('Open a closed account again.')
    .addOption(jsonOption())
    .action((id: AccountId, flags: Flags) => change(id, flags, reopenAccount, 'open'))

  const change = (
    id: AccountId,
    flags: Flags,
    act: typeof closeAccount,
    status: 'closed' | 'open',
  ) =>
    withExistingCore(flags, environment, async (core) => {
      const result = await act(withOsUser(core, environment), id)
      if (result === undefined) throw unknownAccount(id, flags)
      if (flags.json === true) return printJson(accountFields(result.account))
      print(
        result.isChanged
          ? `Account ${id} is ${status}. Every server applies this within 20 seconds.`
          : `Account ${id} is already ${status}.`,
      )
    })
}

type RotateFlags = Flags & { readonly key: readonly AccountKeyName[]; readonly overlap: number }

function addRotate(account: Command, environment: Environment): void {
  withOverlap(onDatabase(account, 'rotate-keys'))
    .argument('<account_id>', 'the account', accountIdFrom)
    .description(
      'Replace keys of an account. The new keys are shown only once. During the overlap the replaced keys stay valid, and Paydesk signs with the replaced signing key. After the overlap Paydesk signs with the new key. A second rotation of a key within the overlap ends the older replaced key within 20 seconds.',
    )
    .addOption(
      new Option(
        '--key <name...>',
        'the keys to replace: `signing` for redirects, `api` for the widget, `owner` for consent pages',
      )
        .choices(ACCOUNT_KEY_NAMES)
        .makeOptionMandatory(),
    )
    .addOption(jsonOption())
    .action((id: AccountId, flags: RotateFlags) =>
      withExistingCore(flags, environment, async (core) => {
        const actingCore = withOsUser(core, environment)
        const result = await rotateAccountKeys(actingCore, id, flags.key, flags.overlap)
        if (result === undefined) throw unknownAccount(id, flags)
        const ends = accountKeyFields(result.keys, core.clock.nowMs())
        const { api, owner, signing } = result.secrets
        if (flags.json === true) {
          const secrets = { signing_key: signing, api_key: api, owner_key: owner }
          return printJson({ account_id: id, ...secrets, ...ends })
        }
        printTable([
          ['Signing key', signing],
          ['API key', api],
          ['Owner key', owner],
        ])
        print(rotationNote(flags, core.clock.nowMs()))
      }),
    )
}

/** Writes the sentences below new keys: until when the previous keys are valid. */
function rotationNote({ key, overlap }: RotateFlags, nowMs: number): string {
  const isOne = new Set(key).size === 1
  if (overlap === 0) {
    return `The previous ${isOne ? 'key stops' : 'keys stop'} working within 20 seconds.`
  }
  const until = `The previous ${isOne ? 'key is' : 'keys are'} valid until ${showTime(nowMs + overlap)}.`
  return key.includes('signing')
    ? `${until} Until then Paydesk signs with the previous signing key, and after that with the new one: accept both keys from now on.`
    : until
}

type KeyEnds = ReturnType<typeof accountKeyFields>

function printAccount(account: Account, ends: KeyEnds, nowMs: number): void {
  const rates = feeRatesAt(account, nowMs)
  const { closedAtMs, feeChanges = [] } = account
  printTable([
    ['Account id', account.id],
    ['Name', account.name],
    ['Edition', account.edition],
    ['Status', closedAtMs === undefined ? 'open' : `closed since ${showTime(closedAtMs)}`],
    ['Methods', account.paymentMethods.join(', ')],
    [
      'Fee',
      `${percentOf(rates.feeRateBps)} %, and ${percentOf(rates.taxRateBps)} % tax on the fee`,
    ],
    ['On statements', statementDescriptorOf(account)],
    ['Frame origins', account.frameOrigins.join(', ') || 'none: no page can show the widget'],
    ['Brand color', account.brandColor],
    ['Logo', account.logoFile],
    ['Terms', account.termsUrl],
    ['Privacy', account.privacyUrl],
    ['Powered by', account.hidesPoweredBy === true ? 'off' : 'on'],
    ['Old signing key', untilText(ends.previous_signing_key_expires)],
    ['Old API key', untilText(ends.previous_api_key_expires)],
    ['Old owner key', untilText(ends.previous_owner_key_expires)],
  ])
  if (feeChanges.length === 0) return
  print('')
  const rows = [account.feeRates, ...feeChanges].map((rate, index) => [
    index === 0 ? 'the start' : rateTime(account.edition, feeChanges[index - 1]?.fromMs ?? 0),
    `${percentOf(rate.feeRateBps)} %`,
    `${percentOf(rate.taxRateBps)} %`,
  ])
  printColumns(['Rates from', ' Fee', ' Tax on the fee'], rows)
}

/**
 * Returns the minutes by which the account's time zone is ahead of UTC. The days from which rates apply begin in this
 * zone.
 */
function accountOffset(edition: Edition, atMs: number): number {
  const { day, month, year } = accountDayAt(edition, atMs)
  return (Date.UTC(year, month, day) - accountDayStartMs(edition, { day, month, year })) / 60_000
}

function rateTime(edition: Edition, atMs: number): string {
  return showTime(atMs, accountOffset(edition, atMs))
}

function accountDay(edition: Edition, atMs: number): string {
  return showTime(atMs, accountOffset(edition, atMs)).slice(0, 'YYYY-MM-DD'.length)
}

/** Makes the error for an account that does not exist. */
export function unknownAccount(id: AccountId | string, flags: Flags): CommandRefused {
  return new CommandRefused(
    `There is no account ${id}. To list the accounts: ${pastableOnDatabase('account list', flags)}`,
  )
}

function dateFrom(text: string): Date {
  const date = new Date(`${text}T00:00:00Z`)
  // A day that does not exist, such as 30 February, is another day in the result.
  const isDay =
    /^\d{4}-\d{2}-\d{2}$/.test(text) &&
    Number.isFinite(date.getTime()) &&
    date.toISOString().startsWith(text)
  if (!isDay) throw new InvalidArgumentError('It must be a day such as 2027-01-01.')
  return date
}

function editionFrom(text: string): Edition {
  if (!isEdition(text)) throw new InvalidArgumentError('The editions are IN and US.')
  return text
}

function isEdition(text: string): text is Edition {
  return Object.hasOwn(PAYMENT_METHODS, text)
}
