import type { Logger } from 'pino'
import type { ApiDeps } from '../api/deps.ts'
import type { IdentityProvider } from '../operations/identity-provider.ts'
import type { Assets } from '../pages/assets.ts'

/** The dependencies of the console. */
export type ConsoleDeps = {
  readonly api: ApiDeps
  readonly assets: Assets
  readonly logger: Logger
  readonly limitsRates: boolean
  /** The URL below which operators find `/console`. Undefined: the address of the request. */
  readonly consoleUrl: string | undefined
  /** Undefined: operators sign in with a password only. */
  readonly provider: IdentityProvider | undefined
}
