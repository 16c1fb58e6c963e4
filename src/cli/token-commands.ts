import type { Command } from 'commander'
import type { AccountId } from '../domain/id.ts'
import { formatScope, parseScopes, SCOPES } from '../domain/scope.ts'
import { ACCESS_TOKEN_LIFE_SECONDS, grantToMachine } from '../operations/grant-tokens.ts'
import type { Core } from '../server/core.ts'
import { accountIdsFrom, type Environment, type Flags } from './arguments.ts'
import { CommandRefused } from './command-refused.ts'
import { onDatabase, withCore } from './database-command.ts'
import { printTable } from './output.ts'

/** Adds `paydesk token`. */
export function addTokenCommands(program: Command, environment: Environment): void {
  const token = program.command('token').description('Access tokens.')
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
      withCore(flags, environment, async (core) => {
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
    const client = await store.clients.find(id)
    if (client === undefined) {
      throw new CommandRefused(`There is no client ${id}. See: paydesk client list`)
    }
    return client
  }
  const [only, ...others] = await store.clients.list()
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
