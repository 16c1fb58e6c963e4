import type { Command } from 'commander'
import type { AccountId } from '../domain/id.ts'
import { formatScope, parseScopes, SCOPES } from '../domain/scope.ts'
import { createToken } from '../operations/create-token.ts'
import { ACCESS_TOKEN_LIFE_SECONDS } from '../operations/grant-tokens.ts'
import type { Core } from '../server/core.ts'
import { accountIdsFrom, type Environment, type Flags } from './arguments.ts'
import { CommandRefused } from './command-refused.ts'
import { onDatabase, withCore } from './database-command.ts'
import { jsonOption } from './json-option.ts'
import { asOperator } from './operator.ts'
import { printJson, printTable } from './output.ts'

/** The flags of `paydesk token create`, as their parsers give them. */
type CreateFlags = Flags & {
  readonly scope: string
  readonly client?: string
  readonly account?: readonly AccountId[]
}

/** Adds `paydesk token`. */
export function addTokenCommands(program: Command, environment: Environment): void {
  const token = program.command('token').description('The access tokens of a database.')
  onDatabase(token, 'create')
    .description('Create an access token. It is valid for one hour.')
    .requiredOption(
      '--scope <scopes>',
      `its scopes, separated by commas, such as ${formatScope(SCOPES[0])}`,
    )
    .option('--client <id>', 'the client of the token. Default: the only client')
    .option(
      '--account <id...>',
      'an account that it is valid for. Default: all accounts of the client',
      accountIdsFrom,
    )
    .addOption(jsonOption())
    .action((flags: CreateFlags) =>
      withCore(flags, environment, async (core) => {
        const parsed = parseScopes(flags.scope, core.mode)
        if ('unknownScope' in parsed) {
          throw new CommandRefused(
            `${parsed.unknownScope} is not a scope. The scopes are: ${SCOPES.map(formatScope).join(', ')}.`,
          )
        }
        const client = await clientFor(core, flags.client)
        const accountIds = flags.account ?? client.accountIds
        const granted = await createToken(
          asOperator(core, environment),
          client,
          parsed.scopes,
          accountIds,
        )
        if ('error' in granted) throw new CommandRefused(`No token: ${granted.description}.`)
        if (flags.json === true) {
          return printJson({
            access_token: granted.accessToken,
            scopes: granted.scopes.map(formatScope),
            account_ids: accountIds,
            expires_in: ACCESS_TOKEN_LIFE_SECONDS,
          })
        }
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
    const client = await store.clients.find(id)
    if (client === undefined) {
      throw new CommandRefused(`There is no client ${id}. To list the clients: paydesk client list`)
    }
    return client
  }
  const [only, ...others] = await store.clients.list()
  if (only === undefined)
    throw new CommandRefused(
      'There is no client yet. To create one: paydesk client create. A sandbox gets one when it is first served.',
    )
  if (others.length > 0) {
    throw new CommandRefused(
      'There are several clients. Name one with --client. To list them: paydesk client list',
    )
  }
  return only
}
