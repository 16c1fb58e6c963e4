import { reportable } from './read-answer.ts'
import { NoAnswerInTime } from './time-limit.ts'

/** A processor's answer, or the reason why it cannot be used. */
export type Answer<Read> = { readonly read: Read } | { readonly trouble: string }

/** Asks a processor and reads its answer. It never throws. `read` returns undefined for an answer of a wrong shape. */
export async function answerFrom<Read>(
  ask: () => Promise<unknown>,
  read: (raw: unknown) => Read | undefined,
): Promise<Answer<Read>> {
  try {
    const answer = read(await ask())
    return answer === undefined ? { trouble: 'the answer has the wrong shape' } : { read: answer }
  } catch (error) {
    return { trouble: troubleFrom(error) }
  }
}

/** Returns only the error's name: a message can repeat the request. */
function troubleFrom(error: unknown): string {
  if (error instanceof NoAnswerInTime) return 'no answer in time'
  const name = error instanceof Error ? error.name : undefined
  return `the module threw ${typeof name === 'string' ? reportable(name) : 'a value that is not an Error'}`
}
