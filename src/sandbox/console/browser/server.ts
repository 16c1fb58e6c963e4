/** The console's calls: the sandbox's control API, and the API through it. */

import { type AnswerOf, type Calls, createCalls, type Input } from '../../../client/calls.ts'
import { createControlSend } from '../../../client/control.ts'
import { CONTROL_METHODS, type ControlMethodSchemas } from '../../../client/control-methods.ts'
import { ApiConnectionError, PaydeskError } from '../../../client/errors.ts'
import { connect, type Reading, withoutEmpty } from '../../../console/browser/connection.ts'
import { serverPath } from '../../../console/browser/router.tsx'

export {
  ApiConnectionError,
  api,
  apiReading,
  PaydeskError,
} from '../../../console/browser/connection.ts'

/** The address of the stream of the request log. */
export const STREAM_PATH = serverPath('/_sandbox/requests/stream')

const OPTIONS = {
  baseUrl: `${location.origin}${serverPath('')}`,
  fetch: (input: string | URL | Request, init?: RequestInit) =>
    fetch(input, { ...init, cache: 'no-store' }),
}
const send = createControlSend(OPTIONS)
/** The time limit is short, because a view waits for its read before it reads again. */
const readAnswer = createControlSend({ ...OPTIONS, timeoutMs: 10_000 })

/** Throws PaydeskError. */
async function sendControl(call: Parameters<typeof send>[0]) {
  try {
    return await (call.method === 'GET' ? readAnswer : send)(call)
  } catch (error) {
    if (!(error instanceof ApiConnectionError)) throw error
    throw new ApiConnectionError('The sandbox does not answer. Is it still running?', {
      code: error.code,
      cause: error,
    })
  }
}

/** The operations of the control API. */
export const control: Calls<typeof CONTROL_METHODS, ControlMethodSchemas> = createCalls(
  CONTROL_METHODS,
  sendControl,
)
connect((call) => sendControl({ ...call, path: `/api${call.path}` }))

/** Empty values of the query are left out. */
export function controlReading<Id extends keyof typeof CONTROL_METHODS>(
  id: Id,
  input: Input<typeof CONTROL_METHODS, ControlMethodSchemas, Id>,
): Reading<AnswerOf<ControlMethodSchemas, Id>> {
  const request = { ...input, query: withoutEmpty(input.query) }
  return { key: JSON.stringify([id, request]), readAnswer: () => control.answer(id, request) }
}

/** Reads text as a JSON object. Throws a PaydeskError like the sandbox's. */
export function readObject(field: string, text: string): Readonly<Record<string, unknown>> {
  const value = parseJson(text)
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value }
  throw new PaydeskError('This is not a JSON object: check quotes, commas and brackets.', {
    code: 'not_json',
    field,
  })
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
