import type { Command } from 'commander'
import type { AccountId } from '../domain/id.ts'
import { formatScope, parseScopes, SCOPES } from '../domain/scope.ts'
import { hashSecret } from '../domain/secret.ts'
import { hashStartOf, tokenIdOf } from '../domain/token-id.ts'
import { createToken } from '../operations/create-token.ts'
import { ACCESS_TOKEN_LIFE_SECONDS } from '../operations/grant-tokens.ts'
import { revokeTokenById, revokeTokensOfClient } from '../operations/revoke-tokens.ts'
import type { Core } from '../server/core.ts'
import { tokenFields } from '../wire/token.ts'
import { accountIdsFrom, type Environment, type Flags, rowCountFrom } from './arguments.ts'
import { unknownClient } from './client-commands.ts'
import { CommandRefused } from './command-refused.ts'
import { countText } from './count-text.ts'
import { onDatabase, pastableOnDatabase, withExistingCore } from './database-command.ts'
import { EXIT_CODES } from './exit-codes.ts'
import { jsonOption } from './json-option.ts'
import { withOsUser } from './os-user.ts'
import { print, printColumns, printJson, printTable, showTime } from './output.ts'

type CreateFlags = Flags & {
  readonly scope: string
  readonly client?: string
  readonly account?: readonly AccountId[]
}

/** Adds `paydesk token`. */
export function addTokenCommands(program: Command, environment: Environment): void {
  const token = program.command('token').description('The tokens of a database.')
  addCreate(token, environment)
  addList(token, environment)
  addRevoke(token, environment)
}

function addCreate(token: Command, environment: Environment): void {
  onDatabase(token, 'create')
    .description('Create an access token. It is valid for one hour.')
    .requiredOption(
      '--scope <scopes>',
      `the scopes of the token, separated by commas: ${SCOPES.map(formatScope).join(', ')}`,
    )
    .option('--client <id>', 'the client of the token. Default: the only client')
    .option(
      '--account <id...>',
      'an account for which the token is valid. Default: all accounts of the client',
      accountIdsFrom,
    )
    .addOption(jsonOption())
    .action((flags: CreateFlags) =>
      withExistingCore(flags, environment, async (core) => {
        const result = parseScopes(flags.scope, core.mode)
        if ('unknownScope' in result) {
          throw new CommandRefused(
            `${result.unknownScope} is not a scope. The scopes are: ${SCOPES.map(formatScope).join(', ')}.`,
            EXIT_CODES.usage.code,
          )
        }
        const client = await clientFor(core, flags)
        const accountIds = flags.account ?? client.accountIds
        const tokens = await createToken(
          withOsUser(core, environment),
          client,
          result.scopes,
          accountIds,
        )
        if ('error' in tokens) throw new CommandRefused(`No token: ${tokens.description}.`)
        if (flags.json === true) {
          return printJson({
            access_token: tokens.accessToken,
            token_id: tokenIdOf(hashSecret(tokens.accessToken)),
            scopes: tokens.scopes.map(formatScope),
            account_ids: accountIds,
            expires_in: ACCESS_TOKEN_LIFE_SECONDS,
          })
        }
        printTable([
          ['Access token', tokens.accessToken],
          ['Token id', tokenIdOf(hashSecret(tokens.accessToken))],
          ['Scopes', tokens.scopes.map(formatScope).join(' ')],
          ['Accounts', accountIds.join(', ')],
          ['Expires in', `${ACCESS_TOKEN_LIFE_SECONDS} seconds`],
        ])
      }),
    )
}

type ListFlags = Flags & { readonly client?: string; readonly limit: number }

function addList(token: Command, environment: Environment): void {
  onDatabase(token, 'list')
    .description(
      'List the ids of the tokens that have not expired, sorted by client. The tokens themselves are not shown.',
    )
    .option('--client <id>', 'only the tokens of this client')
    .option('--limit <number>', 'the maximum number of rows', rowCountFrom, 100)
    .addOption(jsonOption())
    .action((flags: ListFlags) =>
      withExistingCore(flags, environment, async ({ clock, store }) => {
        const { client: clientId, limit } = flags
        const filter = clientId === undefined ? {} : { clientId }
        const tokens = await store.tokens.list(filter, clock.nowMs(), limit)
        if (flags.json === true) return printJson(tokens.map(tokenFields))
        if (tokens.length === 0) return print('No tokens.')
        printColumns(
          ['Token id', 'Kind', 'Client', 'Accounts', 'Expires', 'Scopes'],
          tokens.map((one) => [
            tokenIdOf(one.tokenHash),
            one.kind,
            one.clientId,
            one.accountIds.join(', '),
            one.expiresAtMs === undefined ? 'never' : showTime(one.expiresAtMs),
            one.scopes.map(formatScope).join(' '),
          ]),
        )
      }),
    )
}

function addRevoke(token: Command, environment: Environment): void {
  onDatabase(token, 'revoke')
    .argument('[token]', 'the id of a token, such as tok_3q2-7wAAx1Zk, or the token itself')
    .description(
      'Revoke a token, or all tokens of a client. They stop working within 20 seconds. The access tokens of a refresh token are revoked with it.',
    )
    .option('--client <id>', 'all tokens of this client')
    .addOption(jsonOption())
    .action((givenId: string | undefined, flags: Flags & { readonly client?: string }) =>
      withExistingCore(flags, environment, async (core) => {
        const { client } = flags
        if ((givenId === undefined) === (client === undefined)) {
          throw new CommandRefused(
            `Name a token or --client. To list the tokens: ${pastableOnDatabase('token list', flags)}`,
            EXIT_CODES.usage.code,
          )
        }
        const actingCore = withOsUser(core, environment)
        if (client !== undefined) {
          const count = await revokeTokensOfClient(actingCore, client)
          if (count === undefined) throw unknownClient(client, flags)
          if (flags.json === true) return printJson({ client_id: client, revoked_tokens: count })
          return print(
            `Revoked ${countText(count, 'token')} of client ${client}.${count === 0 ? '' : ' Every server refuses them within 20 seconds.'}`,
          )
        }
        const revokedToken = await revokeTokenById(actingCore, idOfToken(givenId ?? ''))
        if (revokedToken === undefined) {
          // The text may be a secret, so it is not repeated.
          throw new CommandRefused(
            `There is no such token, or it has expired. To list the tokens: ${pastableOnDatabase('token list', flags)}`,
          )
        }
        if (flags.json === true) return printJson(tokenFields(revokedToken))
        print(
          `Revoked token ${tokenIdOf(revokedToken.tokenHash)}. Every server refuses it within 20 seconds.`,
        )
      }),
    )
}

/** Returns the id of a token that is given by its id or as a whole. */
function idOfToken(text: string): string {
  return hashStartOf(text) === undefined ? tokenIdOf(hashSecret(text)) : text
}

async function clientFor({ store }: Core, flags: Flags & { readonly client?: string }) {
  const { client: id } = flags
  if (id !== undefined) {
    const client = await store.clients.find(id)
    if (client === undefined) throw unknownClient(id, flags)
    return client
  }
  const [only, ...others] = await store.clients.list()
  if (only === undefined)
    throw new CommandRefused(
      `There is no client yet. To create one: ${pastableOnDatabase('client create', flags)}. The first start of a sandbox’s server also creates one.`,
    )
  if (others.length > 0) {
    throw new CommandRefused(
      `There are several clients. Name one with --client. To list them: ${pastableOnDatabase('client list', flags)}`,
      EXIT_CODES.usage.code,
    )
  }
  return only
}
