import type { Logger } from 'pino'
import type { ApiDeps } from '../api/deps.ts'
import type { Assets } from '../pages/assets.ts'

/** The dependencies of the console. */
export type ConsoleDeps = {
  readonly api: ApiDeps
  readonly assets: Assets
  readonly logger: Logger
  readonly limitsRates: boolean
  /** The public address of this server. Undefined: the address of the request. */
  readonly publicUrl: string | undefined
}
