import type { Command } from 'commander'
import { type Delivery, type DeliveryAttempt, takeRows } from './api-client.ts'
import { clientFor, jsonOption, onServer } from './api-command.ts'
import { type Environment, type Flags, idFrom, rowCountFrom } from './arguments.ts'
import { print, printColumns, printJson, showDay } from './output.ts'

/** Adds `paydesk event`. */
export function addEventCommands(program: Command, environment: Environment): void {
  const event = program.command('event').description('What has happened on an account.')
  onServer(event, 'list')
    .description('List events, newest first.')
    .option('--type <type>', 'only these, such as payment.succeeded')
    .option('--session <id>', 'only those of a payment session')
    .option('--limit <number>', 'how many at most', rowCountFrom, 25)
    .addOption(jsonOption())
    .action(async (flags: Flags) => {
      const { listEvents } = clientFor(flags, environment)
      const query = {
        ...(flags.type !== undefined && { event_type: String(flags.type) }),
        ...(flags.session !== undefined && { payments_session_id: String(flags.session) }),
      }
      const rows = await takeRows(listEvents, query, flags.limit as number)
      if (flags.json === true) return printJson(rows)
      if (rows.length === 0) return print('There is no such event.')
      printColumns(
        ['Time', 'Event', 'Type', 'Payment session'],
        rows.map((row) => [
          showDay(row.event_time),
          String(row.event_id),
          row.event_type,
          row.payments_session_id,
        ]),
      )
    })

  onServer(event, 'show')
    .argument('<event_id>', 'the event', idFrom)
    .description('Show an event as it is sent to endpoints, and what became of its deliveries.')
    .addOption(jsonOption())
    .action(async (id: string, flags: Flags) => {
      const client = clientFor(flags, environment)
      const found = await client.retrieveEvent(id)
      if (flags.json === true) return printJson(found)
      printJson(found.payload)
      print('')
      if (found.deliveries.length === 0) print('No endpoint was to have it.')
      for (const delivery of found.deliveries) {
        printDelivery(delivery, await client.listAttempts(delivery.webhook_url_id, id))
      }
    })

  onServer(event, 'resend')
    .argument('<event_id>', 'the event', idFrom)
    .description('Send an event again, to every active endpoint that wants it.')
    .option('--endpoint <id>', 'to this endpoint alone', idFrom)
    .action(async (id: string, flags: Flags) => {
      const client = clientFor(flags, environment)
      if (flags.endpoint === undefined) await client.resendEvent(id)
      else await client.resendDelivery(String(flags.endpoint), id)
      print(`Event ${id} is being sent again. What became of it: paydesk event show ${id}`)
    })
}

function printDelivery(delivery: Delivery, attempts: readonly DeliveryAttempt[]): void {
  const { next_attempt_time: next, status, webhook_url_id: endpointId } = delivery
  const more = next === undefined ? '' : `, to be tried again at ${showDay(next * 1000)}`
  print(`Endpoint ${endpointId}: ${status}${more}`)
  if (attempts.length === 0) return
  printColumns(
    ['Attempt', ' After', 'Answer'],
    attempts.map((attempt) => [
      showDay(attempt.time * 1000),
      `${attempt.duration_ms} ms`,
      attempt.http_status === undefined ? attempt.failure : String(attempt.http_status),
    ]),
  )
}
