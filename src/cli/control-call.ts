import { ApiRefused, ServerUnreachable } from './api-client.ts'
import { placeFor } from './api-command.ts'
import type { Environment, Flags } from './arguments.ts'
import { CommandRefused } from './command-refused.ts'
import { createServerCall, isDone, subjectOf } from './scenarios/server-call.ts'

/**
 * Calls the control API of the sandbox that is meant, and gives what its answer is about. A text as body
 * is sent as it is. Throws ApiRefused, ServerUnreachable or CommandRefused.
 */
export async function callControl<Answer>(
  flags: Flags,
  environment: Environment,
  method: 'GET' | 'POST' | 'DELETE',
  path: string,
  body?: unknown,
): Promise<Answer> {
  const { url, ...place } = placeFor(flags, environment)
  const answer = await createServerCall({ url, ...place })(
    method,
    `/_sandbox${path}`,
    body === undefined ? {} : { body },
  )
  if ('lost' in answer) {
    throw new ServerUnreachable(
      `The server at ${url} cannot be reached: ${answer.lost}. Start a sandbox with: npm start; or name the server with --url.`,
    )
  }
  const { code, field, message } = answer.body as Readonly<Record<string, unknown>>
  if (isDone(answer)) return subjectOf(answer) as Answer
  // The word of a server that knows no such path; what a sandbox does not find has a code of its own.
  if (typeof message !== 'string' || (answer.status === 404 && code === 'error')) {
    throw new CommandRefused(
      `The server at ${url} is no sandbox that can be controlled: it is live, has several workers, or is another program.`,
    )
  }
  throw new ApiRefused(answer.status, String(code), message, field as string | undefined)
}
