import { ApiConnectionError, PaydeskError } from '../client/index.ts'

/** Calls a sandbox's control API. Gives what stands in the answer's envelope, or throws a `PaydeskError`. */
export type Control = (
  method: 'GET' | 'POST' | 'DELETE',
  path: string,
  body?: unknown,
) => Promise<Readonly<Record<string, unknown>>>

/** Makes the calls of the control API of one sandbox. None is tried again: the sandbox is on this machine. */
export function createControl(baseUrl: string): Control {
  return async (method, path, body) => {
    let response: Response
    let text: string
    try {
      response = await fetch(`${baseUrl}/_sandbox${path}`, {
        method,
        ...(body !== undefined && {
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(body),
        }),
      })
      text = await response.text()
    } catch (cause) {
      throw new ApiConnectionError(`There is no sandbox at ${baseUrl} any more.`, {
        code: 'connection_failed',
        cause,
      })
    }
    const answer = JSON.parse(text) as Readonly<Record<string, unknown>>
    if (response.ok) return answer
    const { code, field, message } = answer as Readonly<Record<string, string | undefined>>
    throw new PaydeskError(message ?? `The sandbox answered ${response.status}.`, {
      status: response.status,
      code: code ?? 'error',
      field,
    })
  }
}
