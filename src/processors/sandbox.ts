import type { PaymentAttemptId, PaymentMethodId, RefundId } from '../domain/id.ts'
import { upiLink } from '../domain/upi.ts'
import type {
  ChargeOutcome,
  ChargeRequest,
  Processor,
  RefundOutcome,
  RefundRequest,
} from './processor.ts'
import type {
  SandboxCharge,
  SandboxCharges,
  SandboxOutcome,
  SandboxSave,
  SandboxSaves,
} from './sandbox-charge.ts'
import {
  actionOf,
  isSandboxTerminal,
  SANDBOX_BANKS,
  SANDBOX_CARD_BRANDS,
  SANDBOX_WALLETS,
  type SandboxScript,
  sandboxFacts,
  scriptOf,
} from './sandbox-instruments.ts'
import { bookMandate, isDebitable, sandboxMandatesOf } from './sandbox-mandates.ts'
import { savedInstrumentsOf, savedScriptOf } from './sandbox-saves.ts'

/** The time until a refund has its result. */
export const REFUND_MS = 2_000
/**
 * The amounts of refunds that fail, in minor units: above `from`, up to `to`. Source: Zoho Payments sandbox page IN.
 */
export const REFUND_FAILS = { from: 30_000n, to: 50_000n }

/** A processor that takes no money. docs/reference/sandbox.md has the table of its outcomes. */
export type SandboxProcessor = Processor & {
  /**
   * The customer consents or refuses: on a test page or in the test panel. False: there is no such charge, it was
   * already decided, or the consent on a page is sent again.
   */
  readonly decide: (id: PaymentAttemptId, decision: SandboxDecision) => Promise<boolean>
  /**
   * Decides a charge regardless of its instrument, now or after a number of milliseconds. False: there is no such
   * charge, or it was already decided.
   */
  readonly settle: (
    id: PaymentAttemptId,
    outcome: SandboxOutcome,
    afterMs?: number,
  ) => Promise<boolean>
  readonly findSandboxCharge: SandboxCharges['find']
  /** The customer confirms or refuses that a card is saved. False: no card with this id waits for the customer. */
  readonly decideSave: (id: PaymentMethodId, decision: 'consent' | 'refuse') => Promise<boolean>
  readonly findSandboxSave: (id: PaymentMethodId) => Promise<SandboxSave | undefined>
  /** The customer pauses, resumes or cancels a mandate in the UPI app. */
  readonly changeMandate: SandboxCharges['changeMandate']
}

/** The action of the customer, or of the test panel, on a charge that waits. */
export type SandboxDecision =
  /** The customer agrees: the instrument's script decides. */
  | 'consent'
  /** A success or a decline, regardless of the instrument. */
  | 'approve'
  | 'refuse'
  | 'cancel'
  | 'transfer_short'
  | 'transfer_over'
  | 'transfer_late'

type SandboxTenant = {
  readonly clock: { readonly nowMs: () => number }
  readonly store: { readonly sandboxCharges: SandboxCharges; readonly sandboxSaves: SandboxSaves }
}

/** Makes the sandbox's processor. A sandbox replaces its tenant's store, so each use reads it again. */
export function createSandboxProcessor(tenant: SandboxTenant): SandboxProcessor {
  const { clock } = tenant

  async function find(id: PaymentAttemptId): Promise<ChargeOutcome> {
    const charge = await tenant.store.sandboxCharges.find(id)
    return charge === undefined
      ? { kind: 'unknown', reason: 'the stored charge cannot be found' }
      : outcomeAt(charge, clock.nowMs())
  }

  return {
    name: 'sandbox',
    banks: SANDBOX_BANKS,
    wallets: SANDBOX_WALLETS,
    cardBrands: SANDBOX_CARD_BRANDS,
    terminals: {
      find: async (id) => ({ kind: isSandboxTerminal(id) ? 'found' : 'not_found' }),
    },
    refuses: (instrument) =>
      scriptOf(instrument, { amountMinor: 1n, currency: 'INR' }) === undefined
        ? 'instrument_refused'
        : undefined,

    charge: async (request) => {
      const script = await chargeScriptOf(tenant, request)
      if (script === undefined) return { kind: 'declined', declineCode: 'card_declined' }
      await bookMandate(tenant, request, script)
      await tenant.store.sandboxCharges.insert(chargeFor(request, script, clock.nowMs()))
      if (script.isUnanswered === true) return new Promise<never>(() => {})
      return find(request.attemptId)
    },

    findCharge: async (attemptId) => {
      const charge = await tenant.store.sandboxCharges.find(attemptId)
      if (charge !== undefined) return outcomeAt(charge, clock.nowMs())
      await tenant.store.sandboxCharges.insert(recordWithoutCharge(attemptId, clock.nowMs()))
      return find(attemptId)
    },

    cancelCharge: async (attemptId) => {
      await tenant.store.sandboxCharges.decide(
        attemptId,
        (nowMs) => ({ outcome: 'canceled_by_customer', atMs: nowMs }),
        clock.nowMs,
      )
      return find(attemptId)
    },

    refund: (request) => refundIn(tenant, request),

    decide: async (attemptId, decision) => {
      const charge = await tenant.store.sandboxCharges.find(attemptId)
      if (charge === undefined) return false
      // If the form of a page is sent twice, only the first counts: a pending charge does not start again.
      const isPage = charge.action?.kind === 'redirect'
      if (isPage && decision === 'consent' && charge.decision !== undefined) return false
      return tenant.store.sandboxCharges.decide(
        attemptId,
        (nowMs) => decisionOf(decision, charge, nowMs),
        clock.nowMs,
      )
    },
    settle: (attemptId, outcome, afterMs = 0) =>
      tenant.store.sandboxCharges.decide(
        attemptId,
        (nowMs) => ({ outcome, atMs: nowMs + afterMs }),
        clock.nowMs,
      ),
    ...sandboxMandatesOf(tenant),
    findSandboxCharge: (attemptId) => tenant.store.sandboxCharges.find(attemptId),
    ...savedInstrumentsOf(tenant),
  }
}

async function refundIn(
  { clock, store }: SandboxTenant,
  { amount: { amountMinor }, attemptId, refundId }: RefundRequest,
): Promise<RefundOutcome> {
  const nowMs = clock.nowMs()
  const decidedAtMs = await store.sandboxCharges.bookRefund(
    refundId,
    attemptId,
    amountMinor,
    nowMs + REFUND_MS,
  )
  return refundOutcomeAt(nowMs, { refundId, amountMinor, decidedAtMs })
}

/** Undefined: the sandbox does not accept the instrument. */
async function chargeScriptOf(
  tenant: SandboxTenant,
  { amount, instrument }: ChargeRequest,
): Promise<SandboxScript | undefined> {
  if (instrument.type === 'saved') return savedScriptOf(tenant.store.sandboxSaves, instrument)
  if (instrument.type === 'mandate_debit' && !(await isDebitable(tenant, instrument))) {
    return { outcome: 'mandate_inactive', automaticAfterMs: 0 }
  }
  return scriptOf(instrument, amount)
}

function chargeFor(
  { attemptId, amount, instrument, description, returnUrl }: ChargeRequest,
  script: SandboxScript,
  nowMs: number,
): SandboxCharge {
  const uri = upiLink({
    upiId: 'sandbox@paydesk',
    name: 'Paydesk Sandbox',
    reference: attemptId,
    amount,
    note: description,
  })
  const action = actionOf(script, instrument, attemptId, uri)
  return {
    attemptId,
    amount,
    instrument: sandboxFacts(instrument, script, attemptId),
    returnUrl,
    outcomeOnConsent: script.outcome,
    decideAfterMs: script.decideAfterMs ?? 0,
    createdAtMs: nowMs,
    ...(action !== undefined && { action }),
    ...(script.automaticAfterMs !== undefined && {
      decision: {
        outcome: script.automaticOutcome ?? script.outcome,
        atMs: nowMs + script.automaticAfterMs,
      },
    }),
  }
}

/** Makes the record of an id without a charge: declined, so that a charge that arrives later is refused. */
function recordWithoutCharge(attemptId: PaymentAttemptId, nowMs: number): SandboxCharge {
  return {
    attemptId,
    amount: { amountMinor: 0n, currency: 'INR' },
    instrument: { type: 'bank_transfer' },
    returnUrl: '',
    outcomeOnConsent: 'processor_unavailable',
    decideAfterMs: 0,
    createdAtMs: nowMs,
    decision: { outcome: 'processor_unavailable', atMs: nowMs },
  }
}

function refundOutcomeAt(
  nowMs: number,
  {
    amountMinor,
    decidedAtMs,
    refundId,
  }: { readonly amountMinor: bigint; readonly decidedAtMs: number; readonly refundId: RefundId },
): RefundOutcome {
  const processorReference = `sandbox_${refundId}`
  if (nowMs < decidedAtMs) {
    return { kind: 'pending', processorReference, askAfterMs: decidedAtMs - nowMs }
  }
  return amountMinor > REFUND_FAILS.from && amountMinor <= REFUND_FAILS.to
    ? { kind: 'failed', reason: 'insufficient_funds' }
    : { kind: 'succeeded', processorReference }
}

/** The outcome follows from the clock and needs no job, like a session's expiry. */
function outcomeAt(charge: SandboxCharge, nowMs: number): ChargeOutcome {
  const { action, attemptId, decision, instrument } = charge
  const processorReference = `sandbox_${attemptId}`
  if (decision === undefined || nowMs < decision.atMs) {
    const waitsForCustomer =
      action !== undefined && (decision === undefined || action.kind !== 'redirect')
    return {
      kind: 'pending',
      processorReference,
      ...(waitsForCustomer && { action }),
      ...(decision !== undefined && {
        askAfterMs: Math.min(decision.atMs - nowMs, ASK_AFTER_MS_MAX),
      }),
    }
  }
  return decision.outcome === 'approved'
    ? { kind: 'approved', processorReference, approvedAtMs: decision.atMs, instrument }
    : { kind: 'declined', declineCode: decision.outcome }
}

/** The longest time until the next query. It is short because the panel can decide at any time. */
const ASK_AFTER_MS_MAX = 5_000

const REFUSALS = {
  issuer: 'authentication_failed',
  bank: 'bank_declined',
  wallet: 'wallet_declined',
} as const

function decisionOf(
  decision: SandboxDecision,
  { action, decideAfterMs, outcomeOnConsent }: SandboxCharge,
  nowMs: number,
): NonNullable<SandboxCharge['decision']> {
  const refusal = action?.kind === 'redirect' ? REFUSALS[action.to] : 'upi_declined'
  switch (decision) {
    case 'consent':
      return { outcome: outcomeOnConsent, atMs: nowMs + decideAfterMs }
    case 'approve':
      return { outcome: 'approved', atMs: nowMs }
    case 'refuse':
      return { outcome: action?.kind === 'bank_transfer' ? 'bank_declined' : refusal, atMs: nowMs }
    case 'cancel':
      return { outcome: 'canceled_by_customer', atMs: nowMs }
    case 'transfer_short':
    case 'transfer_over':
    case 'transfer_late':
      return { outcome: decision, atMs: nowMs }
  }
}
