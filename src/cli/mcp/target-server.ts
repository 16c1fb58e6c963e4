import { type Control, createControl, type SandboxFacts } from '../../client/control.ts'
import {
  ApiConnectionError,
  createPaydeskClient,
  type PaydeskClient,
  PaydeskError,
} from '../../client/index.ts'
import { COMMAND_NAME } from '../../program/command-name.ts'
import type { ServerAccess } from '../server-command.ts'

/** The server to work on, and the credentials to call it with. */
export type TargetOptions = ServerAccess & {
  /** True: a person named the account. False: a sandbox's preset account is used. */
  readonly isAccountNamed: boolean
}

/** The target of a tool: a server, or one tenant of a sandbox, with one account. */
export type ToolTarget = {
  readonly baseUrl: string
  readonly accountId: string
  readonly client: PaydeskClient
  /** Its calls fail on a server without a control API. */
  readonly control: Control
  /** Undefined: the server has no control API. */
  readonly facts: SandboxFacts | undefined
}

/** A server that the tools work on. */
export type TargetServer = {
  readonly baseUrl: string
  /** True: it is a sandbox with a control API. Live servers have none. */
  readonly isControlled: boolean
  /**
   * Returns the target of one call: the server itself or a tenant, and the account. Throws PaydeskError for an
   * unknown tenant.
   */
  readonly targetFor: (
    tenant: string | undefined,
    accountId: string | undefined,
  ) => Promise<ToolTarget>
}

/** There is no usable server at the address. The message is for the person who named the address. */
export class ServerUnusable extends Error {}

/** Connects to a server, and finds out whether it has a control API. Throws ServerUnusable. */
export async function openTargetServer(options: TargetOptions): Promise<TargetServer> {
  const { accountId: ownAccountId, isAccountNamed, token, url } = options
  const control = createControl({ baseUrl: url })
  const isControlled = await hasControl(control, url)

  const targetWith = (
    facts: SandboxFacts | undefined,
    account: string | undefined,
    baseUrl = url,
  ): ToolTarget => {
    const own = isAccountNamed ? ownAccountId : (facts?.account_id ?? ownAccountId)
    const accountId = account ?? own
    const accessToken = facts?.access_token ?? token
    return {
      baseUrl,
      accountId,
      facts: facts && { ...facts, base_url: baseUrl },
      control: createControl({ baseUrl }),
      client: createPaydeskClient({ baseUrl, accountId, accessToken }),
    }
  }
  return {
    baseUrl: url,
    isControlled,
    targetFor: async (tenant, account) => {
      if (!isControlled) return targetWith(undefined, account)
      const tenants = await control.tenants.list()
      // If the address is a tenant's, the tools work on that tenant.
      const tenantName = tenant ?? tenants.find((one) => one.base_url === url)?.name ?? 'main'
      const facts = tenants.find(({ name }) => name === tenantName)
      if (facts === undefined) {
        throw new PaydeskError(`There is no tenant with the name ${tenantName}.`, {
          code: 'resource_does_not_exist',
          field: 'tenant',
        })
      }
      // The address that the person gave works from this machine; the sandbox's own description of its address may not.
      return targetWith(facts, account, facts.name === 'main' ? url : facts.base_url)
    },
  }
}

async function hasControl(control: Control, url: string): Promise<boolean> {
  try {
    await control.tenants.list()
    return true
  } catch (error) {
    if (error instanceof PaydeskError && !(error instanceof ApiConnectionError)) return false
    const hint = `Start a sandbox with: ${COMMAND_NAME} serve; or leave --url out to get a private one.`
    throw new ServerUnusable(`There is no Paydesk at ${url}. ${hint}`)
  }
}
