import type { FastifyReply, FastifyRequest } from 'fastify'
import { addressKeyOf } from '../domain/address-key.ts'
import { browserNameOf } from '../domain/browser-name.ts'
import { DIRECTIONS, LANGUAGE_CODES, LANGUAGE_NAMES, type Language } from '../domain/language.ts'
import type { Operator } from '../domain/operator.ts'
import { type PasskeySite, passkeySiteOf } from '../domain/passkey.ts'
import { hashSecret } from '../domain/secret.ts'
import type { SignInOrigin } from '../operations/operator-session.ts'
import { sendDocument } from '../pages/document.ts'
import { originOf } from '../pages/form.ts'
import { type Html, html } from '../pages/html.ts'
import type { ConsoleDeps } from './console-deps.ts'
import { languageOf } from './console-language.ts'
import {
  clearNextAddress,
  markBrowser,
  markedBrowserOf,
  nextAddressOf,
  sessionTokenOf,
  setSessionCookie,
} from './operator-cookies.ts'
import type { OperatorPage } from './operator-pages.ts'
import { pageTextOf } from './page-text.ts'

/** The maximum number of requests a minute from one address to a route that checks a secret. */
const TRIES_PER_MINUTE = 60

/** The options of a route that the OpenAPI document omits. */
export const hiddenRoute = { schema: { hide: true } }
/** The options of a hidden route that checks a secret: with a rate limit. */
export const limitedRoute = {
  ...hiddenRoute,
  config: { rateLimit: { max: TRIES_PER_MINUTE, timeWindow: 60_000 } },
}

/** Returns the path of the console on this server. */
export function consolePath(reply: FastifyReply): string {
  return `${reply.server.basePath}/console`
}

/** Sends a page that works without script, except for passkeys. */
export function sendPage(
  reply: FastifyReply,
  { assets }: Pick<ConsoleDeps, 'assets'>,
  page: OperatorPage,
): FastifyReply {
  const language = languageOf(reply.request)
  const text = pageTextOf(language)
  const { body, hasPasskeys = false, path, status, title } = page(text)
  return sendDocument(
    reply,
    {
      title,
      language,
      direction: DIRECTIONS[language],
      styles: [assets.find('operator.css')],
      ...(hasPasskeys && { scripts: [assets.find('passkey.js')] }),
      body: html`${body}${path === undefined ? undefined : languageLinks(text('Language'), language, path)}`,
      sendsOriginToOwnServer: true,
    },
    status,
  )
}

function languageLinks(label: string, shownLanguage: Language, path: string): Html {
  return html`<nav class="languages" aria-label="${label}"><ul>${LANGUAGE_CODES.map((language) => {
    const name = LANGUAGE_NAMES[language]
    return language === shownLanguage
      ? html`<li><span lang="${language}" aria-current="true">${name}</span></li>`
      : html`<li><a lang="${language}" hreflang="${language}" href="${path}?lang=${language}">${name}</a></li>`
  })}</ul></nav>`
}

/** Returns the site that the passkeys of this server belong to. */
export function siteOf(request: FastifyRequest, { consoleUrl }: ConsoleDeps): PasskeySite {
  return passkeySiteOf(originOf(request, consoleUrl))
}

/** Returns the address and the browser of a sign-in, and the session that the browser already has. */
export function signInOriginOf(request: FastifyRequest): SignInOrigin {
  const presentToken = sessionTokenOf(request)
  return {
    addressKey: addressKeyOf(request.ip),
    presentTokenHash: presentToken && hashSecret(presentToken),
    browser: browserNameOf(request.headers['user-agent']),
  }
}

/** Texts that do not match are never the target of a redirect. */
const VIEW_ADDRESS = /^\/console(?:\/[\w~%-][\w.~%-]*){1,8}(?:\?[\w=&%.+~:-]*)?$/
const VIEW_ADDRESS_LENGTH_MAX = 700

/**
 * Returns the address of the view that a request is for. Undefined: the address is not that of a view, so no redirect
 * may lead to it.
 */
export function viewAddressOf({ url }: Pick<FastifyRequest, 'url'>): string | undefined {
  return url.length <= VIEW_ADDRESS_LENGTH_MAX && VIEW_ADDRESS.test(url) ? url : undefined
}

/** Returns the address after a sign-in: that of the view which the person wanted to open, or the console. */
export function addressAfterSignIn(request: FastifyRequest, reply: FastifyReply): string {
  const url = nextAddressOf(request)
  if (url === undefined) return consolePath(reply)
  clearNextAddress(reply)
  const address = viewAddressOf({ url })
  return address === undefined ? consolePath(reply) : `${reply.server.basePath}${address}`
}

/** Gives a browser the session after a sign-in, and marks it as a browser of the operator. */
export function enterConsole(
  request: FastifyRequest,
  reply: FastifyReply,
  { operator, sessionToken }: { readonly operator: Operator; readonly sessionToken: string },
): FastifyReply {
  const { keys, random } = request.tenant
  setSessionCookie(reply, sessionToken)
  const newId = Buffer.from(random.bytes(12)).toString('base64url')
  const before = markedBrowserOf(request, keys)
  markBrowser(reply, keys, { before, newId, operatorId: operator.id })
  return reply.redirect(addressAfterSignIn(request, reply), 303)
}
