import { ok } from '../../api/answer.ts'
import { ApiError } from '../../api/errors.ts'
import type { HttpAnswer } from '../../api/http-route.ts'
import { mandateStoryOf } from '../../api/mandates/story.ts'
import { renderOne } from '../../api/render-envelope.ts'
import { type MandateId, parseId } from '../../domain/id.ts'
import { type Mandate, type MandateMove, moveMandate } from '../../domain/mandate.ts'
import { refreshMandate } from '../../operations/move-mandate.ts'
import type { SandboxMandate } from '../../processors/sandbox-charge.ts'
import { mandateFields } from '../../wire/mandate.ts'
import { type ControlCall, controlRoute, invalid, missing } from './control-route.ts'
import { ChangedMandateAnswer, MandateStoryAnswer } from './mandate-schemas.ts'

const tag = 'Mandates'

const readMandateStory = controlRoute({
  method: 'GET',
  url: '/mandates/{mandate_id}/story',
  operationId: 'readMandateStory',
  tag,
  summary: 'Retrieve a mandate with its enrollment and payments',
  description:
    'Returns the mandate with the session of its enrollment, the notices of its debits, and its payments.',
  answers: { 200: MandateStoryAnswer },
  handle: async (call) => {
    const { clock, store } = call.tenant
    const mandate = await find(call)
    const story = {
      ...(await mandateStoryOf(call.tenant, mandate, clock.nowMs())),
      stored_id: store.publicIds.storedIdOf(mandate.id),
    }
    return ok(renderOne('mandate_story', story))
  },
})

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
    'Ends an active or paused mandate for good, as its customer does in the UPI app. A requested debit that Paydesk has not made yet fails.',
  answers: { 200: ChangedMandateAnswer },
  failures: [400],
  handle: (call) => change(call, { type: 'revoke' }, 'revoked'),
})

/** The control API’s routes of mandates. */
export const MANDATE_CONTROL_ROUTES = [readMandateStory, pauseMandate, resumeMandate, revokeMandate]

async function change(
  call: ControlCall<'/mandates/{mandate_id}'>,
  move: MandateMove,
  status: SandboxMandate['status'],
): Promise<HttpAnswer> {
  const { clock, sandboxProcessor } = call.tenant
  if (sandboxProcessor === undefined) {
    throw new ApiError(
      'invalid_parameter',
      'mandate_id',
      'mandate_id must be a mandate at the sandbox’s own processor.',
    )
  }
  const before = await find(call)
  const result = moveMandate(before, move, clock.nowMs())
  if ('refused' in result) {
    const present = result.refused.replace('mandate_', '')
    throw invalid(
      'mandate_id',
      `mandate_id must be a mandate in a status that allows this change, but it is ${present}.`,
    )
  }
  await sandboxProcessor.changeMandate(before.id, status)
  const after = (await refreshMandate(call.tenant, before.id)) ?? before
  return answerOf(after, clock.nowMs())
}

/** Finds a mandate of any account. Throws ApiError. */
async function find({ path, tenant }: ControlCall<'/mandates/{mandate_id}'>): Promise<Mandate> {
  const id = parseId<MandateId>(path.mandate_id)
  const mandate = id && (await tenant.store.mandates.find(id))
  if (mandate === undefined) {
    throw missing('mandate_id', 'There is no mandate with this mandate_id.')
  }
  return mandate
}

function answerOf(mandate: Mandate, nowMs: number): HttpAnswer {
  return ok(renderOne('mandate', mandateFields(mandate, nowMs)))
}
