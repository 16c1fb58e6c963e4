import type { Reporter, TestModule } from 'vitest/node'
import { cpuSecondsOfTree, descendantsOf, readProcess } from './process-tree.ts'

/** The maximum number of files in the report. */
const FILES_MAX = 10

/** Prints the CPU time of each run, and its most expensive files. */
// biome-ignore lint/style/noDefaultExport: Vitest takes a reporter's default export.
export default class CostReporter implements Reporter {
  /** The time of processes that ended before the first file: the browser's build, initdb. */
  #preparationSeconds: number | undefined

  onTestModuleQueued(): void {
    this.#preparationSeconds ??= (readProcess(process.pid)?.cpuSeconds ?? 0) - ownSeconds()
  }

  onTestRunEnd(modules: readonly TestModule[]): void {
    const costs = modules
      .map((module) => ({ name: module.relativeModuleId, seconds: module.meta().cpuSeconds ?? 0 }))
      .sort((a, b) => b.seconds - a.seconds)
    const filesSeconds = costs.reduce((sum, { seconds }) => sum + seconds, 0)
    const postgres = descendantsOf(process.pid).find(
      ({ name, parentPid }) => name === 'postgres' && parentPid === process.pid,
    )
    const postgresSeconds = postgres === undefined ? 0 : (cpuSecondsOfTree(postgres.pid) ?? 0)
    const vitestSeconds = ownSeconds() + (this.#preparationSeconds ?? 0)
    const total = filesSeconds + postgresSeconds + vitestSeconds
    const lines = [
      `CPU time ${seconds(total)} (user and system, all processes): test files and what they start ` +
        `${seconds(filesSeconds)}, PostgreSQL ${seconds(postgresSeconds)}, Vitest itself ${seconds(vitestSeconds)}`,
    ]
    if (costs.length > 1) {
      lines.push('The most expensive files:')
      for (const cost of costs.slice(0, FILES_MAX)) {
        lines.push(`  ${seconds(cost.seconds).padStart(8)}  ${cost.name}`)
      }
    }
    process.stdout.write(`${lines.join('\n')}\n`)
  }
}

function ownSeconds(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e6
}

function seconds(value: number): string {
  return `${value.toFixed(1)} s`
}
