/** Queries between the process that starts workers and its workers, over the channel of `node:cluster`. */
import type { Worker } from 'node:cluster'
import { clearTimeout, setTimeout } from 'node:timers'
import { type MetricsSnapshot, printSum } from './metrics.ts'
import type { Operations } from './operation-routes.ts'

type WorkerState = {
  readonly metrics: MetricsSnapshot
  readonly trouble: string | undefined
  readonly missing: readonly string[]
}

/** The subject of a query: the state of a worker, the metrics of all workers as one text, or the state of all workers. */
type Topic = 'state' | 'sum' | 'all'
type Question = { readonly topic: Topic; readonly id: number }
type Answer = { readonly answerTo: number; readonly value: unknown }

type Channel = {
  readonly send: (message: Question | Answer) => unknown
  readonly listen: (onMessage: (message: unknown) => void) => void
}

type StateOfAll = Omit<WorkerState, 'metrics'>

/** The answers of a worker for the two ports. */
export type LinkedOperations = {
  /** The readiness of this worker, and the metrics of all: for the port of the API. */
  readonly ofWorker: Operations
  /** The readiness and the metrics of all workers: for the operations port. */
  readonly ofAll: Operations
}

/** The longest wait for another process. A process with a blocked event loop does not answer. */
const ANSWER_MS_MAX = 3_000

type WorkerLink = {
  readonly operations: Operations
  /** Starts to query and answer a worker, until it ends. */
  readonly add: (worker: Worker) => void
}

/** Makes the link to all workers. */
export function createWorkerLink(): WorkerLink {
  const askers = new Map<Worker, (topic: Topic) => Promise<unknown>>()
  const readStates = () =>
    Promise.all([...askers.values()].map((ask) => ask('state') as Promise<WorkerState>))
  const printMetrics = async () => printSum((await readStates()).map(({ metrics }) => metrics))
  const findTrouble = async () => {
    if (askers.size === 0) return 'no worker runs'
    try {
      return (await readStates()).find(({ trouble }) => trouble !== undefined)?.trouble
    } catch {
      return 'a worker does not answer'
    }
  }
  const findMissing = async () => [
    ...new Set((await readStates()).flatMap(({ missing }) => missing)),
  ]

  return {
    operations: { printMetrics, findTrouble, findMissing },
    add: (worker) => {
      const channel: Channel = {
        send: (message) => worker.isConnected() && worker.send(message),
        listen: (onMessage) => worker.on('message', onMessage),
      }
      askers.set(worker, createAsker(channel))
      worker.once('exit', () => askers.delete(worker))
      answerOn(channel, 'sum', printMetrics)
      answerOn(channel, 'all', async (): Promise<StateOfAll> => {
        const trouble = await findTrouble()
        return { trouble, missing: trouble === undefined ? await findMissing() : [] }
      })
    },
  }
}

/**
 * Answers the process that started this worker, and returns the answers of this worker. Nobody can choose the worker
 * that a scrape reaches, so each worker prints the metrics of all workers.
 */
export function linkToPrimary(
  own: Operations,
  readMetrics: () => Promise<MetricsSnapshot>,
): LinkedOperations {
  const channel: Channel = {
    send: (message) => process.send?.(message),
    listen: (onMessage) => process.on('message', onMessage),
  }
  answerOn(channel, 'state', async () => ({
    metrics: await readMetrics(),
    trouble: await own.findTrouble(),
    missing: await own.findMissing(),
  }))
  const ask = createAsker(channel)
  const printMetrics = () => ask('sum') as Promise<string>
  const readAll = () => ask('all') as Promise<StateOfAll>
  return {
    ofWorker: { ...own, printMetrics },
    ofAll: {
      printMetrics,
      findTrouble: () =>
        readAll().then(
          ({ trouble }) => trouble,
          () => 'the process that started the workers does not answer',
        ),
      findMissing: async () => (await readAll()).missing,
    },
  }
}

/** Rejects if no answer comes in time. */
function createAsker({ listen, send }: Channel): (topic: Topic) => Promise<unknown> {
  const waiting = new Map<number, (value: unknown) => void>()
  let count = 0
  listen((message) => {
    const { answerTo, value } = message as Partial<Answer>
    if (answerTo !== undefined) waiting.get(answerTo)?.(value)
  })
  return async (topic) => {
    count += 1
    const id = count
    const { promise, reject, resolve } = Promise.withResolvers<unknown>()
    const timer = setTimeout(
      () => reject(new Error('another process did not answer in time')),
      ANSWER_MS_MAX,
    )
    waiting.set(id, resolve)
    send({ topic, id })
    try {
      return await promise
    } finally {
      clearTimeout(timer)
      waiting.delete(id)
    }
  }
}

function answerOn(
  { listen, send }: Channel,
  topic: Topic,
  findValue: () => Promise<unknown>,
): void {
  listen((message) => {
    const question = message as Partial<Question>
    const { id } = question
    if (question.topic !== topic || id === undefined) return
    findValue().then(
      (value) => send({ answerTo: id, value }),
      // The other process notices a missing answer.
      () => {},
    )
  })
}
