import { type Command, InvalidArgumentError } from 'commander'
import { createControl } from '../client/control.ts'
import { type EventTypeName, type PaydeskClient, PaydeskError } from '../client/index.ts'
import { parseDuration } from '../domain/duration.ts'
import { SUBSCRIBABLE_EVENT_TYPES } from '../domain/webhook-event.ts'
import { REPLAY_COUNT_MAX } from '../operations/resend-webhook-events.ts'
import { type Environment, type Flags, idFrom } from './arguments.ts'
import { ListOption } from './choices.ts'
import { CommandRefused } from './command-refused.ts'
import { countText } from './count-text.ts'
import { isDayOfCalendar } from './moment-argument.ts'
import { print, printJson, showTime } from './output.ts'
import { jsonOption, onServer, pastable, withApi } from './server-command.ts'

/**
 * A moment of the command line: a time in milliseconds, or a length of time. The length counts back from the end of the
 * span for `--from`, and from the newest event for `--to`.
 */
type Moment = { readonly atMs: number } | { readonly beforeEndMs: number }

type ReplayFlags = Flags & {
  readonly events?: readonly EventTypeName[]
  readonly from?: Moment
  readonly to?: Moment
}

const DAY_MS = 86_400_000

/** Adds `paydesk webhook replay`. */
export function addReplayCommand(webhook: Command, environment: Environment): void {
  onServer(webhook, 'replay')
    .argument('<webhook_url_id>', 'the endpoint', idFrom)
    .description(
      `Send an endpoint the events of a period again, oldest first: all events of the endpoint’s types, including those from before its registration. A period with more than ${REPLAY_COUNT_MAX} such events is refused.`,
    )
    .option(
      '--from <time>',
      'the start: a time such as 2026-11-22T09:30:00+05:30, or a duration before the end, such as 2h. Default: 1d',
      momentFrom,
    )
    .option(
      '--to <time>',
      'the end, excluded: a time, or a duration before the newest event. Default: just after the newest event',
      momentFrom,
    )
    .addOption(
      new ListOption(
        '--events <types>',
        'only these types, separated by commas. Default: all types of the endpoint',
        SUBSCRIBABLE_EVENT_TYPES,
      ),
    )
    .addOption(jsonOption())
    .action((id: string, flags: ReplayFlags) =>
      withApi(flags, environment, async (client, { url }) => {
        const toMs = await endOf(client, flags.to)
        const { from = { beforeEndMs: DAY_MS } } = flags
        const fromMs = 'atMs' in from ? from.atMs : toMs - from.beforeEndMs
        const { event_count: count } = await client.webhooks.replay(id, {
          from: new Date(fromMs).toISOString(),
          to: new Date(toMs).toISOString(),
          ...(flags.events !== undefined && { event_types: [...flags.events] }),
        })
        if (flags.json === true) {
          const span = { from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString() }
          return printJson({ webhook_url_id: id, event_count: count, ...span })
        }
        print(
          `${countText(count, 'event')} from ${showTime(fromMs)} to ${showTime(toMs)}, sent to endpoint ${id} again.`,
        )
        if (count === 0) return
        const command = (await hasControl(url))
          ? 'logs tail --kind webhook'
          : 'event show <event_id>'
        print(`To see the answers: ${pastable(command, url)}`)
      }),
    )
}

async function hasControl(url: string): Promise<boolean> {
  try {
    await createControl({ baseUrl: url }).requests.list({ limit: 1 })
    return true
  } catch (error) {
    if (error instanceof PaydeskError) return false
    throw error
  }
}

/** Returns the end of the span, in milliseconds. The newest event gives the default, in the server’s own time. */
async function endOf(
  { events }: Pick<PaydeskClient, 'events'>,
  to: Moment | undefined,
): Promise<number> {
  if (to !== undefined && 'atMs' in to) return to.atMs
  const { events: rows } = await events.list({ per_page: 1 })
  const [newest] = rows
  if (newest === undefined) throw new CommandRefused('The account has no events to send again.')
  return newest.event_time + 1 - (to?.beforeEndMs ?? 0)
}

function momentFrom(text: string): Moment {
  const beforeEndMs = /^\d+$/.test(text) ? undefined : parseDuration(text)
  if (beforeEndMs !== undefined) return { beforeEndMs }
  // A time without its zone would mean another moment on another machine.
  const isTime = /T.*(?:Z|[+-]\d\d:\d\d)$/i.test(text) && isDayOfCalendar(text)
  const atMs = isTime ? Date.parse(text) : Number.NaN
  if (!Number.isNaN(atMs)) return { atMs }
  throw new InvalidArgumentError(
    'It must be a time with its zone such as 2026-11-22T09:30:00+05:30, or a duration such as 2h.',
  )
}
