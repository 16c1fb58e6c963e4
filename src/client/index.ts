/** A typed client of the Zoho Payments API, for Paydesk and for the real service: `paydesk/client`. */
import { fixedToken, type OauthCredentials, refreshedTokens } from './access-token.ts'
import { MACHINE, type Machine } from './machine.ts'
import { createResources, type Resources } from './resources.ts'
import { createSend } from './send.ts'
import { createTransport } from './transport.ts'

/** What tokens are got with. */
export type { OauthCredentials } from './access-token.ts'
export {
  ApiConnectionError,
  ApiError,
  AuthenticationError,
  ConflictError,
  InvalidRequestError,
  NotFoundError,
  PaydeskError,
  RateLimitError,
} from './errors.ts'
/** What a client takes of the machine, for tests to replace. */
export type { Machine } from './machine.ts'
/** The calls of a client. */
export type { Resources } from './resources.ts'
/** What a single call may say of itself. */
export type { CallOptions } from './send.ts'
/** The wire’s objects, queries and bodies. */
export type * from './types.ts'

/**
 * Where the real service is, by edition.
 *
 * Source: Zoho Payments API reference, editions (seen 2026-11-22).
 */
const EDITIONS = {
  IN: { baseUrl: 'https://payments.zoho.in', accountsUrl: 'https://accounts.zoho.in' },
  IN_SANDBOX: {
    baseUrl: 'https://paymentssandbox.zoho.in',
    accountsUrl: 'https://accounts.zoho.in',
  },
  US: { baseUrl: 'https://payments.zoho.com', accountsUrl: 'https://accounts.zoho.com' },
} as const

/** An edition of the real service. */
export type Edition = keyof typeof EDITIONS

/** Where the API is: the real service by its edition, or a Paydesk by its address. */
export type Place =
  | { readonly edition: Edition; readonly baseUrl?: undefined; readonly accountsUrl?: undefined }
  | {
      readonly edition?: undefined
      /** A Paydesk: `http://127.0.0.1:4242`. */
      readonly baseUrl: string
      /** Where tokens are given, when that is somewhere else. */
      readonly accountsUrl?: string
    }

/** What allows the calls: a token, what new ones are got with, or both to begin with. */
export type Credentials =
  | { readonly accessToken: string; readonly oauth?: OauthCredentials }
  | { readonly accessToken?: undefined; readonly oauth: OauthCredentials }

/** What a client is made with. */
export type ClientOptions = Place &
  Credentials & {
    /** The account that all calls are for. */
    readonly accountId: string
    /** How long one try may take, in milliseconds; 30,000 unless given. */
    readonly timeoutMs?: number
    /**
     * How often a call is tried again after a lost connection, a 429 or a 5xx; twice unless given. It
     * waits as long as `Retry-After` says, else half a second, doubled each time.
     */
    readonly retries?: number
    /**
     * Whether a POST is tried again when nobody knows if it was carried out. Yes with `baseUrl`: Paydesk
     * knows an idempotency key, so nothing is made twice. No with `edition`: the real service documents
     * none, and could make a second session or refund. What was answered with 429 is tried again by both.
     */
    readonly retriesPosts?: boolean
    /** Another `fetch`, to log or to count. */
    readonly fetch?: typeof fetch
    /** Another clock, chance or source of keys, for tests. */
    readonly machine?: Partial<Machine>
  }

/** A client of the API. Each call gives what its answer holds, or throws a `PaydeskError`. */
export type PaydeskClient = Resources & {
  readonly accountId: string
  /** Gives the address of the page where a customer pays a session. */
  readonly checkoutUrl: (session: { readonly access_key: string }) => string
}

const TIMEOUT_MS_DEFAULT = 30_000
const RETRIES_DEFAULT = 2

/**
 * Makes a client for one account. Nothing is called yet.
 *
 *     const paydesk = createPaydeskClient({ baseUrl, accountId, accessToken })
 *     const session = await paydesk.paymentSessions.create({ amount: '1499.90', currency: 'INR' })
 *
 * It needs `fetch` and nothing of Node, and runs in Deno, Bun and edge functions too. It is for servers:
 * whoever has the token can take and give back money, so it must not be in a page.
 */
export function createPaydeskClient(options: ClientOptions): PaydeskClient {
  const { accessToken, accountId, oauth } = options
  if (accessToken === undefined && oauth === undefined) {
    throw new TypeError('A client needs an accessToken, or oauth to get one with.')
  }
  const place = options.edition === undefined ? options : EDITIONS[options.edition]
  const baseUrl = place.baseUrl.replace(/\/+$/, '').replace(/\/api\/v1$/, '')
  const accountsUrl = (place.accountsUrl ?? baseUrl).replace(/\/+$/, '')
  const machine: Machine = { ...MACHINE, ...options.machine }
  const transport = createTransport({
    // Read at each call, so that tests can replace it later; bound, as edge runtimes require.
    fetch: options.fetch ?? ((input, init) => globalThis.fetch(input, init)),
    machine,
    timeoutMs: options.timeoutMs ?? TIMEOUT_MS_DEFAULT,
    retries: options.retries ?? RETRIES_DEFAULT,
  })
  const tokenUrl = `${accountsUrl}/oauth/v2/token`
  const send = createSend({
    accountId,
    apiUrl: `${baseUrl}/api/v1`,
    newKey: machine.newKey,
    repeatsPosts: options.retriesPosts ?? options.edition === undefined,
    tokens:
      oauth === undefined
        ? fixedToken(accessToken ?? '')
        : refreshedTokens({ credentials: oauth, first: accessToken, machine, tokenUrl, transport }),
    transport,
  })
  return {
    ...createResources(send),
    accountId,
    checkoutUrl: ({ access_key: key }) => `${baseUrl}/hostedcheckout/${encodeURIComponent(key)}`,
  }
}
