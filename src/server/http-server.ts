import { createServer, type RequestListener, type Server, type ServerOptions } from 'node:http'
import type { Duplex } from 'node:stream'
import { setImmediate } from 'node:timers'
import { rememberAnswer } from '../api/open-answers.ts'
import { rewriteAbsoluteForm } from '../api/request-target.ts'

const REQUEST_TIMEOUT_MS = 30_000
const HEADERS_TIMEOUT_MS = 15_000
/** The largest number of connections of a process. Another one is closed at once. */
const CONNECTION_COUNT_MAX = 10_000
/** The longest idle time of a connection: longer than that of proxies in front. */
const KEEP_ALIVE_MS = 72_000

/** Refuses bytes of a connection that are not HTTP. */
type MalformedListener = (error: Error, socket: Duplex) => void

/** The handlers of a server. */
export type ServerHandlers = {
  readonly onRequest: RequestListener
  /** Undefined: the framework adds its own handler. */
  readonly onMalformed?: MalformedListener
}

/** Makes an HTTP server. */
export function makeServer(handlers: ServerHandlers): Server {
  return makeServerBy(createServer, handlers)
}

/**
 * Makes a server with a function such as `createServer` of `node:https`. It reads all sockets of a turn of the event
 * loop before it handles the first request, so that requests that arrive together share a commit.
 */
export function makeServerBy<CreatedServer extends Pick<Server, 'on' | 'maxConnections'>>(
  make: (options: ServerOptions, listener: RequestListener) => CreatedServer,
  { onMalformed, onRequest }: ServerHandlers,
): CreatedServer {
  const inNextTurn: RequestListener = (request, response) => {
    rewriteAbsoluteForm(request)
    rememberAnswer(request, response)
    setImmediate(onRequest, request, response)
  }
  const server = make(
    // A request without Host or with an unknown Expect gets an answer in our envelope, like any other.
    {
      requestTimeout: REQUEST_TIMEOUT_MS,
      headersTimeout: HEADERS_TIMEOUT_MS,
      keepAliveTimeout: KEEP_ALIVE_MS,
      requireHostHeader: false,
    },
    inNextTurn,
  )
  server.on('checkExpectation', inNextTurn)
  if (onMalformed !== undefined) server.on('clientError', onMalformed)
  server.maxConnections = CONNECTION_COUNT_MAX
  return server
}
