import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { createServer } from 'node:net'
import { CannotStart, listenSentence } from './cannot-start.ts'
import type { Settings } from './settings/read-settings.ts'

/**
 * Checks that the port of a server is free before its data file is created, so that a failed start leaves no file.
 * Throws CannotStart. For other databases only the later `listen` checks it.
 */
export async function checkPortBeforeFile(settings: Settings): Promise<void> {
  const { database, host, port } = settings
  if (database.kind !== 'sqlite' || port === 0) return
  // If the file exists, its lock causes a better message, which names the other program.
  if (database.file === ':memory:' || existsSync(database.file)) return
  const probe = createServer()
  try {
    await once(probe.listen(port, host), 'listening')
  } catch (error) {
    throw new CannotStart(listenSentence(error, settings))
  }
  probe.close()
  await once(probe, 'close')
}
