import { type Command, Option } from 'commander'
import { eventSubjectOf } from '../client/event-subject.ts'
import {
  type DeliveryWithAttempts,
  type EventQuery,
  InvalidRequestError,
  type PaydeskEvent,
} from '../client/index.ts'
import { SUBSCRIBABLE_EVENT_TYPES } from '../domain/webhook-event.ts'
import { type Environment, type Flags, idFrom, rowCountFrom } from './arguments.ts'
import { CommandRefused } from './command-refused.ts'
import { print, printColumns, printJson, showTime } from './output.ts'
import { jsonOption, onServer, pastable, withApi } from './server-command.ts'
import { takeRows } from './take-rows.ts'

type ListFlags = Flags & {
  readonly type?: NonNullable<EventQuery['event_type']>
  readonly session?: string
  readonly limit: number
}

/** Adds `paydesk event`. */
export function addEventCommands(program: Command, environment: Environment): void {
  const event = program.command('event').description('The events of an account.')
  onServer(event, 'list')
    .description('List events, newest first.')
    .addOption(new Option('--type <type>', 'only this type').choices(SUBSCRIBABLE_EVENT_TYPES))
    .option('--session <id>', 'only events about a payment session', idFrom)
    .option('--limit <number>', 'the maximum number of rows', rowCountFrom, 25)
    .addOption(jsonOption())
    .action((flags: ListFlags) =>
      withApi(flags, environment, async ({ events }) => {
        const { limit, session, type } = flags
        const query = {
          ...(type !== undefined && { event_type: type }),
          ...(session !== undefined && { payments_session_id: session }),
        }
        const rows = await takeRows(events.listAll(query), limit)
        if (flags.json === true) return printJson(rows)
        if (rows.length === 0) return print('No matching events.')
        printColumns(
          ['Time', 'Event', 'Type', 'About'],
          rows.map((row) => [
            showTime(row.event_time),
            String(row.event_id),
            row.event_type,
            subjectCell(row),
          ]),
        )
      }),
    )

  onServer(event, 'show')
    .argument('<event_id>', 'the event', idFrom)
    .description('Show an event’s body and its deliveries.')
    .addOption(jsonOption())
    .action((id: string, flags: Flags) =>
      withApi(flags, environment, async ({ events, webhooks }) => {
        const event = await events.retrieve(id)
        if (flags.json === true) return printJson(event)
        printJson(event.payload)
        print('')
        if (event.deliveries.length === 0) print('The event has no deliveries.')
        for (const delivery of event.deliveries) {
          const { attempts } = await webhooks.deliveries.retrieve(delivery.webhook_url_id, id)
          printDelivery(delivery, attempts)
        }
      }),
    )

  onServer(event, 'resend')
    .argument('<event_id>', 'the event', idFrom)
    .description('Send an event again to every active endpoint that subscribes to it.')
    .option(
      '--endpoint <id>',
      'send it only to this endpoint, which must already have a delivery of the event',
      idFrom,
    )
    .addOption(jsonOption())
    .action((id: string, flags: Flags & { readonly endpoint?: string }) =>
      withApi(flags, environment, async ({ events, webhooks }, { url }) => {
        const answer =
          flags.endpoint === undefined
            ? await events.resend(id).catch(explainNoEndpoint(url))
            : await webhooks.deliveries.resend(flags.endpoint, id)
        if (flags.json === true) return printJson(answer)
        print(
          `Event ${id} is being sent again. For the result: ${pastable(`event show ${id}`, url)}`,
        )
      }),
    )
}

/** Adds the remedy to the error of a resend without an endpoint. */
function explainNoEndpoint(url: string): (error: unknown) => never {
  return (error) => {
    // The error of a missing event has another class.
    if (!(error instanceof InvalidRequestError) || error.field !== 'event_id') throw error
    throw new CommandRefused(
      `${error.code}: ${error.message}\nTo create one: ${pastable('webhook create <receiver_url>', url)}`,
    )
  }
}

function printDelivery(
  delivery: PaydeskEvent['deliveries'][number],
  attempts: DeliveryWithAttempts['attempts'],
): void {
  const { next_attempt_time: next, status, webhook_url_id: endpointId } = delivery
  const more = next === undefined ? '' : `, next attempt at ${showTime(next * 1000)}`
  print(`Endpoint ${endpointId}: ${status}${more}`)
  if (attempts.length === 0) return
  printColumns(
    ['Attempt', ' After', 'Answer'],
    attempts.map((attempt) => [
      showTime(attempt.time * 1000),
      `${attempt.duration_ms} ms`,
      attempt.http_status === undefined ? attempt.failure : String(attempt.http_status),
    ]),
  )
}

function subjectCell(row: Parameters<typeof eventSubjectOf>[0]): string {
  const subject = eventSubjectOf(row)
  return subject === undefined ? '' : `${subject.name} ${subject.id}`
}
