import { Argument, type Command, Option } from 'commander'
import { jsonOption, onServer } from './api-command.ts'
import { type Environment, type Flags, numberFrom } from './arguments.ts'
import { callControl } from './control-call.ts'
import { print, printColumns, printJson } from './output.ts'

type Fault = {
  readonly id: string
  readonly target: string
  readonly match?: Readonly<Record<string, string>>
  readonly probability: number
  readonly count?: number
  readonly window?: { readonly from?: string; readonly to?: string }
  readonly effect: Readonly<Record<string, unknown>>
  readonly applied_count: number
}

/** By target, the field of a match. */
const MATCHES: ReadonlyMap<string, string> = new Map([
  ['route', 'route'],
  ['processor', 'call'],
  ['webhook', 'event_type'],
])

/** Adds `paydesk fault`. */
export function addFaultCommands(program: Command, environment: Environment): void {
  const fault = program.command('fault').description('What goes wrong in a sandbox.')

  onServer(fault, 'add')
    .addArgument(new Argument('<target>', 'where').choices([...MATCHES.keys()]))
    .description('Make something go wrong. Of several faults that match, the oldest applies.')
    .option(
      '--match <what>',
      'a route such as "POST /payments/*/refunds", a call of the processor such as charge, or a type of event',
    )
    .option('--probability <number>', 'from 0 to 1. Default: 1', numberFrom)
    .option('--count <number>', 'how often at most', numberFrom)
    .option('--for <time>', 'for how long from now on, by the sandbox’s clock, such as 10m')
    .option('--from <time>', 'from when on, such as 2026-11-22T09:30:00Z')
    .option('--to <time>', 'until when')
    .option('--latency <time>', 'it takes so long first, in real time, such as 2s')
    .option('--status <number>', 'answer this status, and carry nothing out', numberFrom)
    .option('--retry-after <seconds>', 'with that status', numberFrom)
    .addOption(
      new Option('--outcome <word>', 'of the processor, which is not called').choices([
        'unknown',
        'declined',
        'failed',
      ]),
    )
    .option('--decline-code <code>', 'with the outcome declined')
    .option('--failure-reason <word>', 'with the outcome failed')
    .option('--reset', 'cut the connection before anything is carried out or sent')
    .option('--drop', 'lose a webhook on its way')
    .option('--lost-answer', 'carry it out or send it, and lose the answer')
    .option('--duplicate', 'send a webhook, or call the processor, twice')
    .option('--reorder', 'hold a webhook back until the next one was sent')
    .option('--corrupt', 'change one byte of a webhook after it was signed')
    .addOption(jsonOption())
    .action(async (target: string, flags: Flags) => {
      const { count, from, latency, match, outcome, probability, reset, status, to } = flags
      const { corrupt, declineCode, drop, duplicate, failureReason, lostAnswer, reorder } = flags
      const added = await callControl<Fault>(flags, environment, 'POST', '/faults', {
        target,
        probability,
        count,
        for: flags.for,
        ...(match !== undefined && { match: { [MATCHES.get(target) ?? '']: match } }),
        ...((from ?? to) !== undefined && { window: { from, to } }),
        effect: {
          latency,
          status,
          retry_after: flags.retryAfter,
          outcome,
          reset,
          drop,
          duplicate,
          decline_code: declineCode,
          failure_reason: failureReason,
          reorder,
          corrupt,
          lost_answer: lostAnswer,
        },
      })
      if (flags.json === true) printJson(added)
      else print(`Added ${added.id}. It ends with: paydesk fault delete ${added.id}`)
    })

  onServer(fault, 'list')
    .description('List the faults, the oldest first.')
    .addOption(jsonOption())
    .action(async (flags: Flags) => {
      const rows = await callControl<readonly Fault[]>(flags, environment, 'GET', '/faults')
      if (flags.json === true) printJson(rows)
      else if (rows.length === 0) print('Nothing is made to go wrong.')
      else
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
    })

  onServer(fault, 'delete')
    .argument('<fault_id>', 'such as fault-1')
    .description('Delete a fault.')
    .action(async (id: string, flags: Flags) => {
      const path = `/faults/${encodeURIComponent(id)}`
      await callControl(flags, environment, 'DELETE', path)
      print(`Deleted ${id}.`)
    })

  onServer(fault, 'clear')
    .description('Delete all faults.')
    .action(async (flags: Flags) => {
      await callControl(flags, environment, 'DELETE', '/faults')
      print('Nothing is made to go wrong any more.')
    })
}

/** Such as `latency 2000ms, status 503`. */
function effectText({ effect }: Fault): string {
  return Object.entries(effect)
    .map(([name, value]) => (value === true ? name : `${name} ${value}`))
    .join(', ')
}
