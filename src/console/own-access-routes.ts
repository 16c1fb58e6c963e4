import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { ApiError } from '../api/errors.ts'
import { hasOperatorSessionEnded } from '../domain/operator-session.ts'
import {
  addPasskey,
  changePassword,
  endOwnSessions,
  isRecent,
  mayHavePasskeys,
  OTHER_SESSIONS,
  removePasskey,
  replaceRecoveryCodes,
} from '../operations/change-own-access.ts'
import { PasswordCheckBusy } from '../operations/hash-password.ts'
import type { SignedIn } from '../operations/operator-session.ts'
import { promptEnrollment } from '../operations/verify-passkey.ts'
import { formOf } from '../pages/form.ts'
import type { ConsoleDeps } from './console-deps.ts'
import { consoleTokenOf, isConsoleToken } from './console-token.ts'
import { recoveryCodesPage } from './operator-pages.ts'
import { type OwnAccessView, ownAccessPage } from './own-access-page.ts'
import type { PlainPageKey } from './page-text.ts'
import { checkOf, prompt } from './passkey-routes.ts'
import { consolePath, hiddenRoute, limitedRoute, sendPage, siteOf } from './sign-in-routes.ts'
import { isFromConsole, requireSignedIn, signedInOf } from './signed-in-request.ts'

const PATH = '/console/access'
const BUSY = { refused: 'busy' } as const

/**
 * A change of an operator's own access. It returns a refusal, a page that was sent, or the sentence that says what
 * changed.
 */
type Change = (
  signedIn: SignedIn,
  form: URLSearchParams,
  request: FastifyRequest,
  reply: FastifyReply,
) => Promise<
  { readonly refused: NonNullable<OwnAccessView['problem']> } | FastifyReply | PlainPageKey
>

/** Registers the page on which an operator sees and changes their own access, and its forms. */
export function registerOwnAccess(pages: FastifyInstance, deps: ConsoleDeps): void {
  pages.get(PATH, hiddenRoute, async (request, reply) => {
    const signedIn = await signedInOf(request)
    return signedIn === undefined ? toSignIn(reply) : show({ request, reply, deps }, signedIn)
  })
  registerPasskeys(pages, deps)
  registerForm(pages, deps, '/sessions/end', async (signedIn, form, { tenant }) => {
    const sessionId = form.get('session') ?? ''
    await endOwnSessions(tenant, signedIn, sessionId)
    return sessionId === OTHER_SESSIONS
      ? 'Your other sessions have ended.'
      : 'The session has ended.'
  })
  registerForm(pages, deps, '/recovery-codes', async (signedIn, _form, request, reply) => {
    const result = await replaceRecoveryCodes(request.tenant, signedIn)
    if ('refused' in result) return result
    const next = {
      path: `${consolePath(reply)}/access`,
      text: 'I have stored them: continue',
    } as const
    return sendPage(reply, deps, recoveryCodesPage(result.recoveryCodes, next))
  })
  registerForm(pages, deps, '/password', async (signedIn, form, request, reply) => {
    const change = {
      password: form.get('password') ?? '',
      presentPassword: form.get('present') ?? '',
    }
    try {
      const result = await changePassword(request.tenant, signedIn, change)
      return result ?? 'Your password has changed, and your other sessions have ended.'
    } catch (error) {
      if (!(error instanceof PasswordCheckBusy)) throw error
      reply.header('retry-after', '3')
      return BUSY
    }
  })
}

function registerPasskeys(pages: FastifyInstance, deps: ConsoleDeps): void {
  // A challenge of another session is refused.
  const purposeOf = ({ session }: SignedIn) => `passkey of the session ${session.tokenHash}`
  pages.post(`${PATH}/passkeys/challenge`, limitedRoute, async (request, reply) => {
    const signedIn = await requireSignedIn(request, deps.consoleUrl)
    const { operator } = signedIn
    const { random, store } = request.tenant
    const passkeys = await store.operators.listPasskeys(operator.id)
    if (!mayHavePasskeys(operator, passkeys)) throw new ApiError('not_permitted')
    const dialog = await promptEnrollment(random, siteOf(request, deps), operator, passkeys)
    return prompt(request, reply, purposeOf(signedIn), dialog)
  })
  registerForm(pages, deps, '/passkeys', async (signedIn, form, request, reply) => {
    const check = await checkOf(request, reply, deps, purposeOf(signedIn))
    if (check === undefined) return { refused: 'sign_in_expired' }
    const result = await addPasskey(request.tenant, signedIn, form.get('name') ?? '', check)
    return result ?? 'The passkey is stored.'
  })
  registerForm(pages, deps, '/passkeys/remove', async (signedIn, form, request) => {
    const result = await removePasskey(request.tenant, signedIn, form.get('passkey') ?? '')
    return result ?? 'The passkey is removed.'
  })
}

/** Registers a form. Its change is made only for a signed-in operator, and only if the page itself sent the form. */
function registerForm(
  pages: FastifyInstance,
  deps: ConsoleDeps,
  path: string,
  change: Change,
): void {
  pages.post(`${PATH}${path}`, limitedRoute, async (request, reply) => {
    const signedIn = await signedInOf(request)
    if (signedIn === undefined) return toSignIn(reply)
    const form = formOf(request)
    const { keys } = request.tenant
    const isOwn =
      isFromConsole(request, deps.consoleUrl) &&
      isConsoleToken(form.get('token') ?? '', signedIn.session.tokenHash, keys)
    if (!isOwn) return show({ request, reply, deps }, signedIn, { problem: 'foreign_page' })
    const result = await change(signedIn, form, request, reply)
    if (typeof result === 'string')
      return show({ request, reply, deps }, signedIn, { done: result })
    return 'refused' in result
      ? show({ request, reply, deps }, signedIn, { problem: result.refused })
      : result
  })
}

function toSignIn(reply: FastifyReply): FastifyReply {
  return reply.redirect(`${consolePath(reply)}/sign-in`, 303)
}

type Exchange = {
  readonly request: FastifyRequest
  readonly reply: FastifyReply
  readonly deps: ConsoleDeps
}

/** Sends the page with the present state, which a form may just have changed. */
async function show(
  { deps, reply, request }: Exchange,
  { operator, session }: SignedIn,
  { done, problem }: Partial<Pick<OwnAccessView, 'done' | 'problem'>> = {},
): Promise<FastifyReply> {
  const { clock, keys, store } = request.tenant
  const nowMs = clock.nowMs()
  const sessions = await store.operators.listSessions(operator.id)
  const view = {
    basePath: reply.server.basePath,
    token: consoleTokenOf(session.tokenHash, keys),
    operator: (await store.operators.find(operator.id)) ?? operator,
    session,
    sessions: sessions.filter((one) => !hasOperatorSessionEnded(one, nowMs)),
    passkeys: await store.operators.listPasskeys(operator.id),
    isRecent: isRecent(session, nowMs),
    problem,
    done,
  }
  return sendPage(reply, deps, ownAccessPage(view))
}
