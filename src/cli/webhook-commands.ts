import type { Command } from 'commander'
import type { EventTypeName } from '../client/index.ts'
import { SUBSCRIBABLE_EVENT_TYPES, WEBHOOK_EVENT_TYPES } from '../domain/webhook-event.ts'
import { type Environment, type Flags, idFrom } from './arguments.ts'
import { ListOption } from './choices.ts'
import { addListenCommand } from './listen-command.ts'
import { print, printColumns, printDeletedIds, printJson, printTable, showTime } from './output.ts'
import { receiverFrom } from './receiver-url.ts'
import { refuseTwin } from './refuse-twin.ts'
import { addReplayCommand } from './replay-command.ts'
import { jsonOption, onServer, withApi } from './server-command.ts'

type CreateFlags = Flags & {
  readonly allowTwin?: true
  readonly name?: string
  readonly events?: readonly EventTypeName[]
}

/** Adds `paydesk webhook`. */
export function addWebhookCommands(program: Command, environment: Environment): void {
  const webhook = program
    .command('webhook')
    .description('Webhook endpoints, and a live view of events.')
  addListenCommand(webhook, environment)
  addEndpointCommands(webhook, environment)
}

function addEndpointCommands(webhook: Command, environment: Environment): void {
  onServer(webhook, 'list')
    .description('List the webhook endpoints.')
    .addOption(jsonOption())
    .action((flags: Flags) =>
      withApi(flags, environment, async ({ webhooks }) => {
        const rows = await webhooks.list()
        if (flags.json === true) return printJson(rows)
        if (rows.length === 0) return print('No webhook endpoints.')
        printColumns(
          ['Endpoint', 'Status', 'Name', 'URL', 'Events'],
          rows.map((row) => [
            row.webhook_url_id,
            row.status,
            row.name,
            row.url,
            row.enabled_events.join(', '),
          ]),
        )
      }),
    )

  onServer(webhook, 'create')
    .argument('<receiver_url>', 'the URL that gets the events', receiverFrom)
    .description('Create a webhook endpoint. Its signing key is shown only once.')
    .option('--name <text>', 'the endpoint’s name. Default: the host of the URL')
    .addOption(
      new ListOption(
        '--events <types>',
        'the event types of the endpoint, separated by commas. Default: all types of the real service',
        SUBSCRIBABLE_EVENT_TYPES,
      ),
    )
    .option(
      '--allow-twin',
      'create the endpoint even if another one has this URL; each event then arrives twice if both endpoints subscribe to it',
    )
    .addOption(jsonOption())
    .action((url: string, flags: CreateFlags) =>
      withApi(flags, environment, async (api) => {
        const { allowTwin, events = WEBHOOK_EVENT_TYPES, name = new URL(url).host } = flags
        if (allowTwin !== true) await refuseTwin(api, url)
        const endpoint = await api.webhooks.create({ name, url, enabled_events: [...events] })
        if (flags.json === true) return printJson(endpoint)
        printTable([
          ['Endpoint', endpoint.webhook_url_id],
          ['Name', endpoint.name],
          ['URL', endpoint.url],
          ['Events', endpoint.enabled_events.join(', ')],
          ['Status', endpoint.status],
          ['Signing key', endpoint.signing_key],
        ])
      }),
    )

  onServer(webhook, 'delete')
    .argument('<webhook_url_id>', 'the endpoint', idFrom)
    .description('Delete a webhook endpoint.')
    .addOption(jsonOption())
    .action((id: string, flags: Flags) =>
      withApi(flags, environment, async ({ webhooks }) => {
        await webhooks.delete(id)
        printDeletedIds(flags, { webhook_url_id: id }, `Deleted endpoint ${id}.`)
      }),
    )

  addRotateCommand(webhook, environment)
  addReplayCommand(webhook, environment)
}

function addRotateCommand(webhook: Command, environment: Environment): void {
  onServer(webhook, 'rotate-key')
    .argument('<webhook_url_id>', 'the endpoint', idFrom)
    .description(
      'Give a webhook endpoint a new signing key, which is shown only once. For 24 hours each delivery also has a signature by the previous key. If that key has leaked, run the command a second time, which ends the leaked key at once.',
    )
    .addOption(jsonOption())
    .action((id: string, flags: Flags) =>
      withApi(flags, environment, async ({ webhooks }) => {
        const endpoint = await webhooks.rotateKey(id)
        if (flags.json === true) return printJson(endpoint)
        printTable([
          ['Endpoint', endpoint.webhook_url_id],
          ['Signing key', endpoint.signing_key],
        ])
        const { previous_key_expiry_time: end } = endpoint
        const until = end === undefined ? 'For 24 hours' : `Until ${showTime(end * 1000)}`
        print(
          `${until} the previous and the new key both sign each delivery, the previous one first: give the new key to the receiver in that time. If the previous key has leaked, run the command once more, which ends the leaked key at once.`,
        )
      }),
    )
}
