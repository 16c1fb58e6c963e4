import { dirname } from 'node:path'
import { CannotStart } from './cannot-start.ts'
import { webhookTargetsOf } from './open-tenant.ts'
import type { Settings } from './settings/read-settings.ts'

/**
 * Checks the sandbox part of the settings file, before anything is opened. Throws CannotStart, with the file and the
 * field of the first mistake.
 */
export async function checkFileContents(settings: Settings): Promise<void> {
  const { contents, sandbox: values } = settings
  if (contents === undefined) return
  await withFile(contents.path, async () => {
    const { checkContents } = await import('../sandbox/control/check-contents.ts')
    checkContents(
      { folder: dirname(contents.path), values, webhookTargets: webhookTargetsOf(settings) },
      contents.sandbox,
    )
  })
}

/** Runs work with a file's contents. Throws CannotStart, which names the file, for contents that cannot be used. */
export async function withFile(path: string, work: () => Promise<void>): Promise<void> {
  const { ContentsUnusable } = await import('../sandbox/control/check-contents.ts')
  try {
    await work()
  } catch (error) {
    if (!(error instanceof ContentsUnusable)) throw error
    throw new CannotStart(`${path}: ${error.message}`)
  }
}
