import type { IncomingMessage } from 'node:http'
import type { Tenant } from '../operations/tenant.ts'
import type { SandboxTenants } from '../sandbox/tenants/tenants.ts'
import type { ServerHandlers } from './http-server.ts'
import { openOnlyTenant } from './open-tenant.ts'
import type { ServerCore } from './server-core.ts'
import type { Settings } from './settings/read-settings.ts'

/** The tenants of a running server. */
export type ServerTenants = {
  /** The tenant on the program's database. */
  readonly main: Tenant
  readonly tenantOf: (request: IncomingMessage) => Tenant
  /** The same tenants with the functions of the control API. Undefined: there is no control API. */
  readonly sandbox: SandboxTenants | undefined
  /** Returns the preset credentials of a sandbox's tenant. Undefined: live mode. */
  readonly readyValuesOf: (tenant: Tenant) => Settings['sandbox'] | undefined
  /** Sets the handlers of requests, which new tenants use too, and the main tenant's address. */
  readonly serve: (handlers: ServerHandlers, mainUrl: string) => void
  /** Ends the background work of all tenants. Call it before `close`. */
  readonly stopWork: () => Promise<void>
  readonly close: () => Promise<void>
}

/** The control API does not run with several processes, because one of them cannot move the clock of the others. */
export function isControlled({
  mode,
  workerCount,
}: Pick<Settings, 'mode' | 'workerCount'>): boolean {
  return mode === 'sandbox' && workerCount === 1
}

/** Opens the tenants of a server: one in live mode, any number in a sandbox. */
export async function openTenants(core: ServerCore): Promise<ServerTenants> {
  if (isControlled(core.settings)) {
    // Live mode loads none of this code.
    const { openSandboxTenants } = await import('../sandbox/tenants/tenants.ts')
    const { sandboxTenant } = await import('../sandbox/tenants/tenant.ts')
    const sandbox = await openSandboxTenants(core)
    return { ...sandbox, sandbox, readyValuesOf: (tenant) => sandboxTenant(tenant).values }
  }
  const { close, stopWork, tenant } = await openOnlyTenant(core)
  return {
    main: tenant,
    tenantOf: () => tenant,
    sandbox: undefined,
    readyValuesOf: () => (core.settings.mode === 'live' ? undefined : core.settings.sandbox),
    serve: () => {},
    stopWork,
    close,
  }
}
