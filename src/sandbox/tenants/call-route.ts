import type { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import type { FastifyInstance, InjectOptions, LightMyRequestResponse } from 'fastify'
import type { Tenant } from '../../operations/tenant.ts'

/** The header with the number of an internal call. It is ignored in a request from the network. */
const CALL_HEADER = 'x-paydesk-call'

/** The tenants of the running internal calls, by the number of the call. */
const callers = new Map<string, Tenant>()
let callCount = 0

/** Calls a route of this program without a network, for the same tenant as the current request. */
export async function callRoute(
  app: FastifyInstance,
  tenant: Tenant,
  options: InjectOptions,
): Promise<LightMyRequestResponse> {
  callCount += 1
  const call = String(callCount)
  callers.set(call, tenant)
  try {
    return await app.inject({ ...options, headers: { ...options.headers, [CALL_HEADER]: call } })
  } finally {
    callers.delete(call)
  }
}

/** Undefined: the request came from the network. */
export function callerOf(request: IncomingMessage): Tenant | undefined {
  // Only a request without a real connection is internal, so that no client can pretend to be internal.
  if (request.socket instanceof Socket) return undefined
  const call = request.headers[CALL_HEADER]
  return typeof call === 'string' ? callers.get(call) : undefined
}
