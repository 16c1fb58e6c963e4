import { type Command, InvalidArgumentError } from 'commander'
import type { ClockState, Control } from '../client/control.ts'
import { type Environment, type Flags, numberFrom } from './arguments.ts'
import { print, printJson } from './output.ts'
import { jsonOption, onServer, withControl } from './server-command.ts'

/** Adds `paydesk clock`. */
export function addClockCommands(program: Command, environment: Environment): void {
  const clock = program.command('clock').description('The sandbox’s clock.')
  const run = (flags: Flags, act: (clock: Control['clock']) => Promise<ClockState>) =>
    withControl(flags, environment, async (control) => show(await act(control.clock), flags))

  onServer(clock, 'show')
    .description('Show the time.')
    .addOption(jsonOption())
    .action((flags: Flags) => run(flags, (it) => it.read()))
  onServer(clock, 'set')
    .argument('<time>', 'a time, not before the clock’s time, such as 2026-11-22T09:30:00Z')
    .description('Set the clock. Work that falls due in between is done in order.')
    .addOption(jsonOption())
    .action((time: string, flags: Flags) => run(flags, (it) => it.set(time)))
  onServer(clock, 'advance')
    .argument('<duration>', 'a duration such as 2d, 1h30m or 90s', durationFrom)
    .description('Advance the clock. Work that falls due in between is done in order.')
    .addOption(jsonOption())
    .action((duration: string, flags: Flags) => run(flags, (it) => it.advance(duration)))
  onServer(clock, 'freeze')
    .description('Stop the clock.')
    .addOption(jsonOption())
    .action((flags: Flags) => run(flags, (it) => it.freeze()))
  onServer(clock, 'run')
    .argument('[rate]', 'sandbox seconds per real second, such as 60', numberFrom, 1)
    .description('Start the clock.')
    .addOption(jsonOption())
    .action((rate: number, flags: Flags) => run(flags, (it) => it.run(rate)))
}

/** A number without a unit is refused, because it could mean any unit. */
function durationFrom(text: string): string {
  if (/^\d/.test(text) && !/^\d+(?:\.\d+)?$/.test(text)) return text
  throw new InvalidArgumentError('It must be a duration with its unit, such as 2d, 1h30m or 90s.')
}

function show(state: ClockState, flags: Flags): void {
  if (flags.json === true) {
    printJson(state)
    return
  }
  const { is_frozen: isFrozen, rate, stop_count: stopCount, time } = state
  print(
    `${time}${isFrozen ? ', frozen' : rate === 1 ? '' : `, ${rate} times as fast as real time`}`,
  )
  if (stopCount !== undefined && stopCount > 0) {
    print(
      `During the move the clock stopped ${stopCount === 1 ? 'once' : `${stopCount} times`} for due work.`,
    )
  }
}
