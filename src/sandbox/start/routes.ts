import type { FastifyInstance } from 'fastify'
import type { Assets } from '../../pages/assets.ts'
import { sendDocument } from '../../pages/document.ts'
import { baseUrlOf } from '../../pages/form.ts'
import { sandboxFacts } from '../announce.ts'
import { isSandboxTenant } from '../tenants/tenant.ts'
import type { SANDBOX_VALUES } from '../well-known.ts'
import { renderStartPage } from './start-page.ts'

/** Registers the first page of a sandbox at `/`. */
export function registerStartPage(
  app: FastifyInstance,
  deps: {
    readonly assets: Assets
    /** The credentials of a server without a control API. */
    readonly values: typeof SANDBOX_VALUES
    /** The URL under which customers reach this server. Undefined: the request's. */
    readonly publicUrl: string | undefined
    /** True: the page links to the console. */
    readonly isControlled: boolean
  },
): void {
  const { assets, isControlled, publicUrl } = deps
  app.get('/', { schema: { hide: true } }, (request, reply) => {
    const { tenant } = request
    // A tenant has its own credentials and address.
    const values = isSandboxTenant(tenant) ? tenant.values : deps.values
    const facts = sandboxFacts(publicUrl ?? baseUrlOf(request), values, isControlled)
    return sendDocument(reply, {
      title: 'Paydesk sandbox',
      language: 'en',
      styles: [assets.find('start.css')],
      scripts: [assets.find('start.js')],
      body: renderStartPage(facts),
    })
  })
}
