import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Language } from '../domain/language.ts'
import { OPERATOR_SESSION_MS } from '../domain/operator-session.ts'
import type { Keys } from '../domain/secret.ts'
import { readSignedValue, signValue } from '../domain/signed-value.ts'

/**
 * The cookie with the token of an operator's session. The prefix makes browsers accept it only from this host, over
 * TLS or on this machine. Source: RFC 6265bis, section 4.1.3.2.
 */
const SESSION_COOKIE = '__Host-paydesk-operator'
/** The cookie that marks a browser in which operators have signed in. It proves nothing but that. */
const BROWSER_COOKIE = '__Host-paydesk-browser'
const BROWSER_PURPOSE = 'console browser'
const BROWSER_COOKIE_SECONDS = 365 * 24 * 60 * 60
/** The maximum number of operators that a browser is marked for. The newest are kept. */
const MARKED_COUNT_MAX = 5

const ATTRIBUTES = 'Path=/; Secure; HttpOnly; SameSite=Strict'

/**
 * The cookie with the sealed challenge of a sign-in or of a new passkey. The request that comes back from a provider's
 * page has it too.
 */
const CHALLENGE_COOKIE = '__Host-paydesk-sign-in'
const LAX_ATTRIBUTES = 'Path=/; Secure; HttpOnly; SameSite=Lax'

/** The cookie with the chosen language. The first request that comes from a provider's page has it too. */
const LANGUAGE_COOKIE = '__Host-paydesk-language'
const LANGUAGE_COOKIE_SECONDS = 365 * 24 * 60 * 60

/**
 * The cookie with the address of the view that a sign-in continues with. The request that comes back from a provider's
 * page has it too.
 */
const ADDRESS_COOKIE = '__Host-paydesk-address'
const ADDRESS_COOKIE_SECONDS = 15 * 60

/** A browser in which operators have signed in. */
export type MarkedBrowser = {
  readonly id: string
  readonly operatorIds: readonly string[]
}

/**
 * Returns the token of a request's session. Undefined: it has none, or several, which a foreign host may have added.
 */
export function sessionTokenOf(request: Pick<FastifyRequest, 'headers'>): string | undefined {
  return cookieOf(request, SESSION_COOKIE)
}

/** Sets the cookie of a new session. */
export function setSessionCookie(reply: FastifyReply, token: string): void {
  addCookie(
    reply,
    `${SESSION_COOKIE}=${token}; Max-Age=${OPERATOR_SESSION_MS / 1000}; ${ATTRIBUTES}`,
  )
}

/** Deletes the cookie of a session. */
export function clearSessionCookie(reply: FastifyReply): void {
  addCookie(reply, `${SESSION_COOKIE}=; Max-Age=0; ${ATTRIBUTES}`)
}

/** Returns the sealed challenge of a request's browser. Undefined: it has none. */
export function sealedChallengeOf(request: Pick<FastifyRequest, 'headers'>): string | undefined {
  return cookieOf(request, CHALLENGE_COOKIE)
}

/** Sets the cookie of a challenge. */
export function setChallengeCookie(reply: FastifyReply, sealed: string, seconds: number): void {
  addCookie(reply, `${CHALLENGE_COOKIE}=${sealed}; Max-Age=${seconds}; ${LAX_ATTRIBUTES}`)
}

/** Deletes the cookie of a challenge. */
export function clearChallengeCookie(reply: FastifyReply): void {
  addCookie(reply, `${CHALLENGE_COOKIE}=; Max-Age=0; ${LAX_ATTRIBUTES}`)
}

/** Returns the address that a sign-in continues with. Undefined: the request has none. */
export function nextAddressOf(request: Pick<FastifyRequest, 'headers'>): string | undefined {
  const value = cookieOf(request, ADDRESS_COOKIE)
  return value === undefined ? undefined : Buffer.from(value, 'base64url').toString('utf8')
}

/** Keeps the address of a view for the time of a sign-in. */
export function setNextAddress(reply: FastifyReply, address: string): void {
  const value = Buffer.from(address).toString('base64url')
  addCookie(
    reply,
    `${ADDRESS_COOKIE}=${value}; Max-Age=${ADDRESS_COOKIE_SECONDS}; ${LAX_ATTRIBUTES}`,
  )
}

/** Deletes the cookie of an address. */
export function clearNextAddress(reply: FastifyReply): void {
  addCookie(reply, `${ADDRESS_COOKIE}=; Max-Age=0; ${LAX_ATTRIBUTES}`)
}

/** Returns the tag of the language that was chosen in a request's browser. Empty: none was. */
export function languageTagOf(request: Pick<FastifyRequest, 'headers'>): string {
  return cookieOf(request, LANGUAGE_COOKIE) ?? ''
}

/** Sets the cookie of a chosen language. */
export function setLanguageCookie(reply: FastifyReply, language: Language): void {
  addCookie(
    reply,
    `${LANGUAGE_COOKIE}=${language}; Max-Age=${LANGUAGE_COOKIE_SECONDS}; ${LAX_ATTRIBUTES}`,
  )
}

/** Reads the mark of a browser. Undefined: it has none that this server has signed. */
export function markedBrowserOf(
  request: Pick<FastifyRequest, 'headers'>,
  { derivedKeys }: Pick<Keys, 'derivedKeys'>,
): MarkedBrowser | undefined {
  const text = readSignedValue(
    cookieOf(request, BROWSER_COOKIE) ?? '',
    BROWSER_PURPOSE,
    derivedKeys.map(({ form }) => form),
  )
  if (text === undefined) return undefined
  const [id = '', ...operatorIds] = text.split(' ')
  return { id, operatorIds }
}

/** Marks a browser after a sign-in. `newId` is the id of a browser without a mark. */
export function markBrowser(
  reply: FastifyReply,
  { form }: Pick<Keys, 'form'>,
  { before, newId, operatorId }: MarkOfBrowser,
): void {
  const others = (before?.operatorIds ?? []).filter((id) => id !== operatorId)
  const operatorIds = [operatorId, ...others].slice(0, MARKED_COUNT_MAX)
  const value = signValue([before?.id ?? newId, ...operatorIds].join(' '), BROWSER_PURPOSE, form)
  addCookie(reply, `${BROWSER_COOKIE}=${value}; Max-Age=${BROWSER_COOKIE_SECONDS}; ${ATTRIBUTES}`)
}

type MarkOfBrowser = {
  readonly before: MarkedBrowser | undefined
  readonly newId: string
  readonly operatorId: string
}

const VALUE = /^[\w.-]{1,1000}$/

function cookieOf({ headers }: Pick<FastifyRequest, 'headers'>, name: string): string | undefined {
  const values = (headers.cookie ?? '')
    .split(';')
    .map((part) => part.trim())
    .filter((part) => part.startsWith(`${name}=`))
    .map((part) => part.slice(name.length + 1))
  const [value, second] = values
  return value !== undefined && second === undefined && VALUE.test(value) ? value : undefined
}

/** Adds a cookie beside those that the reply has already. */
function addCookie(reply: FastifyReply, cookie: string): void {
  reply.header('set-cookie', cookie)
}
