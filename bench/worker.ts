/** Worker processes of a benchmark. Each answers the questions of its parent, one at a time. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import type { Lifetime } from './lifetime.ts'

/** The time limit for the answer to a question. It includes the measurement. */
const ANSWER_MS_MAX = 90_000

type Reply<Answer> = { readonly answer: Answer } | { readonly failure: string }

export type Worker<Question, Answer> = {
  readonly pid: number
  /** Asks a question and returns the answer. Throws the error of the worker. */
  readonly ask: (question: Question) => Promise<Answer>
}

/** Starts a file of this folder as a process. */
export async function startWorker<Question extends object, Answer>(
  lifetime: Lifetime,
  file: string,
  args: readonly string[] = [],
): Promise<Worker<Question, Answer>> {
  const child = fork(new URL(file, import.meta.url), args)
  const exit = once(child, 'exit')
  const failure = exit.then(([code, signal]) => {
    throw new Error(`${file} ended (${signal ?? code})`)
  })
  failure.catch(() => {
    // Callers that await it get the error.
  })
  await lifetime.keep(child, () => {
    child.kill('SIGKILL')
    return exit
  })

  const ask = async (question: Question) => {
    const timeout = AbortSignal.timeout(ANSWER_MS_MAX)
    const answer = once(child, 'message', { signal: timeout })
    child.send(question)
    const [reply] = (await Promise.race([answer, failure])) as [Reply<Answer>]
    if ('failure' in reply) throw new Error(`${file}: ${reply.failure}`)
    return reply.answer
  }
  return { pid: child.pid as number, ask }
}

/** Runs in a worker process: answers the parent's questions, and ends when the parent has ended. */
export function answerParent<Question, Answer>(
  answer: (question: Question) => Promise<Answer>,
): void {
  process.on('message', (question) => {
    answer(question as Question).then(
      (value) => process.send?.({ answer: value }),
      (error: unknown) => process.send?.({ failure: (error as Error).message }),
    )
  })
  process.on('disconnect', () => process.exit())
  // Ctrl-C reaches every process of the terminal. This process waits until the parent has cleaned up and ends it.
  process.on('SIGINT', () => {})
}
