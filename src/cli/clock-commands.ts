import type { Command } from 'commander'
import { jsonOption, onServer } from './api-command.ts'
import { type Environment, type Flags, numberFrom } from './arguments.ts'
import { callControl } from './control-call.ts'
import { print, printJson } from './output.ts'

type Clock = {
  readonly time: string
  readonly is_frozen: boolean
  readonly rate: number
  readonly stop_count?: number
}

/** Adds `paydesk clock`. */
export function addClockCommands(program: Command, environment: Environment): void {
  const clock = program.command('clock').description('The time that a sandbox goes by.')
  const call = async (flags: Flags, path: string, body?: unknown) => {
    const method = path === '/clock' ? 'GET' : 'POST'
    const shown = await callControl<Clock>(flags, environment, method, path, body)
    if (flags.json === true) return printJson(shown)
    const { is_frozen: isFrozen, rate, stop_count: stopCount, time } = shown
    print(`${time}${isFrozen ? ', frozen' : rate === 1 ? '' : `, ${rate} times as fast`}`)
    if (stopCount !== undefined) print(`It stopped ${stopCount} times for what was due.`)
  }

  onServer(clock, 'show')
    .description('Show what it shows.')
    .addOption(jsonOption())
    .action((flags: Flags) => call(flags, '/clock'))
  onServer(clock, 'set')
    .argument('<time>', 'not before what it shows, such as 2026-11-22T09:30:00Z')
    .description('Set it. What falls due in between happens first, each at its own time.')
    .addOption(jsonOption())
    .action((time: string, flags: Flags) => call(flags, '/clock/set', { time }))
  onServer(clock, 'advance')
    .argument('<by>', 'such as 2d, 1h30m or 90s')
    .description('Advance it. What falls due in between happens first, each at its own time.')
    .addOption(jsonOption())
    .action((by: string, flags: Flags) => call(flags, '/clock/advance', { by }))
  onServer(clock, 'freeze')
    .description('Let it stand still.')
    .addOption(jsonOption())
    .action((flags: Flags) => call(flags, '/clock/freeze'))
  onServer(clock, 'run')
    .argument('[rate]', 'how much faster than the machine’s, such as 60', numberFrom, 1)
    .description('Let it run.')
    .addOption(jsonOption())
    .action((rate: number, flags: Flags) => call(flags, '/clock/run', { rate }))
}
