import { type Command, InvalidArgumentError } from 'commander'
import type { AccountId } from '../domain/id.ts'
import { ANSWER_PARAMETERS, isRedirectUri } from '../domain/redirect-uri.ts'
import { createClient } from '../operations/create-client.ts'
import { accountIdsFrom, type Environment, type Flags } from './arguments.ts'
import { CommandRefused } from './command-refused.ts'
import { onDatabase, withCore, withExistingCore } from './database-command.ts'
import { nameFrom } from './name-argument.ts'
import { print, printTable } from './output.ts'

/** Adds `paydesk client`. */
export function addClientCommands(program: Command, environment: Environment): void {
  const client = program.command('client').description('The OAuth clients of a database.')
  onDatabase(client, 'create')
    .description('Create an OAuth client. Its secret is printed this once.')
    .requiredOption('--name <text>', 'what an account’s owner sees on the consent page', nameFrom)
    .requiredOption('--account <id...>', 'the accounts whose owners can let it in', accountIdsFrom)
    .option(
      '--redirect-uri <uri...>',
      'where authorization codes may be sent',
      redirectUrisFrom,
      [],
    )
    .option('--machine', 'may get tokens in its own name (client_credentials)', false)
    .action((flags: Flags) =>
      withCore(flags, environment, async (core) => {
        const accountIds = flags.account as readonly AccountId[]
        for (const id of accountIds) {
          if ((await core.store.accounts.find(id)) === undefined) throw unknownAccount(id)
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
      withExistingCore(flags, environment, async ({ store }) => {
        for (const { id, name, accountIds } of await store.clients.list()) {
          print(`${id}  ${name}  (${accountIds.join(', ')})`)
        }
      }),
    )
}

function unknownAccount(id: AccountId): CommandRefused {
  return new CommandRefused(`There is no account ${id}. See: paydesk account list`)
}

function redirectUrisFrom(text: string, before: readonly string[]): readonly string[] {
  if (!isRedirectUri(text)) {
    throw new InvalidArgumentError(
      `A redirect URI is https, http on localhost, or com.example.app:/path, without a fragment and without the parameters ${ANSWER_PARAMETERS.join(', ')}.`,
    )
  }
  return [...before, text]
}
