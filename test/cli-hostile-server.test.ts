/** A server or an adapter that the command line calls can put any text into its answers. */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { makeProgram } from '../src/cli/program.ts'
import { control } from './support/sandbox.ts'
import { startTestServer, type TestServer } from './support/server.ts'

/** Sets the window's title, moves the cursor, starts an escape code by U+009B, and reverses the direction of a text. */
const HOSTILE = '\x1b]0;x\x07\x1b[1A\x9b2J\u202e\r\n\u2028\x7f'
/**
 * The control characters that no output may have: all except tabs and line ends. Output that does not go to a terminal
 * has no styles.
 */
const OBEYED = /(?![\t\n])[\p{Cc}\u2028\u2029\u202a-\u202e]/u

let sandbox: TestServer
let proxy: Server
let url: string
let sessionId: string
beforeAll(async () => {
  sandbox = await startTestServer('memory')
  const creation = await sandbox.call('POST', '/paymentsessions', { amount: 1, currency: 'INR' })
  sessionId = creation.body.payments_session.payments_session_id
  await sandbox.call('POST', '/webhooks', {
    url: 'http://127.0.0.1:1/',
    event_types: ['payment.succeeded'],
  })
  await control(sandbox.baseUrl)('POST', '/sessions', {
    attempts: [{ method: 'upi', outcome: 'succeeded' }],
  })
  // Forwards requests, and appends the hostile text to every text of an answer.
  proxy = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk) => chunks.push(chunk))
    request.on('end', async () => {
      const { authorization = '', 'content-type': type = 'application/json' } = request.headers
      const answer = await fetch(`${sandbox.baseUrl}${request.url}`, {
        method: request.method ?? 'GET',
        headers: { authorization, 'content-type': type },
        ...(chunks.length > 0 && { body: Buffer.concat(chunks) }),
      })
      const text = await answer.text()
      response.writeHead(answer.status, { 'content-type': 'application/json' })
      response.end(JSON.stringify(poison(JSON.parse(text))))
    })
  }).listen(0, '127.0.0.1')
  await new Promise((resolve) => proxy.once('listening', resolve))
  url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`
})
afterAll(async () => {
  proxy.closeAllConnections()
  proxy.close()
  await sandbox.close()
})

function poison(value: unknown): unknown {
  if (typeof value === 'string') return value + HOSTILE
  if (Array.isArray(value)) return value.map(poison)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, poison(one)]))
}

/** Runs a command, and returns everything that it writes, and the text of its error as the command line writes it. */
async function outputOf(args: readonly string[]): Promise<string> {
  let text = ''
  const spies = [process.stdout, process.stderr].map((stream) =>
    vi.spyOn(stream, 'write').mockImplementation((chunk) => {
      text += String(chunk)
      return true
    }),
  )
  const exitCode = process.exitCode
  try {
    const program = makeProgram({})
    await program.parseAsync(['node', 'paydesk', ...args, '--url', url])
  } catch (error) {
    text += `${(error as Error).name}\n`
  } finally {
    process.exitCode = exitCode
    for (const spy of spies) spy.mockRestore()
  }
  return text
}

const COMMANDS: readonly (readonly string[])[] = [
  ['session', 'list'],
  ['session', 'show', '<session>'],
  ['payment', 'list'],
  ['event', 'list'],
  ['webhook', 'list'],
  ['request', 'list'],
  ['request', 'show', '1'],
  ['request', 'show', '1', '--curl'],
  ['fault', 'list'],
  ['clock', 'show'],
  ['tenant', 'list'],
  ['snapshot', 'list'],
]

describe('no text of a server controls the terminal', () => {
  test.each(COMMANDS.flatMap((one) => [[one], [[...one, '--json']]] as const))(
    '%j',
    async (args) => {
      const text = await outputOf(args.map((word) => (word === '<session>' ? sessionId : word)))
      expect(text).not.toBe('')
      expect(OBEYED.exec(text)).toBeNull()
    },
  )
})
