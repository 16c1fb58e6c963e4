import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { TestProject } from 'vitest/node'
import { buildBrowserIfStale } from '../../scripts/build-browser.ts'
import { buildServerIfStale } from '../../scripts/build-server.ts'
import { migrate } from '../../src/store/engine/migrate.ts'
import { openPostgres } from '../../src/store/engine/postgres.ts'
import { createTemplate, startPostgres } from './postgres-cluster.ts'
import { makeRunFolder } from './run-folder.ts'
import {
  findChromium,
  findNginx,
  findProgram,
  findPythonWith,
  needProgram,
  wantHeadlessShell,
} from './system-tools.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** The URL of a PostgreSQL. Each test creates its own databases. */
    postgresUrl: string
    /** The path of a Chromium. */
    chromium: string
    /** The path of the Chromium for pages that share a browser. It is the one without windows, if the system has it. */
    chromiumForPages: string
  }
}

/** Starts everything that the tests need in addition to Node, once for the whole run. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  needProgram('curl', 'curl', () => findProgram('curl'))
  needProgram('Python 3', 'python3', () => findProgram('python3'))
  needProgram('pytest', 'python3-pytest', () => findPythonWith('pytest'))
  needProgram('PHPUnit', 'phpunit', () => findProgram('phpunit'))
  needProgram('nginx', 'nginx', findNginx)
  needProgram('certutil', 'libnss3-tools', () => findProgram('certutil'))
  const chromium = needProgram('Chromium', 'chromium', findChromium)
  project.provide('chromium', chromium)
  project.provide('chromiumForPages', wantHeadlessShell() ?? chromium)
  const endReaper = startReaper()
  await buildBrowserIfStale()
  // Spawned servers start from the bundle: such a start costs half of a start from the sources.
  await buildServerIfStale()
  process.stdout.write(
    'The tests on Citus are not part of this run. To run them: npm run test:citus\n',
  )
  const cluster = await startPostgres({ isDurable: false })
  project.provide('postgresUrl', cluster.url)
  await createTemplate(cluster.url, migrateDatabase)
  return async () => {
    await cluster.stop()
    await endReaper()
  }
}

/** Brings the schema of a database up to date. */
export async function migrateDatabase(url: string): Promise<void> {
  const engine = await openPostgres(url, 1)
  try {
    await migrate(engine)
  } finally {
    await engine.close()
  }
}

/**
 * Starts the program that ends the processes that this run leaves behind. The returned function starts its work and
 * waits for its end.
 */
export function startReaper(): () => Promise<void> {
  const program = fileURLToPath(new URL('reaper.ts', import.meta.url))
  const reaper = spawn(process.execPath, [program, makeRunFolder()], {
    stdio: ['pipe', 'ignore', 'inherit'],
    // It has a separate process group, so that a signal to the whole run does not reach it.
    detached: true,
  })
  const exit = once(reaper, 'exit')
  return async () => {
    reaper.stdin.end()
    await exit
  }
}
