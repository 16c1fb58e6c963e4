import type { MandateId } from '../domain/id.ts'
import type { MandateDebitInstrument } from '../domain/instrument.ts'
import type { MandateState, Mandates, NoticeOutcome } from './mandates.ts'
import type { ChargeRequest } from './processor.ts'
import type { SandboxCharges, SandboxMandate } from './sandbox-charge.ts'
import {
  MANDATE_UPI_IDS,
  SANDBOX_UPI_ID,
  type SandboxScript,
  upiIdKey,
} from './sandbox-instruments.ts'

/** The time until a notice has its result. */
const NOTICE_MS = 2_000

type SandboxTenant = {
  readonly clock: { readonly nowMs: () => number }
  readonly store: { readonly sandboxCharges: SandboxCharges }
}

/** Makes the mandates of the sandbox's processor. A sandbox replaces its tenant's store, so each use reads it again. */
export function sandboxMandatesOf(tenant: SandboxTenant) {
  return {
    mandates: createMandates(tenant),
    changeMandate: (id: MandateId, status: SandboxMandate['status']) =>
      tenant.store.sandboxCharges.changeMandate(id, status),
  }
}

function createMandates(tenant: SandboxTenant): Mandates {
  const { clock } = tenant
  const stateOf = async (id: MandateId): Promise<MandateState> => {
    const mandate = await tenant.store.sandboxCharges.findMandate(id)
    return { kind: mandate === undefined ? 'unknown' : statusAt(mandate, clock.nowMs()) }
  }
  return {
    notify: async ({ notificationId, requestedAtMs, upiId }): Promise<NoticeOutcome> => {
      const processorReference = `sandbox_${notificationId}`
      const leftMs = requestedAtMs + NOTICE_MS - clock.nowMs()
      if (leftMs > 0) return { kind: 'pending', processorReference, askAfterMs: leftMs }
      const { failsNotices } = MANDATE_UPI_IDS.get(upiIdKey(upiId ?? '')) ?? {}
      return failsNotices === true ? { kind: 'failed' } : { kind: 'succeeded', processorReference }
    },
    findMandate: stateOf,
    cancelMandate: async (id) => {
      await tenant.store.sandboxCharges.changeMandate(id, 'revoked')
      return stateOf(id)
    },
  }
}

/** Records the mandate of an enrollment. Its customer approves it with the charge. */
export async function bookMandate(
  { clock, store }: SandboxTenant,
  { instrument }: ChargeRequest,
  { automaticAfterMs = 0 }: SandboxScript,
): Promise<void> {
  if (instrument.type !== 'mandate_enrollment') return
  const { mandateId, upiId = SANDBOX_UPI_ID } = instrument
  const { revokeAfterMs } = MANDATE_UPI_IDS.get(upiIdKey(upiId)) ?? {}
  const approvedAtMs = clock.nowMs() + automaticAfterMs
  await store.sandboxCharges.insertMandate({
    mandateId,
    upiId,
    status: 'active',
    ...(revokeAfterMs !== undefined && { revokeAtMs: approvedAtMs + revokeAfterMs }),
  })
}

/** Returns true if the bank debits a mandate now. */
export async function isDebitable(
  { clock, store }: SandboxTenant,
  { mandateId }: MandateDebitInstrument,
): Promise<boolean> {
  const mandate = await store.sandboxCharges.findMandate(mandateId)
  return mandate !== undefined && statusAt(mandate, clock.nowMs()) === 'active'
}

function statusAt({ revokeAtMs, status }: SandboxMandate, nowMs: number): SandboxMandate['status'] {
  return revokeAtMs !== undefined && nowMs >= revokeAtMs ? 'revoked' : status
}
