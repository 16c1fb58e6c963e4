/** `npm run bench -- <name>`: measures the speed of Paydesk beside the limits of the machine. */
import { buildServerIfStale } from '../scripts/build-server.ts'
import { compareWithLimits } from './against-limits.ts'
import { watchOtherPrograms } from './cpu.ts'
import { measureDelivering } from './deliver.ts'
import { measureGrowth } from './growth.ts'
import { createLifetime, type Lifetime } from './lifetime.ts'
import { measureLists } from './lists.ts'
import { describeLoad, describeRun } from './machine.ts'
import { measureMoney } from './money.ts'
import { type BenchmarkName, HELP, type Options, readOptions } from './options.ts'
import { measureOverload } from './overload.ts'
import { measurePeers } from './peers.ts'
import type { EngineName } from './places.ts'
import { exitCodeOf, type Report, renderReport, type Verdict, verdictOf } from './report.ts'
import { measureScale } from './scale.ts'
import { measureSettling } from './settle.ts'
import { measureStart } from './start.ts'
import { measureVacuum } from './vacuum.ts'

type Benchmark = (lifetime: Lifetime, engine: EngineName, options: Options) => Promise<Report>

const BENCHMARKS: Readonly<Record<BenchmarkName, Benchmark>> = {
  create: (lifetime, engine, options) => compareWithLimits(lifetime, 'create', engine, options),
  retrieve: (lifetime, engine, options) => compareWithLimits(lifetime, 'retrieve', engine, options),
  start: measureStart,
  settle: measureSettling,
  deliver: measureDelivering,
  overload: measureOverload,
  peers: measurePeers,
  lists: measureLists,
  money: measureMoney,
  growth: measureGrowth,
  scale: measureScale,
  vacuum: measureVacuum,
}

const options = readCommand(process.argv.slice(2))
if (options === undefined) process.exitCode = 2
else await runAndExit(options)

/** Undefined: the command line is invalid, and the reason was printed. */
function readCommand(args: readonly string[]): Options | undefined {
  if (process.platform !== 'linux') {
    console.error('bench: needs Linux: it reads the CPU time of processes from /proc.')
    return undefined
  }
  try {
    return readOptions(args)
  } catch (error) {
    console.error(`bench: ${(error as Error).message}\n\n${HELP}`)
    return undefined
  }
}

/** Runs a benchmark, ends its processes, also after a failure or a signal, and exits. */
async function runAndExit(options: Options): Promise<never> {
  const lifetime = createLifetime()
  const stopping = Promise.withResolvers<never>()
  for (const event of ['SIGINT', 'SIGTERM', 'uncaughtException', 'unhandledRejection'] as const) {
    process.once(event, (reason: unknown) => stopping.reject(reason))
  }
  let exitCode = 1
  try {
    const verdicts = await Promise.race([runOnEngines(lifetime, options), stopping.promise])
    exitCode = exitCodeOf(verdicts)
  } catch (error) {
    console.error('bench: ended early:', error)
  }
  await lifetime.end()
  // The process does not end by itself while a stopped measurement still waits for its answer.
  process.exit(exitCode)
}

/** Runs a benchmark on each engine, and prints each report as soon as it is complete. */
async function runOnEngines(lifetime: Lifetime, options: Options): Promise<readonly Verdict[]> {
  const { engines, format, name, profileFolder } = options
  // The servers of all runs start from a bundle, also after a change of the sources.
  await buildServerIfStale()
  const facts = [...describeRun(), `Load before: ${describeLoad()}`]
  const separator = format === 'markdown' ? '; ' : '\n'
  console.log(facts.join(separator))
  const verdicts: Verdict[] = []
  for (const engine of engines) {
    const engineLifetime = await lifetime.keep(createLifetime(), ({ end }) => end())
    const othersShare = watchOtherPrograms()
    const report = await BENCHMARKS[name](engineLifetime, engine, options)
    await engineLifetime.end()
    const run = { othersShare: othersShare(), isProfiled: profileFolder !== undefined }
    console.log(renderReport(report, run, format).join('\n'))
    console.log(
      format === 'markdown' ? `- Load after: ${describeLoad()}` : `Load after: ${describeLoad()}`,
    )
    verdicts.push(verdictOf(report, run))
  }
  return verdicts
}
