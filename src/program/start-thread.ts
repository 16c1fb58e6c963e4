import { Worker, type WorkerOptions } from 'node:worker_threads'
import { embedding } from './embedding.ts'

/** Starts a thread that runs a module of the program, named by its path in `src/` without an ending. */
export function startThread(module: string, options: WorkerOptions): Worker {
  if (embedding !== undefined) {
    return new Worker(embedding.getAsset(threadAsset(module), 'utf8'), { ...options, eval: true })
  }
  // The package has JavaScript files, the repository TypeScript.
  const ending = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
  return new Worker(new URL(`../${module}.${ending}`, import.meta.url), options)
}

/** The path of the embedded script of a thread. */
export function threadAsset(module: string): string {
  return `threads/${module}.cjs`
}
