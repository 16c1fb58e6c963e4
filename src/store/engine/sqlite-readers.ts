/** Reads a data file in threads, so that a slow read delays no request. */
import { availableParallelism } from 'node:os'
import { clearTimeout, setTimeout } from 'node:timers'
import type { Worker } from 'node:worker_threads'
import { startThread } from '../../program/start-thread.ts'
import { ConnectionLost, type Row, type SqlValue } from './engine.ts'
import type { ReaderAnswer, ReaderData, ReaderQuery } from './sqlite-reader.ts'

/** The maximum number of threads of a data file. If there are several CPU cores, one stays free for requests. */
const READER_COUNT_MAX = Math.max(1, Math.min(2, availableParallelism() - 1))
/** The maximum number of reads that wait for a thread. A further read fails immediately. */
export const WAITING_READ_COUNT_MAX = 1_000
/** A thread without work ends after this time, because it takes about 10 MB. */
const IDLE_MS_MAX = 10_000
/** The longest wait of `close` for a read under way. */
const CLOSE_MS_MAX = 5_000
/** The page cache of a thread. */
const CACHE_KIB = 16_384

const THREAD = 'store/engine/sqlite-reader'

/** The readers of a data file. */
export type Readers = {
  /**
   * Runs a select with parameters `?1…` and returns its rows. It sees everything that was committed before. Throws
   * ConnectionLost if too many reads wait, if a thread fails, and after `close`; otherwise SQLite's error.
   */
  readonly all: (text: string, params: readonly SqlValue[]) => Promise<readonly Row[]>
  /** Refuses the waiting reads, and ends the threads after the reads under way. */
  readonly close: () => Promise<void>
}

type ReaderLimits = {
  /** The longest wait for a lock of the file. */
  readonly busyMsMax: number
  /** A thread without work ends after this time. Infinity: at `close`. */
  readonly idleMsMax?: number
  readonly threadCountMax?: number
}

type Waiting = ReaderQuery & {
  readonly resolve: (rows: readonly Row[]) => void
  readonly reject: (error: unknown) => void
}

type Thread = { readonly worker: Worker; work: Waiting | undefined; ending?: NodeJS.Timeout }

/** Makes the readers of a data file. A thread starts when a read needs it. */
export function openReaders(
  file: string,
  { busyMsMax, idleMsMax = IDLE_MS_MAX, threadCountMax = READER_COUNT_MAX }: ReaderLimits,
): Readers {
  const threads = new Set<Thread>()
  const waiting: Waiting[] = []
  let isClosed = false

  function start(): Thread {
    const workerData: ReaderData = { file, busyMsMax, cacheKib: CACHE_KIB }
    const worker = startThread(THREAD, { workerData, name: 'paydesk reader' })
    const thread: Thread = { worker, work: undefined }
    worker.on('message', (answer: ReaderAnswer) => {
      const { work } = thread
      thread.work = undefined
      if (work !== undefined) settle(work, answer)
      rest(thread)
      assign()
    })
    let cause: unknown
    worker.on('error', (error) => {
      cause = error
    })
    worker.on('exit', () => {
      threads.delete(thread)
      clearTimeout(thread.ending)
      thread.work?.reject(new ConnectionLost('a reader of the data file has ended', { cause }))
      assign()
    })
    threads.add(thread)
    return thread
  }

  function assign(): void {
    while (waiting.length > 0) {
      const free = [...threads].find(({ work }) => work === undefined)
      const thread = free ?? (threads.size < threadCountMax ? start() : undefined)
      const work = thread && waiting.shift()
      if (thread === undefined || work === undefined) return
      clearTimeout(thread.ending)
      thread.work = work
      thread.worker.ref()
      thread.worker.postMessage({ text: work.text, params: work.params } satisfies ReaderQuery)
    }
  }

  /**
   * Lets a thread without work end after some time. Until then it does not keep the process alive.
   */
  function rest(thread: Thread): void {
    thread.worker.unref()
    clearTimeout(thread.ending)
    if (idleMsMax === Number.POSITIVE_INFINITY) return
    thread.ending = setTimeout(() => {
      threads.delete(thread)
      void thread.worker.terminate()
    }, idleMsMax).unref()
  }

  return {
    all: (text, params) =>
      new Promise((resolve, reject) => {
        if (isClosed) reject(new ConnectionLost('the data file is closed'))
        else if (waiting.length >= WAITING_READ_COUNT_MAX) {
          reject(new ConnectionLost('too many reads wait for the data file'))
        } else {
          waiting.push({ text, params, resolve, reject })
          assign()
        }
      }),
    close: async () => {
      isClosed = true
      for (const { reject } of waiting.splice(0)) {
        reject(new ConnectionLost('the data file is closed'))
      }
      await Promise.all([...threads].map(endThread))
    },
  }
}

function settle({ reject, resolve }: Waiting, answer: ReaderAnswer): void {
  if ('rows' in answer) resolve(answer.rows)
  else reject(Object.assign(new Error(answer.message), { errcode: answer.errcode }))
}

/** Ends a thread after its read, or after the longest wait. */
async function endThread({ ending, work, worker }: Thread): Promise<void> {
  clearTimeout(ending)
  if (work !== undefined) {
    await new Promise<void>((resolve) => {
      const giveUp = setTimeout(resolve, CLOSE_MS_MAX)
      const onEnd = () => {
        clearTimeout(giveUp)
        resolve()
      }
      worker.once('message', onEnd)
      worker.once('exit', onEnd)
    })
  }
  await worker.terminate()
}
