import { existsSync, readFileSync } from 'node:fs'
import { Command, CommanderError, InvalidArgumentError } from 'commander'
import { type Config, ConfigUnusable, environmentName, readConfig, SETTINGS } from './config.ts'
import { isBrandColor } from './domain/brand-color.ts'
import { type AccountId, parseAccountId } from './domain/id.ts'
import { isOrigin } from './domain/origin.ts'
import { type Edition, PAYMENT_METHODS } from './domain/payment-method.ts'
import { isRedirectUri } from './domain/redirect-uri.ts'
import { formatScope, parseScopes, SCOPES } from './domain/scope.ts'
import { createAccount } from './operations/create-account.ts'
import { createClient } from './operations/create-client.ts'
import { ACCESS_TOKEN_LIFE_SECONDS, grantToMachine } from './operations/grant-tokens.ts'
import { serve } from './serve.ts'
import { CannotStart, type Core, openCore, openEngine } from './service.ts'
import type { Setting } from './setting.ts'
import { DatabaseUnusable } from './store/engine.ts'
import { migrate } from './store/migrate.ts'

/** A command that cannot be carried out, in a sentence that says what to do next. */
class CommandRefused extends Error {}

type Flags = Record<string, unknown>

const { version: VERSION } = JSON.parse(
  readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
) as { version: string }

/** Runs the command line. Sets the exit code; throws nothing but our own bugs. */
export async function runCli(argv: readonly string[]): Promise<void> {
  try {
    await makeProgram().parseAsync([...argv])
  } catch (error) {
    if (error instanceof CommanderError) {
      // Commander has written its help or its error already.
      process.exitCode = error.exitCode
      return
    }
    const isExpected =
      error instanceof ConfigUnusable ||
      error instanceof DatabaseUnusable ||
      error instanceof CannotStart ||
      error instanceof CommandRefused
    if (!isExpected) throw error
    process.stderr.write(`paydesk: ${error.message.replaceAll('\n', '\npaydesk: ')}\n`)
    process.exitCode = 1
  }
}

/** Makes the whole command line, from which the reference page is printed as well. */
export function makeProgram(): Command {
  const program = new Command('paydesk')
    .description('A payment-session service that speaks the Zoho Payments API.')
    .version(VERSION, '--version', 'print the version')
    .exitOverride()
    .showHelpAfterError('(--help lists what there is)')

  withSettings(
    program
      .command('serve')
      .description('Serve the API: a sandbox with ready accounts, or with --live real payments.'),
    () => true,
  )
    .option('--json', 'print what a sandbox needs to be used as one line of JSON')
    .action((flags: Flags) => serve(readConfig(flags, process.env), flags.json === true))

  onDatabase(program, 'migrate')
    .description('Bring the database’s schema up to date. `serve` does it too.')
    .action(async (flags: Flags) => {
      const engine = await openEngine(configFor(flags))
      try {
        const made = await migrate(engine)
        print(made.length === 0 ? 'The schema is up to date.' : `Migrated: ${made.join(', ')}`)
      } finally {
        await engine.close()
      }
    })

  addAccountCommands(program.command('account').description('The merchant accounts of a database.'))
  addClientCommands(program.command('client').description('The OAuth clients of a database.'))
  addTokenCommands(program.command('token').description('Access tokens.'))
  return program
}

function addAccountCommands(account: Command): void {
  onDatabase(account, 'create')
    .description('Create an account. Its secrets are printed this once.')
    .requiredOption('--name <text>', 'what customers see')
    .requiredOption('--edition <IN|US>', 'which currencies and methods it takes', editionFrom)
    .option(
      '--frame-origin <origin...>',
      'pages that may show the widget, such as https://shop.example',
      frameOriginsFrom,
      [],
    )
    .option('--brand-color <hex>', 'the colour of the button, such as #1a56db', brandColorFrom)
    .action((flags: Flags) =>
      withCore(flags, async (core) => {
        const edition = flags.edition as Edition
        const { account: created, secrets } = await createAccount(
          core,
          String(flags.name),
          edition,
          {
            frameOrigins: flags.frameOrigin as readonly string[],
            ...(flags.brandColor !== undefined && { brandColor: String(flags.brandColor) }),
          },
        )
        printTable([
          ['Account id', created.id],
          ['Edition', created.edition],
          ['Methods', created.paymentMethods.join(', ')],
          ['Signing key', secrets.signingKey],
          ['API key', secrets.apiKey],
          ['Owner key', `${secrets.ownerKey}  (answers a consent page in live mode)`],
        ])
      }),
    )
  onDatabase(account, 'list')
    .description('List the accounts.')
    .action((flags: Flags) =>
      withExistingCore(flags, async ({ store }) => {
        for (const { id, edition, name } of await store.listAccounts())
          print(`${id}  ${edition}  ${name}`)
      }),
    )
}

function addClientCommands(client: Command): void {
  onDatabase(client, 'create')
    .description('Create an OAuth client. Its secret is printed this once.')
    .requiredOption('--name <text>', 'what an account’s owner sees on the consent page')
    .requiredOption('--account <id...>', 'the accounts whose owners can let it in', accountIdsFrom)
    .option(
      '--redirect-uri <uri...>',
      'where authorization codes may be sent',
      redirectUrisFrom,
      [],
    )
    .option('--machine', 'may get tokens in its own name (client_credentials)', false)
    .action((flags: Flags) =>
      withCore(flags, async (core) => {
        const accountIds = flags.account as readonly AccountId[]
        for (const id of accountIds) {
          if ((await core.store.findAccount(id)) === undefined) throw unknownAccount(id)
        }
        const { client: created, secret } = await createClient(core, {
          name: String(flags.name),
          accountIds,
          redirectUris: flags.redirectUri as readonly string[],
          isMachine: flags.machine === true,
        })
        printTable([
          ['Client id', created.id],
          ['Client secret', secret],
          ['Accounts', created.accountIds.join(', ')],
          ['Redirect URIs', created.redirectUris.join(', ') || 'none'],
        ])
      }),
    )
  onDatabase(client, 'list')
    .description('List the OAuth clients.')
    .action((flags: Flags) =>
      withExistingCore(flags, async ({ store }) => {
        for (const { id, name, accountIds } of await store.listClients()) {
          print(`${id}  ${name}  (${accountIds.join(', ')})`)
        }
      }),
    )
}

function addTokenCommands(token: Command): void {
  onDatabase(token, 'create')
    .description('Create an access token for one hour.')
    .requiredOption(
      '--scope <scopes>',
      `what it allows, separated by commas, such as ${formatScope(SCOPES[0])}`,
    )
    .option('--client <id>', 'the client it is given to; without it the only one there is')
    .option(
      '--account <id...>',
      'the accounts it is for; without it all of the client',
      accountIdsFrom,
    )
    .action((flags: Flags) =>
      withCore(flags, async (core) => {
        const asked = parseScopes(String(flags.scope), core.mode)
        if ('unknownScope' in asked) {
          throw new CommandRefused(
            `${asked.unknownScope} is not a scope. There are: ${SCOPES.map(formatScope).join(', ')}.`,
          )
        }
        const client = await clientFor(core, flags.client as string | undefined)
        const accountIds = (flags.account as readonly AccountId[] | undefined) ?? client.accountIds
        // Whoever can write the database may act for any client, machine or not.
        const granted = await grantToMachine(
          core,
          { ...client, isMachine: true },
          asked.scopes,
          accountIds,
        )
        if ('error' in granted) throw new CommandRefused(`No token: ${granted.because}.`)
        printTable([
          ['Access token', granted.accessToken],
          ['Scopes', granted.scopes.map(formatScope).join(' ')],
          ['Accounts', accountIds.join(', ')],
          ['Expires in', `${ACCESS_TOKEN_LIFE_SECONDS} seconds`],
        ])
      }),
    )
}

async function clientFor({ store }: Core, id: string | undefined) {
  if (id !== undefined) {
    const client = await store.findClient(id)
    if (client === undefined) {
      throw new CommandRefused(`There is no client ${id}. See: paydesk client list`)
    }
    return client
  }
  const [only, ...others] = await store.listClients()
  if (only === undefined)
    throw new CommandRefused(
      'There is no client yet. Make one: paydesk client create; a sandbox has one once it was served.',
    )
  if (others.length > 0) {
    throw new CommandRefused(
      'There are several clients. Name one with --client; see: paydesk client list',
    )
  }
  return only
}

function unknownAccount(id: AccountId): CommandRefused {
  return new CommandRefused(`There is no account ${id}. See: paydesk account list`)
}

/** The settings by which a command finds and opens a database. */
const DATABASE_SETTINGS: ReadonlySet<string> = new Set(['data', 'database-url', 'live'])

function onDatabase(parent: Command, name: string): Command {
  return withSettings(parent.command(name), (setting) => DATABASE_SETTINGS.has(setting.name))
}

function withSettings(command: Command, isWanted: (setting: Setting) => boolean): Command {
  const wanted = (Object.values(SETTINGS) as readonly Setting[]).filter(isWanted)
  for (const { name, placeholder, description, defaultText, isSecret, isSandboxValue } of wanted) {
    if (isSecret === true || isSandboxValue === true) continue
    const flag = placeholder === undefined ? `--${name}` : `--${name} ${placeholder}`
    command.option(flag, `${description} Default: ${defaultText.replaceAll('`', '')}.`)
  }
  const variables = wanted.map(environmentName)
  return command.addHelpText(
    'after',
    `\nEach of these has an environment variable too; flags win:\n  ${variables.join('\n  ')}`,
  )
}

function configFor(flags: Flags): Config {
  return readConfig({ ...flags, logLevel: 'warn' }, process.env, { processor: false })
}

async function withCore(flags: Flags, work: (core: Core) => Promise<void>): Promise<void> {
  const core = await openCore(configFor(flags))
  try {
    await work(core)
  } finally {
    await core.store.close()
  }
}

/** For commands that only look: a misspelt file should not become a database. */
async function withExistingCore(flags: Flags, work: (core: Core) => Promise<void>): Promise<void> {
  const { database } = configFor(flags)
  if (database.kind === 'sqlite' && !existsSync(database.file)) {
    throw new CommandRefused(
      `There is no data file ${database.file}. Name one with --data, or make one: paydesk serve`,
    )
  }
  await withCore(flags, work)
}

function frameOriginsFrom(value: string, before: readonly string[]): readonly string[] {
  if (!isOrigin(value)) {
    throw new InvalidArgumentError(
      'It must be an origin: scheme, host and port, no slash at its end.',
    )
  }
  return [...before, value]
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

function accountIdsFrom(text: string, before: readonly AccountId[] = []): readonly AccountId[] {
  const id = parseAccountId(text)
  if (id === undefined) throw new InvalidArgumentError('An account id has digits only.')
  return [...before, id]
}

function redirectUrisFrom(text: string, before: readonly string[]): readonly string[] {
  if (!isRedirectUri(text)) {
    throw new InvalidArgumentError(
      'A redirect URI is https, http on localhost, or com.example.app:/path, without a fragment.',
    )
  }
  return [...before, text]
}

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}

function printTable(rows: readonly (readonly [string, string])[]): void {
  const width = Math.max(...rows.map(([name]) => name.length))
  for (const [name, value] of rows) print(`${name.padEnd(width)}  ${value}`)
}
