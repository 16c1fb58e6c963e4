import type { CardChecks } from '../domain/card-checks.ts'
import { type PaymentMethodId, parseId } from '../domain/id.ts'
import { factsOf, type SavedFacts, type SavedInstrument } from '../domain/instrument.ts'
import type { SandboxSave, SandboxSaves } from './sandbox-charge.ts'
import { type SandboxSaveScript, type SandboxScript, saveScriptOf } from './sandbox-instruments.ts'
import type { SavedInstruments, SaveOutcome, SaveRequest } from './saved-instruments.ts'

type SandboxSavedInstruments = {
  readonly savedInstruments: SavedInstruments
  readonly decideSave: (id: PaymentMethodId, decision: 'consent' | 'refuse') => Promise<boolean>
  readonly findSandboxSave: SandboxSaves['find']
}

/** Makes the part of the sandbox's processor that saves instruments. */
export function savedInstrumentsOf(tenant: {
  readonly clock: { readonly nowMs: () => number }
  readonly store: { readonly sandboxSaves: SandboxSaves }
}): SandboxSavedInstruments {
  const { clock } = tenant

  async function find(id: PaymentMethodId): Promise<SaveOutcome> {
    const save = await tenant.store.sandboxSaves.find(id)
    return save === undefined
      ? { kind: 'unknown', reason: 'the stored record cannot be found' }
      : outcomeAt(save, clock.nowMs())
  }

  return {
    savedInstruments: {
      save: async (request) => {
        const script = saveScriptOf(request.instrument)
        if (script === undefined) return { kind: 'declined', declineCode: 'card_declined' }
        await tenant.store.sandboxSaves.insert(saveFor(request, script, clock.nowMs()))
        if (script.isUnanswered === true) return new Promise<never>(() => {})
        return find(request.paymentMethodId)
      },
      findSaved: async (id) => {
        const save = await tenant.store.sandboxSaves.find(id)
        if (save !== undefined) return outcomeAt(save, clock.nowMs())
        await tenant.store.sandboxSaves.insert(recordWithoutSave(id, clock.nowMs()))
        return find(id)
      },
      forget: async ({ paymentMethodId }) => {
        await tenant.store.sandboxSaves.forget(paymentMethodId, clock.nowMs())
        return { kind: 'forgotten' }
      },
    },
    decideSave: (id, decision) => decideSave(tenant.store.sandboxSaves, clock, id, decision),
    findSandboxSave: (id) => tenant.store.sandboxSaves.find(id),
  }
}

async function decideSave(
  saves: SandboxSaves,
  clock: { readonly nowMs: () => number },
  id: PaymentMethodId,
  decision: 'consent' | 'refuse',
): Promise<boolean> {
  const save = await saves.find(id)
  // If the form of the page is sent twice, only the first counts: a pending save does not start again.
  if (save?.outcomeOnConsent === undefined || save.decision !== undefined) return false
  const { decideAfterMs, outcomeOnConsent } = save
  return saves.decide(
    id,
    (nowMs) =>
      decision === 'consent'
        ? { outcome: outcomeOnConsent, atMs: nowMs + decideAfterMs }
        : { outcome: 'authentication_failed', atMs: nowMs },
    clock.nowMs,
  )
}

/**
 * Returns the script of a charge of a saved instrument. A token that does not exist, or was
 * deleted, is declined.
 */
export async function savedScriptOf(
  saves: SandboxSaves,
  { token }: SavedInstrument,
): Promise<SandboxScript> {
  const id = parseId<PaymentMethodId>(token.slice(TOKEN_START.length))
  const save = id && (await saves.find(id))
  if (save === undefined || save.forgottenAtMs !== undefined) {
    return { outcome: 'card_declined', automaticAfterMs: 0 }
  }
  const { chargeAfterMs, chargeOutcome, instrument } = save
  return { outcome: chargeOutcome, automaticAfterMs: chargeAfterMs, instrument }
}

const TOKEN_START = 'sandbox_'

function saveFor(
  { billingAddress, instrument, paymentMethodId, returnUrl }: SaveRequest,
  script: SandboxSaveScript,
  nowMs: number,
): SandboxSave {
  const facts = { ...factsOf(instrument), ...script.instrument } as SavedFacts
  const base = {
    paymentMethodId,
    returnUrl,
    decideAfterMs: script.decideAfterMs ?? 0,
    chargeOutcome: script.chargeOutcome,
    chargeAfterMs: script.chargeAfterMs,
    createdAtMs: nowMs,
    ...(script.automaticAfterMs !== undefined && {
      decision: { outcome: script.outcome, atMs: nowMs + script.automaticAfterMs },
    }),
  }
  if (facts.type === 'ach_debit') return { ...base, instrument: facts }
  const { addressLine1, country, postalCode } = billingAddress
  const checks: CardChecks = {
    addressLine: addressLine1 === undefined ? 'unchecked' : 'pass',
    postalCode: postalCode === undefined ? 'unchecked' : 'pass',
    cvc: 'pass',
  }
  return {
    ...base,
    instrument: { ...facts, country },
    checks,
    ...(script.action !== undefined && { outcomeOnConsent: script.outcome }),
  }
}

/** Makes the record of an id without a save: declined, so that a save that arrives later is refused. */
function recordWithoutSave(paymentMethodId: PaymentMethodId, nowMs: number): SandboxSave {
  return {
    paymentMethodId,
    instrument: {
      type: 'ach_debit',
      accountHolderName: 'Nobody',
      lastFourDigits: '0000',
      accountType: 'checking',
      routingNumber: '000000000',
    },
    returnUrl: '',
    decideAfterMs: 0,
    chargeOutcome: 'processor_unavailable',
    chargeAfterMs: 0,
    createdAtMs: nowMs,
    decision: { outcome: 'processor_unavailable', atMs: nowMs },
  }
}

/** The longest time until the next query. */
const ASK_AFTER_MS_MAX = 5_000

/** The outcome follows from the clock and needs no job. */
function outcomeAt(
  { checks, decision, instrument, outcomeOnConsent, paymentMethodId }: SandboxSave,
  nowMs: number,
): SaveOutcome {
  const details = {
    token: `${TOKEN_START}${paymentMethodId}`,
    instrument,
    ...(checks !== undefined && { checks }),
  }
  if (decision === undefined || nowMs < decision.atMs) {
    const waits = {
      ...(decision !== undefined && {
        askAfterMs: Math.min(decision.atMs - nowMs, ASK_AFTER_MS_MAX),
      }),
    }
    if (instrument.type === 'ach_debit') return { kind: 'verifying', ...details, ...waits }
    const isAsked = outcomeOnConsent !== undefined && decision === undefined
    const url = `/sandbox/save-card/${paymentMethodId}`
    return {
      kind: 'pending',
      ...waits,
      ...(isAsked && { action: { kind: 'redirect', to: 'issuer', url } }),
    }
  }
  return decision.outcome === 'approved'
    ? { kind: 'saved', ...details }
    : { kind: 'declined', declineCode: decision.outcome }
}
