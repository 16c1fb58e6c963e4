import { type Command, InvalidArgumentError } from 'commander'
import type { OutboxMessage } from '../client/control.ts'
import { type Environment, type Flags, idFrom } from './arguments.ts'
import { print, printColumns, printJson, printTable, showTime } from './output.ts'
import { jsonOption, onServer, withControl } from './server-command.ts'

type ListFlags = Flags & {
  readonly limit: number
  readonly link?: string
  readonly notification?: string
  readonly payment?: string
}

/** Adds `paydesk message`. */
export function addMessageCommands(program: Command, environment: Environment): void {
  const message = program.command('message').description('The messages of a sandbox to customers.')
  onServer(message, 'list')
    .description('List the outbox, newest first. A sandbox sends nothing.')
    .option('--payment <payment_id>', 'only messages about this payment', idFrom)
    .option('--link <payment_link_id>', 'only messages about this payment link', idFrom)
    .option('--notification <id>', 'only messages about this notification of a debit', idFrom)
    .option('--limit <number>', 'the maximum number of messages, 1 to 200', messageCountFrom, 50)
    .addOption(jsonOption())
    .action((flags: ListFlags) =>
      withControl(flags, environment, async (control) => {
        const { limit, link, notification, payment } = flags
        const messages = await control.messages.list({
          limit,
          ...(payment !== undefined && { payment_id: payment }),
          ...(link !== undefined && { payment_link_id: link }),
          ...(notification !== undefined && { mandate_notification_id: notification }),
        })
        if (flags.json === true) return printJson(messages)
        if (messages.length === 0) return print('No messages.')
        printColumns(
          ['Message', 'Time', 'Kind', 'Channel', 'To', 'Subject'],
          messages.map((one) => [
            one.message_id,
            showTime(Date.parse(one.time)),
            one.kind,
            one.channel,
            one.to,
            one.subject,
          ]),
        )
      }),
    )
  onServer(message, 'show')
    .argument('<message_id>', 'the message', idFrom)
    .description('Show a message with its text.')
    .addOption(jsonOption())
    .action((id: string, flags: Flags) =>
      withControl(flags, environment, async (control) => {
        const message = await control.messages.retrieve(id)
        if (flags.json === true) printJson(message)
        else printMessage(message)
      }),
    )
}

function printMessage(message: OutboxMessage): void {
  printTable([
    ['Message', message.message_id],
    ['Time', showTime(Date.parse(message.time))],
    ['Kind', message.kind],
    ['Channel', message.channel],
    ['To', message.to],
    ['Subject', message.subject],
    ['Link', message.link],
    ['Payment', message.payment_id],
    ['Payment link', message.payment_link_id],
    ['Notification', message.mandate_notification_id],
  ])
  print('')
  // A merchant's text must not control the terminal.
  print(message.text.trimEnd().replaceAll(/[^\P{Cc}\n]/gu, '?'))
}

/** The maximum number of messages that the control API lists. */
const MESSAGE_COUNT_MAX = 200

function messageCountFrom(text: string): number {
  const count = Number(text)
  if (/^[1-9]\d{0,2}$/.test(text) && count <= MESSAGE_COUNT_MAX) return count
  throw new InvalidArgumentError(`It must be a whole number from 1 to ${MESSAGE_COUNT_MAX}.`)
}
