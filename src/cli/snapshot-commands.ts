import type { Command } from 'commander'
import { jsonOption, onServer } from './api-command.ts'
import type { Environment, Flags } from './arguments.ts'
import { callControl } from './control-call.ts'
import { print, printColumns, printJson } from './output.ts'

type Snapshot = { readonly name: string; readonly time: string; readonly byte_count: number }

/** Adds `paydesk snapshot` and `paydesk reset`. */
export function addSnapshotCommands(program: Command, environment: Environment): void {
  const snapshot = program
    .command('snapshot')
    .description('All of a sandbox at one moment, kept while its program runs.')

  onServer(snapshot, 'take')
    .argument('<name>', 'small letters, digits and hyphens')
    .description('Take a snapshot. One of the same name is replaced.')
    .addOption(jsonOption())
    .action(async (name: string, flags: Flags) => {
      const body = { name }
      const taken = await callControl<Snapshot>(flags, environment, 'POST', '/snapshots', body)
      if (flags.json === true) printJson(taken)
      else print(`Taken at ${taken.time}. To go back: paydesk snapshot restore ${name}`)
    })

  onServer(snapshot, 'list')
    .description('List the snapshots.')
    .addOption(jsonOption())
    .action(async (flags: Flags) => {
      const rows = await callControl<readonly Snapshot[]>(flags, environment, 'GET', '/snapshots')
      if (flags.json === true) printJson(rows)
      else if (rows.length === 0) print('There is no snapshot.')
      else
        printColumns(
          ['Snapshot', 'Time', ' Bytes'],
          rows.map((row) => [row.name, row.time, String(row.byte_count)]),
        )
    })

  onServer(snapshot, 'restore')
    .argument('<name>', 'of a snapshot')
    .description('Put a snapshot in the place of all that the sandbox holds.')
    .action(async (name: string, flags: Flags) => {
      const path = '/restore'
      const { time } = await callControl<Snapshot>(flags, environment, 'POST', path, { name })
      print(`Restored. The clock shows ${time}.`)
    })

  onServer(snapshot, 'delete')
    .argument('<name>', 'of a snapshot')
    .description('Throw a snapshot away.')
    .action(async (name: string, flags: Flags) => {
      await callControl(flags, environment, 'DELETE', `/snapshots/${encodeURIComponent(name)}`)
      print(`Deleted ${name}.`)
    })

  onServer(program, 'reset')
    .description('Throw away all that a sandbox holds but its ready accounts.')
    .action(async (flags: Flags) => {
      const { name } = await callControl<{ name: string }>(flags, environment, 'POST', '/reset')
      print(`The sandbox ${name} is as new.`)
    })
}
