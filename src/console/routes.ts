import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import encodeQR from 'qr'
import { addressKeyOf } from '../domain/address-key.ts'
import { DIRECTIONS } from '../domain/language.ts'
import { operatorActor } from '../domain/operator.ts'
import {
  acceptInvitation,
  findInvitee,
  type InvitationRefusal,
  offeredCodeSecret,
} from '../operations/accept-invitation.ts'
import { endOperatorSessions } from '../operations/change-operator.ts'
import { PasswordCheckBusy } from '../operations/hash-password.ts'
import { endOperatorSession, type SignedIn } from '../operations/operator-session.ts'
import { signInOperator } from '../operations/sign-in-operator.ts'
import { OUTAGE_RETRY_SECONDS, StoreUnavailable } from '../operations/store.ts'
import { showCodeSecret } from '../operations/time-code.ts'
import { dataElement, sendDocument } from '../pages/document.ts'
import { formOf } from '../pages/form.ts'
import { Html, html } from '../pages/html.ts'
import { registerConsoleApi } from './console-api.ts'
import type { ConsoleDeps } from './console-deps.ts'
import { consoleFactsOf } from './console-facts.ts'
import { languageOf, rememberLanguage } from './console-language.ts'
import { isConsoleToken } from './console-token.ts'
import { clearSessionCookie, markedBrowserOf, setNextAddress } from './operator-cookies.ts'
import {
  type InvitationView,
  invitationPage,
  messagePage,
  openingPage,
  recoveryCodesPage,
  type SignInProblem,
  signInPage,
} from './operator-pages.ts'
import { registerOwnAccess } from './own-access-routes.ts'
import { pageTextOf } from './page-text.ts'
import {
  type InvitationRoute,
  registerPasskeyInvitation,
  registerPasskeySignIn,
} from './passkey-routes.ts'
import { registerProviderSignIn } from './provider-sign-in.ts'
import {
  consolePath,
  enterConsole,
  hiddenRoute,
  limitedRoute,
  sendPage,
  signInOriginOf,
  viewAddressOf,
} from './sign-in-routes.ts'
import { isFromConsole, requireConsole, signedInOf } from './signed-in-request.ts'

/**
 * Registers the live console at `/console`: pages to sign in, and one page whose script shows every address below it.
 * Every route answers 404 while nobody can sign in: no operator exists, and no identity provider is set.
 */
export async function registerConsole(app: FastifyInstance, deps: ConsoleDeps): Promise<void> {
  await app.register(async (pages) => {
    if (deps.limitsRates) {
      await pages.register(import('@fastify/rate-limit'), {
        global: false,
        keyGenerator: ({ ip }) => addressKeyOf(ip),
        errorResponseBuilder: () => ({ statusCode: 429 }),
      })
    }
    pages.addHook('onRequest', requireConsole(deps))
    pages.addHook('onRequest', rememberLanguage)
    showOutages(pages, deps)
    registerSignIn(pages, deps)
    registerInvitations(pages, deps)
    registerSignOut(pages, deps)
    registerOwnAccess(pages, deps)
    registerConsolePage(pages, deps)
  })
  await registerConsoleApi(app, deps)
}

/** Shows people a page during an outage, and passes every other error to the server's handler. */
function showOutages(pages: FastifyInstance, deps: ConsoleDeps): void {
  pages.setErrorHandler((error, request, reply) => {
    if (!(error instanceof StoreUnavailable)) throw error
    deps.logger.warn({ requestId: request.id, reason: error.message }, 'request failed')
    reply.header('retry-after', OUTAGE_RETRY_SECONDS)
    return sendPage(reply, deps, OUTAGE)
  })
}

const OUTAGE = messagePage(
  'Temporarily unavailable',
  'The console cannot reach its database. Reload this page in a minute.',
  503,
)

function registerSignIn(pages: FastifyInstance, deps: ConsoleDeps): void {
  const show = (reply: FastifyReply, problem?: SignInProblem, email?: string) =>
    sendPage(
      reply,
      deps,
      signInPage(
        { basePath: reply.server.basePath, providerName: deps.provider?.name },
        problem,
        email,
      ),
    )

  pages.get('/console/sign-in', hiddenRoute, async (request, reply) => {
    const signedIn = await signedInOf(request)
    return signedIn === undefined ? show(reply) : reply.redirect(consolePath(reply), 303)
  })
  pages.post('/console/sign-in', limitedRoute, async (request, reply) => {
    if (!isFromConsole(request, deps.consoleUrl)) return show(reply, 'foreign_page')
    const form = formOf(request)
    const browser = markedBrowserOf(request, request.tenant.keys)
    const email = form.get('email') ?? ''
    try {
      const result = await signInOperator(request.tenant, {
        email,
        password: form.get('password') ?? '',
        code: form.get('code') ?? '',
        ...signInOriginOf(request),
        knownBrowserOf: (id) => (browser?.operatorIds.includes(id) ? browser.id : undefined),
      })
      if ('refused' in result) {
        deps.logger.warn({ requestId: request.id, reason: result.refused }, 'sign-in refused')
        return show(reply, result.refused, email)
      }
      return enterConsole(request, reply, result)
    } catch (error) {
      if (!(error instanceof PasswordCheckBusy)) throw error
      return show(reply.header('retry-after', '3'), 'busy', email)
    }
  })
  registerPasskeySignIn(pages, deps, show)
  const { provider } = deps
  if (provider !== undefined) {
    registerProviderSignIn(pages, deps, provider, show)
  }
}

function registerInvitations(pages: FastifyInstance, deps: ConsoleDeps): void {
  const show = async (
    request: FastifyRequest<InvitationRoute>,
    reply: FastifyReply,
    problem?: InvitationView['problem'],
  ) => {
    const { token } = request.params
    const invitee = await findInvitee(request.tenant, token)
    if (invitee === undefined) return sendPage(reply, deps, INVITATION_GONE)
    const { email, name } = invitee
    const { text, url } = showCodeSecret(offeredCodeSecret(request.tenant, token), email)
    const view = { basePath: reply.server.basePath, token, name, email, problem }
    const qrSvg = new Html(encodeQR(url, 'svg', { ecc: 'medium', border: 3 }))
    return sendPage(reply, deps, invitationPage({ ...view, secretText: text, qrSvg }))
  }
  pages.get<InvitationRoute>('/console/invitation/:token', limitedRoute, (request, reply) =>
    show(request, reply),
  )
  pages.post<InvitationRoute>(
    '/console/invitation/:token',
    limitedRoute,
    async (request, reply) => {
      if (!isFromConsole(request, deps.consoleUrl)) return show(request, reply, 'foreign_page')
      const form = formOf(request)
      const answer = { password: form.get('password') ?? '', code: form.get('code') ?? '' }
      let problem: InvitationRefusal | 'busy'
      try {
        const result = await acceptInvitation(request.tenant, request.params.token, answer)
        if ('recoveryCodes' in result) {
          const next = {
            path: `${consolePath(reply)}/sign-in`,
            text: 'I have stored them: sign in',
          } as const
          return sendPage(reply, deps, recoveryCodesPage(result.recoveryCodes, next))
        }
        problem = result.refused
      } catch (error) {
        if (!(error instanceof PasswordCheckBusy)) throw error
        problem = 'busy'
      }
      return show(request, reply, problem)
    },
  )
  registerPasskeyInvitation(pages, deps, show)
}

const INVITATION_GONE = messagePage(
  'This invitation does not work',
  'It was already accepted, a newer one replaced it, it is older than a day, or your access was disabled. Ask an administrator for a new one.',
  404,
)

function registerSignOut(pages: FastifyInstance, deps: ConsoleDeps): void {
  pages.post('/console/sign-out', limitedRoute, async (request, reply) => {
    const form = formOf(request)
    const signedIn = await signedInOf(request)
    if (signedIn !== undefined) {
      const isOwn =
        isFromConsole(request, deps.consoleUrl) &&
        isConsoleToken(form.get('token') ?? '', signedIn.session.tokenHash, request.tenant.keys)
      if (!isOwn) return sendPage(reply, deps, NOT_SIGNED_OUT)
      await endSessions(request, signedIn, form.get('sessions') === 'all')
    }
    clearSessionCookie(reply)
    reply.header('clear-site-data', '"cache", "storage"')
    return reply.redirect(`${consolePath(reply)}/sign-in`, 303)
  })
}

const NOT_SIGNED_OUT = messagePage(
  'You are still signed in',
  'The request did not come from the console. Open the console, and sign out there.',
  403,
)

async function endSessions(
  { tenant }: FastifyRequest,
  { operator, session }: SignedIn,
  isEverywhere: boolean,
): Promise<void> {
  const actor = operatorActor(operator)
  if (isEverywhere) await endOperatorSessions({ ...tenant, actor }, operator.id)
  else await endOperatorSession(tenant, session)
}

/**
 * Leads a request without a session to the sign-in, after which the browser continues at the requested address. If the
 * reader followed a link on another site, the browser has not sent the cookie of the session. In this case a page first
 * opens the same address again.
 */
function leadToSignIn(
  request: FastifyRequest,
  reply: FastifyReply,
  deps: ConsoleDeps,
): FastifyReply {
  const address = viewAddressOf(request)
  if (address !== undefined && request.headers['sec-fetch-site'] === 'cross-site') {
    reply.header('refresh', `0; url=${reply.server.basePath}${address}`)
    return sendPage(reply, deps, openingPage(`${reply.server.basePath}${address}`))
  }
  clearSessionCookie(reply)
  if (address !== undefined) setNextAddress(reply, address)
  return reply.redirect(`${consolePath(reply)}/sign-in`, 303)
}

function registerConsolePage(pages: FastifyInstance, deps: ConsoleDeps): void {
  for (const path of ['/console', '/console/*']) {
    pages.get(path, hiddenRoute, async (request, reply) => {
      const signedIn = await signedInOf(request)
      if (signedIn === undefined) return leadToSignIn(request, reply, deps)
      const language = languageOf(request)
      const text = pageTextOf(language)
      return sendDocument(reply, {
        title: text('Payments console'),
        language,
        direction: DIRECTIONS[language],
        styles: [deps.assets.find('console.css'), deps.assets.find('operator.css')],
        earlyScripts: [deps.assets.find('console-theme.js')],
        scripts: [deps.assets.find('operator.js')],
        sendsOriginToOwnServer: true,
        body: html`<div id="app"></div>
${dataElement('console-facts', await consoleFactsOf(request.tenant, signedIn))}
<noscript><p>${text('The console needs JavaScript. Enable it for this page.')}</p></noscript>`,
      })
    })
  }
}
