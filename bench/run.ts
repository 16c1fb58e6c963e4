/** `npm run bench -- <name>`: measures what is claimed about speed, beside the limits of the machine. */
import { availableParallelism, loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import { compareWithLimits } from './against-limits.ts'
import { measureDelivering } from './deliver.ts'
import { createLifetime, type Lifetime } from './lifetime.ts'
import { measureOverload } from './overload.ts'
import { ENGINES } from './places.ts'
import { measureSettling } from './settle.ts'
import { measureStart } from './start.ts'

const HELP = `npm run bench -- <name> [flags]

Measures Paydesk beside the limits of the machine it runs on, prints the ratios, and ends with
code 1 when one is not what is expected. Data lies below $TMPDIR or /tmp, which should be a disk.

  create     creates a second: against bare node:http, Fastify, and the database without HTTP
  retrieve   retrieves a second, against the same
  start      time to the first answered request, and memory after 10,000 sessions
  settle     payments a second from their creation to their webhook: against the same rows
  overload   latency of accepted creations at five times the capacity, and the refused share
  deliver    deliveries a second to five endpoints: against bare node:http that signs and sends

  --rounds <number>    how many rounds, of which the median counts (5, for start 7)
  --seconds <number>   how long each measurement takes (3); deliver ends by itself
  --engine <which>     sqlite, postgres or both (both); start is always on SQLite
  --profile <folder>   writes a CPU profile of Paydesk's process, which slows it down
`

const ROUND_COUNT_MAX = 100
const SECONDS_MAX = 60

type Run = (lifetime: Lifetime) => Promise<boolean>

const run = readCommand(process.argv.slice(2))
if (run === undefined) process.exitCode = 2
else await runAndExit(run)

/** Undefined: the command line asks for nothing that there is, which has been printed. */
function readCommand(args: string[]): Run | undefined {
  try {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: {
        rounds: { type: 'string' },
        seconds: { type: 'string', default: '3' },
        engine: { type: 'string', default: 'both' },
        profile: { type: 'string' },
      },
    })
    const roundCountOr = (fallback: string) =>
      wholeNumber('--rounds', values.rounds ?? fallback, ROUND_COUNT_MAX)
    const seconds = wholeNumber('--seconds', values.seconds, SECONDS_MAX)
    const engines = ENGINES.filter((engine) => [engine, 'both'].includes(values.engine))
    if (engines.length === 0) throw new Error('--engine must be sqlite, postgres or both.')
    const [name] = positionals
    switch (name) {
      case 'create':
      case 'retrieve':
      case 'settle':
      case 'overload':
      case 'deliver': {
        const options = {
          engines,
          roundCount: roundCountOr('5'),
          seconds,
          profileFolder: values.profile,
        }
        if (name === 'overload') return (lifetime) => measureOverload(lifetime, options)
        if (name === 'settle') return (lifetime) => measureSettling(lifetime, options)
        if (name === 'deliver') return (lifetime) => measureDelivering(lifetime, options)
        return (lifetime) => compareWithLimits(lifetime, name, options)
      }
      case 'start': {
        const roundCount = roundCountOr('7')
        return (lifetime) => measureStart(lifetime, roundCount)
      }
      default:
        throw new Error(`There is no benchmark ${name ?? 'without a name'}.`)
    }
  } catch (error) {
    console.error(`bench: ${(error as Error).message}\n\n${HELP}`)
    return undefined
  }
}

function wholeNumber(flag: string, text: string, max: number): number {
  const value = Number(text)
  if (Number.isInteger(value) && value >= 1 && value <= max) return value
  throw new Error(`${flag} must be a whole number from 1 to ${max}.`)
}

/** Runs a measurement, ends its processes, also after a failure or a signal, and exits. */
async function runAndExit(run: Run): Promise<never> {
  const lifetime = createLifetime()
  const stopped = Promise.withResolvers<never>()
  for (const event of ['SIGINT', 'SIGTERM', 'uncaughtException', 'unhandledRejection'] as const) {
    process.once(event, (reason: unknown) => stopped.reject(reason))
  }
  const [load = 0] = loadavg()
  console.log(
    `Node ${process.version}, ${availableParallelism()} processors, load ${load.toFixed(1)} before (near 0 is best)`,
  )
  let isMet = false
  try {
    isMet = await Promise.race([run(lifetime), stopped.promise])
  } catch (error) {
    console.error('bench: ended early:', error)
  }
  await lifetime.end()
  // Not left to the event loop: a measurement that was stopped may still wait for its answer.
  process.exit(isMet ? 0 : 1)
}
