import { type Command, InvalidArgumentError, Option } from 'commander'
import { WEBHOOK_EVENT_TYPES } from '../domain/webhook-event.ts'
import { onServer, placeFor } from './api-command.ts'
import { type Environment, type Flags, idFrom } from './arguments.ts'
import { callControl } from './control-call.ts'
import { print, printJson, printTable } from './output.ts'
import { type AttemptFields, parseAttempt } from './scenarios/parse-attempt.ts'

/** A session as the control API gives it. */
type TriggeredSession = {
  readonly payments_session_id: string
  readonly status: string
  readonly amount: string
  readonly currency: string
  /** Where it is paid; in the answer to its creation alone. */
  readonly checkout_url?: string
  /** Newest first. */
  readonly payments?: readonly { readonly payment_id: string; readonly status: string }[]
}

type Fields = Readonly<Record<string, unknown>>

/** Adds `paydesk trigger`. */
export function addTriggerCommands(program: Command, environment: Environment): void {
  const trigger = program
    .command('trigger')
    .description('States of sessions and events, made by hand in a sandbox.')

  onServer(trigger, 'session')
    .description('Make a payment session in any state it can reach.')
    .option(
      '--attempts <list>',
      'attempts to pay it, such as card:insufficient_funds,upi:succeeded or netbanking:succeeded@12m',
      attemptsFrom,
    )
    .option('--amount <amount>', 'Default: 100.00')
    .option('--currency <code>', 'Default: INR, and USD for the US account')
    .addOption(new Option('--expire', 'let its time to be paid end').conflicts('cancel'))
    .option('--cancel', 'cancel it after the attempts')
    .addOption(jsonOption())
    .action(async (flags: Flags) => {
      const { accountId } = placeFor(flags, environment)
      const { amount, attempts = [], cancel, currency, expire } = flags
      const endsBy = expire === true ? 'expire' : cancel === true ? 'cancel' : undefined
      const session = await callControl<TriggeredSession>(flags, environment, 'POST', '/sessions', {
        account_id: accountId,
        session: {
          ...(amount !== undefined && { amount }),
          ...(currency !== undefined && { currency }),
        },
        attempts,
        ...(endsBy !== undefined && { ends_by: endsBy }),
      })
      show(session, flags)
    })

  onServer(trigger, 'attempts')
    .argument('<payments_session_id>', 'the session', idFrom)
    .argument('<attempts>', 'such as card:failed,upi:succeeded', attemptsFrom)
    .description('Play attempts on a payment session that is there.')
    .addOption(jsonOption())
    .action(async (id: string, attempts: readonly AttemptFields[], flags: Flags) => {
      const path = `/sessions/${id}/attempts`
      show(
        await callControl<TriggeredSession>(flags, environment, 'POST', path, { attempts }),
        flags,
      )
    })

  onServer(trigger, 'event')
    .argument('<type>', `one of ${WEBHOOK_EVENT_TYPES.join(', ')}`)
    .description(
      'Send an event of any type to the endpoints that want it. Nothing else happens: no money moves.',
    )
    .option('--data <json>', 'fields to lay over the sample of its object', objectFrom)
    .option('--id <event_id>', 'an id that no event has yet', idFrom)
    .addOption(jsonOption())
    .action(async (type: string, flags: Flags) => {
      const { accountId } = placeFor(flags, environment)
      const fields = { event_type: type, account_id: accountId, event_id: flags.id }
      // As it was typed: numbers keep their digits.
      const data = flags.data === undefined ? '' : `,"data":${flags.data}`
      const body = `${JSON.stringify(fields).slice(0, -1)}${data}}`
      const event = await callControl<Fields>(flags, environment, 'POST', '/events', body)
      if (flags.json === true) return printJson(event)
      print(`${event.event_type}  event ${event.event_id}`)
    })
}

function show(session: TriggeredSession, flags: Flags): void {
  if (flags.json === true) {
    printJson(session)
    return
  }
  const payments = session.payments ?? []
  printTable([
    ['Payment session', session.payments_session_id],
    ['Status', session.status],
    ['Amount', `${session.amount} ${session.currency}`],
    ['Checkout', session.checkout_url],
    ...payments.toReversed().map((one) => ['Payment', `${one.payment_id} ${one.status}`] as const),
  ])
}

function jsonOption(): Option {
  return new Option('--json', 'print JSON, as the server has it')
}

function attemptsFrom(text: string): readonly AttemptFields[] {
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

/** Gives the text itself, in which no number has lost a digit. */
function objectFrom(text: string): string {
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
