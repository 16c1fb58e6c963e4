import { execFile } from 'node:child_process'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestServer, type TestServer } from './support/server.ts'
import {
  bodyReplacement,
  hostReplacements,
  type Replacements,
  readSample,
  readSnippet,
  type SnippetAction,
  sessionReplacement,
  TOKEN_REPLACEMENT,
  withoutReplacements,
  withReplacements,
} from './support/snippets.ts'

/** The clients of the snippets that run here, and the commands for their files. */
const PROGRAMS = {
  'curl.sh': 'sh',
  'http-client.py': 'python3',
  'node-https.js': process.execPath,
} as const
type Client = keyof typeof PROGRAMS
const CLIENTS = Object.keys(PROGRAMS) as Client[]

/** The names of the replacements that make this server the snippet's host. */
const HOST_WORDS: Record<Client, readonly string[]> = {
  'curl.sh': ['host'],
  'http-client.py': ['host'],
  'node-https.js': ['scheme', 'host', 'port'],
}

const SNIPPET_MS_MAX = 20_000

/** Node reports each answer of this process's servers on this channel. */
const ANSWER_CHANNEL = 'http.server.response.finish'

/** Every answered request with its status, which the snippets do not print: `GET 200`. */
const answerLines: string[] = []
function recordAnswer(message: unknown): void {
  const { request, response } = message as {
    readonly request: IncomingMessage
    readonly response: ServerResponse
  }
  answerLines.push(`${request.method} ${response.statusCode}`)
}

let server: TestServer
let folder: string
beforeAll(async () => {
  server = await startTestServer('memory')
  folder = mkdtempSync(join(tmpdir(), 'paydesk-snippets-'))
  subscribe(ANSWER_CHANNEL, recordAnswer)
})
afterAll(async () => {
  unsubscribe(ANSWER_CHANNEL, recordAnswer)
  rmSync(folder, { recursive: true, force: true })
  await server.close()
})

/** Runs a snippet as a file. Returns its output and the received answer. */
async function runSnippet(action: SnippetAction, client: Client, more: Replacements = {}) {
  const replacements = {
    ...hostReplacements(client, server.baseUrl),
    ...TOKEN_REPLACEMENT,
    ...more,
  }
  const snippet = readSnippet(action, client)
  const text = withReplacements(snippet, replacements)
  expect(withoutReplacements(text, replacements)).toBe(snippet)
  expect(Object.keys(replacements)).toEqual([...HOST_WORDS[client], 'token', ...Object.keys(more)])

  const file = join(folder, `${action}-${client}`)
  writeFileSync(file, text)
  answerLines.length = 0
  const { stdout } = await promisify(execFile)(PROGRAMS[client], [file], {
    timeout: SNIPPET_MS_MAX,
    // The proxy of a machine cannot reach this server.
    env: { ...process.env, no_proxy: '127.0.0.1' },
  })
  return { output: JSON.parse(stdout), answers: [...answerLines] }
}

describe.each(CLIENTS)('the reference’s snippets for %s, with another host and token', (client) => {
  test('the unchanged create snippet gets the error that amount is missing', async () => {
    const { output, answers } = await runSnippet('create', client)
    expect(answers).toEqual(['POST 400'])
    expect(output).toEqual({
      code: 'missing_parameter',
      message: expect.stringContaining('amount'),
      field: 'amount',
    })
  })

  test('the create snippet with the sample’s body creates a session, and the retrieve snippet retrieves it', async () => {
    const body = bodyReplacement(client, readSample('create-request'))
    const creation = await runSnippet('create', client, body)
    expect(creation.answers).toEqual(['POST 201'])
    expect(creation.output).toMatchObject({ code: 0, message: 'success' })
    const { access_key: accessKey, ...session } = creation.output.payments_session
    expect(session).toMatchObject({ amount: '100.50', currency: 'INR', max_retry_count: 3 })
    expect(accessKey).toEqual(expect.any(String))

    const id = sessionReplacement(session.payments_session_id)
    const retrieval = await runSnippet('retrieve', client, id)
    expect(retrieval.answers).toEqual(['GET 200'])
    expect(retrieval.output).toEqual({
      code: 0,
      message: 'success',
      payments_session: { ...session, status: 'created', payments: [] },
    })
  })

  test('the unchanged retrieve snippet gets the error for an unknown session', async () => {
    const { output, answers } = await runSnippet('retrieve', client)
    expect(answers).toEqual(['GET 404'])
    expect(output).toMatchObject({
      code: 'resource_does_not_exist',
      field: 'payments_session_id',
    })
  })
})
