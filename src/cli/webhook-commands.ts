import { type Command, InvalidArgumentError } from 'commander'
import { WEBHOOK_EVENT_TYPES } from '../domain/webhook-event.ts'
import { makeWebhookKey, WEBHOOK_KEY_BYTES } from '../domain/webhook-signature.ts'
import { SANDBOX_WEBHOOK_SIGNING_KEY } from '../sandbox/well-known.ts'
import { systemClock } from '../server/clock.ts'
import { createRandom } from '../server/random.ts'
import { environmentName } from '../server/settings/setting.ts'
import { createApiClient } from './api-client.ts'
import { clientFor, jsonOption, onServer, placeFor } from './api-command.ts'
import { WEBHOOK_KEY_SETTING } from './api-settings.ts'
import { type Environment, type Flags, idFrom } from './arguments.ts'
import { listenToWebhooks } from './listen-webhooks.ts'
import { print, printColumns, printJson, printTable } from './output.ts'
import { receiverFrom } from './receiver-url.ts'

/** Adds `paydesk webhook`. */
export function addWebhookCommands(program: Command, environment: Environment): void {
  const webhook = program.command('webhook').description('Webhooks: events, sent to a receiver.')
  onServer(webhook, 'listen')
    .description(
      'Show events as they happen, and forward them to a receiver on this machine. Ctrl-C ends it.',
    )
    .option(
      '--forward-to <url>',
      'the receiver of each event, by a signed POST: a URL, localhost:3000/path or a port',
      receiverFrom,
    )
    .option('--events <types>', 'only these, separated by commas', eventTypesFrom)
    .option(
      '--signing-key <text>',
      `what to sign with; rather set ${environmentName(WEBHOOK_KEY_SETTING)}, as others on the machine can read a command line. Default: a sandbox’s well-known key`,
    )
    .option('--print-json', 'print each event’s whole body as a line of JSON instead')
    .action((flags: Flags) => listen(flags, environment))

  onServer(webhook, 'list')
    .description('List the webhook endpoints.')
    .addOption(jsonOption())
    .action(async (flags: Flags) => {
      const rows = await clientFor(flags, environment).listWebhooks()
      if (flags.json === true) printJson(rows)
      else if (rows.length === 0) print('There is no webhook endpoint.')
      else
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
    })

  onServer(webhook, 'create')
    .argument('<receiver_url>', 'where its events are sent', receiverFrom)
    .description('Create a webhook endpoint. Its signing key is printed this once.')
    .requiredOption('--name <text>', 'what you call it')
    .requiredOption('--events <types>', 'the events it wants, separated by commas', eventTypesFrom)
    .addOption(jsonOption())
    .action(async (url: string, flags: Flags) => {
      const made = await clientFor(flags, environment).createWebhook({
        name: String(flags.name),
        url,
        enabled_events: flags.events as readonly string[],
      })
      if (flags.json === true) return printJson(made)
      printTable([
        ['Endpoint', made.webhook_url_id],
        ['Name', made.name],
        ['URL', made.url],
        ['Events', made.enabled_events.join(', ')],
        ['Status', made.status],
        ['Signing key', made.signing_key],
      ])
    })

  onServer(webhook, 'delete')
    .argument('<webhook_url_id>', 'the endpoint', idFrom)
    .description('Delete a webhook endpoint.')
    .action(async (id: string, flags: Flags) => {
      await clientFor(flags, environment).deleteWebhook(id)
      print(`Endpoint ${id} is deleted.`)
    })
}

async function listen(flags: Flags, environment: Environment): Promise<void> {
  const place = placeFor(flags, environment)
  const printsJson = flags.printJson === true
  // What is not an event must not stand between events that a program reads.
  const say = printsJson ? (line: string) => void process.stderr.write(`${line}\n`) : print
  const wanted = flags.events as readonly string[] | undefined
  const forwardTo =
    flags.forwardTo === undefined
      ? undefined
      : {
          url: String(flags.forwardTo),
          signingKey: signingKeyFor(flags, environment, place.isLoopback),
        }

  const stopping = new AbortController()
  const stop = () => stopping.abort()
  // Only the first: a second Ctrl-C ends what does not end by itself.
  process.once('SIGINT', stop)
  process.once('SIGTERM', stop)
  try {
    const { acceptedCount, forwardedCount, shownCount } = await listenToWebhooks({
      client: createApiClient({ ...place, signal: stopping.signal }),
      clock: systemClock,
      signal: stopping.signal,
      isWanted: (type) => wanted === undefined || wanted.includes(type),
      forwardTo,
      onReady: () => {
        if (forwardTo !== undefined) say(`Signing key: ${forwardTo.signingKey}`)
        say(
          `Listening to ${place.url}${forwardTo === undefined ? '' : `, forwarding to ${forwardTo.url}`}. Ctrl-C ends it.`,
        )
      },
      onEvent: (event, line) => print(printsJson ? JSON.stringify(event.payload) : line),
      onNews: say,
    })
    say(
      forwardTo === undefined
        ? `Showed ${countOf(shownCount)}.`
        : `Forwarded ${countOf(forwardedCount)}; ${acceptedCount} of them accepted.`,
    )
  } finally {
    process.off('SIGINT', stop)
    process.off('SIGTERM', stop)
  }
}

function countOf(count: number): string {
  return count === 1 ? '1 event' : `${count} events`
}

/** Of another machine's events nobody but its owner should be able to make one up. */
function signingKeyFor(
  { signingKey }: Flags,
  environment: Environment,
  isLoopback: boolean,
): string {
  const given = signingKey ?? (environment[environmentName(WEBHOOK_KEY_SETTING)] || undefined)
  if (given !== undefined) return String(given)
  return isLoopback
    ? SANDBOX_WEBHOOK_SIGNING_KEY
    : makeWebhookKey(createRandom().bytes(WEBHOOK_KEY_BYTES))
}

function eventTypesFrom(text: string): readonly string[] {
  const types = text.split(',').map((type) => type.trim())
  const known: readonly string[] = WEBHOOK_EVENT_TYPES
  const unknown = types.find((type) => !known.includes(type))
  if (unknown !== undefined) {
    throw new InvalidArgumentError(`There are: ${known.join(', ')}.`)
  }
  return types
}
