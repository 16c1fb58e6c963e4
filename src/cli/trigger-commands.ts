import { type Command, InvalidArgumentError, Option } from 'commander'
import type { PlayedAttempt, PlayedSession } from '../client/control.ts'
import { WEBHOOK_EVENT_TYPES } from '../domain/webhook-event.ts'
import { type Environment, type Flags, idFrom } from './arguments.ts'
import { print, printJson, printTable } from './output.ts'
import { parseAttempt } from './scenarios/parse-attempt.ts'
import { jsonOption, onServer, withControl } from './server-command.ts'

/** The flags of `paydesk trigger session`, as their parsers give them. */
type SessionFlags = Flags & {
  readonly amount?: string
  readonly attempts?: readonly PlayedAttempt[]
  readonly cancel?: true
  readonly currency?: string
  readonly expire?: true
}

/** Adds `paydesk trigger`. */
export function addTriggerCommands(program: Command, environment: Environment): void {
  const trigger = program
    .command('trigger')
    .description('Create sessions in any state, and test events, in a sandbox.')

  onServer(trigger, 'session')
    .description('Create a payment session in a state of your choice.')
    .option(
      '--attempts <list>',
      'payment attempts to play, such as card:insufficient_funds,upi:succeeded or netbanking:succeeded@12m',
      attemptsFrom,
    )
    .option('--amount <amount>', 'the amount in major units. Default: 100.00')
    .option('--currency <code>', 'the currency. Default: INR, or USD for the US account')
    .addOption(new Option('--expire', 'expire it after the attempts').conflicts('cancel'))
    .option('--cancel', 'cancel it after the attempts')
    .addOption(jsonOption())
    .action((flags: SessionFlags) =>
      withControl(flags, environment, async ({ sessions }, { accountId }) => {
        const { amount, attempts = [], cancel, currency, expire } = flags
        const session = await sessions.trigger({
          account_id: accountId,
          attempts,
          session: {
            ...(amount !== undefined && { amount }),
            ...(currency !== undefined && { currency }),
          },
          ...(expire === true && { ends_by: 'expire' }),
          ...(cancel === true && { ends_by: 'cancel' }),
        })
        show(session, flags)
      }),
    )

  onServer(trigger, 'attempts')
    .argument('<payments_session_id>', 'the session', idFrom)
    .argument('<attempts>', 'such as card:failed,upi:succeeded', attemptsFrom)
    .description('Play payment attempts on an existing session.')
    .addOption(jsonOption())
    .action((id: string, attempts: readonly PlayedAttempt[], flags: Flags) =>
      withControl(flags, environment, async ({ sessions }) =>
        show(await sessions.play(id, attempts), flags),
      ),
    )

  onServer(trigger, 'event')
    .argument('<type>', `one of ${WEBHOOK_EVENT_TYPES.join(', ')}`)
    .description(
      'Send an event of any type to the endpoints that subscribe to it. No money moves, and nothing else happens.',
    )
    .option('--data <json>', 'fields to merge into a sample of the event’s object', jsonObjectFrom)
    .option('--id <event_id>', 'the event’s id, which must be unused', idFrom)
    .addOption(jsonOption())
    .action((type: string, flags: Flags & { readonly data?: string }) =>
      withControl(flags, environment, async ({ events }, { accountId }) => {
        const fields = { event_type: type, account_id: accountId, event_id: flags.id }
        // Sent as typed, so that numbers keep their digits.
        const data = flags.data === undefined ? '' : `,"data":${flags.data}`
        const event = await events.trigger(`${JSON.stringify(fields).slice(0, -1)}${data}}`)
        if (flags.json === true) return printJson(event)
        print(`${event.event_type}  event ${event.event_id}`)
      }),
    )
}

function show(session: PlayedSession, flags: Flags): void {
  if (flags.json === true) {
    printJson(session)
    return
  }
  printTable([
    ['Payment session', session.payments_session_id],
    ['Status', session.status],
    ['Amount', `${session.amount} ${session.currency}`],
    ['Checkout', session.checkout_url],
    ...session.payments
      .toReversed()
      .map((one) => ['Payment', `${one.payment_id} ${one.status}`] as const),
  ])
}

function attemptsFrom(text: string): readonly PlayedAttempt[] {
  return text.split(',').map((one) => {
    const attempt = parseAttempt(one.trim())
    if (attempt === undefined) {
      throw new InvalidArgumentError(
        'It must be attempts such as card:insufficient_funds,upi:succeeded.',
      )
    }
    return attempt
  })
}

/** Checks that a text is a JSON object, and returns the text, because parsing could change its numbers. */
function jsonObjectFrom(text: string): string {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    value = undefined
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new InvalidArgumentError('It must be a JSON object such as {"amount": "7.00"}.')
  }
  return text
}
