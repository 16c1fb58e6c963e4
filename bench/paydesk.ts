import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Lifetime } from './lifetime.ts'
import type { Place } from './places.ts'

const PAYDESK = fileURLToPath(new URL('../bin/paydesk.js', import.meta.url))
const PACKAGE = fileURLToPath(new URL('../package.json', import.meta.url))
/** The flags of the runtime in `npm start`. */
const START_FLAGS = (
  JSON.parse(readFileSync(PACKAGE, 'utf8')) as { scripts: { start: string } }
).scripts.start
  .split(' ')
  .filter((word) => word.startsWith('--'))
/** The maximum time from SIGTERM to the end of the program. */
const STOP_MS_MAX = 10_000

export type Paydesk = {
  readonly pid: number
  /** Resolves with the server's port. Rejects if the program ends before it listens. */
  readonly listening: Promise<number>
  /** Stops the program with SIGTERM and waits for its end. */
  readonly stop: () => Promise<void>
}

export type PaydeskOptions = {
  readonly args?: readonly string[]
  /** The folder for a CPU profile. Undefined: no profile. */
  readonly profileFolder?: string | undefined
}

/** Starts `paydesk serve` as `npm start` does, on the database of a place. It picks a port unless `args` have one. */
export async function startPaydesk(
  lifetime: Lifetime,
  place: Pick<Place, 'args' | 'environment'>,
  { args = [], profileFolder }: PaydeskOptions = {},
): Promise<Paydesk> {
  const profiler =
    profileFolder === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profileFolder}`]
  const serve = [PAYDESK, 'serve', '--json', '--port', '0', ...place.args, ...args]
  const child = spawn(process.execPath, [...START_FLAGS, ...profiler, ...serve], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...place.environment },
  })
  const exit = once(child, 'exit')
  const stop = async () => {
    child.kill('SIGTERM')
    const killing = setTimeout(() => child.kill('SIGKILL'), STOP_MS_MAX)
    await exit
    clearTimeout(killing)
  }
  await lifetime.keep(child, stop)
  const listening = Promise.race([
    once(createInterface({ input: child.stdout }), 'line').then(([line]) => portIn(String(line))),
    exit.then(([code]) => {
      throw new Error(`paydesk ended with code ${code} before it listened`)
    }),
  ])
  listening.catch(() => {
    // Callers that await it get the error.
  })
  return { pid: child.pid as number, listening, stop }
}

/** The port in the first line of a server: JSON of a sandbox, or a sentence in live mode. */
function portIn(line: string): number {
  const port = /http:\/\/127\.0\.0\.1:(\d+)/.exec(line)?.[1]
  if (port === undefined) throw new Error(`paydesk names no address: ${line}`)
  return Number(port)
}
