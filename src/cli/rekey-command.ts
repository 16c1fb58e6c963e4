import type { Command } from 'commander'
import { countSealed, rekeyDatabase, type SealedCount } from '../operations/rekey-database.ts'
import { CACHE_LIFE_MS } from '../store/cached-store.ts'
import type { Environment, Flags } from './arguments.ts'
import { CommandRefused } from './command-refused.ts'
import { onDatabase, withExistingCore } from './database-command.ts'
import { jsonOption } from './json-option.ts'
import { asOperator } from './operator.ts'
import { print, printColumns, printJson, printNote } from './output.ts'

/** The number of values between two lines of progress. */
const PROGRESS_COUNT = 10_000

/** Adds `paydesk database`. */
export function addRekeyCommand(program: Command, environment: Environment): void {
  const database = program.command('database').description('The secret key of a database.')
  onDatabase(database, 'rekey')
    .description(
      'Make PAYDESK_SECRET_KEY the key of the database, and seal all values with it again. PAYDESK_PREVIOUS_SECRET_KEY must be the present key. Give both keys to all servers first. The command can be interrupted and run again.',
    )
    .option(
      '--check',
      'change nothing, and count the values of each key. The exit code is 1 if a value does not have the new key',
    )
    .addOption(jsonOption())
    .action((flags: Flags & { readonly check?: true }) =>
      withExistingCore(flags, environment, async (core) => {
        if (flags.check === true) return report(flags, await countSealed(core, showProgress()))
        const [target, previous] = core.keys.configured
        if (previous === undefined) {
          throw new CommandRefused(
            'To replace the secret key, set PAYDESK_SECRET_KEY to the new key and PAYDESK_PREVIOUS_SECRET_KEY to the current key, for all servers and for this command.',
          )
        }
        const isFirst = core.keys.check !== target?.check
        const counts = await rekeyDatabase(asOperator(core, environment), showProgress())
        // Also after an interrupted run: a server may have sealed a value with the old key since then.
        const hasSealed = isFirst || counts.some(({ previousCount }) => previousCount > 0)
        report(flags, counts.map(sealedAgain))
        if (flags.json === true) return
        print('')
        print(
          hasSealed
            ? `The database has the new key. Running servers seal with it within ${CACHE_LIFE_MS / 1000} seconds: then run this command once more, and paydesk database rekey --check.`
            : 'The database has the new key. To make sure: paydesk database rekey --check',
        )
      }),
    )
}

/** Makes a function that writes a line to the error output after many values. */
function showProgress(): (count: SealedCount) => void {
  let shown = 0
  return ({ currentCount, place, previousCount, unreadableCount }) => {
    const done = currentCount + previousCount + unreadableCount
    if (done < PROGRESS_COUNT || Math.floor(done / PROGRESS_COUNT) === shown) return
    shown = Math.floor(done / PROGRESS_COUNT)
    printNote(`${place}: ${done} values read`)
  }
}

/** Returns the counts after the previous values were sealed with the new key. */
function sealedAgain(count: SealedCount): SealedCount {
  const currentCount = count.currentCount + count.previousCount
  return { ...count, currentCount, previousCount: 0 }
}

function report(flags: Flags, counts: readonly SealedCount[]): void {
  if (counts.some((one) => one.previousCount + one.unreadableCount > 0)) process.exitCode = 1
  if (flags.json === true) {
    printJson(
      counts.map(({ currentCount, place, previousCount, unreadableCount }) => ({
        place,
        secret_key: currentCount,
        previous_secret_key: previousCount,
        neither: unreadableCount,
      })),
    )
    return
  }
  printColumns(
    ['Values', ' Secret key', ' Previous key', ' Neither'],
    counts.map(({ currentCount, place, previousCount, unreadableCount }) => [
      place.replaceAll('_', ' '),
      String(currentCount),
      String(previousCount),
      String(unreadableCount),
    ]),
  )
}
