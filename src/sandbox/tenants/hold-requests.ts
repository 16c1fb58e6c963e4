import { Socket } from 'node:net'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { ApiError } from '../../api/errors.ts'
import type { RequestGate } from './request-gate.ts'
import { sandboxTenant } from './tenant.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The route closes its sandbox's gate by itself: it cannot wait for its own request to end. */
    closesGate?: true
  }
}

/** A request's place inside its sandbox. */
type Place = {
  /** Leaves the sandbox. A second call does nothing. */
  readonly leave: () => void
  /** Enters again. Throws ApiError when the gate stays closed for too long. */
  readonly enterAgain: () => Promise<void>
}

const places = new WeakMap<FastifyRequest, Place>()

/**
 * Lets each request in by the gate of its sandbox, and out again when its answer begins: a stream of
 * events keeps nobody waiting. Before all other hooks.
 */
export function holdRequests(app: FastifyInstance): void {
  app.addHook('onRequest', (request, reply, done) => {
    // What a request asks of the routes by itself is inside with it.
    if (!(request.raw.socket instanceof Socket)) return done()
    const { gate, rest } = sandboxTenant(request.tenant)
    // Until the end of the answer: a page that is open is kept up to date.
    reply.raw.once('close', rest.wake())
    if (request.routeOptions.config.closesGate === true) return done()
    const waiting = gate.enter()
    if (waiting === undefined) {
      places.set(request, takePlace(gate, request, reply))
      return done()
    }
    waiting.then((isInside) => {
      if (!isInside) return done(new ApiError('sandbox_closed'))
      places.set(request, takePlace(gate, request, reply))
      done()
    }, done)
  })
}

/**
 * Lets a request wait outside of its sandbox, as a fault makes it wait: a reset need not wait for it.
 * Throws ApiError when it does not come in again.
 */
export async function waitOutside(request: FastifyRequest, wait: Promise<void>): Promise<void> {
  const place = places.get(request)
  place?.leave()
  await wait
  await place?.enterAgain()
}

function takePlace(gate: RequestGate, request: FastifyRequest, reply: FastifyReply): Place {
  const { raw } = reply
  let isInside = true
  const leave = () => {
    if (!isInside) return
    isInside = false
    gate.leave()
  }
  // The work for an answer is done when its head is written.
  raw.writeHead = new Proxy(raw.writeHead, {
    apply: (target, response, head) => {
      leave()
      return Reflect.apply(target, response, head)
    },
  })
  raw.once('close', () => {
    // A client that goes away does not end the work for it; but an answer that is cut has no head, and a
    // body that does not come has no work.
    if (reply.sent || !request.raw.complete) leave()
  })
  return {
    leave,
    enterAgain: async () => {
      if ((await (gate.enter() ?? true)) === false) throw new ApiError('sandbox_closed')
      isInside = true
      // The client went away meanwhile, and its answer was cut.
      if (reply.sent) leave()
    },
  }
}
