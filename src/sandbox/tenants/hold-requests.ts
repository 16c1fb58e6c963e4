import { Socket } from 'node:net'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { ApiError } from '../../api/errors.ts'
import type { RequestGate } from './request-gate.ts'
import { sandboxTenant } from './tenant.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /**
     * True: the route closes its tenant's gate. Its request does not enter the gate, because the gate would wait for
     * it forever.
     */
    closesGate?: true
  }
  interface FastifyRequest {
    /** The request's place inside the gate. Undefined: it is an internal call, or its route closes the gate. */
    gatePlace: Place | undefined
  }
}

/** A request that is inside the gate of its tenant. */
type Place = {
  /** Leaves. A second call does nothing. */
  readonly leave: () => void
  /** Enters again. Throws ApiError if the gate stays closed too long. */
  readonly enterAgain: () => Promise<void>
}

/**
 * Makes each request enter the gate of its tenant, and leave it when its answer begins, so that a stream of events
 * blocks nothing. Must be called before the other hooks are added.
 */
export function holdRequests(app: FastifyInstance): void {
  app.decorateRequest('gatePlace')
  app.addHook('onRequest', (request, reply, done) => {
    // An internal call belongs to a request that is already inside.
    if (!(request.raw.socket instanceof Socket)) return done()
    const { gate, rest } = sandboxTenant(request.tenant)
    // The tenant stays awake until the end of the answer, because an open page must show changes.
    reply.raw.once('close', rest.wake())
    if (request.routeOptions.config.closesGate === true) return done()
    const waiting = gate.enter()
    if (waiting === undefined) {
      request.gatePlace = takePlace(gate, request, reply)
      return done()
    }
    waiting.then((isInside) => {
      if (!isInside) return done(new ApiError('sandbox_closed'))
      request.gatePlace = takePlace(gate, request, reply)
      done()
    }, done)
  })
}

/**
 * Lets a request wait outside the gate because of a fault, so that a reset does not wait for the request. Throws
 * ApiError when it cannot enter again.
 */
export async function waitOutside(request: FastifyRequest, wait: Promise<void>): Promise<void> {
  const { gatePlace } = request
  gatePlace?.leave()
  await wait
  await gatePlace?.enterAgain()
}

function takePlace(gate: RequestGate, request: FastifyRequest, reply: FastifyReply): Place {
  const { raw } = reply
  let isInside = true
  const leave = () => {
    if (!isInside) return
    isInside = false
    gate.leave()
  }
  // The work for an answer is done when its headers are written.
  const { writeHead } = raw
  Object.assign(raw, {
    writeHead: (...head: Parameters<typeof writeHead>) => {
      leave()
      return writeHead.apply(raw, head)
    },
  })
  raw.once('close', () => {
    // If the client has disconnected, a request leaves only when it has no more work: its answer
    // was cut, or its body never arrived.
    if (reply.sent || !request.raw.complete) leave()
  })
  return {
    leave,
    enterAgain: async () => {
      if ((await (gate.enter() ?? true)) === false) throw new ApiError('sandbox_closed')
      isInside = true
      // The client has disconnected in the meantime, so no answer begins.
      if (reply.sent) leave()
    },
  }
}
