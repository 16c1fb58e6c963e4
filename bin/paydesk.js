#!/usr/bin/env node
// Plain JavaScript that any Node reads: an old one must be told so, not trip over the first type.
var NEEDED = 24
var major = Number(process.versions.node.split('.')[0])

if (major < NEEDED) {
  process.stderr.write(
    'paydesk needs Node ' +
      NEEDED +
      ' or newer, and this is ' +
      process.version +
      '.\n' +
      'In a clone of the repository run `npm ci` (without --ignore-scripts), which brings a Node of its\n' +
      'own, and start with `npm start` or `npx paydesk`. Elsewhere install a newer Node first.\n',
  )
  process.exitCode = 1
} else {
  start()
}

async function start() {
  const { existsSync } = await import('node:fs')
  const { enableCompileCache } = await import('node:module')
  const { fileURLToPath } = await import('node:url')
  // What was compiled once is not compiled again: a start takes less time, and without the part of
  // Node that removes types, 15 MB less memory. `npm ci` fills the cache.
  enableCompileCache(fileURLToPath(new URL('../node_modules/.cache/paydesk', import.meta.url)))
  // A clone runs from its sources; what is published has been compiled.
  const source = new URL('../src/cli/main.ts', import.meta.url)
  const { runCli } = await import(existsSync(source) ? source.href : '../dist/cli/main.js')
  await runCli(process.argv)
}
