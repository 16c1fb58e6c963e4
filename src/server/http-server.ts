import { createServer, type RequestListener, type Server, type ServerOptions } from 'node:http'
import { setImmediate } from 'node:timers'
import { rewriteAbsoluteForm } from '../api/request-target.ts'

/** The longest time in which a client must send a request, in milliseconds. */
const REQUEST_TIMEOUT_MS = 30_000
/** The longest time in which a client must send the headers of a request, in milliseconds. */
const HEADERS_TIMEOUT_MS = 15_000
/** The largest number of connections of a process. Another one is closed at once. */
const CONNECTION_COUNT_MAX = 10_000
/** The longest idle time of a connection, in milliseconds: longer than that of proxies in front. */
const KEEP_ALIVE_MS = 72_000

/** Makes an HTTP server. */
export function makeServer(handler: RequestListener): Server {
  return makeServerBy(createServer, handler)
}

/**
 * Makes a server with a function such as `createServer` of `node:https`. It reads all sockets of a turn of the event
 * loop before it handles the first request, so that requests that arrive together share a commit.
 */
export function makeServerBy<Made extends Pick<Server, 'on' | 'maxConnections'>>(
  make: (options: ServerOptions, listener: RequestListener) => Made,
  handler: RequestListener,
): Made {
  const inNextTurn: RequestListener = (request, response) => {
    rewriteAbsoluteForm(request)
    setImmediate(handler, request, response)
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
  server.maxConnections = CONNECTION_COUNT_MAX
  return server
}
