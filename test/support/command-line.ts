/** Runs the command line like a person or a script. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { PAYDESK } from './server.ts'

const SOURCES = new URL('../../src/cli/main.ts', import.meta.url)

/** The result of a command. */
export type ProgramResult = {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

/** A command that is running. */
export type RunningProgram = {
  readonly process: ChildProcess
  /** Resolves when the output or the error output matches. Returns all output so far. */
  readonly until: (pattern: RegExp, stream?: 'out' | 'err') => Promise<string>
  readonly exit: Promise<ProgramResult>
}

/** Starts `paydesk` with arguments. */
export function startPaydesk(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
  cwd?: string,
): RunningProgram {
  return startNode([PAYDESK, ...args], environment, cwd)
}

/** Runs `paydesk` from its sources to its end, because a bundle does not show the modules that a command loads. */
export function paydeskFromSources(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<ProgramResult> {
  const script = `const { runCli } = await import('${SOURCES}'); await runCli(process.argv)`
  const flags = ['--input-type=module', '--eval', script, '--', 'paydesk']
  return startNode([...flags, ...args], environment).exit
}

function startNode(
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
  cwd?: string,
): RunningProgram {
  // The colors of the test's own output must not reach the command.
  const colors = { FORCE_COLOR: undefined, NO_COLOR: undefined }
  return startProgram(process.execPath, args, { ...process.env, ...colors, ...environment }, cwd)
}

/** Starts a program with exactly this environment. */
export function startProgram(
  file: string,
  args: readonly string[],
  environment: NodeJS.ProcessEnv,
  cwd?: string,
  input: 'ignore' | 'pipe' = 'ignore',
): RunningProgram {
  const child = spawn(file, args, { env: environment, cwd, stdio: [input, 'pipe', 'pipe'] })
  const output = { out: '', err: '' }
  const looks = new Set<() => void>()
  const keep = (stream: 'out' | 'err') => (chunk: string) => {
    output[stream] += chunk
    for (const look of looks) look()
  }
  child.stdout?.setEncoding('utf8').on('data', keep('out'))
  child.stderr?.setEncoding('utf8').on('data', keep('err'))
  const result = once(child, 'close').then(([code]) => {
    return { ...output, code: code as number | null }
  })
  return {
    process: child,
    exit: result,
    until: (pattern, stream = 'out') =>
      new Promise((resolve, reject) => {
        const look = () => {
          if (!pattern.test(output[stream])) return
          looks.delete(look)
          resolve(output[stream])
        }
        looks.add(look)
        look()
        result.then(({ err, out }) => reject(new Error(`it ended before ${pattern}: ${out}${err}`)))
      }),
  }
}

/** Runs `paydesk` to its end. */
export function paydesk(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
  cwd?: string,
): Promise<ProgramResult> {
  return startPaydesk(args, environment, cwd).exit
}
