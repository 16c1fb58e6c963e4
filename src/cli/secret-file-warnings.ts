import { secretFileWarnings } from '../server/settings/secret-files.ts'
import { printWarning } from './output.ts'

/** Warns of files with secrets that other users of this machine can read or change. Undefined: no file. */
export function printSecretFileWarnings(files: readonly (string | undefined)[]): void {
  const names = files.filter((file) => file !== undefined)
  for (const warning of secretFileWarnings(names)) printWarning(warning)
}
