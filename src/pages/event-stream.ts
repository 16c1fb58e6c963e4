import type { ServerResponse } from 'node:http'
import type { FastifyReply } from 'fastify'

/** Answers with a stream of events (text/event-stream). The caller writes to the returned response, and ends it. */
export function beginEventStream(reply: FastifyReply): ServerResponse {
  reply.hijack()
  const { raw } = reply
  raw.writeHead(200, {
    'content-type': 'text/event-stream',
    'cache-control': 'no-store',
    // nginx would otherwise collect the events in a buffer.
    'x-accel-buffering': 'no',
  })
  return raw
}
