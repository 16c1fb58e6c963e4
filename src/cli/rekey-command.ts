import type { Command } from 'commander'
import {
  countSealedValues,
  OtherSecretKey,
  rekeyDatabase,
  type SealedCount,
} from '../operations/rekey-database.ts'
import { CACHE_LIFE_MS } from '../store/cached-store.ts'
import type { Environment, Flags } from './arguments.ts'
import { CommandRefused } from './command-refused.ts'
import { onDatabase, pastableOnDatabase, withExistingCore } from './database-command.ts'
import { EXIT_CODES } from './exit-codes.ts'
import { jsonOption } from './json-option.ts'
import { withOsUser } from './os-user.ts'
import { print, printColumns, printJson } from './output.ts'
import { createProgress } from './progress.ts'

/** Adds `paydesk database rekey`. */
export function addRekeyCommand(database: Command, environment: Environment): void {
  onDatabase(database, 'rekey')
    .description(
      'Replace the secret key of the database with PAYDESK_SECRET_KEY, and seal all values again with this key. PAYDESK_PREVIOUS_SECRET_KEY must be the replaced key. Give both keys to all servers first. The command can be interrupted and run again.',
    )
    .option(
      '--check',
      'change nothing, and count the values that each key opens. The exit code is 0 if the database and all values have the new key, and 1 if not; the error then names the next step',
    )
    .addOption(jsonOption())
    .action((flags: Flags & { readonly check?: true }) =>
      withExistingCore(flags, environment, async (core) => {
        const [target, previous] = core.keys.derivedKeys
        if (flags.check === true) {
          const counts = await withProgress((onProgress) => countSealedValues(core, onProgress))
          report(flags, counts)
          const hasPrevious = previous !== undefined
          return showNext(flags, counts, { hasPrevious, isOld: core.keys.check !== target?.check })
        }
        if (previous === undefined) {
          throw new CommandRefused(
            'To replace the secret key, set PAYDESK_SECRET_KEY to the new key and PAYDESK_PREVIOUS_SECRET_KEY to the current key, for all servers and for this command.',
            EXIT_CODES.usage.code,
          )
        }
        const isFirst = core.keys.check !== target?.check
        const counts = await rekey(withOsUser(core, environment))
        // A run after an interrupted one can also find values of the previous key: a server may have sealed them since
        // then.
        const hasSealed = isFirst || counts.some(({ previousCount }) => previousCount > 0)
        report(flags, counts.map(sealedAgain))
        if (flags.json === true) return
        print('')
        print(
          hasSealed
            ? `The database has the new key. The running servers use the new key within ${CACHE_LIFE_MS / 1000} seconds: then run this command once more, and ${pastableOnDatabase('database rekey --check', flags)}.`
            : `The database has the new key. To make sure: ${pastableOnDatabase('database rekey --check', flags)}`,
        )
      }),
    )
}

async function rekey(
  operator: Parameters<typeof rekeyDatabase>[0],
): Promise<readonly SealedCount[]> {
  try {
    return await withProgress((onProgress) => rekeyDatabase(operator, onProgress))
  } catch (error) {
    throw error instanceof OtherSecretKey ? new CommandRefused(error.message) : error
  }
}

async function withProgress<Result>(
  work: (onProgress: (count: SealedCount) => void) => Promise<Result>,
): Promise<Result> {
  const progress = createProgress()
  const counts = new Map<SealedCount['place'], number>()
  try {
    return await work(({ currentCount, place, previousCount, unreadableCount }) => {
      counts.set(place, currentCount + previousCount + unreadableCount)
      const count = [...counts.values()].reduce((total, one) => total + one, 0)
      const text = `${count.toLocaleString('en')} values read, now ${place.replaceAll('_', ' ')}`
      progress.show({ count, text })
    })
  } finally {
    progress.end()
  }
}

/** Returns the counts after the values of the previous key were sealed with the new key. */
function sealedAgain(count: SealedCount): SealedCount {
  const currentCount = count.currentCount + count.previousCount
  return { ...count, currentCount, previousCount: 0 }
}

/** Writes the next step after a check: to the error output if the check failed, because the exit code is 1 then. */
function showNext(
  flags: Flags,
  counts: readonly SealedCount[],
  keys: { readonly hasPrevious: boolean; readonly isOld: boolean },
): void {
  const previousCount = sum(counts, ({ previousCount }) => previousCount)
  const unreadableCount = sum(counts, ({ unreadableCount }) => unreadableCount)
  const problems: string[] = []
  if (unreadableCount > 0) {
    problems.push(
      `${valueCount(unreadableCount)} with neither key. ${keys.hasPrevious ? 'Set PAYDESK_PREVIOUS_SECRET_KEY to the key that sealed them' : 'Set PAYDESK_PREVIOUS_SECRET_KEY to the previous key'}, and run the check again.`,
    )
  }
  if (previousCount > 0 || keys.isOld) {
    const reason =
      previousCount > 0
        ? `${valueCount(previousCount)} only with the previous key`
        : 'The database still has the previous key'
    problems.push(`${reason}. Run: ${pastableOnDatabase('database rekey', flags)}`)
  }
  if (problems.length > 0) throw new CommandRefused(problems.join('\n'))
  if (flags.json === true) return
  print('')
  print(
    keys.hasPrevious
      ? 'Every value opens with the secret key. Two days after the change, remove PAYDESK_PREVIOUS_SECRET_KEY from all servers.'
      : 'Every value opens with the secret key.',
  )
}

function sum(counts: readonly SealedCount[], of: (count: SealedCount) => number): number {
  return counts.reduce((total, count) => total + of(count), 0)
}

function valueCount(count: number): string {
  return count === 1 ? '1 value opens' : `${count} values open`
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
