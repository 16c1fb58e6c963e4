import type { Command } from 'commander'
import type { Exchange } from '../client/control.ts'
import { createControl } from '../client/control.ts'
import type { EventTypeName, PaydeskEvent } from '../client/index.ts'
import { SUBSCRIBABLE_EVENT_TYPES } from '../domain/webhook-event.ts'
import { makeWebhookKey, WEBHOOK_KEY_BYTES } from '../domain/webhook-signature.ts'
import { LISTENER_HEADER, listenerHeader } from '../sandbox/log/listeners.ts'
import { SANDBOX_WEBHOOK_SIGNING_KEY } from '../sandbox/well-known.ts'
import { systemClock } from '../server/clock.ts'
import { createRandom } from '../server/random.ts'
import { WEBHOOK_KEY_SETTING } from '../server/settings/api-settings.ts'
import { type FoundSetting, findVariable } from '../server/settings/find-settings.ts'
import { environmentName, flagName, settingProblem } from '../server/settings/setting.ts'
import { SettingsUnusable } from '../server/settings/settings-unusable.ts'
import type { Environment, Flags } from './arguments.ts'
import { ListOption } from './choices.ts'
import { countText } from './count-text.ts'
import { followRequests } from './follow-requests.ts'
import type { ForwardOutcome } from './forward-event.ts'
import { jsonOption } from './json-option.ts'
import { deliveryLine, forwardedLine, listenToWebhooks } from './listen-webhooks.ts'
import { print, printJsonLine, printNote } from './output.ts'
import { receiverFrom } from './receiver-url.ts'
import { printSecretFileWarnings } from './secret-file-warnings.ts'
import { onServer, type ServerAccess, withApi } from './server-command.ts'
import { runUntilStop } from './stop-signal.ts'

type ListenFlags = Flags & {
  readonly events?: readonly EventTypeName[]
  readonly forwardTo?: string
  readonly printJson?: true
  readonly signingKey?: string
}

/** Adds `paydesk webhook listen`. */
export function addListenCommand(webhook: Command, environment: Environment): void {
  onServer(webhook, 'listen')
    .description(
      'Show events as they happen. With --forward-to, the command also sends them to a receiver, such as a program on this machine. The command waits while the server restarts, and then shows the events of that time. In a sandbox it also shows events that are sent again, and each webhook to an endpoint. Ctrl-C ends it.',
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
        SUBSCRIBABLE_EVENT_TYPES,
      ),
    )
    .option(
      '--signing-key <text>',
      `the key to sign with. Prefer the variable ${environmentName(WEBHOOK_KEY_SETTING)}: other users of the machine can read command lines. Default: the sandbox’s well-known key, if --url is on this machine, otherwise a random key`,
    )
    .option('--print-json', 'print only each event’s body, as one line of JSON')
    .addOption(
      jsonOption(
        'print one line of JSON for everything that happens; its field `type` names the kind',
      ),
    )
    .action((flags: ListenFlags) => {
      const id = Buffer.from(createRandom().bytes(8)).toString('hex')
      const headers = { [LISTENER_HEADER]: listenerHeader({ id, forwardTo: flags.forwardTo }) }
      const work: Parameters<typeof withApi>[2] = (client, access) => {
        const signingKey = signingKeyFor(flags, environment, access.isLoopback)
        const forwardTo =
          flags.forwardTo === undefined ? undefined : { url: flags.forwardTo, signingKey }
        const output = outputOf(flags, { forwardTo, url: access.url })
        return runUntilStop((signal) =>
          listen({ client, signal, forwardTo, output, access, flags }),
        )
      }
      return withApi(flags, environment, work, { headers })
    })
}

type ForwardTo = { readonly url: string; readonly signingKey: string } | undefined

async function listen({
  access: { url },
  client,
  flags,
  forwardTo,
  output,
  signal,
}: {
  readonly access: ServerAccess
  readonly client: Parameters<Parameters<typeof withApi>[2]>[0]
  readonly flags: ListenFlags
  readonly forwardTo: ForwardTo
  readonly output: ListenOutput
  readonly signal: AbortSignal
}): Promise<void> {
  const log = openLog(url, signal)
  /** The number of POSTs so far, by event and URL. */
  const attempts = new Map<string, number>()
  const countAttempt = (row: Exchange): number => {
    const key = `${row.event_id} ${row.path}`
    const attempt = (attempts.get(key) ?? 0) + 1
    attempts.set(key, attempt)
    return attempt
  }
  const shownIds = new Set<string>()
  const counts = await listenToWebhooks({
    client,
    clock: systemClock,
    signal,
    isWanted: (type) => flags.events === undefined || flags.events.some((one) => one === type),
    forwardTo,
    takeRows: log.take,
    untilRows: log.untilRows,
    onReady: async () => {
      const rows = await log.ready
      for (const row of rows) if (row.kind === 'webhook') countAttempt(row)
      output.ready()
    },
    onEvent: (event, line, isResent) => {
      shownIds.add(String(event.event_id))
      output.event(event, line, isResent)
    },
    onForwarded: output.reportForward,
    onDelivery: (row) => {
      const attempt = countAttempt(row)
      if (flags.events === undefined || shownIds.has(String(row.event_id))) {
        output.delivery(row, attempt)
      }
    },
    onConnection: output.connection,
    onNews: output.news,
  })
  output.end(counts)
}

/** A server without a control API has no rows. */
function openLog(url: string, signal: AbortSignal) {
  const rows: Exchange[] = []
  const ready = Promise.withResolvers<readonly Exchange[]>()
  let news = Promise.withResolvers<void>()
  void followRequests({
    control: createControl({ baseUrl: url }),
    url,
    query: {},
    signal,
    onReady: ready.resolve,
    onRow: (row) => {
      rows.push(row)
      news.resolve()
      news = Promise.withResolvers()
    },
    // The events' own feed reports the connection.
    onConnection: () => {},
  })
    .catch(() => {})
    .finally(() => ready.resolve([]))
  return {
    ready: ready.promise,
    take: () => rows.splice(0),
    untilRows: () => (rows.length > 0 ? Promise.resolve() : news.promise),
  }
}

type ListenOutput = {
  readonly ready: () => void
  readonly event: (event: PaydeskEvent, line: string, isResent: boolean) => void
  readonly reportForward: (event: PaydeskEvent, outcome: ForwardOutcome) => void
  readonly delivery: (row: Exchange, attempt: number) => void
  readonly connection: (isConnected: boolean) => void
  readonly news: (line: string) => void
  readonly end: (counts: Awaited<ReturnType<typeof listenToWebhooks>>) => void
}

function outputOf(
  { json, printJson: printsBodies }: ListenFlags,
  target: { readonly forwardTo: ForwardTo; readonly url: string },
): ListenOutput {
  return json === true ? jsonOutput(target) : textOutput(target, printsBodies === true)
}

function textOutput(
  { forwardTo, url }: { readonly forwardTo: ForwardTo; readonly url: string },
  printsBodies: boolean,
): ListenOutput {
  // For a program that reads the output, only events are written to it.
  const say = printsBodies ? printNote : print
  return {
    ready: () => {
      if (forwardTo !== undefined) say(`Signing key: ${forwardTo.signingKey}`)
      const target = forwardTo === undefined ? '' : `, forwarding to ${forwardTo.url}`
      say(`Listening to ${url}${target}. Ctrl-C ends it.`)
    },
    event: ({ payload }, line, isResent) =>
      printsBodies ? printJsonLine(payload) : print(`${line}${isResent ? '  (sent again)' : ''}`),
    reportForward: (_event, outcome) => say(forwardedLine(outcome)),
    delivery: (row, attempt) => say(deliveryLine(row, attempt)),
    connection: (isConnected) =>
      say(
        isConnected
          ? 'The server is back.'
          : 'The server does not answer. Waiting until it is back.',
      ),
    news: say,
    end: ({ acceptedCount, forwardedCount, shownCount }) =>
      say(
        forwardTo === undefined
          ? `Showed ${countText(shownCount, 'event')}.`
          : `Forwarded ${countText(forwardedCount, 'event')}; the receiver accepted ${acceptedCount}.`,
      ),
  }
}

function jsonOutput({
  forwardTo,
  url,
}: {
  readonly forwardTo: ForwardTo
  readonly url: string
}): ListenOutput {
  return {
    ready: () =>
      printJsonLine({
        type: 'ready',
        url,
        forward_to: forwardTo?.url,
        signing_key: forwardTo?.signingKey,
      }),
    event: ({ payload }, _line, isResent) =>
      printJsonLine({ type: 'event', is_resent: isResent, event: payload }),
    reportForward: (event, outcome) =>
      printJsonLine({
        type: 'forwarded',
        event_id: event.event_id,
        status: outcome.kind === 'answered' ? outcome.status : undefined,
        failure: outcome.kind === 'failed' ? outcome.reason : undefined,
        duration_ms: outcome.durationMs,
      }),
    delivery: (row, attempt) =>
      printJsonLine({
        type: 'delivery',
        event_id: Number(row.event_id),
        url: row.path,
        attempt,
        status: row.response?.status,
        failure: row.failure,
        duration_ms: row.duration_ms,
      }),
    connection: (isConnected) =>
      printJsonLine({ type: 'connection', is_connected: isConnected, url }),
    news: (line) => printJsonLine({ type: 'news', text: line }),
    end: ({ acceptedCount, forwardedCount, shownCount }) =>
      printJsonLine({
        type: 'end',
        shown: shownCount,
        forwarded: forwardedCount,
        accepted: acceptedCount,
      }),
  }
}

/**
 * Returns the key that signs forwarded events. If no key is set, it is the well-known key for a server on this machine,
 * and a random key for any other server, because anybody could forge events with the well-known key.
 */
function signingKeyFor(
  { signingKey }: ListenFlags,
  environment: Environment,
  isLoopback: boolean,
): string {
  const variable: FoundSetting | undefined =
    signingKey === undefined
      ? findVariable(WEBHOOK_KEY_SETTING, environment)
      : { source: flagName(WEBHOOK_KEY_SETTING), value: signingKey }
  if (variable === undefined) {
    return isLoopback
      ? SANDBOX_WEBHOOK_SIGNING_KEY
      : makeWebhookKey(createRandom().bytes(WEBHOOK_KEY_BYTES))
  }
  if ('problem' in variable) throw new SettingsUnusable([variable.problem])
  const reading = WEBHOOK_KEY_SETTING.read(variable.value)
  if ('value' in reading) {
    printSecretFileWarnings([variable.file])
    return reading.value
  }
  throw new SettingsUnusable([settingProblem(variable.source, variable.value, reading)])
}
