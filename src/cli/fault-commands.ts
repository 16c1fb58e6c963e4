import { type Command, Option } from 'commander'
import type { Fault, KeptFault } from '../client/control.ts'
import { DECLINE_CODES } from '../domain/payment-attempt.ts'
import { type Environment, type Flags, numberFrom } from './arguments.ts'
import { choiceArgument } from './choices.ts'
import { print, printColumns, printDeletedIds, printJson } from './output.ts'
import { jsonOption, onServer, pastable, withControl } from './server-command.ts'

type Target = Fault['target']
type Effect = Fault['effect']

const MATCHES = { route: 'route', processor: 'call', webhook: 'event_type' } as const

type AddFlags = Flags & {
  readonly match?: string
  readonly probability?: number
  readonly count?: number
  readonly for?: string
  readonly from?: string
  readonly to?: string
  readonly latency?: string
  readonly status?: number
  readonly retryAfter?: number
  readonly outcome?: NonNullable<Effect['outcome']>
  readonly declineCode?: NonNullable<Effect['decline_code']>
  readonly failureReason?: NonNullable<Effect['failure_reason']>
  readonly reset?: true
  readonly drop?: true
  readonly lostAnswer?: true
  readonly duplicate?: true
  readonly reorder?: true
  readonly corrupt?: true
}

/** Adds `paydesk fault`. */
export function addFaultCommands(program: Command, environment: Environment): void {
  const fault = program.command('fault').description('Injected failures in a sandbox.')

  addEffectOptions(
    onServer(fault, 'add')
      .addArgument(
        choiceArgument('<target>', ['route', 'processor', 'webhook'], 'the part that fails'),
      )
      .description(
        'Add a fault. If several faults match, only the oldest applies. If its count, period or probability excludes it, the next fault can apply.',
      )
      .option(
        '--match <pattern>',
        'only a route such as "POST /payments/*/refunds", a processor call such as `charge`, or an event type. Default: all',
      )
      .option(
        '--probability <number>',
        'the probability that the fault applies, from 0 to 1. Default: 1',
        numberFrom,
      )
      .option(
        '--count <number>',
        'the maximum number of times that the fault applies. Default: no limit',
        numberFrom,
      )
      .option(
        '--for <duration>',
        'how long the fault applies from now on, by the sandbox’s clock, such as 10m. Not with --from or --to',
      )
      .option('--from <time>', 'the start of the fault, such as 2026-11-22T09:30:00Z')
      .option('--to <time>', 'the end of the fault'),
  )
    .addOption(jsonOption())
    .action((target: Target, flags: AddFlags) =>
      withControl(flags, environment, async ({ faults }, { url }) => {
        const fault = await faults.add(faultFrom(target, flags))
        if (flags.json === true) printJson(fault)
        else print(`Added ${fault.id}. To remove it: ${pastable(`fault delete ${fault.id}`, url)}`)
      }),
    )

  onServer(fault, 'list')
    .description('List the faults, oldest first.')
    .addOption(jsonOption())
    .action((flags: Flags) =>
      withControl(flags, environment, async ({ faults }) => {
        const rows = await faults.list()
        if (flags.json === true) return printJson(rows)
        if (rows.length === 0) return print('No faults.')
        printFaults(rows)
      }),
    )

  onServer(fault, 'delete')
    .argument('<fault_id>', 'the fault, such as fault-1')
    .description('Delete a fault.')
    .addOption(jsonOption())
    .action((id: string, flags: Flags) =>
      withControl(flags, environment, async ({ faults }) => {
        await faults.delete(id)
        printDeletedIds(flags, { fault_id: id }, `Deleted ${id}.`)
      }),
    )

  onServer(fault, 'clear')
    .description('Delete all faults.')
    .addOption(jsonOption())
    .action((flags: Flags) =>
      withControl(flags, environment, async ({ faults }) => {
        await faults.clear()
        printDeletedIds(flags, { faults: 'all' }, 'Deleted all faults.')
      }),
    )
}

function addEffectOptions(command: Command): Command {
  return command
    .option('--latency <duration>', 'a delay, in real time, such as 2s')
    .option('--status <number>', 'answer with this status, and do nothing else', numberFrom)
    .option(
      '--retry-after <seconds>',
      'only for a route, with --status: the seconds in the Retry-After header',
      numberFrom,
    )
    .addOption(
      new Option(
        '--outcome <outcome>',
        'the outcome to assume; the processor is not called',
      ).choices(['unknown', 'declined', 'failed']),
    )
    .addOption(
      new Option('--decline-code <code>', 'the reason, with --outcome declined').choices(
        DECLINE_CODES,
      ),
    )
    .option('--failure-reason <reason>', 'the reason, with --outcome failed')
    .option('--reset', 'cut the connection before the request is handled or the webhook is sent')
    .option('--drop', 'lose the webhook in transit')
    .option(
      '--lost-answer',
      'handle the request, call the processor or send the webhook, and then lose the answer',
    )
    .option('--duplicate', 'send the webhook, or call the processor, twice')
    .option(
      '--reorder',
      'hold the webhook until the next one for the same endpoint has been sent, at most 2 s',
    )
    .option('--corrupt', 'change one byte of the webhook after signing')
}

function faultFrom(target: Target, flags: AddFlags): Fault {
  const { count, for: duration, from, match, probability, to } = flags
  return {
    target,
    ...(match !== undefined && { match: { [MATCHES[target]]: match } }),
    ...(probability !== undefined && { probability }),
    ...(count !== undefined && { count }),
    ...(duration !== undefined && { for: duration }),
    ...((from ?? to) !== undefined && {
      window: { ...(from !== undefined && { from }), ...(to !== undefined && { to }) },
    }),
    effect: effectFrom(flags),
  }
}

function effectFrom(flags: AddFlags): Effect {
  const { corrupt, declineCode, drop, duplicate, failureReason, latency, lostAnswer } = flags
  const { outcome, reorder, reset, retryAfter, status } = flags
  return {
    ...(latency !== undefined && { latency }),
    ...(status !== undefined && { status }),
    ...(retryAfter !== undefined && { retry_after: retryAfter }),
    ...(outcome !== undefined && { outcome }),
    ...(declineCode !== undefined && { decline_code: declineCode }),
    ...(failureReason !== undefined && { failure_reason: failureReason }),
    ...(reset !== undefined && { reset }),
    ...(drop !== undefined && { drop }),
    ...(lostAnswer !== undefined && { lost_answer: lostAnswer }),
    ...(duplicate !== undefined && { duplicate }),
    ...(reorder !== undefined && { reorder }),
    ...(corrupt !== undefined && { corrupt }),
  }
}

function printFaults(rows: readonly KeptFault[]): void {
  printColumns(
    ['Fault', 'Target', 'Match', ' Applied', ' At most', ' Probability', 'Effect'],
    rows.map((row) => [
      row.id,
      row.target,
      Object.values(row.match ?? {})[0] ?? 'all',
      String(row.applied_count),
      row.count?.toString(),
      String(row.probability),
      effectText(row),
    ]),
  )
}

function effectText({ effect }: KeptFault): string {
  return Object.entries(effect)
    .map(([name, value]) => (value === true ? name : `${name} ${value}`))
    .join(', ')
}
