/** The calls of the console's own routes. Only the page of a live server makes them. */

import { type AnswerOf, type Calls, createCalls, type Input } from '../../client/calls.ts'
import { CONSOLE_METHODS, type ConsoleMethodSchemas } from '../console-methods.ts'
import { type Reading, send, withoutEmpty } from './connection.ts'

/** The operations of the console's own routes. Those of one account need `account_id` in the query. */
export const consoleCalls: Calls<typeof CONSOLE_METHODS, ConsoleMethodSchemas> = createCalls(
  CONSOLE_METHODS,
  send,
)

/** Makes a read of the console's own routes. Empty values of the query are left out. */
export function consoleReading<Id extends keyof typeof CONSOLE_METHODS>(
  id: Id,
  input: Input<typeof CONSOLE_METHODS, ConsoleMethodSchemas, Id>,
): Reading<AnswerOf<ConsoleMethodSchemas, Id>> {
  const request = { ...input, query: withoutEmpty(input.query) }
  return { key: JSON.stringify([id, request]), readAnswer: () => consoleCalls.answer(id, request) }
}
