import type { Clock } from '../domain/clock.ts'
import type { MandateId } from '../domain/id.ts'
import type { Ids } from '../domain/ids.ts'
import {
  type Mandate,
  type MandateMove,
  mandateEventOf,
  moveMandate,
  type RefusedMandateMove,
  recordMandateQuery,
} from '../domain/mandate.ts'
import type { Mode } from '../domain/scope.ts'
import { CALL_MS_MAX } from '../processors/guarded-processor.ts'
import type { MandateState } from '../processors/mandates.ts'
import type { Processor } from '../processors/processor.ts'
import { mandateFields } from '../wire/mandate.ts'
import type { Store, Transaction } from './store.ts'
import { writeWebhookEvent } from './write-webhook-event.ts'

/** The dependencies of a move of a mandate. */
export type MandateDeps = { readonly clock: Clock; readonly ids: Ids; readonly mode: Mode }

/**
 * Moves a mandate that the transaction has locked: decides, stores it, and writes the event of a new status. No other
 * function changes the status of a stored mandate.
 */
export async function moveMandateIn(
  tx: Pick<Transaction, 'mandates' | 'webhookEvents'>,
  deps: MandateDeps,
  before: Mandate,
  move: MandateMove,
): Promise<Mandate | RefusedMandateMove> {
  const nowMs = deps.clock.nowMs()
  const mandate = moveMandate(before, move, nowMs)
  if ('refused' in mandate) return mandate
  await tx.mandates.update(mandate)
  const { accountId, id } = mandate
  const type = mandateEventOf(before.status, mandate.status)
  if (type !== undefined) {
    const object = { mandate: mandateFields(mandate, nowMs) }
    const source = { accountId, subject: { kind: 'mandate', id } } as const
    await writeWebhookEvent(tx, deps, source, { type, object })
  }
  return mandate
}

type StoredDeps = MandateDeps & { readonly store: Pick<Store, 'transaction' | 'mandates'> }

const ENDED_COUNT_MAX = 32

/**
 * Records the expiry of mandates whose last day has ended, each with its event. They are already expired by the clock:
 * this stores the status and writes the event. Returns their number; undefined: none is due.
 */
export async function expireMandates(deps: StoredDeps): Promise<number | undefined> {
  const due = await deps.store.mandates.listDue(deps.clock.nowMs(), ENDED_COUNT_MAX)
  for (const id of due) {
    await deps.store.transaction(async (tx) => {
      const mandate = await tx.mandates.lock(id)
      // If another server recorded it, or the clock was moved back, the move is refused.
      if (mandate !== undefined) await moveMandateIn(tx, deps, mandate, { type: 'expire' })
    })
  }
  return due.length === 0 ? undefined : due.length
}

type QueryDeps = StoredDeps & {
  /** Guarded (`guardProcessor`). */
  readonly processor: Pick<Processor, 'mandates'>
}

/** Longer than the call and the record of its answer. */
const LEASE_MS = CALL_MS_MAX + 10_000

/** Queries the processor about one mandate that is due. Returns its id; undefined when none is due. */
export async function queryMandateNext(deps: QueryDeps): Promise<MandateId | undefined> {
  const mandate = await deps.store.mandates.claim(deps.clock.nowMs(), LEASE_MS)
  if (mandate === undefined) return undefined
  await refreshMandate(deps, mandate.id)
  return mandate.id
}

/**
 * Asks the processor for the state of a mandate, and records it. Returns the mandate as recorded. Undefined: there is
 * no such mandate.
 */
export async function refreshMandate(deps: QueryDeps, id: MandateId): Promise<Mandate | undefined> {
  const { mandates } = deps.processor
  const state = await (mandates?.findMandate(id) ?? Promise.resolve(UNKNOWN))
  return recordMandateState(deps, id, state)
}

const UNKNOWN: MandateState = { kind: 'unknown' }

/**
 * Ends a mandate at the processor, for the merchant. True: the processor has ended it, or was not called, because the
 * mandate cannot be canceled: it has ended, waits for the customer's approval, or does not exist. False: the processor
 * did not confirm the end.
 */
export async function endAtProcessor(deps: QueryDeps, id: MandateId): Promise<boolean> {
  const before = await deps.store.mandates.find(id)
  if (before === undefined) return true
  if ('refused' in moveMandate(before, { type: 'cancel' }, deps.clock.nowMs())) return true
  const state = await deps.processor.mandates?.cancelMandate(id)
  return state?.kind === 'revoked'
}

function recordMandateState(
  deps: QueryDeps,
  id: MandateId,
  { kind }: MandateState,
): Promise<Mandate | undefined> {
  return deps.store.transaction(async (tx) => {
    const storedMandate = await tx.mandates.lock(id)
    if (storedMandate === undefined) return undefined
    const before = recordMandateQuery(storedMandate, deps.clock.nowMs())
    const move = MOVES[kind]
    const result = move === undefined ? undefined : await moveMandateIn(tx, deps, before, move)
    // The mandate already has this state, or has ended.
    if (result !== undefined && !('refused' in result)) return result
    await tx.mandates.update(before)
    return before
  })
}

/** The move that brings a mandate to the state at the customer's bank. */
const MOVES: Record<MandateState['kind'], MandateMove | undefined> = {
  active: { type: 'resume' },
  paused: { type: 'pause' },
  revoked: { type: 'revoke' },
  unknown: undefined,
}
