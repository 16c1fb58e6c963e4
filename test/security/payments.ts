/** The payments after which the tests search for card data. */
import { CARD_NAMES, TEST_CARDS } from '../../src/processors/sandbox-instruments.ts'

/** Cards of the sandbox. */
export const [VISA = '', MASTERCARD = '', RUPAY = '', CORPORATE = ''] = TEST_CARDS.map(
  ({ number }) => number,
)
/** A valid card number that is not a test card. */
export const NO_TEST_CARD = '4242424242424242'
/** A number with a wrong last digit. */
export const MISTYPED_CARD = '4111111111111112'
/** Bank accounts; the last one is not the sandbox's. */
export const ACH_ACCOUNTS = ['000123456789', '000111111116', '000111111113', '90817263549'] as const
const [ACH_GOOD, ACH_NO_MONEY, ACH_CLOSED, ACH_NO_TEST] = ACH_ACCOUNTS

/** The customer's actions on the pages after the form, in order. */
export type Step = 'otp' | 'wrong otp' | 'no otp' | 'refuse' | 'approve' | `panel ${string}`

/** A payment: its form, the later actions, and its result. */
export type Payment = {
  readonly what: string
  readonly form: Readonly<Record<string, string>>
  readonly steps: readonly Step[]
  /** `succeeded`, a decline code, or the refused fields. */
  readonly ends: string
  readonly currency: 'INR' | 'USD'
  readonly amount: number
  readonly asScript: boolean
  readonly isRefused: boolean
}

// The security codes: odd numbers from 903. No page contains them, and each form with a card has a different one.
let codeCount = 0
const nextCode = () => {
  codeCount += 1
  return String(901 + 2 * codeCount)
}

const card = (number: string, name = 'Asha Rao', more: Readonly<Record<string, string>> = {}) => ({
  method: 'card',
  card_number: number,
  card_expiry: '12/40',
  card_cvv: nextCode(),
  card_name: name,
  ...more,
})
const ach = (account: string, more: Readonly<Record<string, string>> = {}) => ({
  method: 'ach_debit',
  ach_name: 'Asha Rao',
  ach_routing: '110000000',
  ach_account: account,
  ...more,
})
const collect = (upiId: string) => ({ method: 'upi', upi_channel: 'collect', upi_id: upiId })
const row = (
  what: string,
  form: Payment['form'],
  steps: readonly Step[],
  ends: string,
  more: Partial<Payment> = {},
): Payment => ({
  what,
  form,
  steps,
  ends,
  currency: 'INR',
  amount: 250,
  asScript: false,
  isRefused: false,
  ...more,
})
/** A refused form, sent with and without script. */
const refusedForm = (
  what: string,
  form: Payment['form'],
  fields: string,
  more?: Partial<Payment>,
) =>
  [true, false].map((asScript) =>
    row(what, form, [], fields, { ...more, asScript, isRefused: true }),
  )

/** Writes digits in another script. `zero`: the digit zero of the script. */
export const inDigitsOf = (zero: string, digits: string) =>
  digits.replaceAll(/\d/g, (digit) =>
    String.fromCodePoint((zero.codePointAt(0) as number) + Number(digit)),
  )
const IN_FOURS = '4111 1111 1111 1111'
const US = { currency: 'USD' } as const

/** All methods, and all kinds of refusals. */
export const PAYMENTS: readonly Payment[] = [
  row('card', card(VISA), ['otp'], 'succeeded'),
  row('card, by script', card(MASTERCARD), ['otp'], 'succeeded', { asScript: true }),
  row('card number in groups of four', card(IN_FOURS), ['otp'], 'succeeded'),
  row('card with hyphens', card('6071-4898-7654-3212'), ['otp'], 'succeeded'),
  row('card in Hindi digits', card(inDigitsOf('०', RUPAY)), ['otp'], 'succeeded'),
  row('corporate card', card(CORPORATE), ['no otp', 'otp'], 'succeeded'),
  row('card, wrong OTP', card(VISA), ['wrong otp'], 'authentication_failed'),
  row('card, canceled', card(VISA), ['refuse'], 'authentication_failed'),
  row('card, US', card(VISA), ['otp'], 'succeeded', US),
  ...[...CARD_NAMES].map(([name, { action, outcome }]) =>
    row(
      `card of ${name}`,
      card(MASTERCARD, name),
      action === undefined ? [] : ['otp'],
      outcome === 'approved' ? 'succeeded' : outcome,
    ),
  ),
  row('UPI by QR code', { method: 'upi', upi_channel: 'qr' }, ['panel approve'], 'succeeded'),
  row('UPI by app', { method: 'upi', upi_channel: 'intent' }, ['panel refuse'], 'upi_declined', {
    // The sandbox declines this amount after 3 s, so the result does not depend on the speed of the machine.
    amount: 700,
  }),
  row('UPI ID', collect('success@paydesk'), [], 'succeeded'),
  row('UPI ID that fails', collect('failure@paydesk'), [], 'upi_declined'),
  row('UPI ID that waits', collect('pending@paydesk'), ['panel approve'], 'succeeded'),
  row('bank', { method: 'netbanking', bank: 'success_test_bank' }, ['approve'], 'succeeded'),
  row(
    'bank, canceled',
    { method: 'netbanking', bank: 'success_test_bank' },
    ['refuse'],
    'bank_declined',
  ),
  row(
    'bank that fails',
    { method: 'netbanking', bank: 'failure_test_bank' },
    ['approve'],
    'bank_declined',
  ),
  row(
    'bank that waits',
    { method: 'netbanking', bank: 'pending_test_bank' },
    ['approve'],
    'succeeded',
  ),
  row('wallet', { method: 'wallet', wallet: 'success_wallet' }, ['otp'], 'succeeded'),
  row(
    'wallet, wrong OTP',
    { method: 'wallet', wallet: 'success_wallet' },
    ['wrong otp'],
    'wallet_declined',
  ),
  row(
    'wallet that fails',
    { method: 'wallet', wallet: 'failure_wallet' },
    ['otp'],
    'wallet_declined',
  ),
  row('transfer', { method: 'bank_transfer' }, ['panel approve'], 'succeeded'),
  row(
    'transfer, too little',
    { method: 'bank_transfer' },
    ['panel transfer_short'],
    'transfer_short',
  ),
  row('ACH', ach(ACH_GOOD), [], 'succeeded', US),
  row('ACH, by script', ach(ACH_GOOD), [], 'succeeded', { ...US, asScript: true }),
  row('ACH, no money', ach(ACH_NO_MONEY), [], 'insufficient_funds', US),
  row('ACH, account closed', ach(ACH_CLOSED), [], 'bank_declined', US),

  ...refusedForm('unknown card', card(NO_TEST_CARD), 'card_number'),
  ...refusedForm('mistyped number', card(MISTYPED_CARD), 'card_number'),
  ...refusedForm('invalid expiry', card(VISA, 'Asha Rao', { card_expiry: '13/40' }), 'card_expiry'),
  ...refusedForm('no name', card(VISA, ''), 'card_name'),
  ...refusedForm('number as name', card(VISA, VISA), 'card_name'),
  ...refusedForm('number in the name', card(VISA, `Asha ${IN_FOURS} Rao`), 'card_name'),
  ...refusedForm('card as name', card(VISA, `${IN_FOURS} 12/40`), 'card_name'),
  ...refusedForm(
    'number and expiry after the name',
    card(VISA, `Asha Rao ${VISA} 1240`),
    'card_name',
  ),
  ...refusedForm('number as name, Hindi', card(VISA, inDigitsOf('०', VISA)), 'card_name'),
  ...refusedForm('number as name, Urdu', card(VISA, inDigitsOf('۰', IN_FOURS)), 'card_name'),
  ...refusedForm('number as e-mail', card(VISA, 'Asha Rao', { email: VISA }), 'email'),
  ...refusedForm(
    'number in e-mail',
    card(VISA, 'Asha Rao', { email: `${VISA}@example.com` }),
    'email',
  ),
  ...refusedForm('number as phone', card(VISA, 'Asha Rao', { phone: IN_FOURS }), 'phone'),
  ...refusedForm('number as method', card(VISA, 'Asha Rao', { method: VISA }), 'method'),
  ...refusedForm('number as UPI ID', collect(`${VISA}@okbank`), 'upi_id'),
  ...refusedForm('number with dots as UPI ID', collect('4111.1111.1111.1111@okbank'), 'upi_id'),
  ...refusedForm('number as bank', { method: 'netbanking', bank: VISA }, 'bank'),
  ...refusedForm('number as wallet', { method: 'wallet', wallet: VISA }, 'wallet'),
  ...refusedForm('unknown account', ach(ACH_NO_TEST), 'ach_account', US),
  ...refusedForm('invalid routing number', ach(ACH_GOOD, { ach_routing: '1' }), 'ach_routing', US),
  ...refusedForm(
    'number as routing number',
    ach(ACH_GOOD, { ach_routing: VISA }),
    'ach_routing',
    US,
  ),
  ...refusedForm('number as ACH name', ach(ACH_GOOD, { ach_name: IN_FOURS }), 'ach_name', US),
]
