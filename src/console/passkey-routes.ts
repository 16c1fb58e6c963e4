import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { ApiError } from '../api/errors.ts'
import { acceptInvitationByPasskey, findInvitee } from '../operations/accept-invitation.ts'
import { signInByPasskey } from '../operations/sign-in-by-passkey.ts'
import { type PasskeyPrompt, promptEnrollment, promptSignIn } from '../operations/verify-passkey.ts'
import { formOf } from '../pages/form.ts'
import type { ConsoleDeps } from './console-deps.ts'
import { type InvitationView, passkeyStoredPage, type SignInProblem } from './operator-pages.ts'
import { giveChallenge, takeChallenge } from './sealed-challenge.ts'
import { enterConsole, limitedRoute, sendPage, signInOriginOf, siteOf } from './sign-in-routes.ts'
import { isFromConsole } from './signed-in-request.ts'

const SIGN_IN = 'passkey sign-in'

/** Registers the sign-in with a passkey. */
export function registerPasskeySignIn(
  pages: FastifyInstance,
  deps: ConsoleDeps,
  show: (reply: FastifyReply, problem: SignInProblem) => FastifyReply,
): void {
  pages.post('/console/sign-in/passkey/challenge', limitedRoute, async (request, reply) => {
    requireFromConsole(request, deps)
    return prompt(
      request,
      reply,
      SIGN_IN,
      await promptSignIn(request.tenant.random, siteOf(request, deps)),
    )
  })
  pages.post('/console/sign-in/passkey', limitedRoute, async (request, reply) => {
    if (!isFromConsole(request, deps.consoleUrl)) return show(reply, 'foreign_page')
    const check = await checkOf(request, reply, deps, SIGN_IN)
    if (check === undefined) return show(reply, 'sign_in_expired')
    const result = await signInByPasskey(request.tenant, check, signInOriginOf(request))
    if ('sessionToken' in result) return enterConsole(request, reply, result)
    deps.logger.warn({ requestId: request.id, reason: result.refused }, 'sign-in refused')
    return show(reply, result.refused)
  })
}

/** A route of an invitation. */
export type InvitationRoute = { Params: { readonly token: string } }

/** Registers the acceptance of an invitation with a passkey. */
export function registerPasskeyInvitation(
  pages: FastifyInstance,
  deps: ConsoleDeps,
  show: (
    request: FastifyRequest<InvitationRoute>,
    reply: FastifyReply,
    problem: InvitationView['problem'],
  ) => Promise<FastifyReply>,
): void {
  const path = '/console/invitation/:token/passkey'
  const purposeOf = (token: string) => `passkey of the invitation ${token}`
  pages.post<InvitationRoute>(`${path}/challenge`, limitedRoute, async (request, reply) => {
    requireFromConsole(request, deps)
    const { params, tenant } = request
    const invitee = await findInvitee(tenant, params.token)
    if (invitee === undefined) throw new ApiError('path_unknown')
    const dialog = await promptEnrollment(tenant.random, siteOf(request, deps), invitee, [])
    return prompt(request, reply, purposeOf(params.token), dialog)
  })
  pages.post<InvitationRoute>(path, limitedRoute, async (request, reply) => {
    if (!isFromConsole(request, deps.consoleUrl)) return show(request, reply, 'foreign_page')
    const { token } = request.params
    const check = await checkOf(request, reply, deps, purposeOf(token))
    if (check === undefined) return show(request, reply, 'passkey_refused')
    const name = formOf(request).get('name') ?? ''
    const result = await acceptInvitationByPasskey(request.tenant, token, name, check)
    return result === undefined
      ? sendPage(reply, deps, passkeyStoredPage(reply.server.basePath))
      : show(request, reply, result.refused)
  })
}

/** Sends the options of a dialog to the page's script, and gives the browser the challenge. */
export function prompt(
  request: FastifyRequest,
  reply: FastifyReply,
  purpose: string,
  { challenge, options }: PasskeyPrompt,
): FastifyReply {
  giveChallenge(reply, request.tenant, purpose, { challenge })
  return reply.header('cache-control', 'no-store').send(options)
}

/**
 * Returns a browser's answer from a form, with the challenge and the site that the answer must be for. Undefined: the
 * challenge has ended or was used.
 */
export async function checkOf(
  request: FastifyRequest,
  reply: FastifyReply,
  deps: ConsoleDeps,
  purpose: string,
) {
  const content = await takeChallenge(request, reply, request.tenant, purpose)
  const challenge = content?.challenge
  if (challenge === undefined) return undefined
  return { answer: formOf(request).get('answer') ?? '', challenge, site: siteOf(request, deps) }
}

function requireFromConsole(request: FastifyRequest, { consoleUrl }: ConsoleDeps): void {
  if (isFromConsole(request, consoleUrl)) return
  throw new ApiError('not_permitted', undefined, 'The request does not come from the console.')
}
