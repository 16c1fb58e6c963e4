import { resolve } from 'node:path'
import { clearTimeout, setTimeout } from 'node:timers'
import { pathToFileURL } from 'node:url'
import { constants, Script } from 'node:vm'
import { Worker } from 'node:worker_threads'
import { embedding } from './embedding.ts'

/** The longest import of a user's module. A loop or a top-level `await` of a module can be endless. */
const IMPORT_MS_MAX = 10_000
/** The time between the limit and the first try to end a loop that keeps the thread busy, and between two tries. */
const LOOP_MS = 500

let hasImported = false

/** Returns true if the import of a user's module has begun. The timers of a module can keep the process alive. */
export function hasImportedModule(): boolean {
  return hasImported
}

/**
 * Imports a module of the user by its path, which may be relative to the current folder. Throws the module's errors,
 * and an error for a module that is not loaded in time. `msMax`: the longest import, in milliseconds.
 */
export async function importModule(
  path: string,
  msMax = IMPORT_MS_MAX,
): Promise<Readonly<Record<string, unknown>>> {
  hasImported = true
  const { promise, reject } = Promise.withResolvers<never>()
  const late = new Error(
    `it was not loaded within ${msMax / 1000} seconds, because of a top-level await or a loop that does not end`,
  )
  const timer = setTimeout(() => reject(late), msMax)
  const endWatch = watchForLoop(msMax + LOOP_MS)
  try {
    return await Promise.race([importUrl(pathToFileURL(resolve(path)).href), promise])
  } catch (error) {
    // The program ends after this error. The watch, which may have connected a debugger, has to end first.
    if (error === late) await endWatch()
    throw error
  } finally {
    clearTimeout(timer)
    void endWatch()
  }
}

/** The script of the thread that ends an endless loop. After that the timer of the import can fire. */
const WATCH = `
const { workerData: { gate, loopMs, msMax } } = require('node:worker_threads')
const { Session } = require('node:inspector')
if (Atomics.wait(gate, 0, 0, msMax) === 'timed-out') {
  const session = new Session()
  session.connectToMainThread()
  // Repeated, because a loop may begin after the first try.
  do session.post('Runtime.terminateExecution')
  while (Atomics.wait(gate, 0, 0, loopMs) === 'timed-out')
}`

/**
 * Ends the code that runs in this thread if it still runs after `msMax`. A timer of this thread cannot do that, because
 * an endless loop lets no timer fire. Returns a function that ends the watch, and resolves when its thread has ended.
 */
function watchForLoop(msMax: number): () => Promise<void> {
  const gate = new Int32Array(new SharedArrayBuffer(4))
  const watch = new Worker(WATCH, { eval: true, workerData: { gate, loopMs: LOOP_MS, msMax } })
  watch.unref()
  const exit = new Promise<void>((end) => watch.once('exit', () => end()))
  return () => {
    Atomics.store(gate, 0, 1)
    Atomics.notify(gate, 0)
    watch.ref()
    return exit
  }
}

type ImportUrl = (url: string) => Promise<Readonly<Record<string, unknown>>>

/** In a single executable an ordinary `import()` finds only Node's own modules. */
const importUrl: ImportUrl =
  embedding === undefined
    ? (url) => import(url)
    : new Script('(url) => import(url)', {
        importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
      }).runInThisContext()
