import { type Command, InvalidArgumentError, Option } from 'commander'
import type { Control, PlayedAttempt, PlayedSession } from '../client/control.ts'
import { WEBHOOK_EVENT_TYPES, type WebhookEventType } from '../domain/webhook-event.ts'
import { type Environment, type Flags, idFrom } from './arguments.ts'
import { choiceArgument, wordFrom } from './choices.ts'
import { CommandRefused } from './command-refused.ts'
import { EXIT_CODES } from './exit-codes.ts'
import { print, printJson, printTable } from './output.ts'
import { type Override, OverrideRefused, parseOverride, patchText } from './override-fields.ts'
import { parseAttempt } from './scenarios/parse-attempt.ts'
import { jsonOption, onServer, withControl } from './server-command.ts'

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
    .description('Create sessions in any state, and send test events, in a sandbox.')

  onServer(trigger, 'session')
    .description('Create a payment session in a state of your choice.')
    .option(
      '--attempts <list>',
      'payment attempts to play, such as card:insufficient_funds,upi:succeeded or netbanking:succeeded@12m',
      attemptsFrom,
    )
    .option('--amount <amount>', 'the amount in major units. Default: 100.00')
    .option('--currency <code>', 'the currency. Default: INR, or USD for the US account')
    .addOption(new Option('--expire', 'expire the session after the attempts').conflicts('cancel'))
    .option('--cancel', 'cancel the session after the attempts')
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
    .argument('<attempts>', 'the attempts to play, such as card:failed,upi:succeeded', attemptsFrom)
    .description('Play payment attempts on an existing session.')
    .addOption(jsonOption())
    .action((id: string, attempts: readonly PlayedAttempt[], flags: Flags) =>
      withControl(flags, environment, async ({ sessions }) =>
        show(await sessions.play(id, attempts), flags),
      ),
    )
  addEvent(trigger, environment)
}

type EventFlags = Flags & {
  readonly data?: string
  readonly id?: string
  readonly override?: readonly Override[]
}

function addEvent(trigger: Command, environment: Environment): void {
  const type = choiceArgument('<type>', WEBHOOK_EVENT_TYPES, 'the type of the event')
  const command = onServer(trigger, 'event', { isDefault: true }).addArgument(type)
  type.argParser((text: string) =>
    // A misspelled command such as `sesion` arrives here too.
    wordFrom(text, WEBHOOK_EVENT_TYPES, ['session', 'attempts', 'event']),
  )
  command
    .description(
      'Send an event of any type of the real service to the endpoints that subscribe to it. No money moves, and nothing else happens. Exception: without --data, --override and --id, events of payment links, virtual accounts and payouts are real. To cause the event, the sandbox creates a payment link and pays, expires or cancels the link; or it opens a virtual account, and then receives a transfer or closes the account; or it makes a payment and a payout of all available money, and the payout succeeds or fails. You can omit the word `event`.',
    )
    .addOption(
      new Option(
        '--override <path=value>',
        'sets a field in the sample of the event’s object, such as amount=7.00 or payment_method.upi.upi_id=asha@okbank. Can be repeated',
      ).argParser(overridesFrom),
    )
    .addOption(
      new Option('--data <json>', 'fields to merge into the sample, as a JSON object')
        .argParser(jsonObjectFrom)
        .conflicts('override'),
    )
    .option('--id <event_id>', 'the event’s id, which must be unused', idFrom)
    .addOption(jsonOption())
    .action((type: WebhookEventType, flags: EventFlags) =>
      withControl(flags, environment, async (control, { accountId }) => {
        const fields = { event_type: type, account_id: accountId, event_id: flags.id }
        const patch = flags.data ?? (await overridden(control, type, flags.override))
        // The patch is sent as text, so that numbers keep their digits.
        const data = patch === undefined ? '' : `,"data":${patch}`
        const event = await control.events.trigger(`${JSON.stringify(fields).slice(0, -1)}${data}}`)
        if (flags.json === true) return printJson(event)
        print(`${event.event_type}  event ${event.event_id}`)
      }),
    )
}

async function overridden(
  { events }: Pick<Control, 'events'>,
  type: WebhookEventType,
  overrides: readonly Override[] | undefined,
): Promise<string | undefined> {
  if (overrides === undefined) return undefined
  const [name = ''] = type.split('.')
  try {
    return patchText(overrides, await events.sample(type), name)
  } catch (error) {
    if (!(error instanceof OverrideRefused)) throw error
    throw new CommandRefused(`--override: ${error.message}`, EXIT_CODES.usage.code)
  }
}

function overridesFrom(text: string, before: readonly Override[] = []): readonly Override[] {
  const override = parseOverride(text)
  if (override === undefined) {
    throw new InvalidArgumentError('It must be a path and a value, such as amount=7.00.')
  }
  return [...before, override]
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
