import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'

/** The newest request of a connection, and the answer to the one before it. */
type Newest = {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly previous: ServerResponse | undefined
}

const newestOf = new WeakMap<Duplex, Newest>()
/** The connections with bytes that are not HTTP. Node reports each later piece again. */
const malformedConnections = new WeakSet<Duplex>()

/** Remembers a request with its answer for `afterOpenAnswers`. */
export function rememberAnswer(request: IncomingMessage, response: ServerResponse): void {
  const { socket } = request
  newestOf.set(socket, { request, response, previous: newestOf.get(socket)?.response })
}

/**
 * Refuses bytes of a connection that are not HTTP, once. The requests before these bytes are complete and may change
 * something, so `refuse` runs after their answers: a client must not read the refusal as the answer to a refund that
 * was made. If one of these answers continues, as a stream of events does, the connection is closed instead.
 */
export function afterOpenAnswers(socket: Duplex, refuse: () => void): void {
  if (malformedConnections.has(socket)) return
  malformedConnections.add(socket)
  const newest = newestOf.get(socket)
  // A request whose body is malformed is answered by the refusal.
  const open = newest?.request.complete === false ? newest.previous : newest?.response
  if (open === undefined || open.writableFinished || open.destroyed) refuse()
  else if (open.headersSent && !open.writableEnded) socket.destroy()
  else open.once('close', refuse)
}
