import { type Command, InvalidArgumentError, Option } from 'commander'
import { isStatementDescriptor, statementDescriptorOf } from '../domain/account.ts'
import { parseAccountId } from '../domain/id.ts'
import { isOrigin } from '../domain/origin.ts'
import { type Edition, PAYMENT_METHODS } from '../domain/payment-method.ts'
import { createAccount } from '../operations/create-account.ts'
import type { Core } from '../server/core.ts'
import {
  newPageOf,
  type PageFlags,
  pageChangeOf,
  storeLogo,
  withPageFlags,
} from './account-page-flags.ts'
import type { Environment, Flags } from './arguments.ts'
import { CommandRefused } from './command-refused.ts'
import { onDatabase, withCore, withExistingCore } from './database-command.ts'
import { nameFrom } from './name-argument.ts'
import { print, printTable } from './output.ts'

/** The flags of `paydesk account create`, as their parsers give them. */
type CreateFlags = Flags &
  PageFlags & {
    readonly name: string
    readonly edition: Edition
    readonly frameOrigin: readonly string[]
    readonly statementDescriptor?: string
  }

/** Adds `paydesk account`. */
export function addAccountCommands(program: Command, environment: Environment): void {
  const account = program.command('account').description('The merchant accounts of a database.')
  withPageFlags(onDatabase(account, 'create'))
    .description('Create a merchant account. Its secrets are shown only once.')
    .requiredOption('--name <text>', 'the name that customers see', nameFrom)
    .requiredOption(
      '--edition <IN|US>',
      'the edition, which sets its currencies and payment methods',
      editionFrom,
    )
    .addOption(
      new Option(
        '--frame-origin <origin...>',
        'an origin whose pages may show the widget, such as https://shop.example',
      )
        .argParser(frameOriginsFrom)
        .default([], 'none'),
    )
    .option(
      '--statement-descriptor <text>',
      'the text on customers’ statements, at most 22 characters. Default: the start of the name',
      statementDescriptorFrom,
    )
    .action((flags: CreateFlags) =>
      withCore(flags, environment, async (core) => {
        const { edition, frameOrigin, name, statementDescriptor } = flags
        await core.store.transaction((tx) => storeLogo(tx, flags, core.clock.nowMs()))
        const { account: created, secrets } = await createAccount(core, name, edition, {
          frameOrigins: frameOrigin,
          ...newPageOf(flags),
          ...(statementDescriptor !== undefined && { statementDescriptor }),
        })
        printTable([
          ['Account id', created.id],
          ['Edition', created.edition],
          ['Methods', created.paymentMethods.join(', ')],
          ['On statements', statementDescriptorOf(created)],
          ['Signing key', secrets.signingKey],
          ['API key', secrets.apiKey],
          ['Owner key', `${secrets.ownerKey}  (confirms consent pages in live mode)`],
        ])
      }),
    )
  withPageFlags(onDatabase(account, 'update'))
    .description(
      'Change the checkout page of an account. Settings without a flag stay; the value none removes a setting.',
    )
    .argument('<account id>', 'the account')
    .action((id: string, flags: Flags & PageFlags) =>
      withExistingCore(flags, environment, (core) => update(core, id, flags)),
    )
  onDatabase(account, 'list')
    .description('List the accounts.')
    .action((flags: Flags) =>
      withExistingCore(flags, environment, async ({ store }) => {
        for (const { id, edition, name } of await store.accounts.list())
          print(`${id}  ${edition}  ${name}`)
      }),
    )
}

async function update(
  { clock, store }: Pick<Core, 'clock' | 'store'>,
  id: string,
  flags: PageFlags,
): Promise<void> {
  const change = pageChangeOf(flags)
  if (Object.keys(change).length === 0) {
    throw new CommandRefused(
      'Name a setting to change. For the list: paydesk account update --help',
    )
  }
  const accountId = parseAccountId(id)
  const isStored =
    accountId !== undefined &&
    (await store.transaction(async (tx) => {
      await storeLogo(tx, flags, clock.nowMs())
      return tx.accounts.updatePage(accountId, change)
    }))
  if (!isStored)
    throw new CommandRefused(`There is no account ${id}. For the list: paydesk account list`)
  print(`Changed account ${id}.`)
}

function frameOriginsFrom(value: string, before: readonly string[]): readonly string[] {
  if (!isOrigin(value)) {
    throw new InvalidArgumentError(
      'It must be an origin: scheme, host and port, without a slash at the end.',
    )
  }
  return [...before, value]
}

function statementDescriptorFrom(value: string): string {
  if (!isStatementDescriptor(value)) {
    throw new InvalidArgumentError('It must have 1 to 22 characters on one line.')
  }
  return value
}

function editionFrom(text: string): Edition {
  if (!isEdition(text)) throw new InvalidArgumentError('The editions are IN and US.')
  return text
}

function isEdition(text: string): text is Edition {
  return Object.hasOwn(PAYMENT_METHODS, text)
}
