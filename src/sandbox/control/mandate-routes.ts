import { ok } from '../../api/answer.ts'
import { ApiError } from '../../api/errors.ts'
import type { HttpAnswer } from '../../api/http-route.ts'

import { renderOne } from '../../api/render-envelope.ts'
import { type MandateId, parseId } from '../../domain/id.ts'
import { type Mandate, type MandateMove, moveMandate } from '../../domain/mandate.ts'
import { refreshMandate } from '../../operations/move-mandate.ts'
import type { SandboxMandate } from '../../processors/sandbox-charge.ts'
import { mandateFields } from '../../wire/mandate.ts'
import { type ControlCall, controlRoute, invalid, missing } from './control-route.ts'
import { ChangedMandateAnswer } from './mandate-schemas.ts'

const tag = 'Mandates'

const pauseMandate = controlRoute({
  method: 'POST',
  url: '/mandates/{mandate_id}/pause',
  operationId: 'pauseMandate',
  tag,
  summary: 'Pause a mandate',
  description: 'Pauses an active mandate, as its customer does in the UPI app.',
  answers: { 200: ChangedMandateAnswer },
  failures: [400],
  handle: (call) => change(call, { type: 'pause' }, 'paused'),
})

const resumeMandate = controlRoute({
  method: 'POST',
  url: '/mandates/{mandate_id}/resume',
  operationId: 'resumeMandate',
  tag,
  summary: 'Resume a mandate',
  description: 'Resumes a paused mandate, as its customer does in the UPI app.',
  answers: { 200: ChangedMandateAnswer },
  failures: [400],
  handle: (call) => change(call, { type: 'resume' }, 'active'),
})

const revokeMandate = controlRoute({
  method: 'POST',
  url: '/mandates/{mandate_id}/revoke',
  operationId: 'revokeMandate',
  tag,
  summary: 'Revoke a mandate',
  description:
    'Ends an active or paused mandate for good, as its customer does in the UPI app. A debit that waits for its notice fails.',
  answers: { 200: ChangedMandateAnswer },
  failures: [400],
  handle: (call) => change(call, { type: 'revoke' }, 'revoked'),
})

/** The control API’s routes of mandates. */
export const MANDATE_CONTROL_ROUTES = [pauseMandate, resumeMandate, revokeMandate]

/** Changes a mandate at the sandbox's bank, and queries the bank about it. */
async function change(
  { path, tenant }: ControlCall<'/mandates/{mandate_id}'>,
  move: MandateMove,
  status: SandboxMandate['status'],
): Promise<HttpAnswer> {
  const { clock, sandboxProcessor, store } = tenant
  if (sandboxProcessor === undefined) {
    throw new ApiError(
      'invalid_parameter',
      'mandate_id',
      'mandate_id can be changed only with the sandbox’s own processor.',
    )
  }
  const id = parseId<MandateId>(path.mandate_id)
  const before = id && (await store.mandates.find(id))
  if (before === undefined) {
    throw missing('mandate_id', 'There is no mandate with this mandate_id.')
  }
  const planned = moveMandate(before, move, clock.nowMs())
  if ('refused' in planned) {
    const present = planned.refused.replace('mandate_', '')
    throw invalid(
      'mandate_id',
      `mandate_id must be a mandate that can change so: it is ${present}.`,
    )
  }
  await sandboxProcessor.changeMandate(before.id, status)
  const after = (await refreshMandate(tenant, before.id)) ?? before
  return answerOf(after, clock.nowMs())
}

function answerOf(mandate: Mandate, nowMs: number): HttpAnswer {
  return ok(renderOne('mandate', mandateFields(mandate, nowMs)))
}
