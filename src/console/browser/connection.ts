/**
 * The API calls of a console's page, without a token. In a sandbox they go through the control API, on a live server
 * they go with the operator's session.
 */

import { type AnswerOf, type Calls, createCalls, type Input } from '../../client/calls.ts'
import { METHODS, type MethodSchemas } from '../../client/methods.ts'
import type { Send } from '../../client/send.ts'

export { ApiConnectionError, PaydeskError } from '../../client/errors.ts'

/** `opensContacts`: the answer has unmasked contacts, and the audit log of a live server records the call. */
type PageCall = Parameters<Send>[0] & { readonly opensContacts?: true }

/** The function with which a page sends its calls. */
export type PageSend = (call: PageCall) => ReturnType<Send>

let sendToServer: PageSend = () => {
  throw new Error('the page has not connected its calls')
}

/** Sends a call with the function that `connect` has set. */
export const send: Send = (call) => sendToServer(call)

/** Sets the function that sends this page's calls to the API. Called once, before the first view. */
export function connect(sendOfPage: PageSend): void {
  sendToServer = sendOfPage
}

/** The operations of the API. They need no token, but `account_id` in the query. */
export const api: Calls<typeof METHODS, MethodSchemas> = createCalls(METHODS, send)

/** The operations of the API, with unmasked contacts. The server records each call, so no view repeats one by itself. */
export const apiWithContacts: typeof api = createCalls(METHODS, (call) =>
  sendToServer({ ...call, opensContacts: true }),
)

/** A read of the server. Equal reads have the same key. */
export type Reading<Answer> = { readonly key: string; readonly readAnswer: () => Promise<Answer> }

/** Makes a read of the API. Empty values of the query are left out. */
export function apiReading<Id extends keyof typeof METHODS>(
  id: Id,
  input: Input<typeof METHODS, MethodSchemas, Id>,
): Reading<AnswerOf<MethodSchemas, Id>> {
  const request = { ...input, query: withoutEmpty(input.query) }
  return { key: JSON.stringify([id, request]), readAnswer: () => api.answer(id, request) }
}

/** Returns a query without its empty values. */
export function withoutEmpty(query: object = {}): object {
  return Object.fromEntries(Object.entries(query).filter(([, value]) => value !== ''))
}
