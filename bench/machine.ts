/** The commit, the runtime and the machine of a run. */
import { execFileSync } from 'node:child_process'
import { cpus, loadavg, release, totalmem } from 'node:os'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('..', import.meta.url))

/** Returns the commit and the machine in one line each, without the load. */
export function describeRun(): readonly string[] {
  const [first] = cpus()
  const gibibytes = totalmem() / 2 ** 30
  return [
    `Paydesk ${describeCommit(git('rev-parse', '--short=10', 'HEAD'), git('status', '--porcelain'))}, Node ${process.version}`,
    `${cpus().length} × ${first?.model ?? 'unknown processor'}, ${gibibytes.toFixed(1)} GiB, Linux ${release()}`,
  ]
}

/** Names the commit, and reports files that differ from it. `status`: the output of `git status --porcelain`. */
export function describeCommit(commit: string | undefined, status: string | undefined): string {
  if (commit === undefined || status === undefined) return 'of no known commit'
  return status === '' ? commit : `${commit} with uncommitted changes`
}

/** Returns the load of the machine: runnable processes, means of 1, 5 and 15 minutes. */
export function describeLoad(): string {
  return loadavg()
    .map((load) => load.toFixed(1))
    .join(', ')
}

/** Undefined: there is no repository or no git. */
function git(...args: string[]): string | undefined {
  try {
    return execFileSync('git', args, {
      cwd: ROOT,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim()
  } catch {
    return undefined
  }
}
