import { isUnknownAnswer } from '../client/errors.ts'
import { ApiConnectionError, PaydeskError } from '../client/index.ts'
import { createRandom } from '../server/random.ts'
import { apiErrorText, exitCodeOf } from './api-error-text.ts'
import { CommandRefused } from './command-refused.ts'
import { isConnectionRefused } from './connection-reason.ts'

/**
 * Creates an object with the idempotency key from the command line, or with a new one. If the answer is lost, the
 * error names the key, so that a second try creates no second object.
 */
export async function createWithKey<Created>(
  {
    key = newKey(),
    noun,
    url,
  }: { readonly key?: string; readonly noun: string; readonly url: string },
  create: (idempotencyKey: string) => Promise<Created>,
): Promise<Created> {
  try {
    return await create(key)
  } catch (error) {
    if (!isLost(error)) throw error
    throw new CommandRefused(
      `${apiErrorText(error, url)}\nThe ${noun} may have been created. To try again without creating a second one: --idempotency-key ${key}`,
      exitCodeOf(error),
    )
  }
}

/** Returns true if the request may have been carried out: it was sent, and its answer is missing or unreadable. */
function isLost(error: unknown): error is PaydeskError {
  if (error instanceof ApiConnectionError) return !isConnectionRefused(error)
  return error instanceof PaydeskError && isUnknownAnswer(error)
}

function newKey(): string {
  return `cli-${Buffer.from(createRandom().bytes(12)).toString('hex')}`
}
