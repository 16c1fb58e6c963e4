/**
 * Starts a sandbox and stops it, so that Node's compile cache has the modules of the server:
 * the first real start of a clone compiles nothing.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

const program = fileURLToPath(new URL('../bin/paydesk.js', import.meta.url))
const server = spawn(
  process.execPath,
  [program, 'serve', '--memory', '--port', '0', '--log-level', 'silent'],
  { stdio: ['ignore', 'pipe', 'inherit'] },
)
const exit = once(server, 'exit')
// The server prints its address when it listens. Node writes the cache when a process ends normally.
await Promise.race([once(server.stdout, 'data'), exit])
server.kill('SIGTERM')
await exit
