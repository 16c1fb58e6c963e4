import type { OnceAnswer } from './answer-once.ts'
import type { HttpAnswer } from './http-route.ts'

/** Returns the answer to a request, or the stored answer to the first request with its key. */
export function httpAnswerFrom(once: OnceAnswer<unknown>): HttpAnswer {
  if ('answer' in once) return once.answer
  return { ...once.replay, headers: { 'idempotent-replayed': 'true' } }
}

/** Makes an answer with status 200. */
export function ok(body: string): HttpAnswer {
  return { status: 200, body }
}
