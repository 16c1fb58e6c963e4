import type { Command } from 'commander'
import { ID_EPOCH_MS, partsOfId } from '../domain/id.ts'
import type { Environment, Flags } from './arguments.ts'
import { idFrom } from './arguments.ts'
import { onDatabase, withExistingCore } from './database-command.ts'
import { print, printJson, printTable, showTime } from './output.ts'

/** Adds `paydesk id`. */
export function addIdCommands(program: Command, environment: Environment): void {
  const id = program
    .command('id')
    .description('Translate ids between their public form and their form in the database.')
  onDatabase(id, 'decode')
    .description('Show the database’s id for a public id. Answers, logs and pages have public ids.')
    .argument(
      '<id>',
      'the public id of an object, such as a session, a payment or a customer. The id of an account has only one form',
      idFrom,
    )
    .option('--json', 'print JSON')
    .action((publicId: string, flags: Flags) =>
      withExistingCore(flags, environment, async ({ store }) =>
        report(publicId, store.publicIds.storedIdOf(publicId), flags),
      ),
    )
  onDatabase(id, 'encode')
    .description('Show the public form of an id in the database.')
    .argument('<stored_id>', 'the id in the database', idFrom)
    .option('--json', 'print JSON')
    .action((storedId: string, flags: Flags) =>
      withExistingCore(flags, environment, async ({ store }) =>
        report(store.publicIds.publicIdOf(storedId), storedId, flags),
      ),
    )
}

function report(id: string, storedId: string, flags: Flags): void {
  const { bucket, seconds } = partsOfId(storedId)
  const drawnAtMs = ID_EPOCH_MS + seconds * 1_000
  if (flags.json === true) {
    const drawnAt = new Date(drawnAtMs).toISOString()
    printJson({ id, stored_id: storedId, bucket, drawn_at: drawnAt })
    return
  }
  printTable([
    ['Id', id],
    ['Stored id', storedId],
    ['Bucket', String(bucket)],
    ['Created at', showTime(drawnAtMs)],
  ])
  print('This command does not check that the row exists. Look the row up by bucket and stored id.')
}
