/** A typed client of the Zoho Payments API, for Paydesk and the real service: `paydesk/client`. */
import { fixedToken, type OauthCredentials, refreshedTokens } from './access-token.ts'
import { checkAddress, checkToken, describe } from './check-option.ts'
import { MACHINE, type Machine } from './machine.ts'
import { refuseUnknownOptions } from './options.ts'
import { createResources, type Resources } from './resources.ts'
import { createSend } from './send.ts'
import { createTransport } from './transport.ts'

/** The credentials that get access tokens. */
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
/** The clock, random source and waits of a client, which tests can replace. */
export type { Machine } from './machine.ts'
/** The methods of a client. */
export type { Resources } from './resources.ts'
/** Options of a single call. */
export type { CallOptions } from './send.ts'
/** The API's objects, queries and bodies. */
export type * from './types.ts'

/**
 * The URLs of the real service, by edition.
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

/** The API to call: the real service by its edition, or a Paydesk server by its URL. */
export type Place =
  | { readonly edition: Edition; readonly baseUrl?: undefined; readonly accountsUrl?: undefined }
  | {
      readonly edition?: undefined
      /** The Paydesk server: `http://127.0.0.1:4242`. */
      readonly baseUrl: string
      /** The server that issues tokens. Default: the server at `baseUrl`. */
      readonly accountsUrl?: string
    }

/** An access token, the credentials that get new ones, or both. */
export type Credentials =
  | { readonly accessToken: string; readonly oauth?: OauthCredentials }
  | { readonly accessToken?: undefined; readonly oauth: OauthCredentials }

/** The options of a client. */
export type ClientOptions = Place &
  Credentials & {
    /** The account of all calls. */
    readonly accountId: string
    /** The longest time for one try, in milliseconds. Default: 30,000. */
    readonly timeoutMs?: number
    /**
     * The maximum number of retries after a timeout, a lost connection, a 2xx with an unreadable body, a 429, a 5xx, or
     * a 409 for an idempotency key whose first request is still running. Default: 2. The client waits for the time in
     * `Retry-After`; if this is longer than a minute, the client does not retry. Without this header it waits for a
     * random time of at most half a second. This limit doubles with each retry, up to 8 seconds.
     */
    readonly retries?: number
    /**
     * True: a POST is retried even if it may have been carried out. Default with `baseUrl`: true,
     * because Paydesk's idempotency keys prevent a second change. Default with `edition`: false,
     * because the real service documents no such keys, and a retry could create a second session or
     * refund. After a 429 a POST is retried with either value.
     */
    readonly retriesPosts?: boolean
    /** Another `fetch`, for example to log calls. */
    readonly fetch?: typeof fetch
    /** Another clock, random source or source of keys, for tests. */
    readonly machine?: Partial<Machine>
  }

/** The names of the options. */
const OPTION_NAMES: Record<keyof ClientOptions | 'edition' | 'oauth', true> = {
  baseUrl: true,
  accountsUrl: true,
  edition: true,
  accountId: true,
  accessToken: true,
  oauth: true,
  timeoutMs: true,
  retries: true,
  retriesPosts: true,
  fetch: true,
  machine: true,
}

/**
 * A client of the API. A method returns the object in the answer, a page of a list, or the rows of all pages. A failed
 * call rejects with a `PaydeskError`.
 */
export type PaydeskClient = Resources & {
  readonly accountId: string
  /** Returns the address of a session's checkout page. */
  readonly checkoutUrl: (session: { readonly access_key: string }) => string
}

const TIMEOUT_MS_DEFAULT = 30_000
const RETRIES_DEFAULT = 2

/**
 * Makes a client for one account. It makes no call yet.
 *
 *     const paydesk = createPaydeskClient({ baseUrl, accountId, accessToken })
 *     const session = await paydesk.paymentSessions.create({ amount: '1499.90', currency: 'INR' })
 *
 * It needs only `fetch`, so it also runs in Deno, Bun and edge functions. Use it on servers only:
 * the token can take and refund money, so it must not be in a page.
 */
export function createPaydeskClient(options: ClientOptions): PaydeskClient {
  checkOptions(options)
  const { accessToken, accountId, oauth } = options
  if (accessToken === undefined && oauth === undefined) {
    throw new TypeError('A client needs an accessToken, or oauth credentials to get one.')
  }
  if (accessToken !== undefined) checkToken(accessToken)
  const place = placeOf(options)
  const baseUrl = place.baseUrl.replace(/\/+$/, '').replace(/\/api\/v1$/, '')
  const accountsUrl = (place.accountsUrl ?? baseUrl).replace(/\/+$/, '')
  const machine: Machine = { ...MACHINE, ...options.machine }
  const transport = createTransport({
    // The global `fetch` is read at each call, so that tests can replace it later; it is bound, as edge runtimes require.
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
    ...createResources(send, { hasCursors: options.edition === undefined }),
    accountId,
    checkoutUrl: ({ access_key: key }) => `${baseUrl}/hostedcheckout/${encodeURIComponent(key)}`,
  }
}

/** Throws a TypeError about unknown options and a missing account. */
function checkOptions(options: unknown): void {
  if (typeof options !== 'object' || options === null) {
    throw new TypeError(
      `The options of a client must be an object, but they are ${describe(options)}.`,
    )
  }
  refuseUnknownOptions('A client', options, OPTION_NAMES)
  if ('accountId' in options && options.accountId !== undefined && options.accountId !== '') return
  throw new TypeError('A client needs an accountId, the account of all its calls.')
}

/**
 * Returns the URLs of the API. Throws a TypeError for wrong values, which programs without types
 * can pass.
 */
function placeOf(options: ClientOptions): {
  readonly baseUrl: string
  readonly accountsUrl?: string
} {
  if (options.edition !== undefined) {
    if (Object.hasOwn(EDITIONS, options.edition)) return EDITIONS[options.edition]
    const editions = Object.keys(EDITIONS).join(', ')
    throw new TypeError(
      `edition must be one of ${editions}, but it is ${describe(options.edition)}.`,
    )
  }
  const { accountsUrl, baseUrl } = options
  if (baseUrl === undefined) {
    throw new TypeError(
      'A client needs either a baseUrl (the address of a Paydesk server) or an edition of the real service.',
    )
  }
  checkAddress('baseUrl', baseUrl)
  if (accountsUrl === undefined) return { baseUrl }
  checkAddress('accountsUrl', accountsUrl)
  return { baseUrl, accountsUrl }
}
