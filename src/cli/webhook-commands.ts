import type { Command } from 'commander'
import type { EventTypeName } from '../client/index.ts'
import { WEBHOOK_EVENT_TYPES } from '../domain/webhook-event.ts'
import { makeWebhookKey, WEBHOOK_KEY_BYTES } from '../domain/webhook-signature.ts'
import { LISTENER_HEADER, listenerHeader } from '../sandbox/log/listeners.ts'
import { SANDBOX_WEBHOOK_SIGNING_KEY } from '../sandbox/well-known.ts'
import { systemClock } from '../server/clock.ts'
import { createRandom } from '../server/random.ts'
import { WEBHOOK_KEY_SETTING } from '../server/settings/api-settings.ts'
import { findVariable } from '../server/settings/find-settings.ts'
import { environmentName } from '../server/settings/setting.ts'
import { SettingsUnusable } from '../server/settings/settings-unusable.ts'
import { type Environment, type Flags, idFrom } from './arguments.ts'
import { ListOption } from './choices.ts'
import { listenToWebhooks } from './listen-webhooks.ts'
import { print, printColumns, printDeleted, printJson, printTable } from './output.ts'
import { receiverFrom } from './receiver-url.ts'
import { refuseTwin } from './refuse-twin.ts'
import { addReplayCommand } from './replay-command.ts'
import { jsonOption, onServer, withApi } from './server-command.ts'

/** The flags of `paydesk webhook listen`, as their parsers give them. */
type ListenFlags = Flags & {
  readonly events?: readonly EventTypeName[]
  readonly forwardTo?: string
  readonly printJson?: true
  readonly signingKey?: string
}

/** The flags of `paydesk webhook create`, as their parsers give them. */
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
  onServer(webhook, 'listen')
    .description(
      'Show events as they happen, and forward them to a receiver on this machine. Ctrl-C ends it.',
    )
    .option(
      '--forward-to <url>',
      'the receiver, which gets each event as a signed POST: a URL, localhost:3000/path or a port',
      receiverFrom,
    )
    .addOption(
      new ListOption(
        '--events <types>',
        'only these types, separated by commas',
        WEBHOOK_EVENT_TYPES,
      ),
    )
    .option(
      '--signing-key <text>',
      `the key to sign with. Prefer the variable ${environmentName(WEBHOOK_KEY_SETTING)}: other users of the machine can read command lines. Default: the sandbox’s well-known key`,
    )
    .option('--print-json', 'print each event’s body as a line of JSON')
    .addOption(jsonOption('the same as --print-json'))
    .action((flags: ListenFlags) => listen(flags, environment))

  addEndpointCommands(webhook, environment)
}

/** Adds the commands for endpoints. */
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
        'the event types it subscribes to, separated by commas. Default: all',
        WEBHOOK_EVENT_TYPES,
      ),
    )
    .option('--allow-twin', 'also if an endpoint has this URL: its events then arrive twice')
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
        printDeleted(flags, { webhook_url_id: id }, `Deleted endpoint ${id}.`)
      }),
    )

  addRotateCommand(webhook, environment)
  addReplayCommand(webhook, environment)
}

function addRotateCommand(webhook: Command, environment: Environment): void {
  onServer(webhook, 'rotate-key')
    .argument('<webhook_url_id>', 'the endpoint', idFrom)
    .description(
      'Give a webhook endpoint a new signing key, which is shown only once. For 24 hours deliveries also have a signature by the previous key.',
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
      }),
    )
}

function listen(flags: ListenFlags, environment: Environment): Promise<void> {
  const id = Buffer.from(createRandom().bytes(8)).toString('hex')
  const headers = { [LISTENER_HEADER]: listenerHeader({ id, forwardTo: flags.forwardTo }) }
  const work: Parameters<typeof withApi>[2] = async (client, { isLoopback, url }) => {
    const { events } = flags
    const printsJson = flags.printJson === true || flags.json === true
    // For a program that reads the output, only events are written to it.
    const say = printsJson ? (line: string) => void process.stderr.write(`${line}\n`) : print
    const signingKey = signingKeyFor(flags, environment, isLoopback)
    const forwardTo =
      flags.forwardTo === undefined ? undefined : { url: flags.forwardTo, signingKey }

    const stopping = new AbortController()
    const stop = () => stopping.abort()
    // Handles only the first Ctrl-C: a second one kills the process if it has not ended.
    process.once('SIGINT', stop)
    process.once('SIGTERM', stop)
    try {
      const { accepted, forwarded, shown } = await listenToWebhooks({
        client,
        clock: systemClock,
        signal: stopping.signal,
        isWanted: (type) => events === undefined || events.some((one) => one === type),
        forwardTo,
        onReady: () => {
          if (forwardTo !== undefined) say(`Signing key: ${forwardTo.signingKey}`)
          const target = forwardTo === undefined ? '' : `, forwarding to ${forwardTo.url}`
          say(`Listening to ${url}${target}. Ctrl-C ends it.`)
        },
        onEvent: (event, line) => print(printsJson ? JSON.stringify(event.payload) : line),
        onNews: say,
      })
      say(
        forwardTo === undefined
          ? `Showed ${countOf(shown)}.`
          : `Forwarded ${countOf(forwarded)}; ${accepted} of them accepted.`,
      )
    } finally {
      process.off('SIGINT', stop)
      process.off('SIGTERM', stop)
    }
  }
  return withApi(flags, environment, work, headers)
}

function countOf(count: number): string {
  return count === 1 ? '1 event' : `${count} events`
}

/**
 * Returns the key that signs forwarded events. Events of another machine get a random key, because anybody could
 * forge them with the well-known one.
 */
function signingKeyFor(
  { signingKey }: ListenFlags,
  environment: Environment,
  isLoopback: boolean,
): string {
  const found =
    signingKey === undefined ? findVariable(WEBHOOK_KEY_SETTING, environment) : undefined
  if (found !== undefined && 'problem' in found) throw new SettingsUnusable([found.problem])
  const key = signingKey ?? found?.value
  if (key !== undefined) return key
  return isLoopback
    ? SANDBOX_WEBHOOK_SIGNING_KEY
    : makeWebhookKey(createRandom().bytes(WEBHOOK_KEY_BYTES))
}
