import { reportable } from './read-answer.ts'
import { NoAnswerInTime } from './time-limit.ts'

/** A processor's answer, or the reason why it cannot be used. */
export type Answer<Value> = { readonly value: Value } | { readonly trouble: string }

/** Asks a processor and reads its answer, and never throws. `read` returns undefined for an answer of a wrong shape. */
export async function answerFrom<Value>(
  ask: () => Promise<unknown>,
  read: (raw: unknown) => Value | undefined,
): Promise<Answer<Value>> {
  try {
    const answer = read(await ask())
    return answer === undefined ? { trouble: 'the answer has the wrong shape' } : { value: answer }
  } catch (error) {
    return { trouble: troubleFrom(error) }
  }
}

/** Describes an error of a module by its name only: a message can repeat the request. */
export function troubleFrom(error: unknown): string {
  if (error instanceof NoAnswerInTime) return 'no answer in time'
  const name = error instanceof Error ? error.name : undefined
  return `the module threw ${typeof name === 'string' ? reportable(name) : 'a value that is not an Error'}`
}
