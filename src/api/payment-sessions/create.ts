import {
  type DrawDeps,
  drawPaymentSession,
  type PaymentSessionRequest,
} from '../../operations/draw-payment-session.ts'
import { type PaymentSessionRecord, type Store, StoreUnavailable } from '../../operations/store.ts'
import { withFreeId } from '../../operations/store-drawn.ts'
import type { OnceAnswer } from '../answer-once.ts'
import { ApiError } from '../errors.ts'
import {
  bucketOfIdentity,
  findReplay,
  type IdempotentRequest,
  idempotentAnswerFrom,
  replayFrom,
} from '../idempotency.ts'
import type { JsonValue } from '../read-json.ts'
import type { Call } from '../route.ts'
import { renderCreatedSession } from './render.ts'

/**
 * The maximum number of new ids for one session. For a request without an idempotency key, a new id is drawn if the
 * machine of the database that would store the earlier id does not answer. If that machine stopped during its commit, it
 * may have stored a first session too. That session does no harm: nobody knows its id, as after a request that a
 * merchant repeats.
 */
const REDRAW_COUNT_MAX = 3

const isNodeOutage = (error: unknown) =>
  error instanceof StoreUnavailable && error.reason === 'node'

type CreateDeps = DrawDeps & { readonly store: Pick<Store, 'paymentSessions'> }

/**
 * The answer to a request that creates a session, with the new session unless the answer is a
 * repetition.
 */
type CreatedOnce = OnceAnswer<{
  readonly accessKey: string
  readonly session: PaymentSessionRecord
}>

/**
 * Answers a call that creates a payment session. An Idempotency-Key that has an answer gets it again: the answer is
 * looked up before `readRequest` checks the body. The overload guard measures the time of the commit. Throws the errors
 * of `readRequest` and of `createPaymentSession`.
 */
export async function answerSessionCreate(
  call: Call<string, unknown, JsonValue>,
  readRequest: (
    call: Call<string, unknown, JsonValue>,
  ) => PaymentSessionRequest | Promise<PaymentSessionRequest>,
  render?: (session: PaymentSessionRecord, accessKey: string) => string,
): Promise<CreatedOnce> {
  const { deps, idempotent, tenant } = call
  const replay = idempotent && (await findReplay(tenant, idempotent))
  if (replay !== undefined) return replay
  const request = await readRequest(call)
  const creating = createPaymentSession(tenant, request, idempotent, render)
  return deps.backlog?.track(creating) ?? creating
}

/**
 * Creates a payment session, if possible in one commit with other new sessions. The answer is rendered first, so that
 * the same transaction stores it under the request's idempotency key; a key that already has an answer gets that answer.
 * Throws ApiError `idempotency_key_in_use` and `idempotency_key_reused`. `render` makes the body of the answer.
 */
export function createPaymentSession(
  deps: CreateDeps,
  request: PaymentSessionRequest,
  idempotent: IdempotentRequest | undefined,
  render: (session: PaymentSessionRecord, accessKey: string) => string = renderCreatedSession,
): Promise<CreatedOnce> {
  return withFreeId(async (drawCount) => {
    const bucket =
      idempotent === undefined
        ? deps.store.paymentSessions.creationBucket()
        : bucketOfIdentity(idempotent)
    const { accessKey, session } = drawPaymentSession(deps, request, bucket)
    const body = render(session, accessKey)
    const answer = { status: 201, body, resourceId: session.id }
    const storedAnswer = idempotent && idempotentAnswerFrom(deps, idempotent, bucket, answer)
    const outcome = await deps.store.paymentSessions
      .insert(session, storedAnswer, session.createdAtMs)
      .catch((error: unknown) => {
        const isElsewherePossible = idempotent === undefined && drawCount < REDRAW_COUNT_MAX
        if (isElsewherePossible && isNodeOutage(error)) return 'id_taken' as const
        throw error
      })
    if (outcome === 'stored') return { answer, result: { accessKey, session } }
    if (outcome === 'key_in_use') throw new ApiError('idempotency_key_in_use')
    return outcome === 'id_taken' || idempotent === undefined
      ? undefined
      : replayFrom(outcome.storedAnswer, idempotent, deps.keys)
  })
}
