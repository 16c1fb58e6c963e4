// Plain JavaScript that every Node can read. It runs before `npm start` and `npm test`, also without installed
// packages.
const { existsSync } = require('node:fs')
const { join } = require('node:path')

const NODE_MAJOR_MIN = 24
const installed = join(__dirname, '..', 'node_modules')

if (!existsSync(join(installed, 'fastify'))) {
  fail('Paydesk is not installed yet. First run: npm ci')
} else if (Number(process.versions.node.split('.')[0]) < NODE_MAJOR_MIN) {
  fail(
    `Paydesk needs Node ${NODE_MAJOR_MIN} or newer, and this is ${process.version}. npm ci installs a newer Node for it: run npm ci without --ignore-scripts and --omit=dev.`,
  )
}

function fail(sentence) {
  process.stderr.write(`paydesk: ${sentence}\n`)
  process.exitCode = 1
}
