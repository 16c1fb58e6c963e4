import type { FastifyInstance } from 'fastify'
import type { PaymentSessionPage } from '../../client/index.ts'
import { WEBHOOK_ENDPOINT_COUNT_MAX } from '../../domain/webhook-endpoint.ts'
import { makeWebhookKey, WEBHOOK_KEY_BYTES } from '../../domain/webhook-signature.ts'
import { createCustomer } from '../../operations/create-customer.ts'
import { registerWebhookEndpoint } from '../../operations/register-webhook-endpoint.ts'
import { callRoute } from '../tenants/call-route.ts'
import { prepareSandbox } from '../tenants/prepare.ts'
import type { SandboxTenant } from '../tenants/tenant.ts'
import {
  type CheckedContents,
  type CheckedCustomer,
  type CheckedEndpoint,
  unusable,
} from './check-contents.ts'

type FillDeps = {
  readonly app: FastifyInstance
  readonly tenant: SandboxTenant
}

/** Creates the contents that a sandbox's settings file describes. Throws ContentsUnusable. */
export async function fillSandbox(
  deps: FillDeps,
  { accounts, customers, endpoints, faults, sessions }: CheckedContents,
): Promise<void> {
  const { tenant } = deps
  if (accounts.length > 0) {
    const logos = accounts.flatMap(({ logo }) => (logo === undefined ? [] : [logo]))
    await tenant.store.transaction(async (tx) => {
      for (const logo of logos) await tx.accounts.putLogo(logo, tenant.clock.nowMs())
    })
    await prepareSandbox(
      tenant,
      tenant.values,
      accounts.map(({ account }) => account),
    )
  }
  for (const [index, customer] of customers.entries()) {
    await addCustomer(tenant, `customers[${index}]`, customer)
  }
  for (const [index, endpoint] of endpoints.entries()) {
    await addEndpoint(deps, `endpoints[${index}]`, endpoint)
  }
  for (const [index, fault] of faults.entries()) {
    await call(deps, { path: '/_sandbox/faults', body: fault, place: `faults[${index}]` })
  }
  if (sessions.length === 0 || (await hasSessions(deps))) return
  for (const [index, session] of sessions.entries()) {
    await call(deps, { path: '/_sandbox/sessions', body: session, place: `sessions[${index}]` })
  }
}

/** Adds a customer, unless the account has one with this e-mail address. */
async function addCustomer(
  tenant: SandboxTenant,
  place: string,
  { accountId, fields }: CheckedCustomer,
): Promise<void> {
  if ((await tenant.store.accounts.find(accountId)) === undefined) {
    throw unusable(place, 'account_id', 'account_id must be an account of this sandbox.')
  }
  const page = { page: 1, perPage: 1 }
  const { total } = await tenant.store.customers.list(accountId, { searchText: fields.email }, page)
  if (total > 0) return
  await tenant.store.transaction((tx) => createCustomer(tx, tenant, accountId, fields))
}

/** Adds an endpoint without a test event: the receiver may start later than the sandbox. */
async function addEndpoint(
  { tenant }: FillDeps,
  place: string,
  { request, signingKey: key }: CheckedEndpoint,
): Promise<void> {
  const { accountId } = request
  if ((await tenant.store.accounts.find(accountId)) === undefined) {
    throw unusable(place, 'account_id', 'account_id must be an account of this sandbox.')
  }
  const signingKey = key ?? makeWebhookKey(tenant.random.bytes(WEBHOOK_KEY_BYTES))
  const auditDeps = { ...tenant, actor: { kind: 'sandbox', name: 'settings file' } } as const
  await tenant.store.transaction(async (tx) => {
    const endpoints = await tx.webhookEndpoints.lock(accountId)
    if (endpoints.some(({ url }) => url === request.url)) return
    const newEndpoint = { ...request, id: tenant.ids.webhookEndpoint(), signingKey }
    const registration = await registerWebhookEndpoint(tx, auditDeps, endpoints, newEndpoint)
    if ('notRegistered' in registration) {
      throw unusable(
        place,
        'url',
        `url cannot be registered: the account already has ${WEBHOOK_ENDPOINT_COUNT_MAX} webhook endpoints, the maximum.`,
      )
    }
  })
}

/** Returns true if a preset account has a session. The sessions of a settings file are only for these accounts. */
async function hasSessions({ app, tenant }: FillDeps): Promise<boolean> {
  const { accessToken, accountId, usAccountId } = tenant.values
  for (const id of [accountId, usAccountId]) {
    const answer = await callRoute(app, tenant, {
      method: 'GET',
      url: `/api/v1/paymentsessions?account_id=${id}&per_page=1`,
      headers: { authorization: `Zoho-oauthtoken ${accessToken}` },
    })
    if (answer.json<PaymentSessionPage>().payments_sessions.length > 0) return true
  }
  return false
}

/** Calls a route of the control API, which checks the body. */
async function call(
  { app, tenant }: FillDeps,
  { body, path, place }: { readonly path: string; readonly body: object; readonly place: string },
): Promise<void> {
  const answer = await callRoute(app, tenant, { method: 'POST', url: path, payload: body })
  if (answer.statusCode < 300) return
  const { field, message } = answer.json<{ message: string; field?: string }>()
  throw unusable(place, field, message)
}
