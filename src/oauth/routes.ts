import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { acceptsHash } from '../domain/account-keys.ts'
import { addressKeyOf } from '../domain/address-key.ts'
import type { AuditActor } from '../domain/audit-log.ts'
import { type AccountId, parseAccountId } from '../domain/id.ts'
import { formatScope, parseScopes } from '../domain/scope.ts'
import { hashSecret } from '../domain/secret.ts'
import { authorizeClient } from '../operations/authorize-client.ts'
import {
  ACCESS_TOKEN_LIFE_SECONDS,
  exchangeCode,
  grantToMachine,
  type IssuedTokens,
  identifyClient,
  refreshAccess,
  revokeToken,
  type TokenRefusal,
} from '../operations/grant-tokens.ts'
import { type Client, OUTAGE_RETRY_SECONDS, StoreUnavailable } from '../operations/store.ts'
import type { Tenant } from '../operations/tenant.ts'
import type { Assets } from '../pages/assets.ts'
import { baseUrlOf, formOf, queryOf, schemeOf } from '../pages/form.ts'
import type { Html } from '../pages/html.ts'
import {
  type ConsentView,
  renderConsentPage,
  renderRefusalPage,
  type StyleSheet,
} from './consent-page.ts'
import { readSignedRequest, type SignedRequest, signRequest } from './signed-request.ts'
import { readTokenParameters } from './token-parameters.ts'

type Deps = {
  readonly assets: Pick<Assets, 'find'>
  readonly limitsRates: boolean
  /** The public address of this server. Undefined: the address of the request. */
  readonly publicUrl: string | undefined
}

/** The life of a consent page, in milliseconds. */
const CONSENT_LIFE_MS = 10 * 60_000
/** The maximum number of requests a minute from one address to a route that checks secrets. */
const TRIES_PER_MINUTE = 60

/**
 * Registers the accounts server: `/oauth/v2/auth`, `/oauth/v2/org/auth`, `token`, `token/revoke`.
 *
 * Source of formats and texts: Zoho Payments API reference, OAuth page (seen 2026-11-22).
 */
export async function registerOauthRoutes(app: FastifyInstance, deps: Deps): Promise<void> {
  await app.register(async (oauth) => {
    if (deps.limitsRates) {
      await oauth.register(import('@fastify/rate-limit'), {
        global: false,
        keyGenerator: ({ ip }) => addressKeyOf(ip),
        errorResponseBuilder: () => ({ statusCode: 429 }),
      })
    }
    await oauth.register(async (pages) => {
      const sheet = deps.assets.find('consent.css')
      pages.setErrorHandler(outagePage(sheet))
      registerConsentRoutes(pages, sheet, deps)
    })
    registerTokenRoutes(oauth, deps)
  })
}

/** The API's host for each accounts host of the real service. The real accounts hosts do not serve the API. */
const API_HOSTS: ReadonlyMap<string, string> = new Map([
  ['accounts.zoho.in', 'payments.zoho.in'],
  ['accounts.zoho.com', 'payments.zoho.com'],
])

/** Returns the address of the API for a request to the accounts server: `https://payments.zoho.in`. */
function apiDomainOf(request: FastifyRequest): string {
  const host = API_HOSTS.get(request.raw.headers.host ?? '')
  return host === undefined ? baseUrlOf(request) : `${schemeOf(request)}://${host}`
}

/** A SHA-256 in base64url, as S256 makes it. */
const CODE_CHALLENGE = /^[A-Za-z0-9_-]{43}$/

const HIDDEN = { schema: { hide: true } }
const LIMITED = {
  ...HIDDEN,
  config: { rateLimit: { max: TRIES_PER_MINUTE, timeWindow: 60_000 } },
}

function registerTokenRoutes(app: FastifyInstance, deps: Deps): void {
  app.post('/oauth/v2/token', LIMITED, async (request, reply) => {
    const parameters = await readTokenParameters(request)
    const result =
      'error' in parameters ? parameters : await grantTokens(request.tenant, parameters)
    // The real service reports failures with status 200; its SDKs look for the key `error`.
    return reply
      .header('cache-control', 'no-store')
      .send(
        'error' in result
          ? { error: result.error, error_description: result.description }
          : renderTokens(result, deps.publicUrl ?? apiDomainOf(request)),
      )
  })

  app.post('/oauth/v2/token/revoke', LIMITED, async (request, reply) => {
    const parameters = await readTokenParameters(request)
    if ('error' in parameters) {
      return reply.send({ error: parameters.error, error_description: parameters.description })
    }
    const token = parameters.get('token')
    if (token === null || token === '') {
      return reply.send({ error: 'invalid_code', error_description: 'token is required' })
    }
    await revokeToken(request.tenant, token)
    return reply.send({ status: 'success' })
  })
}

async function grantTokens(
  tenant: Tenant,
  parameters: URLSearchParams,
): Promise<IssuedTokens | TokenRefusal> {
  const refuse = (description: string): TokenRefusal => ({ error: 'invalid_grant', description })
  const client = await identifyClient(
    tenant,
    parameters.get('client_id') ?? '',
    parameters.get('client_secret') ?? '',
  )
  if ('error' in client) return client

  const refreshToken = parameters.get('refresh_token')
  switch (parameters.get('grant_type')) {
    case 'authorization_code': {
      const code = parameters.get('code')
      if (code === null) return { error: 'invalid_code', description: 'code is required' }
      return exchangeCode(tenant, client, {
        code,
        redirectUri: parameters.get('redirect_uri') ?? undefined,
        codeVerifier: parameters.get('code_verifier') ?? undefined,
      })
    }
    case 'refresh_token':
      if (refreshToken === null) return refuse('refresh_token is required')
      return refreshAccess(tenant, client, refreshToken)

    case 'client_credentials': {
      // Some clients send this grant with a refresh token; they mean to refresh.
      if (refreshToken !== null) return refreshAccess(tenant, client, refreshToken)
      const scopes = parseScopes(parameters.get('scope') ?? '', tenant.mode)
      if ('unknownScope' in scopes) return refuse('scope contains an unknown scope')
      if (scopes.scopes.length === 0) return refuse('scope is required')
      const soid = parameters.get('soid')
      const accountId = soid === null ? undefined : accountIdFrom(soid)
      if (soid !== null && accountId === undefined) {
        return refuse('soid must be zohopay.<account id> or zohopaysandbox.<account id>')
      }
      const accountIds = accountId === undefined ? client.accountIds : [accountId]
      return grantToMachine(tenant, client, scopes.scopes, accountIds)
    }
    default:
      return refuse('grant_type must be authorization_code, refresh_token or client_credentials')
  }
}

function renderTokens({ accessToken, refreshToken, scopes }: IssuedTokens, apiDomain: string) {
  return {
    access_token: accessToken,
    ...(refreshToken !== undefined && { refresh_token: refreshToken }),
    scope: scopes.map(formatScope).join(' '),
    api_domain: apiDomain,
    token_type: 'Bearer',
    expires_in: ACCESS_TOKEN_LIFE_SECONDS,
  }
}

/**
 * Makes an error handler that shows a page during an outage, and passes every other error to the
 * server's handler.
 */
function outagePage(sheet: StyleSheet) {
  return (error: unknown, _request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    if (!(error instanceof StoreUnavailable)) throw error
    const page = renderRefusalPage(
      'The service is temporarily unavailable.',
      'Reload this page in a minute.',
      sheet,
      'Please try again',
    )
    return sendPage(reply.header('retry-after', OUTAGE_RETRY_SECONDS), 503, page)
  }
}

function registerConsentRoutes(app: FastifyInstance, sheet: StyleSheet, deps: Deps): void {
  for (const url of ['/oauth/v2/auth', '/oauth/v2/org/auth']) {
    app.get(url, HIDDEN, async (request, reply) => {
      const consentRequest = await checkRequest(request.tenant, queryOf(request))
      if ('refused' in consentRequest) {
        return sendPage(
          reply,
          400,
          renderRefusalPage(consentRequest.refused, consentRequest.next, sheet),
        )
      }
      if ('redirect' in consentRequest) return reply.redirect(consentRequest.redirect, 303)
      return sendConsent(request.tenant, reply, sheet, consentRequest)
    })
  }

  app.post('/oauth/v2/consent', LIMITED, async (request, reply) => {
    const answer = formOf(request)
    const consent = readSignedRequest(
      answer.get('request') ?? '',
      request.tenant.keys.derivedKeys.map((keys) => keys.form),
      request.tenant.clock.nowMs(),
    )
    const client = consent && (await request.tenant.store.clients.find(consent.clientId))
    if (consent === undefined || client === undefined) {
      return sendPage(
        reply,
        400,
        renderRefusalPage('This page has expired.', 'Start again in the application.', sheet),
      )
    }
    if (answer.get('decision') !== 'allow') {
      return reply.redirect(redirectTo(consent, { error: 'access_denied' }), 303)
    }
    const accountId = consent.accountIds.find((id) => id === answer.get('account'))
    const isOwner =
      accountId !== undefined &&
      (await isOwnersAnswer(request.tenant, accountId, answer.get('owner_key') ?? ''))
    if (!isOwner)
      return sendConsent(request.tenant, reply, sheet, {
        request: consent,
        client,
        problem: 'The owner key is wrong for this account.',
      })

    const code = await authorizeClient(
      { ...request.tenant, actor: consenterOf(request.tenant, accountId) },
      { clientId: client.id, accountIds: [accountId], scopes: consent.scopes },
      consent.redirectUri,
      consent.codeChallenge,
    )
    const account = await request.tenant.store.accounts.find(accountId)
    return reply.redirect(
      redirectTo(consent, {
        code,
        location: account?.edition === 'US' ? 'us' : 'in',
        'accounts-server': deps.publicUrl ?? baseUrlOf(request),
      }),
      303,
    )
  })
}

/** A sandbox has no owner: anyone who can reach it may authorize clients. */
async function isOwnersAnswer(
  tenant: Tenant,
  accountId: AccountId,
  ownerKey: string,
): Promise<boolean> {
  if (tenant.mode === 'sandbox') return true
  const keys = await tenant.store.accounts.findKeys(accountId)
  return acceptsHash(keys?.owner, hashSecret(ownerKey), tenant.clock.nowMs())
}

function consenterOf({ mode }: Tenant, accountId: AccountId): AuditActor {
  return mode === 'sandbox'
    ? { kind: 'sandbox', name: 'consent page' }
    : { kind: 'owner_key', name: accountId }
}

type CheckedRequest =
  | { readonly request: SignedRequest; readonly client: Client }
  /** An error that a redirect reports to the client. */
  | { readonly redirect: string }
  /** The redirect URI cannot be trusted, so a page shows the error. */
  | { readonly refused: string; readonly next: string }

async function checkRequest(tenant: Tenant, parameters: URLSearchParams): Promise<CheckedRequest> {
  const client = await tenant.store.clients.find(parameters.get('client_id') ?? '')
  if (client === undefined) {
    return {
      refused: 'No application is registered here under this client_id.',
      next:
        tenant.mode === 'sandbox'
          ? 'List the clients with: paydesk client list'
          : 'Contact the application’s developer.',
    }
  }
  const redirectUri = parameters.get('redirect_uri') ?? ''
  if (!client.redirectUris.includes(redirectUri)) {
    return {
      refused: 'The application has not registered exactly this redirect_uri.',
      next:
        tenant.mode === 'sandbox'
          ? `The registered redirect URIs are: ${client.redirectUris.join(', ') || 'none'}`
          : 'Contact the application’s developer.',
    }
  }
  const state = parameters.get('state') ?? undefined
  const redirectError = (error: string, description: string): CheckedRequest => ({
    redirect: redirectTo({ redirectUri, state }, { error, error_description: description }),
  })

  if (parameters.get('response_type') !== 'code') {
    return redirectError('unsupported_response_type', 'response_type must be code')
  }
  const scopes = parseScopes(parameters.get('scope') ?? '', tenant.mode)
  if ('unknownScope' in scopes)
    return redirectError('invalid_scope', `unknown scope: ${scopes.unknownScope}`)
  if (scopes.scopes.length === 0) return redirectError('invalid_scope', 'scope is required')

  const codeChallenge = parameters.get('code_challenge') ?? undefined
  if (codeChallenge !== undefined && parameters.get('code_challenge_method') !== 'S256') {
    return redirectError('invalid_request', 'code_challenge_method must be S256')
  }
  if (codeChallenge !== undefined && !CODE_CHALLENGE.test(codeChallenge)) {
    return redirectError(
      'invalid_request',
      'code_challenge must be a SHA-256 in base64url: 43 characters',
    )
  }
  const soid = parameters.get('soid')
  const soidAccount = soid === null ? undefined : accountIdFrom(soid)
  const accountIds =
    soid === null ? client.accountIds : client.accountIds.filter((id) => id === soidAccount)
  if (accountIds.length === 0)
    return redirectError('access_denied', 'soid is not an account of this client')

  return {
    client,
    request: {
      clientId: client.id,
      redirectUri,
      scopes: scopes.scopes,
      accountIds,
      state,
      codeChallenge,
      expiresAtMs: tenant.clock.nowMs() + CONSENT_LIFE_MS,
    },
  }
}

/** `problem`: the error in the owner's last answer. */
type Consent = {
  readonly request: SignedRequest
  readonly client: Client
  readonly problem?: string
}

async function sendConsent(
  tenant: Tenant,
  reply: FastifyReply,
  sheet: StyleSheet,
  { client, problem, request }: Consent,
): Promise<FastifyReply> {
  const accounts = await Promise.all(
    request.accountIds.map(async (id) => {
      const account = await tenant.store.accounts.find(id)
      return { id, name: account?.name ?? `Account ${id}` }
    }),
  )
  const view: ConsentView = {
    mode: tenant.mode,
    basePath: reply.server.basePath,
    clientName: client.name,
    redirectUri: request.redirectUri,
    scopes: request.scopes,
    accounts,
    request: signRequest(request, tenant.keys.form),
    ...(problem !== undefined && { problem }),
  }
  // Browsers also apply `form-action` to the redirect that answers the form.
  const { origin, protocol } = new URL(request.redirectUri)
  const status = problem === undefined ? 200 : 403
  const page = renderConsentPage(view, sheet)
  return sendPage(reply, status, page, origin === 'null' ? protocol : origin)
}

function sendPage(reply: FastifyReply, status: number, page: Html, formTarget = ''): FastifyReply {
  return reply
    .code(status)
    .headers({
      'content-security-policy': `default-src 'none'; style-src 'self'; img-src data:; form-action 'self' ${formTarget}; base-uri 'none'; frame-ancestors 'none'`,
      'cache-control': 'no-store',
      // Not no-referrer: browsers would send `Origin: null` with the form, which a sandbox refuses.
      'referrer-policy': 'same-origin',
      'x-content-type-options': 'nosniff',
    })
    .type('text/html')
    .send(page.text)
}

function redirectTo(
  { redirectUri, state }: Pick<SignedRequest, 'redirectUri' | 'state'>,
  answer: Readonly<Record<string, string>>,
): string {
  const parameters = new URLSearchParams(answer)
  if (state !== undefined) parameters.set('state', state)
  // The parameters are appended to the text, so that the registered address does not change.
  return `${redirectUri}${redirectUri.includes('?') ? '&' : '?'}${parameters}`
}

function accountIdFrom(soid: string): AccountId | undefined {
  const match = /^zohopay(?:sandbox)?\.(\d+)$/.exec(soid)
  return match?.[1] === undefined ? undefined : parseAccountId(match[1])
}
