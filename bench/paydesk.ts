import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Lifetime } from './lifetime.ts'

const PAYDESK = fileURLToPath(new URL('../bin/paydesk.js', import.meta.url))
const PACKAGE = fileURLToPath(new URL('../package.json', import.meta.url))
/** The runtime's flags that `npm start` gives. */
const START_FLAGS = (
  JSON.parse(readFileSync(PACKAGE, 'utf8')) as { scripts: { start: string } }
).scripts.start
  .split(' ')
  .filter((word) => word.startsWith('--'))
/** The program stops by itself within this time of a SIGTERM, in milliseconds. */
const STOP_MS_MAX = 10_000

/** A running `paydesk serve`. */
export type Paydesk = {
  readonly pid: number
  /** Resolves with the port it listens on. Rejects when it ends before it listens. */
  readonly listening: Promise<number>
  /** Stops it in its own orderly way. */
  readonly stop: () => Promise<void>
}

/**
 * Starts `paydesk serve` as `npm start` does, with more arguments. `nodeFlags` are for the runtime,
 * such as a profiler's.
 */
export async function startPaydesk(
  lifetime: Lifetime,
  args: readonly string[],
  nodeFlags: readonly string[] = [],
): Promise<Paydesk> {
  const command = [...START_FLAGS, ...nodeFlags, PAYDESK, 'serve', '--json', ...args]
  const child = spawn(process.execPath, command, { stdio: ['ignore', 'pipe', 'inherit'] })
  const exited = once(child, 'exit')
  const stop = async () => {
    child.kill('SIGTERM')
    const killing = setTimeout(() => child.kill('SIGKILL'), STOP_MS_MAX)
    await exited
    clearTimeout(killing)
  }
  await lifetime.keep(child, stop)
  const listening = Promise.race([
    once(createInterface({ input: child.stdout }), 'line').then(([line]) =>
      Number(new URL((JSON.parse(line as string) as { base_url: string }).base_url).port),
    ),
    exited.then(([code]) => {
      throw new Error(`paydesk ended with code ${code} before it listened`)
    }),
  ])
  listening.catch(() => {
    // Callers that await it get the error.
  })
  return { pid: child.pid as number, listening, stop }
}
