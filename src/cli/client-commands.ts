import { type Command, InvalidArgumentError, Option } from 'commander'
import type { AccountId } from '../domain/id.ts'
import { ANSWER_PARAMETERS, isRedirectUri } from '../domain/redirect-uri.ts'
import { deleteClient, rotateClientSecret, updateClient } from '../operations/change-client.ts'
import { createClient } from '../operations/create-client.ts'
import type { Client, Store } from '../operations/store.ts'
import { clientFields } from '../wire/client.ts'
import { unknownAccount } from './account-commands.ts'
import { accountIdsFrom, type Environment, type Flags } from './arguments.ts'
import { CommandRefused, nothingToChange } from './command-refused.ts'
import { countText } from './count-text.ts'
import { onDatabase, pastableOnDatabase, withExistingCore } from './database-command.ts'
import { jsonOption } from './json-option.ts'
import { nameFrom } from './name-argument.ts'
import { withOsUser } from './os-user.ts'
import { print, printColumns, printJson, printTable, showTime, untilText } from './output.ts'
import { withOverlap } from './overlap-argument.ts'

type CreateFlags = Flags & {
  readonly name: string
  readonly account: readonly AccountId[]
  readonly redirectUri: readonly string[]
  readonly machine?: true
}

/** Adds `paydesk client`. */
export function addClientCommands(program: Command, environment: Environment): void {
  const client = program.command('client').description('The OAuth clients of a database.')
  addCreate(client, environment)
  onDatabase(client, 'list')
    .description('List the OAuth clients.')
    .addOption(jsonOption())
    .action((flags: Flags) =>
      withExistingCore(flags, environment, async ({ clock, store }) => {
        const clients = await store.clients.list()
        const nowMs = clock.nowMs()
        if (flags.json === true) return printJson(clients.map((one) => clientFields(one, nowMs)))
        if (clients.length === 0) {
          return print(`No clients. To create one: ${pastableOnDatabase('client create', flags)}`)
        }
        printColumns(
          ['Client', 'Accounts', 'Name'],
          clients.map(({ accountIds, id, name }) => [id, accountIds.join(', '), name]),
        )
      }),
    )
  onDatabase(client, 'show')
    .argument('<client_id>', 'the client')
    .description('Show an OAuth client, without its secret.')
    .addOption(jsonOption())
    .action((id: string, flags: Flags) =>
      withExistingCore(flags, environment, async ({ clock, store }) => {
        const client = await store.clients.find(id)
        if (client === undefined) throw unknownClient(id, flags)
        showClient(flags, client, clock.nowMs())
      }),
    )
  addUpdate(client, environment)
  addRotate(client, environment)
  onDatabase(client, 'delete')
    .argument('<client_id>', 'the client')
    .description('Delete an OAuth client. Its tokens stop working within 20 seconds.')
    .addOption(jsonOption())
    .action((id: string, flags: Flags) =>
      withExistingCore(flags, environment, async (core) => {
        const result = await deleteClient(withOsUser(core, environment), id)
        if (result === undefined) throw unknownClient(id, flags)
        const { revokedCount } = result
        if (flags.json === true) {
          return printJson({ client_id: id, is_deleted: true, revoked_tokens: revokedCount })
        }
        print(`Deleted client ${id} and ${countText(revokedCount, 'token')}.`)
      }),
    )
}

function addCreate(client: Command, environment: Environment): void {
  onDatabase(client, 'create')
    .description('Create an OAuth client. Its secret is shown only once.')
    .requiredOption('--name <text>', 'the name on the consent page', nameFrom)
    .requiredOption('--account <id...>', 'an account that the client may access', accountIdsFrom)
    .addOption(
      new Option('--redirect-uri <uri...>', 'a redirect URI for authorization codes')
        .argParser(redirectUrisFrom)
        .default([], 'none'),
    )
    .option('--machine', 'allow tokens without a user (grant type client_credentials)')
    .addOption(jsonOption())
    .action((flags: CreateFlags) =>
      withExistingCore(flags, environment, async (core) => {
        const {
          account: accountIds,
          machine: isMachine = false,
          name,
          redirectUri: redirectUris,
        } = flags
        await requireAccounts(core.store, accountIds, flags)
        const { client, secret } = await createClient(withOsUser(core, environment), {
          name,
          accountIds,
          redirectUris,
          isMachine,
        })
        if (flags.json === true) {
          const fields = clientFields(client, core.clock.nowMs())
          return printJson({ ...fields, client_secret: secret })
        }
        printTable([
          ['Client id', client.id],
          ['Client secret', secret],
          ['Accounts', client.accountIds.join(', ')],
          ['Redirect URIs', client.redirectUris.join(', ') || 'none'],
          ['Machine', machineText(client)],
        ])
        print('The client secret is not shown again: store it now.')
      }),
    )
}

type UpdateFlags = Flags & {
  readonly name?: string
  readonly account?: readonly AccountId[]
  readonly redirectUri?: readonly string[]
  readonly machine?: boolean
}

function addUpdate(client: Command, environment: Environment): void {
  onDatabase(client, 'update')
    .argument('<client_id>', 'the client')
    .description(
      'Change an OAuth client. A setting without a flag does not change. If the client loses an account, its tokens for that account stop working within 20 seconds.',
    )
    .option('--name <text>', 'the name on the consent page', nameFrom)
    .option(
      '--account <id...>',
      'an account that the client may access. The flag replaces the whole list',
      accountIdsFrom,
    )
    .option(
      '--redirect-uri <uri...>',
      'a redirect URI for authorization codes. The flag replaces the whole list; the value `none` removes all URIs',
      redirectUrisFrom,
    )
    .option('--machine', 'allow tokens without a user (grant type client_credentials)')
    .option('--no-machine', 'allow only tokens with a user')
    .addOption(jsonOption())
    .action((id: string, flags: UpdateFlags) =>
      withExistingCore(flags, environment, async (core) => {
        const { account: accountIds, machine: isMachine, name, redirectUri: redirectUris } = flags
        const change = {
          ...(name !== undefined && { name }),
          ...(accountIds !== undefined && { accountIds }),
          ...(redirectUris !== undefined && { redirectUris }),
          ...(isMachine !== undefined && { isMachine }),
        }
        if (Object.keys(change).length === 0) {
          throw nothingToChange('client update', 'setting')
        }
        await requireAccounts(core.store, accountIds ?? [], flags)
        const result = await updateClient(withOsUser(core, environment), id, change)
        if (result === undefined) throw unknownClient(id, flags)
        if (flags.json === true) return printJson(clientFields(result.client, core.clock.nowMs()))
        const { isChanged, revokedCount } = result
        if (!isChanged) {
          return print(`Client ${id} already has these settings. Nothing was changed.`)
        }
        const revocation = revokedCount > 0 ? ` Revoked ${countText(revokedCount, 'token')}.` : ''
        print(`Changed client ${id}.${revocation}`)
      }),
    )
}

function addRotate(client: Command, environment: Environment): void {
  withOverlap(onDatabase(client, 'rotate-secret'))
    .argument('<client_id>', 'the client')
    .description(
      'Give an OAuth client a new secret, which is shown only once. Its tokens stay valid.',
    )
    .addOption(jsonOption())
    .action((id: string, flags: Flags & { readonly overlap: number }) =>
      withExistingCore(flags, environment, async (core) => {
        const { overlap: overlapMs } = flags
        const result = await rotateClientSecret(withOsUser(core, environment), id, overlapMs)
        if (result === undefined) throw unknownClient(id, flags)
        const nowMs = core.clock.nowMs()
        if (flags.json === true) {
          return printJson({ ...clientFields(result.client, nowMs), client_secret: result.secret })
        }
        printTable([['Client secret', result.secret]])
        print(
          overlapMs === 0
            ? 'The previous secret has stopped working.'
            : `The previous secret is valid until ${showTime(nowMs + overlapMs)}.`,
        )
      }),
    )
}

function showClient(flags: Flags, client: Client, nowMs: number): void {
  const fields = clientFields(client, nowMs)
  if (flags.json === true) {
    printJson(fields)
    return
  }
  const { previous_secret_expires: end } = fields
  printTable([
    ['Client id', client.id],
    ['Name', client.name],
    ['Accounts', client.accountIds.join(', ')],
    ['Redirect URIs', client.redirectUris.join(', ') || 'none'],
    ['Machine', machineText(client)],
    ['Old secret', untilText(end)],
  ])
}

function machineText({ isMachine }: Client): string {
  return isMachine ? 'yes: it gets tokens without a user' : 'no'
}

async function requireAccounts(
  { accounts }: Pick<Store, 'accounts'>,
  ids: readonly AccountId[],
  flags: Flags,
): Promise<void> {
  for (const id of ids) if ((await accounts.find(id)) === undefined) throw unknownAccount(id, flags)
}

/** Makes the error for a client that does not exist. */
export function unknownClient(id: string, flags: Flags): CommandRefused {
  return new CommandRefused(
    `There is no client ${id}. To list the clients: ${pastableOnDatabase('client list', flags)}`,
  )
}

function redirectUrisFrom(text: string, before: readonly string[] = []): readonly string[] {
  if (text === 'none') return []
  if (!isRedirectUri(text)) {
    throw new InvalidArgumentError(
      `A redirect URI is https, http on localhost, or com.example.app:/path, without a fragment and without the parameters ${ANSWER_PARAMETERS.join(', ')}.`,
    )
  }
  return [...before, text]
}
