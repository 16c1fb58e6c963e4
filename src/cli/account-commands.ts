import { type Command, InvalidArgumentError } from 'commander'
import { isStatementDescriptor, statementDescriptorOf } from '../domain/account.ts'
import { isBrandColor } from '../domain/brand-color.ts'
import { isOrigin } from '../domain/origin.ts'
import { type Edition, PAYMENT_METHODS } from '../domain/payment-method.ts'
import { createAccount } from '../operations/create-account.ts'
import type { Environment, Flags } from './arguments.ts'
import { onDatabase, withCore, withExistingCore } from './database-command.ts'
import { nameFrom } from './name-argument.ts'
import { print, printTable } from './output.ts'

/** Adds `paydesk account`. */
export function addAccountCommands(program: Command, environment: Environment): void {
  const account = program.command('account').description('The merchant accounts of a database.')
  onDatabase(account, 'create')
    .description('Create an account. Its secrets are printed this once.')
    .requiredOption('--name <text>', 'what customers see', nameFrom)
    .requiredOption('--edition <IN|US>', 'which currencies and methods it takes', editionFrom)
    .option(
      '--frame-origin <origin...>',
      'pages that may show the widget, such as https://shop.example',
      frameOriginsFrom,
      [],
    )
    .option('--brand-color <hex>', 'the colour of the button, such as #1a56db', brandColorFrom)
    .option(
      '--statement-descriptor <text>',
      'what customers’ statements show, at most 22 characters. Default: the name, cut',
      statementDescriptorFrom,
    )
    .action((flags: Flags) =>
      withCore(flags, environment, async (core) => {
        const edition = flags.edition as Edition
        const { account: created, secrets } = await createAccount(
          core,
          String(flags.name),
          edition,
          {
            frameOrigins: flags.frameOrigin as readonly string[],
            ...(flags.brandColor !== undefined && { brandColor: String(flags.brandColor) }),
            ...(flags.statementDescriptor !== undefined && {
              statementDescriptor: String(flags.statementDescriptor),
            }),
          },
        )
        printTable([
          ['Account id', created.id],
          ['Edition', created.edition],
          ['Methods', created.paymentMethods.join(', ')],
          ['On statements', statementDescriptorOf(created)],
          ['Signing key', secrets.signingKey],
          ['API key', secrets.apiKey],
          ['Owner key', `${secrets.ownerKey}  (answers a consent page in live mode)`],
        ])
      }),
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

function frameOriginsFrom(value: string, before: readonly string[]): readonly string[] {
  if (!isOrigin(value)) {
    throw new InvalidArgumentError(
      'It must be an origin: scheme, host and port, no slash at its end.',
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

function brandColorFrom(value: string): string {
  const color = value.toLowerCase()
  if (!isBrandColor(color)) throw new InvalidArgumentError('It must be a colour like #1a56db.')
  return color
}

function editionFrom(text: string): Edition {
  if (!Object.hasOwn(PAYMENT_METHODS, text))
    throw new InvalidArgumentError('Editions are IN and US.')
  return text as Edition
}
