import { type Command, InvalidArgumentError, Option } from 'commander'
import type { AccountId } from '../domain/id.ts'
import type { Client } from '../domain/records.ts'
import { ANSWER_PARAMETERS, isRedirectUri } from '../domain/redirect-uri.ts'
import { createClient } from '../operations/create-client.ts'
import { accountIdsFrom, type Environment, type Flags } from './arguments.ts'
import { CommandRefused } from './command-refused.ts'
import { onDatabase, withCore, withExistingCore } from './database-command.ts'
import { jsonOption } from './json-option.ts'
import { nameFrom } from './name-argument.ts'
import { asOperator } from './operator.ts'
import { print, printJson, printTable } from './output.ts'

/** The flags of `paydesk client create`, as their parsers give them. */
type CreateFlags = Flags & {
  readonly name: string
  readonly account: readonly AccountId[]
  readonly redirectUri: readonly string[]
  readonly machine: boolean
}

/** Adds `paydesk client`. */
export function addClientCommands(program: Command, environment: Environment): void {
  const client = program.command('client').description('The OAuth clients of a database.')
  onDatabase(client, 'create')
    .description('Create an OAuth client. Its secret is shown only once.')
    .requiredOption('--name <text>', 'the name on the consent page', nameFrom)
    .requiredOption('--account <id...>', 'an account that it may access', accountIdsFrom)
    .addOption(
      new Option('--redirect-uri <uri...>', 'a redirect URI for authorization codes')
        .argParser(redirectUrisFrom)
        .default([], 'none'),
    )
    .option('--machine', 'allow tokens without a user (grant type client_credentials)', false)
    .addOption(jsonOption())
    .action((flags: CreateFlags) =>
      withCore(flags, environment, async (core) => {
        const { account: accountIds, machine: isMachine, name, redirectUri: redirectUris } = flags
        for (const id of accountIds) {
          if ((await core.store.accounts.find(id)) === undefined) throw unknownAccount(id)
        }
        const { client: created, secret } = await createClient(asOperator(core, environment), {
          name,
          accountIds,
          redirectUris,
          isMachine,
        })
        if (flags.json === true) {
          return printJson({ ...clientFields(created), client_secret: secret })
        }
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
    .addOption(jsonOption())
    .action((flags: Flags) =>
      withExistingCore(flags, environment, async ({ store }) => {
        const clients = await store.clients.list()
        if (flags.json === true) return printJson(clients.map(clientFields))
        for (const { id, name, accountIds } of clients) {
          print(`${id}  ${name}  (${accountIds.join(', ')})`)
        }
      }),
    )
}

function clientFields({ accountIds, id, isMachine, name, redirectUris }: Client) {
  return {
    client_id: id,
    name,
    account_ids: accountIds,
    redirect_uris: redirectUris,
    is_machine: isMachine,
  }
}

function unknownAccount(id: AccountId): CommandRefused {
  return new CommandRefused(`There is no account ${id}. To list the accounts: paydesk account list`)
}

function redirectUrisFrom(text: string, before: readonly string[]): readonly string[] {
  if (!isRedirectUri(text)) {
    throw new InvalidArgumentError(
      `A redirect URI is https, http on localhost, or com.example.app:/path, without a fragment and without the parameters ${ANSWER_PARAMETERS.join(', ')}.`,
    )
  }
  return [...before, text]
}
