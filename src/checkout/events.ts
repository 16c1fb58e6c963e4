import { setTimeout } from 'node:timers'
import type { FastifyReply } from 'fastify'
import type { PaymentSessionId } from '../domain/id.ts'
import { beginEventStream } from '../pages/event-stream.ts'
import { type OpenedCheckout, paymentsOf } from './open-checkout.ts'
import { versionAt } from './view.ts'

/**
 * The interval between reads of an open page's session, in milliseconds. The server reads the session and waits for no
 * notification, because another server or the clock can change the session. Simultaneous reads share a round trip.
 */
export const POLL_MS = 700
/** The interval of comment lines, which keep proxies from closing the connection. */
const HEARTBEAT_MS = 15_000
/** The longest life of a stream; then the page connects again. */
const STREAM_MS_MAX = 30 * 60_000
/** The maximum number of streams of a process; further pages poll. */
const STREAM_COUNT_MAX = 5_000
const STREAMS_PER_SESSION_MAX = 10

type EventStreams = {
  /** Sends a page its session's version, at once and after each change, until the stream ends. */
  readonly stream: (reply: FastifyReply, checkout: OpenedCheckout) => void
}

/** Makes the streams of one process. */
export function createEventStreams(deps: { readonly isDraining: () => boolean }): EventStreams {
  let count = 0
  const countBySession = new Map<PaymentSessionId, number>()

  async function run(reply: FastifyReply, { session: { id } }: OpenedCheckout): Promise<void> {
    const {
      raw,
      request: { tenant },
    } = reply
    let sentVersion: string | undefined
    let quietMs = 0
    for (let livedMs = 0; livedMs < STREAM_MS_MAX; livedMs += POLL_MS) {
      if (raw.destroyed || deps.isDraining()) break
      // The store is read each time, because a sandbox replaces it when it restores a snapshot.
      const { store } = tenant
      const session = await store.paymentSessions.find(id)
      if (session === undefined) break
      const payments = await paymentsOf(store, session)
      const version = versionAt({ session, ...payments }, tenant.clock.nowMs())
      quietMs += POLL_MS
      if (version !== sentVersion) raw.write(`data: ${version}\n\n`)
      else if (quietMs >= HEARTBEAT_MS) raw.write(':\n\n')
      if (version !== sentVersion || quietMs >= HEARTBEAT_MS) quietMs = 0
      sentVersion = version
      await new Promise((done) => setTimeout(done, POLL_MS))
    }
  }

  return {
    stream: (reply, checkout) => {
      const { id } = checkout.session
      const ofSession = countBySession.get(id) ?? 0
      const isFull = count >= STREAM_COUNT_MAX || ofSession >= STREAMS_PER_SESSION_MAX
      if (isFull || deps.isDraining()) {
        // 204 tells a browser not to reconnect; the page then polls.
        void reply.code(204).send()
        return
      }
      count += 1
      countBySession.set(id, ofSession + 1)
      beginEventStream(reply)
      run(reply, checkout)
        // The page reconnects and then gets missed changes.
        .catch(() => {})
        .finally(() => {
          count -= 1
          const restCount = (countBySession.get(id) ?? 1) - 1
          if (restCount > 0) countBySession.set(id, restCount)
          else countBySession.delete(id)
          reply.raw.end()
        })
    },
  }
}
