/** What a server said, or that nothing came. */
export type ServerAnswer =
  | { readonly status: number; readonly body: Readonly<Record<string, unknown>> }
  | { readonly lost: string }

/** One call of a server, with what it says about whom it is for. */
export type ServerCall = (
  method: string,
  path: string,
  more?: {
    /** A text is sent as it is, anything else as JSON. */
    readonly body?: unknown
    readonly headers?: Readonly<Record<string, string>>
    /** A form, as a page sends it, instead of a body of JSON. */
    readonly form?: Readonly<Record<string, string>>
  },
) => Promise<ServerAnswer>

/** Moving the clock over days sends all that falls due on the way. */
const ANSWER_MS_MAX = 300_000

/**
 * Makes calls of a server: the API's for an account, others as they are. Never throws; what could not be
 * reached is `lost`, with the reason.
 */
export function createServerCall({
  accountId,
  token,
  url,
}: {
  /** Without a slash at its end. */
  readonly url: string
  readonly token: string
  readonly accountId: string
}): ServerCall {
  return async (method, path, { body, form, headers = {} } = {}) => {
    const target = new URL(`${url}${path}`)
    const isApi = path.startsWith('/api/v1/')
    if (isApi && !target.searchParams.has('account_id')) {
      target.searchParams.set('account_id', accountId)
    }
    try {
      const response = await fetch(target, {
        method,
        // A token goes where it was meant to go, and no further.
        redirect: 'manual',
        signal: AbortSignal.timeout(ANSWER_MS_MAX),
        headers: {
          accept: 'application/json',
          ...(isApi && { authorization: `Zoho-oauthtoken ${token}` }),
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
        ...(form !== undefined && { body: new URLSearchParams(form) }),
      })
      return { status: response.status, body: parsed(await response.text()) }
    } catch (error) {
      const { cause = error } = error as { readonly cause?: unknown }
      const { code, message } = cause as { readonly code?: string; readonly message?: string }
      return { lost: message || code || 'the connection failed' }
    }
  }
}

/** What an answer is about: the object beside `code` and `message`. */
export function subjectOf(answer: ServerAnswer): Readonly<Record<string, unknown>> {
  if ('lost' in answer) return {}
  const [subject] = Object.entries(answer.body).flatMap(([key, value]) =>
    key !== 'code' && key !== 'message' && typeof value === 'object' && value !== null
      ? [value as Readonly<Record<string, unknown>>]
      : [],
  )
  return subject ?? {}
}

/** Answers whether a call did what it was to do. */
export function isDone(answer: ServerAnswer): boolean {
  return 'status' in answer && answer.status < 300
}

/** Such as `400 invalid_parameter (amount): amount must be …`. */
export function answerText(answer: ServerAnswer): string {
  if ('lost' in answer) return `no answer: ${answer.lost}`
  const { code, field, message } = answer.body as Readonly<Record<string, unknown>>
  if (isDone(answer)) return String(answer.status)
  const about = field === undefined ? '' : ` (${field})`
  return `${answer.status} ${code ?? ''}${about}${message === undefined ? '' : `: ${message}`}`
}

function parsed(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null
      ? (value as Readonly<Record<string, unknown>>)
      : {}
  } catch {
    return {}
  }
}
