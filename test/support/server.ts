import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { SANDBOX_VALUES } from '../../src/sandbox/well-known.ts'
import { type Server, startServer } from '../../src/server/start-server.ts'
import { type EngineName, makePlace, settingsAt } from './engines.ts'
import { goProblemsOf } from './go-decoding.ts'
import { closedWithFile } from './left-open.ts'
import { createTestClock, migratedImage, SERVER_TIME_MS } from './memory-store.ts'

/** The command line's entry. */
export const PAYDESK = fileURLToPath(new URL('../../bin/paydesk.js', import.meta.url))

/** The well-known token and account of a sandbox. */
export const {
  accountId: ACCOUNT_ID,
  usAccountId: US_ACCOUNT_ID,
  accessToken: TOKEN,
} = SANDBOX_VALUES

/** A sandbox in this process. */
export type TestServer = Server & {
  /** Sends a request with the sandbox's token to a path below `/api/v1`, for the IN account. */
  readonly call: (
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ) => Promise<WireAnswer>
}

/** An unchanged answer. */
export type WireAnswer = {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** The parsed answer. */
  // biome-ignore lint/suspicious/noExplicitAny: a test reads only the fields that it asserts.
  readonly body: any
}

type ServerOptions = Parameters<typeof startServer>[1]

/**
 * Starts a sandbox on an engine. `close` also removes its data. Its clock stands still at `SERVER_TIME_MS`, so that two
 * requests have the same time at any moment of a run. Tests of running time pass `systemClock`, and compare no times.
 */
export async function startTestServer(
  engine: EngineName,
  flags: Readonly<Record<string, string | boolean>> = {},
  options: ServerOptions = {},
): Promise<TestServer> {
  const place = await makePlace(engine)
  const service = await startServer(settingsAt(place, flags), {
    clock: createTestClock(SERVER_TIME_MS),
    ...(engine === 'memory' && { image: await migratedImage() }),
    ...options,
  })
  return {
    ...service,
    call: (method, path, body, headers) => call(service.baseUrl, method, path, body, headers),
    close: closedWithFile(async () => {
      await service.close()
      place.remove()
    }),
  }
}

/**
 * Sends a request to the API. A text or bytes as body are sent unchanged, anything else as JSON. Throws if the official
 * Go SDK could not decode a successful answer.
 */
export async function call(
  baseUrl: string,
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<WireAnswer> {
  const withAccount = /[?&]account_id=/.test(path)
    ? path
    : `${path}${path.includes('?') ? '&' : '?'}account_id=${ACCOUNT_ID}`
  const raw = typeof body === 'string' || body instanceof Uint8Array || body === undefined
  const response = await fetch(`${baseUrl}/api/v1${withAccount}`, {
    method,
    headers: {
      authorization: `Zoho-oauthtoken ${TOKEN}`,
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body !== undefined && { body: raw ? (body as string) : JSON.stringify(body) }),
  })
  const text = await response.text()
  const parsedBody = parseBody(text)
  const problems = response.ok ? goProblemsOf(parsedBody) : []
  if (problems.length > 0) {
    throw new Error(`the Go SDK cannot decode ${method} ${path}: ${problems.join(', ')}`)
  }
  return { status: response.status, headers: response.headers, text, body: parsedBody }
}

function parseBody(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** A sandbox in a separate process. */
export type SpawnedServer = {
  readonly process: ChildProcess
  readonly baseUrl: string
  /** The JSON that it printed when it was ready. */
  // biome-ignore lint/suspicious/noExplicitAny: a test reads only the fields that it asserts.
  readonly facts: any
  /** Returns its error output so far. */
  readonly errors: () => string
}

/** Starts `paydesk serve` in a separate process and waits until it listens. */
export async function spawnServer(
  args: readonly string[],
  environment: Record<string, string> = {},
  program = PAYDESK,
  inOwnGroup = false,
): Promise<SpawnedServer> {
  const child = spawn(process.execPath, [program, 'serve', '--json', '--port', '0', ...args], {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: inOwnGroup,
  })
  let errors = ''
  child.stderr.on('data', (chunk) => {
    errors += chunk
  })
  const lines = createInterface({ input: child.stdout })
  const first = await Promise.race([
    once(lines, 'line').then(([line]) => line as string),
    once(child, 'exit').then(() => undefined),
  ])
  if (first === undefined) throw new Error(`the server ended before it listened: ${errors}`)
  const facts = JSON.parse(first) as { base_url: string }
  return { process: child, baseUrl: facts.base_url, facts, errors: () => errors }
}
