import { createPaydeskClient, type PaydeskClient, PaydeskError } from '../../client/index.ts'
import { type Control, createControl } from '../../testing/control.ts'
import type { SandboxFacts } from '../../testing/types.ts'

/** Which server is meant, and as whom it is called. */
export type PlaceAsked = {
  /** Without a slash at its end: `http://127.0.0.1:4242`. */
  readonly url: string
  readonly token: string
  readonly accountId: string
  /** Whether the account was named by a person, and is not the sandbox's own. */
  readonly isAccountNamed: boolean
}

/** A server, and in a sandbox one of its tenants, within reach of a tool. */
export type Reached = {
  readonly baseUrl: string
  readonly accountId: string
  readonly client: PaydeskClient
  /** Calls the control API. Throws where there is none. */
  readonly control: Control
  /** Gives the sandbox's ready accounts and credentials. Undefined: it is not a sandbox that can be controlled. */
  readonly facts: SandboxFacts | undefined
}

/** A server that can be reached. `isControlled`: it is a sandbox with a control API; live servers have none. */
export type Place = {
  readonly baseUrl: string
  readonly isControlled: boolean
  /**
   * Gives what a tool works with: the server itself, or a tenant of it, for an account. Throws PaydeskError
   * where there is no such tenant.
   */
  readonly reach: (tenant: string | undefined, accountId: string | undefined) => Promise<Reached>
}

/** There is nothing to work with at the address, in a sentence for the person who named it. */
export class PlaceUnusable extends Error {}

/** Asks a server what it is. Throws PlaceUnusable. */
export async function openPlace(asked: PlaceAsked): Promise<Place> {
  const control = createControl(asked.url)
  const isControlled = (await listTenants(control, asked.url)) !== undefined

  const reached = (facts: SandboxFacts | undefined, account: string | undefined): Reached => {
    const own = asked.isAccountNamed ? asked.accountId : facts?.account_id
    const accountId = account ?? own ?? asked.accountId
    const baseUrl = facts?.base_url ?? asked.url
    const accessToken = facts?.access_token ?? asked.token
    return {
      baseUrl,
      accountId,
      facts,
      control: createControl(baseUrl),
      client: createPaydeskClient({ baseUrl, accountId, accessToken }),
    }
  }
  return {
    baseUrl: asked.url,
    isControlled,
    reach: async (tenant, account) => {
      if (!isControlled) return reached(undefined, account)
      const { tenants } = (await control('GET', '/tenants')) as {
        tenants: readonly SandboxFacts[]
      }
      // A tenant's address can be given too; then that tenant is the one that is meant.
      const wanted = tenant ?? tenants.find((one) => one.base_url === asked.url)?.name ?? 'main'
      const facts = tenants.find(({ name }) => name === wanted)
      if (facts === undefined) {
        throw new PaydeskError(`There is no tenant of the name ${wanted}.`, {
          code: 'resource_does_not_exist',
          field: 'tenant',
        })
      }
      // What the person has called it by is certain to lead there, from wherever they are.
      const isMain = facts.name === 'main'
      return reached(isMain ? { ...facts, base_url: asked.url } : facts, account)
    },
  }
}

/** Undefined: the server has no control API. */
async function listTenants(control: Control, url: string): Promise<unknown> {
  try {
    return (await control('GET', '/tenants')).tenants
  } catch (error) {
    if (error instanceof PaydeskError && error.status !== undefined) return undefined
    const hint = 'Start a sandbox with: npm start; or leave --url out to get one for this alone.'
    throw new PlaceUnusable(`There is no Paydesk at ${url}. ${hint}`)
  }
}
