import type { Command } from 'commander'
import { ID_EPOCH_MS, partsOfId } from '../domain/id.ts'
import type { Environment, Flags } from './arguments.ts'
import { idFrom } from './arguments.ts'
import { onDatabase, withExistingCore } from './database-command.ts'
import { print, printJson, printTable } from './output.ts'

/** Adds `paydesk id`. */
export function addIdCommands(program: Command, environment: Environment): void {
  const id = program
    .command('id')
    .description('The two forms of ids: as everybody sees them, and as the database holds them.')
  onDatabase(id, 'decode')
    .description(
      'Show the id that the database holds for one that an answer, log line or page shows.',
    )
    .argument(
      '<id>',
      'of a session, payment, refund, transfer, reversal, event or endpoint',
      idFrom,
    )
    .option('--json', 'print JSON')
    .action((shown: string, flags: Flags) =>
      withExistingCore(flags, environment, async ({ store }) =>
        report(shown, store.publicIds.storedOf(shown), flags),
      ),
    )
  onDatabase(id, 'encode')
    .description('Show the id that everybody sees for one that a row of the database has.')
    .argument('<stored_id>', 'as the database holds it', idFrom)
    .option('--json', 'print JSON')
    .action((stored: string, flags: Flags) =>
      withExistingCore(flags, environment, async ({ store }) =>
        report(store.publicIds.publicOf(stored), stored, flags),
      ),
    )
}

function report(id: string, storedId: string, flags: Flags): void {
  const { bucket, seconds } = partsOfId(storedId)
  const drawnAt = new Date(ID_EPOCH_MS + seconds * 1_000).toISOString()
  if (flags.json === true) {
    printJson({ id, stored_id: storedId, bucket, drawn_at: drawnAt })
    return
  }
  printTable([
    ['Id', id],
    ['Stored id', storedId],
    ['Bucket', String(bucket)],
    ['Drawn at', drawnAt],
  ])
  print(
    'Ids of rows that do not exist are translated too: look for the row by bucket and stored id.',
  )
}
