import { parseArgs } from 'node:util'
import { ENGINES, type EngineName, MODES, type ModeName } from './places.ts'

export const BENCHMARKS = [
  'create',
  'retrieve',
  'start',
  'settle',
  'deliver',
  'overload',
  'peers',
  'lists',
  'money',
  'growth',
  'scale',
  'vacuum',
] as const
export type BenchmarkName = (typeof BENCHMARKS)[number]

/** The benchmarks that do not run on every engine, with their engines. */
const ONLY_ENGINES: ReadonlyMap<string, readonly EngineName[]> = new Map([
  ['start', ['sqlite']],
  ['peers', ['sqlite']],
  ['scale', ['postgres']],
  ['vacuum', ['postgres']],
])

export type Options = {
  readonly name: BenchmarkName
  readonly engines: readonly EngineName[]
  readonly modes: readonly ModeName[]
  readonly roundCount: number
  /** The length of each measurement. */
  readonly seconds: number
  /** For `peers` the requests in each measurement, for `deliver` the events for each endpoint. */
  readonly count: number
  /** The folder for the CPU profiles of Paydesk's processes, which the profiles slow down. Undefined: no profile. */
  readonly profileFolder: string | undefined
  readonly format: 'text' | 'markdown'
  /** The folder in which `growth` keeps its databases. Undefined: they are deleted at the end. */
  readonly folder: string | undefined
  /**
   * For `lists`, `money` and `vacuum` the number of rows in each large table, for `growth` the number of sessions of
   * the large database.
   */
  readonly rowCount: number
  /** For `lists` a text: only the lists whose names contain it are measured. */
  readonly only: string
}

export const HELP = `npm run bench -- <name> [flags]

Measures Paydesk beside the limits of the machine in the same run: the CPU microseconds that the server and PostgreSQL
need for a request, the throughput, and the ratio to the limit. Both modes run side by side: a sandbox, and live mode with
its usual settings, but without rate limits and protection against overload. Needs Linux. Data lies below $TMPDIR or
/tmp, which should be a disk.

Ends with code 0 if all goals are met, 1 if one is missed, 2 for a wrong command line, and 3 without a verdict:
other programs used more than a tenth of the machine's CPU during the run, or --profile slowed Paydesk down.

  create     creates per second: against bare node:http, Fastify, and the database without HTTP
  retrieve   retrieves per second, of new and of paid sessions: against the same limits
  start      time to the first answered request, and memory after 10,000 sessions
  settle     payments per second from their creation to their webhook: against the same rows
  overload   latency of accepted creations at five times the capacity, and the refused share
  deliver    deliveries per second to five endpoints: against bare node:http that signs and sends
  peers      creates of a sandbox: against Prism, emulate and stripe-stateful-mock, which npm installs into a temporary
             folder; each server on one core. Needs taskset, two cores and a package registry
  lists      CPU milliseconds of every list and filter on a large database
  money      CPU milliseconds of the ledger's check, of balances, payouts and links on a large database
  scale      creates and retrieves of 1, 2 and 4 live servers on PostgreSQL and on Citus with 1, 2 and 3 worker nodes:
             CPU microseconds of servers and database. Needs Citus
  vacuum     sizes, dead rows and CPU time on PostgreSQL after days of churn: defaults against the advised autovacuum
  growth     latency and CPU time of requests, due work and the start on a small and a large database, in turns

A run takes about (rounds × seconds + 3) × contenders for each engine; create has six contenders, retrieve eight.
settle waits for the last webhooks. start, deliver, peers and money end by themselves and do not use --seconds.
lists uses --seconds only for creates beside slow lists, vacuum only for creates after its rounds, and growth only for
requests.
growth first fills its databases: at 10,000,000 sessions it needs 40 GB of disk. A measurement of more than 90 s fails.

  --rounds <number>    how many rounds; the results are their medians (5, for start 7)
  --seconds <number>   how long each measurement takes (3)
  --count <number>     how many requests each measurement of peers has (6000); for deliver the events for each endpoint
                       (4000)
  --engine <which>     sqlite, postgres or both (both); start and peers always run on SQLite, vacuum on PostgreSQL,
                       scale on PostgreSQL and Citus, in live mode
  --mode <which>       sandbox, live or both (both)
  --rows <number>      for lists and money the rows of each large table (1000000), for vacuum too (200000), for growth the
                       sessions of the large database (10000000)
  --folder <folder>    for growth: keeps the filled databases in a folder, so that the next run only measures
  --only <text>        for lists: only those with this text in their names
  --markdown           prints the tables as Markdown, as docs/benchmarks.md has them
  --profile <folder>   for create, retrieve, settle, overload, deliver and peers: writes a CPU profile of each Paydesk
                       process, which slows it down: no verdict
`

const PROFILED_BENCHMARKS: readonly BenchmarkName[] = [
  'create',
  'retrieve',
  'settle',
  'overload',
  'deliver',
  'peers',
]
/** The default row counts of benchmarks whose default is not a million. */
const USUAL_ROW_COUNTS: ReadonlyMap<string, string> = new Map([
  ['growth', '10000000'],
  ['vacuum', '200000'],
])
const ROUND_COUNT_MAX = 100
const SECONDS_MAX = 60
const COUNT_MAX = 1_000_000
const ROW_COUNT_MAX = 100_000_000

/** Throws an Error with one sentence about the first problem. */
export function readOptions(args: readonly string[]): Options {
  const { positionals, values } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      rounds: { type: 'string' },
      seconds: { type: 'string', default: '3' },
      count: { type: 'string' },
      engine: { type: 'string', default: 'both' },
      mode: { type: 'string', default: 'both' },
      markdown: { type: 'boolean', default: false },
      profile: { type: 'string' },
      rows: { type: 'string' },
      only: { type: 'string', default: '' },
      folder: { type: 'string' },
    },
  })
  const [benchmarkName, ...more] = positionals
  const name = BENCHMARKS.find((one) => one === benchmarkName)
  if (name === undefined)
    throw new Error(`There is no benchmark ${benchmarkName ?? 'without a name'}.`)
  if (more.length > 0) throw new Error(`One benchmark at a time: remove ${more.join(' ')}.`)
  if (values.profile !== undefined && !PROFILED_BENCHMARKS.includes(name))
    throw new Error(`--profile works only with ${PROFILED_BENCHMARKS.join(', ')}.`)
  const rounds = values.rounds ?? (name === 'start' ? '7' : '5')
  return {
    name,
    engines: ONLY_ENGINES.get(name) ?? choose('--engine', values.engine, ENGINES),
    modes: choose('--mode', values.mode, MODES),
    roundCount: wholeNumber('--rounds', rounds, ROUND_COUNT_MAX),
    seconds: wholeNumber('--seconds', values.seconds, SECONDS_MAX),
    count: wholeNumber(
      '--count',
      values.count ?? (name === 'deliver' ? '4000' : '6000'),
      COUNT_MAX,
    ),
    profileFolder: values.profile,
    format: values.markdown ? 'markdown' : 'text',
    rowCount: wholeNumber(
      '--rows',
      values.rows ?? USUAL_ROW_COUNTS.get(name) ?? '1000000',
      ROW_COUNT_MAX,
    ),
    only: values.only,
    folder: values.folder,
  }
}

function choose<Name extends string>(
  flag: string,
  text: string,
  names: readonly Name[],
): readonly Name[] {
  if (text === 'both') return names
  const result = names.find((name) => name === text)
  if (result === undefined) throw new Error(`${flag} must be ${names.join(', ')} or both.`)
  return [result]
}

function wholeNumber(flag: string, text: string, max: number): number {
  const value = Number(text)
  if (/^\d+$/.test(text) && value >= 1 && value <= max) return value
  throw new Error(`${flag} must be a whole number from 1 to ${max}.`)
}
