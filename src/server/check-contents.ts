import { dirname } from 'node:path'
import type { CheckedContents } from '../sandbox/control/check-contents.ts'
import { CannotStart } from './cannot-start.ts'
import { webhookTargetsOf } from './open-tenant.ts'
import type { Settings } from './settings/read-settings.ts'

/** The checked sandbox part of a settings file. */
export type FileContents = { readonly path: string; readonly contents: CheckedContents }

/**
 * Checks the sandbox part of the settings file, before anything is opened. Undefined: there is none. Throws
 * CannotStart, with the file and the field of the first mistake.
 */
export async function checkFileContents(settings: Settings): Promise<FileContents | undefined> {
  const { contents: file, sandbox: values } = settings
  if (file === undefined) return undefined
  const { path } = file
  const { checkContents } = await import('../sandbox/control/check-contents.ts')
  const webhookTargets = webhookTargetsOf(settings)
  const contents = await nameFileInErrors(path, () =>
    checkContents({ folder: dirname(path), values, webhookTargets }, file.sandbox),
  )
  return { path, contents }
}

/** Runs work with a file's contents. Throws CannotStart, which names the file, for contents that cannot be used. */
export async function nameFileInErrors<Result>(
  path: string,
  work: () => Result | Promise<Result>,
): Promise<Result> {
  const { ContentsUnusable } = await import('../sandbox/control/check-contents.ts')
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof ContentsUnusable)) throw error
    throw new CannotStart(`${path}: ${error.message}`)
  }
}
