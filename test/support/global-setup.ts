import type { TestProject } from 'vitest/node'
import { buildBrowserIfStale } from '../../scripts/build-browser.ts'
import { startPostgres } from './postgres-cluster.ts'
import { findChromium, findNginx, findProgram, needProgram } from './system-tools.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** A PostgreSQL for tests, in which each makes databases of its own. */
    postgresUrl: string
    /** The path of a Chromium. */
    chromium: string
  }
}

/** Brings up what the tests need beside Node, once for the whole run. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  needProgram('curl', 'curl', () => findProgram('curl'))
  needProgram('Python 3', 'python3', () => findProgram('python3'))
  needProgram('nginx', 'nginx', findNginx)
  needProgram('certutil', 'libnss3-tools', () => findProgram('certutil'))
  project.provide('chromium', needProgram('Chromium', 'chromium', findChromium))
  await buildBrowserIfStale()
  const cluster = await startPostgres({ isDurable: false })
  project.provide('postgresUrl', cluster.url)
  return cluster.stop
}
