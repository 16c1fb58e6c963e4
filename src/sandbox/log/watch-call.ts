import type { Logger } from 'pino'
import type { WatchCall } from '../../api/answer-directly.ts'
import type { Keys } from '../../domain/secret.ts'
import { sandboxTenant } from '../tenants/tenant.ts'
import { WARNING_HEADER, warningsOf } from './request-warnings.ts'
import { createNote, logWarnings } from './watch-requests.ts'

/**
 * Makes the watch of calls that are answered without the framework: it holds and logs them, as `holdRequests` and
 * `watchRequests` do for all others. While the tenant has a fault or its gate is closed, the framework gets all calls.
 */
export function createWatchCall(
  keys: Pick<Keys, 'derivedKeys'>,
  logger: Pick<Logger, 'warn'>,
): WatchCall {
  const note = createNote(keys)
  return (call) => {
    const tenant = sandboxTenant(call.tenant)
    if (tenant.faults.list().length > 0 || !tenant.gate.enterIfOpen()) return undefined
    const endWaking = tenant.rest.wake()
    const atMs = tenant.clock.nowMs()
    return (answer, headers) => {
      try {
        const warnings = warningsOf(call)
        if (warnings.length > 0) headers[WARNING_HEADER] = warnings.join('; ')
        logWarnings(logger, call, warnings)
        const { body: payload, status } = answer
        note(
          call,
          { tenant, atMs, rule: undefined, warnings },
          { status, headers, payload },
          undefined,
        )
      } finally {
        tenant.gate.leave()
        endWaking()
      }
    }
  }
}
