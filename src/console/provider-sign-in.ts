import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { hashSecret } from '../domain/secret.ts'
import {
  type IdentityProvider,
  ProviderAnswerRefused,
  type ProviderChallenge,
  ProviderUnavailable,
} from '../operations/identity-provider.ts'
import { signInByProvider } from '../operations/sign-in-by-provider.ts'
import { queryOf } from '../pages/form.ts'
import type { ConsoleDeps } from './console-deps.ts'
import { sessionTokenOf, setSessionCookie } from './operator-cookies.ts'
import { type SignInProblem, signedInPage } from './operator-pages.ts'
import { giveChallenge, takeChallenge } from './sealed-challenge.ts'
import { addressAfterSignIn, limitedRoute, sendPage, signInOriginOf } from './sign-in-routes.ts'
import { isFromConsole } from './signed-in-request.ts'

/** The path is registered at the provider. */
const CALLBACK_PATH = '/console/sign-in/callback'
const PURPOSE = 'provider sign-in'

/** Registers the start and the end of a sign-in through the identity provider. */
export function registerProviderSignIn(
  pages: FastifyInstance,
  deps: ConsoleDeps,
  provider: IdentityProvider,
  show: (reply: FastifyReply, problem: SignInProblem) => FastifyReply,
): void {
  pages.get('/console/sign-in/provider', limitedRoute, async (request, reply) => {
    if (!isFromConsole(request, deps.consoleUrl)) return show(reply, 'foreign_page')
    try {
      const { challenge, url } = await provider.begin(callbackUrl(deps, reply))
      const presentToken = sessionTokenOf(request)
      giveChallenge(reply, request.tenant, PURPOSE, {
        ...challenge,
        // The cookie of the session is not sent with the request that comes from the provider.
        ...(presentToken !== undefined && { presentTokenHash: hashSecret(presentToken) }),
      })
      return reply.redirect(url, 303)
    } catch (error) {
      return show(reply, problemOf(error, request, deps))
    }
  })
  pages.get(CALLBACK_PATH, limitedRoute, async (request, reply) => {
    const challenge = await takeChallenge(request, reply, request.tenant, PURPOSE)
    if (challenge === undefined) return show(reply, 'sign_in_expired')
    const returnUrl = new URL(callbackUrl(deps, reply))
    returnUrl.search = queryOf(request).toString()
    try {
      const claims = await provider.finish(returnUrl, challenge as ProviderChallenge)
      const result = await signInByProvider(request.tenant, {
        issuer: String(claims.iss),
        claims,
        rules: provider.rules,
        ...signInOriginOf(request),
        presentTokenHash: challenge.presentTokenHash,
      })
      if ('refused' in result) {
        const facts = { requestId: request.id, reason: result.refused, subject: claims.sub }
        deps.logger.warn(facts, 'sign-in refused')
        return show(reply, result.refused)
      }
      setSessionCookie(reply, result.sessionToken)
      // The browser would not send the new cookie with a redirect, because the request comes from the provider's page.
      reply.header('refresh', `0; url=${addressAfterSignIn(request, reply)}`)
      return sendPage(reply, deps, signedInPage(reply.server.basePath))
    } catch (error) {
      return show(reply, problemOf(error, request, deps))
    }
  })
}

/** Logs the reason. Throws an error that is neither a ProviderAnswerRefused nor a ProviderUnavailable. */
function problemOf(
  error: unknown,
  request: FastifyRequest,
  { logger }: ConsoleDeps,
): SignInProblem {
  const isRefusal = error instanceof ProviderAnswerRefused
  if (!isRefusal && !(error instanceof ProviderUnavailable)) throw error
  const facts = { requestId: request.id, reason: error.message }
  if (isRefusal) logger.warn(facts, 'sign-in refused')
  else logger.error(facts, 'the identity provider cannot be used')
  return isRefusal ? 'answer_refused' : 'provider_down'
}

/** Returns the address that is registered at the provider. The settings refuse a provider without a URL of the console. */
function callbackUrl({ consoleUrl }: ConsoleDeps, reply: FastifyReply): string {
  if (consoleUrl === undefined) throw new Error('a provider without a URL of the console')
  return `${new URL(consoleUrl).origin}${reply.server.basePath}${CALLBACK_PATH}`
}
