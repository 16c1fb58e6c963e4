import type { PaymentAttemptId, PaymentSessionId } from '../../domain/id.ts'
import { applyMove } from '../../operations/apply-move.ts'
import { reconcileAttempt } from '../../operations/reconcile-attempts.ts'
import type { Tenant } from '../../operations/tenant.ts'
import type { SandboxDecision } from '../../processors/sandbox.ts'
import {
  ACH_ACCOUNTS,
  BLOCKED_ACH_ACCOUNT,
  CARD_NAMES,
  LATER_CARD_NAMES,
  MORE_BANKS,
  SANDBOX_BANKS,
  SANDBOX_WALLETS,
  TEST_CARDS,
  UPI_IDS,
} from '../../processors/sandbox-instruments.ts'

const outcomeText = (outcome: string) => outcome.replaceAll('_', ' ')
const titleCase = (name: string) => name.replaceAll(/\b[a-z]/g, (letter) => letter.toUpperCase())
const FIRST_CARD = TEST_CARDS[0]?.number ?? ''
const card = (number: string, name: string) => ({
  method: 'card',
  card_number: number.replaceAll(/(\d{4})(?=\d)/g, '$1 '),
  card_expiry: '12 / 40',
  card_cvv: '123',
  card_name: name,
})

/** The test instruments that the sandbox's panel offers, from the tables of its processor. */
export const TEST_PANEL = {
  instruments: [
    ...TEST_CARDS.map(({ label, number }) => ({
      method: 'card' as const,
      label: `${label} …${number.slice(-4)}`,
      outcome: 'approved',
      fill: card(number, 'Asha Rao'),
    })),
    ...[...CARD_NAMES].map(([name, { decideAfterMs, isUnanswered, outcome }]) => ({
      method: 'card' as const,
      label: `Name “${titleCase(name).replace('Cvv', 'CVV')}”`,
      outcome:
        isUnanswered === true
          ? 'no answer at first'
          : `${outcomeText(outcome)}${decideAfterMs === undefined ? '' : ', later'}`,
      fill: card(FIRST_CARD, titleCase(name)),
    })),
    ...[...UPI_IDS].map(([id, { automaticOutcome, outcome }]) => ({
      method: 'upi' as const,
      label: id,
      outcome: outcomeText(automaticOutcome ?? outcome),
      fill: { method: 'upi', upi_channel: 'collect', upi_id: id },
    })),
    ...SANDBOX_BANKS.filter(({ name }) => !MORE_BANKS.includes(name)).map(({ code, name }) => ({
      method: 'netbanking' as const,
      label: name,
      outcome: 'asks for approval on its own page',
      fill: { method: 'netbanking', bank: code },
    })),
    ...SANDBOX_WALLETS.map(({ code, name }) => ({
      method: 'wallet' as const,
      label: name,
      outcome: 'asks for a code',
      fill: { method: 'wallet', wallet: code },
    })),
    ...[...ACH_ACCOUNTS].map(([number, { outcome }]) => ({
      method: 'ach_debit' as const,
      label: `Account …${number.slice(-4)}`,
      outcome: outcomeText(outcome),
      fill: {
        method: 'ach_debit',
        ach_name: 'Asha Rao',
        ach_routing: '110000000',
        ach_account: number,
      },
    })),
  ],
}

const account = (number: string) => ({
  method: 'ach_debit',
  ach_name: 'Ben Ode',
  ach_routing: '110000000',
  ach_account: number,
})

/** The test instruments on the page that saves a payment method, with their outcomes. */
export const SAVABLE_INSTRUMENTS = [
  ...TEST_CARDS.map(({ label, number }) => ({
    method: 'card' as const,
    label: `${label} …${number.slice(-4)}`,
    outcome: 'saved',
    fill: card(number, 'Ben Ode'),
  })),
  ...[...LATER_CARD_NAMES].map(([name, outcome]) => ({
    method: 'card' as const,
    label: `Name “${titleCase(name)}”`,
    outcome: `saved; charges fail: ${outcomeText(outcome)}`,
    fill: card(FIRST_CARD, titleCase(name)),
  })),
  ...[...CARD_NAMES]
    .filter(([, { decideAfterMs, isUnanswered }]) => decideAfterMs === undefined && !isUnanswered)
    .map(([name, { outcome }]) => ({
      method: 'card' as const,
      label: `Name “${titleCase(name).replace('Cvv', 'CVV')}”`,
      outcome: `refused: ${outcomeText(outcome)}`,
      fill: card(FIRST_CARD, titleCase(name)),
    })),
  ...[...ACH_ACCOUNTS].map(([number, { outcome }]) => ({
    method: 'ach_debit' as const,
    label: `Account …${number.slice(-4)}`,
    outcome: `saved; charges: ${outcomeText(outcome)}`,
    fill: account(number),
  })),
  {
    method: 'ach_debit' as const,
    label: `Account …${BLOCKED_ACH_ACCOUNT.slice(-4)}`,
    outcome: 'blocked by the bank',
    fill: account(BLOCKED_ACH_ACCOUNT),
  },
]

const DECISIONS: ReadonlyMap<string, SandboxDecision> = new Map(
  (['approve', 'refuse', 'transfer_short', 'transfer_over', 'transfer_late'] as const).map(
    (decision) => [decision, decision],
  ),
)

/** Does the action of a button of the panel. An unknown button does nothing. */
export async function actOnPanel(
  tenant: Tenant,
  session: {
    readonly id: PaymentSessionId
    readonly currentAttemptId?: PaymentAttemptId | undefined
  },
  act: string,
): Promise<void> {
  if (act === 'expire_now') {
    await applyMove(tenant, session.id, { type: 'expire_now' })
    return
  }
  const decision = DECISIONS.get(act)
  if (decision === undefined || session.currentAttemptId === undefined) return
  await tenant.sandboxProcessor?.decide(session.currentAttemptId, decision)
  await reconcileAttempt(tenant, session.currentAttemptId)
}
