import type { CardBrand } from '../domain/card-brand.ts'
import type { Instrument, InstrumentFacts, SavableInstrument } from '../domain/instrument.ts'
import { factsOf } from '../domain/instrument.ts'
import type { Money } from '../domain/money.ts'
import type { CustomerAction } from '../domain/payment-attempt.ts'
import type { PayerChoice } from './processor.ts'
import type { SandboxOutcome } from './sandbox-charge.ts'

/** The code that the sandbox's 3-D Secure and wallet pages accept. Any other code fails. */
export const SANDBOX_OTP = '123456'

/** The time until a delayed decision. */
const PENDING_MS = 10_000
/** The time in which the sandbox's customer approves in a UPI app. */
const UPI_APPROVE_MS = 3_000
/** The time until an unanswered UPI request fails. */
const UPI_TIMEOUT_MS = 5 * 60_000
/** The time until a missing transfer fails. */
export const TRANSFER_TIMEOUT_MS = 9 * 60_000
/** The time until an unanswered charge is approved. */
const TIMEOUT_APPROVED_MS = 3_000

type TestCard = {
  readonly number: string
  readonly label: string
  readonly funding: 'credit' | 'debit'
}

/** The only card numbers that a sandbox accepts. Source: Zoho Payments sandbox page IN (seen 2026-11-22). */
export const TEST_CARDS: readonly TestCard[] = [
  { number: '4111111111111111', label: 'Visa', funding: 'credit' },
  { number: '5299920210000277', label: 'Mastercard', funding: 'credit' },
  { number: '6071489876543212', label: 'RuPay', funding: 'debit' },
  { number: '4000180000000002', label: 'Visa, corporate', funding: 'credit' },
]

/** The terminals of a sandbox. */
export const SANDBOX_TERMINALS = ['PDTERM01', 'PDTERM02'] as const

/** Tests whether a sandbox has a terminal. */
export const isSandboxTerminal = (id: string): boolean =>
  SANDBOX_TERMINALS.some((one) => one === id)

/** The steps and the result of a charge in the sandbox. */
export type SandboxScript = {
  readonly outcome: SandboxOutcome
  /** The customer has to consent first: on a page, in an app, by a transfer. */
  readonly action?: 'issuer' | 'bank' | 'wallet' | 'upi' | 'transfer'
  /** The time from consent to the decision. */
  readonly decideAfterMs?: number
  /** The time from the charge to its decision without the customer's action. */
  readonly automaticAfterMs?: number
  /** The result without the customer's action. Undefined: `outcome`. */
  readonly automaticOutcome?: SandboxOutcome
  /** The charge is made, but its answer is lost. */
  readonly isUnanswered?: boolean
  /** Facts that the processor adds to the instrument's. */
  readonly instrument?: Partial<InstrumentFacts>
}

/** The script of each name on a card. Upper and lower case are equal. Any other name succeeds. */
export const CARD_NAMES: ReadonlyMap<string, SandboxScript> = new Map([
  ['failure', { outcome: 'authentication_failed', action: 'issuer' }],
  ['insufficient funds', { outcome: 'insufficient_funds', action: 'issuer' }],
  ['do not honour', { outcome: 'do_not_honour', action: 'issuer' }],
  ['expired card', { outcome: 'expired_card', action: 'issuer' }],
  ['incorrect cvv', { outcome: 'incorrect_cvv', action: 'issuer' }],
  ['pending success', { outcome: 'approved', action: 'issuer', decideAfterMs: PENDING_MS }],
  ['pending failure', { outcome: 'card_declined', action: 'issuer', decideAfterMs: PENDING_MS }],
  ['timeout', { outcome: 'approved', automaticAfterMs: TIMEOUT_APPROVED_MS, isUnanswered: true }],
])

/** The script of each UPI ID, for all amounts. The amount decides for any other UPI ID. */
export const UPI_IDS: ReadonlyMap<string, SandboxScript> = new Map([
  ['success@paydesk', { outcome: 'approved', action: 'upi', automaticAfterMs: UPI_APPROVE_MS }],
  ['failure@paydesk', { outcome: 'upi_declined', action: 'upi', automaticAfterMs: UPI_APPROVE_MS }],
  [
    'pending@paydesk',
    {
      outcome: 'approved',
      action: 'upi',
      automaticAfterMs: UPI_TIMEOUT_MS,
      automaticOutcome: 'upi_timeout',
    },
  ],
])

/** The later events of a mandate whose customer has a special UPI ID. */
export type MandateUpiId = {
  /** The result of every debit. Undefined: the amount decides. */
  readonly debit?: SandboxOutcome
  /** The time from the approval to the customer's cancellation of the mandate. */
  readonly revokeAfterMs?: number
  /** True: every notice fails. */
  readonly failsNotices?: true
}

/** The UPI IDs whose mandates are approved and have later events. */
export const MANDATE_UPI_IDS: ReadonlyMap<string, MandateUpiId> = new Map([
  ['lowfunds@paydesk', { debit: 'insufficient_funds' }],
  ['revoked@paydesk', { revokeAfterMs: 60 * 60_000 }],
  ['nonotice@paydesk', { failsNotices: true }],
])

/** The UPI ID of a customer who approves a mandate by QR code or in the app. */
export const SANDBOX_UPI_ID = 'success@paydesk'

/** Returns a UPI ID as the sandbox compares it. */
export const upiIdKey = (upiId: string): string => upiId.trim().toLowerCase()

/**
 * The type of the customer's UPI account, by the amount in minor units. Source: Zoho Payments sandbox page IN (seen
 * 2026-11-22).
 */
const UPI_ACCOUNT_TYPES: ReadonlyMap<bigint, 'card' | 'wallet' | 'credit_line'> = new Map([
  [22_200n, 'card'],
  [33_300n, 'wallet'],
  [44_400n, 'credit_line'],
])

/** The amounts of UPI payments that fail, in minor units: above `from`, up to `to`. */
const UPI_FAILS = { from: 50_000n, to: 100_000n }

/** More banks that always succeed, so that the list is long enough for a search field. */
export const MORE_BANKS: readonly string[] = [
  'Aravalli',
  'Brahmaputra',
  'Coromandel',
  'Deccan',
  'Godavari',
  'Konkan',
  'Malabar',
  'Nilgiri',
  'Sutlej',
  'Vindhya',
].map((name) => `${name} Test Bank`)
const SUCCESS_BY_BANK: SandboxScript = { outcome: 'approved', action: 'bank' }

/** The script of each bank. */
export const BANKS: ReadonlyMap<string, SandboxScript> = new Map<string, SandboxScript>([
  ['Success Test Bank', SUCCESS_BY_BANK],
  ['Failure Test Bank', { outcome: 'bank_declined', action: 'bank' }],
  ['Pending Test Bank', { outcome: 'approved', action: 'bank', decideAfterMs: PENDING_MS }],
  ...MORE_BANKS.map((name): [string, SandboxScript] => [name, SUCCESS_BY_BANK]),
])
/** The script of each wallet. */
export const WALLETS: ReadonlyMap<string, SandboxScript> = new Map([
  ['Success Wallet', { outcome: 'approved', action: 'wallet' }],
  ['Failure Wallet', { outcome: 'wallet_declined', action: 'wallet' }],
])

/** The test accounts for ACH debits. The real service documents none, so these are Paydesk's. */
export const ACH_ACCOUNTS: ReadonlyMap<string, SandboxScript> = new Map([
  ['000123456789', { outcome: 'approved', automaticAfterMs: PENDING_MS }],
  ['000111111116', { outcome: 'insufficient_funds', automaticAfterMs: PENDING_MS }],
  ['000111111113', { outcome: 'bank_declined', automaticAfterMs: 0 }],
])

/** The account that the bank blocks after it was saved. It cannot pay. */
export const BLOCKED_ACH_ACCOUNT = '000222222227'

/**
 * The outcome of each charge of a saved card, by the name on the card. These cards can be saved. Upper and lower case are
 * equal.
 */
export const LATER_CARD_NAMES: ReadonlyMap<string, SandboxOutcome> = new Map([
  ['insufficient funds later', 'insufficient_funds'],
  ['expired card later', 'expired_card'],
  ['do not honour later', 'do_not_honour'],
])

/** The steps and the result of saving an instrument in the sandbox, and of its later charges. */
export type SandboxSaveScript = SandboxScript & {
  readonly chargeOutcome: SandboxOutcome
  /** The time from a charge to its outcome. */
  readonly chargeAfterMs: number
}

/** Returns the script of a save. Undefined: it is not an instrument of the sandbox. */
export function saveScriptOf(instrument: SavableInstrument): SandboxSaveScript | undefined {
  if (instrument.type === 'card') {
    const script = scriptOf(instrument, NO_AMOUNT)
    const chargeOutcome =
      LATER_CARD_NAMES.get(instrument.holderName.trim().toLowerCase()) ?? 'approved'
    return script && { ...script, chargeOutcome, chargeAfterMs: 0 }
  }
  const { accountNumber } = instrument
  const isBlocked = accountNumber === BLOCKED_ACH_ACCOUNT
  const charge = ACH_ACCOUNTS.get(accountNumber)
  if (charge === undefined && !isBlocked) return undefined
  return {
    outcome: isBlocked ? 'bank_declined' : 'approved',
    automaticAfterMs: PENDING_MS,
    instrument: { bankName: 'Paydesk Test Bank' },
    chargeOutcome: charge?.outcome ?? 'bank_declined',
    chargeAfterMs: charge?.automaticAfterMs ?? 0,
  }
}

/** The amount for a script that does not depend on it. */
const NO_AMOUNT: Money = { amountMinor: 1n, currency: 'USD' }

/** Undefined: the bank does not block the account. */
function blockedScriptOf(accountNumber: string): SandboxScript | undefined {
  return accountNumber === BLOCKED_ACH_ACCOUNT
    ? { outcome: 'bank_declined', automaticAfterMs: 0 }
    : undefined
}

const choices = (names: ReadonlyMap<string, SandboxScript>): readonly PayerChoice[] =>
  [...names.keys()].map((name) => ({ code: name.toLowerCase().replaceAll(' ', '_'), name }))

/** The banks of a sandbox. */
export const SANDBOX_BANKS = choices(BANKS)
/** The schemes of the test cards. */
export const SANDBOX_CARD_BRANDS: readonly CardBrand[] = ['visa', 'master_card', 'rupay']
/** The wallets of a sandbox. */
export const SANDBOX_WALLETS = choices(WALLETS)

/** The payer of a transfer to a virtual account, if the transfer names none. */
export const PAYER_DEFAULTS = {
  mode: 'IMPS',
  payerName: 'Sandbox Customer',
  payerIfscCode: 'PAYD0PAYERS',
} as const

/** The payer whose transfers the bank reverses. Upper and lower case are equal. */
export const REVERSED_PAYER = 'Reverse'
/** The time until the bank reverses such a transfer. */
const REVERSAL_MS = 10_000

/** Returns the time until the bank reverses a transfer, in milliseconds. Undefined: it does not. */
export function reversalAfterMs(payerName: string): number | undefined {
  return payerName.trim().toLowerCase() === REVERSED_PAYER.toLowerCase() ? REVERSAL_MS : undefined
}

const SUCCESS_BY_CARD: SandboxScript = { outcome: 'approved', action: 'issuer' }

const APP_APPROVAL: SandboxScript = {
  outcome: 'approved',
  action: 'upi',
  automaticAfterMs: UPI_APPROVE_MS,
}

function outcomeByAmount(amountMinor: bigint): SandboxOutcome {
  const fails = amountMinor > UPI_FAILS.from && amountMinor <= UPI_FAILS.to
  return fails ? 'upi_declined' : 'approved'
}

/** Returns the script of a charge. Undefined: it is not an instrument of the sandbox. */
export function scriptOf(
  instrument: Instrument,
  { amountMinor }: Money,
): SandboxScript | undefined {
  switch (instrument.type) {
    case 'card': {
      const card = TEST_CARDS.find(({ number }) => number === instrument.number)
      if (card === undefined) return undefined
      const script = CARD_NAMES.get(instrument.holderName.trim().toLowerCase()) ?? SUCCESS_BY_CARD
      return { ...script, instrument: { funding: card.funding } }
    }
    case 'upi': {
      const byId =
        instrument.channel === 'collect' ? UPI_IDS.get(upiIdKey(instrument.upiId)) : undefined
      const accountType = UPI_ACCOUNT_TYPES.get(amountMinor) ?? 'bank_account'
      const byAmount: SandboxScript = {
        outcome: outcomeByAmount(amountMinor),
        action: 'upi',
        automaticAfterMs: UPI_APPROVE_MS,
      }
      return { ...(byId ?? byAmount), instrument: { accountType } }
    }
    case 'mandate_enrollment': {
      const { upiId = SANDBOX_UPI_ID } = instrument
      const script = UPI_IDS.get(upiIdKey(upiId)) ?? APP_APPROVAL
      return { ...script, instrument: { upiId, accountType: 'bank_account' } }
    }
    case 'mandate_debit': {
      const { debit } = MANDATE_UPI_IDS.get(upiIdKey(instrument.upiId ?? '')) ?? {}
      return { outcome: debit ?? outcomeByAmount(amountMinor), automaticAfterMs: 0 }
    }
    case 'netbanking':
      return BANKS.get(instrument.bankName)
    case 'wallet':
      return WALLETS.get(instrument.walletName)
    case 'bank_transfer':
      return {
        outcome: 'approved',
        action: 'transfer',
        automaticAfterMs: TRANSFER_TIMEOUT_MS,
        automaticOutcome: 'transfer_not_received',
        instrument: PAYER_DEFAULTS,
      }
    case 'ach_debit':
      return ACH_ACCOUNTS.get(instrument.accountNumber) ?? blockedScriptOf(instrument.accountNumber)
    // The record of the saved instrument has its script, and a sandbox plays the customer of a terminal.
    case 'saved':
    case 'terminal':
      return undefined
  }
}

/** Returns the facts of an instrument, with the sandbox's additions. */
export function sandboxFacts(
  instrument: Instrument,
  script: SandboxScript,
  attemptId: string,
): InstrumentFacts {
  const facts = { ...factsOf(instrument), ...script.instrument } as InstrumentFacts
  return facts.type === 'bank_transfer'
    ? { ...facts, virtualAccountNumber: virtualAccountOf(attemptId) }
    : facts
}

/**
 * Returns a unique account number for each attempt, so that a transfer identifies its attempt. Its 12 digits are too few
 * for `containsCardNumber`.
 */
function virtualAccountOf(attemptId: string): string {
  return `PAYD${attemptId.slice(-12).padStart(12, '0')}`
}

const PAGES = { issuer: '3d-secure', bank: 'bank', wallet: 'wallet' } as const

/** Returns the customer's next step for an attempt. */
export function actionOf(
  { action }: SandboxScript,
  instrument: Instrument,
  attemptId: string,
  upiUri: string,
): CustomerAction | undefined {
  if (action === undefined) return undefined
  switch (action) {
    case 'issuer':
    case 'bank':
    case 'wallet':
      return { kind: 'redirect', to: action, url: `/sandbox/${PAGES[action]}/${attemptId}` }
    case 'upi':
      return 'channel' in instrument && instrument.channel === 'collect'
        ? { kind: 'upi_approve' }
        : { kind: 'upi_link', uri: upiUri }
    case 'transfer':
      return {
        kind: 'bank_transfer',
        beneficiary: 'Paydesk Sandbox',
        accountNumber: virtualAccountOf(attemptId),
        ifsc: 'PAYD0SANDBX',
      }
  }
}
