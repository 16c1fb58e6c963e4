import type { Command } from 'commander'
import type { Environment, Flags } from './arguments.ts'
import { print, printColumns, printDeletedIds, printJson } from './output.ts'
import { jsonOption, onServer, pastable, withControl } from './server-command.ts'

/** Adds `paydesk snapshot` and `paydesk reset`. */
export function addSnapshotCommands(program: Command, environment: Environment): void {
  const snapshot = program
    .command('snapshot')
    .description('Snapshots of a sandbox. The server keeps them in memory until it stops.')

  onServer(snapshot, 'take')
    .argument('<name>', 'lowercase letters, digits and hyphens')
    .description('Take a snapshot. It replaces a snapshot with the same name.')
    .addOption(jsonOption())
    .action((name: string, flags: Flags) =>
      withControl(flags, environment, async ({ snapshots }, { url }) => {
        const answer = await snapshots.take(name)
        if (flags.json === true) printJson(answer)
        else
          print(`Taken at ${answer.time}. To go back: ${pastable(`snapshot restore ${name}`, url)}`)
      }),
    )

  onServer(snapshot, 'list')
    .description('List the snapshots.')
    .addOption(jsonOption())
    .action((flags: Flags) =>
      withControl(flags, environment, async ({ snapshots }) => {
        const rows = await snapshots.list()
        if (flags.json === true) return printJson(rows)
        if (rows.length === 0) return print('No snapshots.')
        printColumns(
          ['Snapshot', 'Time', ' Bytes'],
          rows.map((row) => [row.name, row.time, String(row.byte_count)]),
        )
      }),
    )

  onServer(snapshot, 'restore')
    .argument('<name>', 'the snapshot')
    .description('Restore the data and the clock of the sandbox from a snapshot.')
    .addOption(jsonOption())
    .action((name: string, flags: Flags) =>
      withControl(flags, environment, async ({ snapshots }) => {
        const clock = await snapshots.restore(name)
        if (flags.json === true) printJson(clock)
        else print(`Restored. The clock shows ${clock.time}.`)
      }),
    )

  onServer(snapshot, 'delete')
    .argument('<name>', 'the snapshot')
    .description('Delete a snapshot.')
    .addOption(jsonOption())
    .action((name: string, flags: Flags) =>
      withControl(flags, environment, async ({ snapshots }) => {
        await snapshots.delete(name)
        printDeletedIds(flags, { name }, `Deleted ${name}.`)
      }),
    )

  onServer(program, 'reset')
    .description(
      'Delete everything in a sandbox except its preset accounts. The clock keeps its time.',
    )
    .addOption(jsonOption())
    .action((flags: Flags) =>
      withControl(flags, environment, async (control) => {
        const sandbox = await control.reset()
        if (flags.json === true) printJson(sandbox)
        else print(`The sandbox ${sandbox.name} is empty again.`)
      }),
    )
}
