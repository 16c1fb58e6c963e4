import { errorOf, isSuccess } from '../../client/errors.ts'
import { MACHINE } from '../../client/machine.ts'
import { createTransport } from '../../client/transport.ts'
import { urlWithQuery } from '../../client/url.ts'
import type { OperatorConsoleFacts } from '../console-facts.ts'
import type { PageSend } from './connection.ts'
import { createRequestKeys } from './request-keys.ts'
import { serverPath } from './router.tsx'

const CALL_MS_MAX = 20_000

/** After this time without input the page is idle. Its calls then do not keep the session alive. */
const IDLE_MS = 60_000

/** Returns a function that says whether the page is idle. */
function watchInput(): () => boolean {
  let inputAtMs = performance.now()
  const onInput = () => {
    inputAtMs = performance.now()
  }
  for (const type of ['pointerdown', 'pointermove', 'keydown', 'scroll']) {
    addEventListener(type, onInput, { capture: true, passive: true })
  }
  return () => performance.now() - inputAtMs > IDLE_MS
}

/** Reads the facts that the server has written into the page. */
export function pageFacts(): OperatorConsoleFacts {
  return JSON.parse(document.getElementById('console-facts')?.textContent ?? '{}')
}

/**
 * Makes the function that sends calls with the page's token. A changing call has a key, and gets the same key again after a
 * lost answer, so that a repetition by the browser or the operator changes nothing twice. `onSignedOut` is called when the session has ended.
 */
export function createOperatorSend(token: string, onSignedOut: () => void): PageSend {
  const isIdle = watchInput()
  const withRequestKey = createRequestKeys(() => crypto.randomUUID())
  const transport = createTransport({
    fetch: (input, init) => fetch(input, { ...init, cache: 'no-store' }),
    machine: MACHINE,
    timeoutMs: CALL_MS_MAX,
    retries: 0,
  })
  return ({ body, method, opensContacts, options, path, query }) => {
    const url = urlWithQuery(`${location.origin}${serverPath('/console/api/v1')}${path}`, query)
    const bodyText = body === undefined || typeof body === 'string' ? body : JSON.stringify(body)
    const send = async (key: string | undefined) => {
      const exchange = await transport.exchange({
        method,
        url,
        headers: {
          'x-console-token': token,
          ...(isIdle() && { 'x-console-idle': 'true' }),
          ...(opensContacts && { 'x-open-contacts': 'true' }),
          ...(key !== undefined && { 'idempotency-key': key }),
          ...(bodyText !== undefined && { 'content-type': 'application/json' }),
        },
        body: bodyText,
      })
      if (isSuccess(exchange)) return exchange.body
      const error = errorOf(exchange)
      if (error.status === 401) onSignedOut()
      throw error
    }
    if (method === 'GET' || options?.idempotencyKey !== undefined) {
      return send(options?.idempotencyKey)
    }
    return withRequestKey(JSON.stringify([method, url, bodyText]), send)
  }
}
