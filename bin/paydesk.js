#!/usr/bin/env node
// Plain JavaScript that any Node reads, like the module with the check.
import { nodeProblem } from './node-problem.js'

var problem = nodeProblem()
if (problem !== undefined) {
  process.stderr.write(problem + '\n')
  process.exitCode = 1
} else {
  start()
}

async function start() {
  const { existsSync } = await import('node:fs')
  const { enableCompileCache } = await import('node:module')
  const { fileURLToPath } = await import('node:url')
  // Compiled code is kept for the next start, which then takes less time, and 15 MB less memory
  // without the part of Node that removes types. `npm ci` fills this cache.
  enableCompileCache(fileURLToPath(new URL('../node_modules/.cache/paydesk', import.meta.url)))
  const { findFreshBundle } = await import('./fresh-bundle.js')
  // A clone runs its bundle, or its sources after a change; the published package is compiled.
  const bundle = findFreshBundle()
  const source = new URL('../src/cli/main.ts', import.meta.url)
  const program =
    bundle ?? (existsSync(source) ? source : new URL('../dist/cli/main.js', import.meta.url))
  const { runCli, showSourceLines } = await import(program.href)
  if (bundle !== undefined) showSourceLines(new URL('.', bundle))
  await runCli(process.argv)
}
