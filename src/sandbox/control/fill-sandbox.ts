import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { FastifyInstance } from 'fastify'
import type { Static } from 'typebox'
import { ApiError } from '../../api/errors.ts'
import { type JsonValue, readJson } from '../../api/read-json.ts'
import { parseWebhookCreate } from '../../api/webhooks/parse.ts'
import type { WebhookCreateBody } from '../../api/webhooks/schemas.ts'
import type { Fault, TriggeredSession } from '../../client/control-types.ts'
import type { PaymentSessionPage } from '../../client/index.ts'
import { isPageUrl } from '../../domain/account.ts'
import { isBrandColor } from '../../domain/brand-color.ts'
import { parseAccountId } from '../../domain/id.ts'
import { type Logo, readLogo } from '../../domain/logo.ts'
import { makeWebhookKey, WEBHOOK_KEY_BYTES } from '../../domain/webhook-signature.ts'
import { registerWebhookEndpoint } from '../../operations/register-webhook-endpoint.ts'
import type { WebhookTargets } from '../../webhooks/address-guard.ts'
import { callRoute } from '../tenants/call-route.ts'
import { type CheckedAccount, prepareSandbox, type ReadyAccount } from '../tenants/prepare.ts'
import type { SandboxTenant } from '../tenants/tenant.ts'

/** The contents of a sandbox at its start. */
export type SandboxContents = {
  /** Accounts besides the preset ones. The preset token and the preset client may act for them. */
  readonly accounts?: readonly ReadyAccount[]
  /** Webhook endpoints. If a URL is already registered, its endpoint does not change. */
  readonly endpoints?: readonly (Static<typeof WebhookCreateBody> & {
    /** Default: the preset account of the IN edition. */
    readonly account_id?: string
    /** Default: a new key. */
    readonly signing_key?: string
  })[]
  /** Faults. They are new at each start. */
  readonly faults?: readonly Fault[]
  /** Sessions with attempts to pay them. Only a sandbox without sessions gets them. */
  readonly sessions?: readonly TriggeredSession[]
}

/**
 * The contents cannot be used. The message is a sentence that names the field, such as `sandbox.faults[0].target`.
 */
export class ContentsUnusable extends Error {}

type FillDeps = {
  /** The folder of the settings file. */
  readonly folder: string
  readonly app: FastifyInstance
  readonly tenant: SandboxTenant
  readonly webhookTargets: WebhookTargets
}

/** Creates the contents that a sandbox's settings file describes. Throws ContentsUnusable. */
export async function fillSandbox(
  deps: FillDeps,
  { accounts = [], endpoints = [], faults = [], sessions = [] }: SandboxContents,
): Promise<void> {
  const { tenant } = deps
  if (accounts.length > 0) {
    const checked = accounts.map((account, index) =>
      named(`accounts[${index}]`, () => checkAccount(account, deps.folder)),
    )
    const logos = checked.flatMap(({ logo }) => (logo === undefined ? [] : [logo]))
    await tenant.store.transaction(async (tx) => {
      for (const logo of logos) await tx.accounts.putLogo(logo, tenant.clock.nowMs())
    })
    await prepareSandbox(
      tenant,
      tenant.values,
      checked.map(({ account }) => account),
    )
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

/** An account of the file, and its logo to store. */
type FileAccount = { readonly account: CheckedAccount; readonly logo?: Logo }

/** Checks an account. Its fields come from a file, so each can have any type. Throws ApiError. */
function checkAccount(given: ReadyAccount, folder: string): FileAccount {
  const { account_id: text, edition, name, powered_by: poweredBy } = given
  const id = typeof text === 'string' ? parseAccountId(text) : undefined
  if (id === undefined) throw invalid('account_id', 'must be a text of digits.')
  if (typeof name !== 'string' || name === '') throw invalid('name', 'must be a text.')
  if (edition !== 'IN' && edition !== 'US') throw invalid('edition', 'must be IN or US.')
  if (poweredBy !== undefined && typeof poweredBy !== 'boolean') {
    throw invalid('powered_by', 'must be true or false.')
  }
  const { brand_color: brandColor, privacy_url: privacyUrl, terms_url: termsUrl } = given
  const aColor = 'must be a color such as #1a56db.'
  if (brandColor !== undefined && !isText(brandColor, isBrandColor)) {
    throw invalid('brand_color', aColor)
  }
  const aUrl = 'must be a complete http or https URL without a password.'
  if (termsUrl !== undefined && !isText(termsUrl, isPageUrl)) throw invalid('terms_url', aUrl)
  if (privacyUrl !== undefined && !isText(privacyUrl, isPageUrl)) throw invalid('privacy_url', aUrl)
  const logo = given.logo === undefined ? undefined : readLogoFile(given.logo, folder)
  return {
    account: {
      id,
      name,
      edition,
      ...(brandColor !== undefined && { brandColor }),
      ...(termsUrl !== undefined && { termsUrl }),
      ...(privacyUrl !== undefined && { privacyUrl }),
      ...(poweredBy === false && { hidesPoweredBy: true }),
      ...(logo !== undefined && { logoFile: logo.file }),
    },
    ...(logo !== undefined && { logo }),
  }
}

function isText(value: unknown, isValid: (text: string) => boolean): boolean {
  return typeof value === 'string' && isValid(value)
}

function readLogoFile(path: unknown, folder: string): Logo {
  if (typeof path !== 'string') throw invalid('logo', 'must be the path of a file.')
  let bytes: Uint8Array
  try {
    bytes = readFileSync(resolve(folder, path))
  } catch {
    throw invalid('logo', 'cannot be read: the path starts at the folder of the settings file.')
  }
  const logo = readLogo(bytes)
  if ('refused' in logo) throw invalid('logo', `cannot be used. ${logo.refused}`)
  return logo
}

function invalid(field: string, text: string): ApiError {
  return new ApiError('invalid_parameter', field, `${field} ${text}`)
}

type ReadyEndpoint = NonNullable<SandboxContents['endpoints']>[number]

/** Adds an endpoint without a test event: the receiver may start later than the sandbox. */
async function addEndpoint(
  { tenant, webhookTargets }: FillDeps,
  place: string,
  { account_id: account = tenant.values.accountId, signing_key: key, ...fields }: ReadyEndpoint,
): Promise<void> {
  const accountId = parseAccountId(String(account))
  if (accountId === undefined || (await tenant.store.accounts.find(accountId)) === undefined) {
    throw unusable(place, 'account_id', 'account_id must be an account of this sandbox.')
  }
  if (key !== undefined && (typeof key !== 'string' || key === '')) {
    throw unusable(place, 'signing_key', 'signing_key must be a text.')
  }
  const request = named(place, () => parseWebhookCreate(jsonOf(fields), accountId, webhookTargets))
  const signingKey = key ?? makeWebhookKey(tenant.random.bytes(WEBHOOK_KEY_BYTES))
  await tenant.store.transaction(async (tx) => {
    const endpoints = await tx.webhookEndpoints.lock(accountId)
    if (endpoints.some(({ url }) => url === request.url)) return
    const newEndpoint = { ...request, id: tenant.ids.webhookEndpoint(), signingKey }
    const registration = await registerWebhookEndpoint(tx, tenant, endpoints, newEndpoint)
    if ('notRegistered' in registration) {
      throw unusable(place, 'url', 'url is one endpoint too many for this account.')
    }
  })
}

async function hasSessions({ app, tenant }: FillDeps): Promise<boolean> {
  const { accessToken, accountId } = tenant.values
  const answer = await callRoute(app, tenant, {
    method: 'GET',
    url: `/api/v1/paymentsessions?account_id=${accountId}&per_page=1`,
    headers: { authorization: `Zoho-oauthtoken ${accessToken}` },
  })
  return answer.json<PaymentSessionPage>().payments_sessions.length > 0
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

/** Runs a check whose error names a field of one object of the file. */
function named<Value>(place: string, check: () => Value): Value {
  try {
    return check()
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    throw unusable(place, error.field, error.message)
  }
}

function unusable(place: string, field: string | undefined, message: string): ContentsUnusable {
  const path = field === undefined ? place : `${place}.${field}`
  return new ContentsUnusable(`sandbox.${path}: ${message}`)
}

function jsonOf(value: object): JsonValue {
  return readJson(Buffer.from(JSON.stringify(value))).value
}
