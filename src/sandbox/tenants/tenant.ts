import type { Tenant } from '../../operations/tenant.ts'
import type { Faults } from '../faults/faults.ts'
import type { Listeners } from '../log/listeners.ts'
import type { RequestLog } from '../log/request-log.ts'
import type { SANDBOX_VALUES } from '../well-known.ts'
import type { ClockKeeper } from './kept-clock.ts'
import type { ClockMover } from './move-clock.ts'
import type { RequestGate } from './request-gate.ts'
import type { Rest } from './rest.ts'
import type { SandboxClock } from './sandbox-clock.ts'
import type { Copies } from './snapshot.ts'

/**
 * A tenant of a sandbox: a database with preset accounts, and its own clock and randomness. The program's tenant is
 * called `main`; tests create others, which are isolated from each other.
 */
export type SandboxTenant = Tenant & {
  /** Its address: `http://127.0.0.1:40123`. */
  readonly baseUrl: string
  /** The clock of webhook signatures: the tenant's (`sandbox`) or the machine's (`real`). */
  readonly webhookTime: 'sandbox' | 'real'
  /** The credentials of its preset accounts. */
  readonly values: typeof SANDBOX_VALUES
  readonly clock: SandboxClock
  readonly mover: ClockMover
  /** Writes the clock's state to the database, so that the clock continues after a restart. */
  readonly clockKeeper: ClockKeeper
  readonly faults: Faults
  readonly log: RequestLog
  /** The programs that read events, such as `paydesk webhook listen`. */
  readonly listeners: Listeners
  /** Keeps requests outside while the database is replaced. */
  readonly gate: RequestGate
  /** Releases memory while there are no requests. */
  readonly rest: Rest
  /** Estimates its memory. */
  readonly byteCount: () => number
  /** Returns the size of an image of the database, in bytes. While the tenant rests, it is the compressed size. */
  readonly imageByteCount: () => number
  /** Aborted when the tenant ends, so that its waits in real time end too. */
  readonly stopping: AbortSignal
  /** Undefined: its database belongs to another program, and cannot be copied. */
  readonly copies: Copies | undefined
}

/** Throws for the tenant of a server without a control API. */
export function sandboxTenant(tenant: Tenant): SandboxTenant {
  if (!isSandboxTenant(tenant)) throw new Error('this server has no control API')
  return tenant
}

/** False: the server has several workers, or is live. */
export function isSandboxTenant(tenant: Tenant): tenant is SandboxTenant {
  return 'copies' in tenant
}

/** The memory of a tenant besides its database and its log, in bytes, as measured: statements, timers, a server. */
export const TENANT_BYTES = 900_000

/** The maximum number of tenants besides `main`, because each has a database in memory. */
export const TENANT_COUNT_MAX = 500

/** Another tenant has the name. */
export class TenantNameTaken extends Error {}

/** The number of tenants is at its limit. */
export class TooManyTenants extends Error {}
