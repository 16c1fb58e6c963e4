/** Sign-ins by OpenID Connect. Only a server with `--oidc-issuer` loads this module. */
import * as client from 'openid-client'
import type { Clock } from '../../domain/clock.ts'
import { isLoopbackHost } from '../../domain/loopback.ts'
import { needsMoreClaims, type ProviderClaims } from '../../domain/provider-access.ts'
import {
  type IdentityProvider,
  ProviderAnswerRefused,
  type ProviderChallenge,
  ProviderUnavailable,
} from '../../operations/identity-provider.ts'
import { steadyClock, systemClock } from '../clock.ts'
import type { OpenidSettings } from '../settings/openid-settings.ts'

const REQUEST_SECONDS_MAX = 5
const ANSWER_BYTES_MAX = 1024 * 1024
const METADATA_LIFE_MS = 10 * 60_000
/** The accepted difference between the clocks of both machines. */
const CLOCK_DIFFERENCE_SECONDS = 30

/**
 * Codes of `openid-client` for a missing answer, or an answer that breaks the rules of OpenID Connect. All others are
 * refusals.
 */
const UNAVAILABLE_CODES: ReadonlySet<unknown> = new Set([
  undefined,
  'OAUTH_TIMEOUT',
  'OAUTH_ABORT',
  'OAUTH_RESPONSE_IS_NOT_CONFORM',
  'OAUTH_RESPONSE_IS_NOT_JSON',
  'OAUTH_PARSE_ERROR',
  'OAUTH_HTTP_REQUEST_FORBIDDEN',
])

/**
 * Makes the provider of the settings. Paydesk does not call the provider before the first sign-in, so an outage of the
 * provider does not prevent a start.
 */
export function createOpenidProvider(settings: OpenidSettings, clock: Clock): IdentityProvider {
  const metadataOf = keepMetadata(settings)
  // Each sign-in has a separate configuration: it fetches the keys again, so a new key works at once, and a removed
  // key stops working.
  const configure = async () => configurationOf(await metadataOf(), settings, clock)
  return {
    name: settings.name,
    issuer: settings.issuer,
    rules: settings.rules,
    begin: async (redirectUri) => {
      const config = await configure()
      const challenge = {
        state: client.randomState(),
        nonce: client.randomNonce(),
        verifier: client.randomPKCECodeVerifier(),
      }
      const url = client.buildAuthorizationUrl(config, {
        redirect_uri: redirectUri,
        response_type: 'code',
        scope: settings.scopes,
        state: challenge.state,
        nonce: challenge.nonce,
        code_challenge: await client.calculatePKCECodeChallenge(challenge.verifier),
        code_challenge_method: 'S256',
      })
      return { url: url.href, challenge }
    },
    finish: async (returnUrl, challenge) => {
      const config = await configure()
      try {
        return await readClaims(config, settings, { returnUrl, challenge })
      } catch (error) {
        throw failureFrom(error)
      }
    },
  }
}

type Return = { readonly returnUrl: URL; readonly challenge: ProviderChallenge }

async function readClaims(
  config: client.Configuration,
  { rules }: OpenidSettings,
  { challenge, returnUrl }: Return,
): Promise<ProviderClaims> {
  const tokens = await client.authorizationCodeGrant(config, returnUrl, {
    expectedState: challenge.state,
    expectedNonce: challenge.nonce,
    pkceCodeVerifier: challenge.verifier,
    idTokenExpected: true,
  })
  const claims = tokens.claims()
  if (claims === undefined) throw new ProviderAnswerRefused('no ID token')
  const isComplete =
    !needsMoreClaims(claims, rules) || config.serverMetadata().userinfo_endpoint === undefined
  if (isComplete) return claims
  const more = await client.fetchUserInfo(config, tokens.access_token, claims.sub)
  return { ...more, ...claims }
}

/** A failure is not kept. */
function keepMetadata(settings: OpenidSettings): () => Promise<client.ServerMetadata> {
  let reading: Promise<client.ServerMetadata> | undefined
  let readAtMs = 0
  return () => {
    if (reading !== undefined && steadyClock.nowMs() < readAtMs + METADATA_LIFE_MS) return reading
    const next = discover(settings)
    reading = next
    readAtMs = steadyClock.nowMs()
    next.catch(() => {
      if (reading === next) reading = undefined
    })
    return next
  }
}

async function discover({ clientId, issuer }: OpenidSettings): Promise<client.ServerMetadata> {
  const url = new URL(issuer)
  const metadata = await client
    .discovery(url, clientId, undefined, client.None(), {
      timeout: REQUEST_SECONDS_MAX,
      [client.customFetch]: fetchLimited,
      execute: isPlainLoopback(url) ? [client.allowInsecureRequests] : [],
    })
    .then((config) => config.serverMetadata())
    .catch((error: unknown) => {
      throw new ProviderUnavailable(reasonOf(error))
    })
  // `openid-client` allows other issuers for the addresses of Microsoft that many organizations share.
  if (new URL(metadata.issuer).href !== url.href) {
    throw new ProviderUnavailable('the issuer in the metadata is not the value of --oidc-issuer')
  }
  return metadata
}

/** Plain HTTP is only for a provider on this machine. */
function isPlainLoopback({ hostname, protocol }: URL): boolean {
  return protocol === 'http:' && isLoopbackHost(hostname)
}

function configurationOf(
  metadata: client.ServerMetadata,
  { clientId, clientSecret, issuer }: OpenidSettings,
  clock: Clock,
): client.Configuration {
  const methods = metadata.token_endpoint_auth_methods_supported ?? ['client_secret_basic']
  const authenticate = methods.includes('client_secret_basic')
    ? client.ClientSecretBasic(clientSecret)
    : client.ClientSecretPost(clientSecret)
  const config = new client.Configuration(
    metadata,
    clientId,
    {
      [client.clockSkew]: Math.round((clock.nowMs() - systemClock.nowMs()) / 1000),
      [client.clockTolerance]: CLOCK_DIFFERENCE_SECONDS,
    },
    authenticate,
  )
  config.timeout = REQUEST_SECONDS_MAX
  config[client.customFetch] = fetchLimited
  if (isPlainLoopback(new URL(issuer))) client.allowInsecureRequests(config)
  // Without this the signature of an ID token from the token endpoint is not checked.
  client.enableNonRepudiationChecks(config)
  return config
}

const fetchLimited: client.CustomFetch = async (url, options) => {
  const answer = await fetch(url, options as RequestInit)
  const { body, headers, status, statusText } = answer
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of body ?? []) {
    bytes += chunk.length
    if (bytes > ANSWER_BYTES_MAX) {
      throw new ProviderUnavailable(`an answer has more than ${ANSWER_BYTES_MAX} bytes`)
    }
    chunks.push(chunk)
  }
  const isWithoutBody = body === null || status === 204 || status === 304
  return new Response(isWithoutBody ? null : Buffer.concat(chunks), { headers, status, statusText })
}

function failureFrom(error: unknown): ProviderUnavailable | ProviderAnswerRefused {
  if (error instanceof ProviderUnavailable || error instanceof ProviderAnswerRefused) return error
  const isUnavailable =
    error instanceof TypeError ||
    (error instanceof client.ResponseBodyError && error.status >= 500) ||
    (error instanceof client.ClientError && UNAVAILABLE_CODES.has(error.code))
  return isUnavailable
    ? new ProviderUnavailable(reasonOf(error))
    : new ProviderAnswerRefused(reasonOf(error))
}

/** The text has words of the protocol and of the network, and no values of an answer. */
function reasonOf(error: unknown): string {
  if (error instanceof client.AuthorizationResponseError) return `error=${wordOf(error.error)}`
  if (error instanceof client.ResponseBodyError) return `error=${wordOf(error.error)}`
  if (error instanceof ProviderUnavailable) return error.message
  const { cause, code, name } = error as Error & { readonly code?: unknown }
  const causeCode = (cause as { readonly code?: unknown } | undefined)?.code
  const codes = [code, causeCode].filter((one) => typeof one === 'string')
  return codes.length === 0 ? name : [...new Set(codes)].join(' ')
}

/** Source: RFC 6749, section 4.1.2.1. */
function wordOf(text: string): string {
  return /^[a-z_]{1,60}$/.test(text) ? text : 'unknown'
}
