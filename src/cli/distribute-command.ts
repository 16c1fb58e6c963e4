import type { Command } from 'commander'
import type { Distribution, DistributionStep } from '../store/distribution/distribute.ts'
import {
  EMBEDDED_DATABASE_REFUSAL,
  SHARD_COUNT_DEFAULT,
  SHARD_COUNT_MAX,
} from '../store/distribution/table-kinds.ts'
import type { Engine } from '../store/engine/engine.ts'
import type { Environment, Flags } from './arguments.ts'
import { CommandRefused } from './command-refused.ts'
import { countText } from './count-text.ts'
import { EXIT_CODES } from './exit-codes.ts'
import { jsonOption } from './json-option.ts'
import { onTables, withEngine } from './maintenance-command.ts'
import { print, printJson } from './output.ts'
import { createProgress } from './progress.ts'
import { reportInterruption, watchInterruption } from './watch-interruption.ts'

/** Adds `paydesk database distribute`. */
export function addDistributeCommand(database: Command, environment: Environment): void {
  onTables(database, 'distribute')
    .description(
      'Distribute the tables of a Citus database over its worker nodes. The database may be empty or filled. Stop all servers first: the command stops with an error while servers are connected, and servers do not start on the database before the command has ended. The command needs no secret key. It works in steps, can be interrupted at any time, and continues when you run it again.',
    )
    .option(
      '--shards <number>',
      `The number of shards, 1 to ${SHARD_COUNT_MAX}. Choose several for each worker, including workers that you add later. You can change the number later with Citus. Default: ${SHARD_COUNT_DEFAULT}.`,
    )
    .addOption(jsonOption())
    .action((flags: Flags & { readonly shards?: string }) => {
      const shardCount = readShardCount(flags.shards)
      return withEngine(
        flags,
        environment,
        (engine) => run(engine, shardCount, flags),
        EMBEDDED_DATABASE_REFUSAL,
      )
    })
}

/** Distributes the database until the end, or until a signal stops it between two steps. */
async function run(engine: Engine, shardCount: number, flags: Flags): Promise<void> {
  const { distribute } = await import('../store/distribution/distribute.ts')
  const interruption = watchInterruption()
  const progress = createProgress()
  try {
    const result = await distribute(engine, {
      shardCount,
      onStep: (step) => {
        interruption.signal.throwIfAborted()
        showStep(progress, step)
      },
    })
    progress.end()
    report(flags, result)
  } catch (error) {
    const name = interruption.signalName()
    if (name === undefined) throw error
    progress.end()
    reportInterruption(
      name,
      'The distribution was interrupted. Run the command again: it continues.',
      flags.json === true,
    )
  } finally {
    progress.end()
    interruption.stop()
  }
}

function readShardCount(text: string | undefined): number {
  if (text === undefined) return SHARD_COUNT_DEFAULT
  const count = Number(text)
  if (/^\d{1,3}$/.test(text) && count >= 1 && count <= SHARD_COUNT_MAX) return count
  throw new CommandRefused(
    `--shards must be a whole number from 1 to ${SHARD_COUNT_MAX}.`,
    EXIT_CODES.usage.code,
  )
}

const STEP_TEXTS: Readonly<Record<DistributionStep['kind'], string>> = {
  prepare: 'dropping the foreign keys, which are added again at the end',
  reference: 'copying to all nodes:',
  distributed: 'distributing',
  foreign_key: 'adding the foreign keys of',
  finish: 'finishing',
}

/** A table can take minutes, so each step begins a part of the progress, except the steps of foreign keys. */
function showStep(
  { begin, show }: ReturnType<typeof createProgress>,
  { doneCount, kind, table, totalCount }: DistributionStep,
): void {
  const text = [STEP_TEXTS[kind], table].filter(Boolean).join(' ')
  const position = `${doneCount + 1} of ${totalCount}: ${text}`
  if (kind === 'foreign_key') show({ text: position, share: doneCount / totalCount })
  else begin(position)
}

function report(flags: Flags, result: Distribution): void {
  const { distributedCount, hasChanged, nodeCount, referenceCount, shardCount } = result
  if (flags.json === true) {
    printJson({
      has_changed: hasChanged,
      node_count: nodeCount,
      shard_count: shardCount,
      distributed_table_count: distributedCount,
      reference_table_count: referenceCount,
    })
    return
  }
  const state = `${distributedCount} tables in ${shardCount} shards on ${countText(nodeCount, 'node')}, and ${referenceCount} tables on every node`
  print(
    hasChanged
      ? `The database is distributed: ${state}. Servers can start.`
      : `The database was distributed before: ${state}. Nothing has changed.`,
  )
}
