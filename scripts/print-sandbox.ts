/** Prints the page of a sandbox's test instruments from their tables. */
import { UNREACHABLE_LAST_FOUR_DIGITS } from '../src/domain/payout.ts'
import { REFUND_FAILS, REFUND_MS } from '../src/processors/sandbox.ts'
import {
  ACH_ACCOUNTS,
  BANKS,
  BLOCKED_ACH_ACCOUNT,
  CARD_NAMES,
  LATER_CARD_NAMES,
  MANDATE_UPI_IDS,
  type MandateUpiId,
  REVERSED_PAYER,
  reversalAfterMs,
  SANDBOX_OTP,
  SANDBOX_TERMINALS,
  type SandboxScript,
  saveScriptOf,
  TEST_CARDS,
  TRANSFER_TIMEOUT_MS,
  UPI_IDS,
  WALLETS,
} from '../src/processors/sandbox-instruments.ts'

/** Returns the page `docs/reference/sandbox.md`. */
export function printSandbox(printedBy: string): string {
  return `# Test instruments

<!-- ${printedBy} -->

A sandbox accepts only these cards and accounts, so that nobody enters a real card. The code on its 3-D
Secure and wallet pages is \`${SANDBOX_OTP}\`; any other code fails. Times follow the sandbox’s clock. With the test
panel on the checkout page you decide a waiting attempt at once.

${printCards()}
${printUpi()}
${table('Banks', rowsOf(BANKS))}
${table('Wallets', rowsOf(WALLETS))}
${table('Bank transfer', [
  row('the exact amount', { outcome: 'approved', action: 'transfer' }),
  row('a smaller amount', { outcome: 'transfer_short', action: 'transfer' }),
  row('a larger amount', { outcome: 'transfer_over', action: 'transfer' }),
  row('a late transfer', { outcome: 'transfer_late', action: 'transfer' }),
  row('no transfer', { outcome: 'transfer_not_received', automaticAfterMs: TRANSFER_TIMEOUT_MS }),
])}
${printAch()}
${printMandates()}
## Refunds

A refund is decided after ${seconds(REFUND_MS)}. Amounts above ${units(REFUND_FAILS.from)} up to ${units(REFUND_FAILS.to)} fail: insufficient funds. All others succeed.

## Terminals

${SANDBOX_TERMINALS.map((id) => `\`${id}\``).join(' and ')} are the terminals. Each terminal shows the payment sessions that have its id as \`terminal_id\`. The page \`/_sandbox/terminal/{terminal_id}\` has the buttons of
a customer: approve, decline or abandon, by card or UPI. \`POST /_sandbox/terminals/{terminal_id}/pay\` does the same.

## Transfer to a virtual account

\`POST /_sandbox/bank_transfers\` transfers money from any payer. The transfer succeeds within the limits of an active account. If
the payer's name is \`${REVERSED_PAYER}\`, the bank takes the money back after ${seconds(reversalAfterMs(REVERSED_PAYER))}: a refund with the type \`initiated_by_system\`.

## Payouts

A payout to a bank account that ends in \`${UNREACHABLE_LAST_FOUR_DIGITS}\` fails with \`account_closed\`; set this account with \`paydesk payout settings --bank-account ${UNREACHABLE_LAST_FOUR_DIGITS}\`.
Payouts to all other accounts succeed.
`
}

const seconds = (milliseconds = 0) => `${milliseconds / 1000} s`
const units = (minor: bigint) => (Number(minor) / 100).toFixed(2)
const words = (code: string) => code.replaceAll('_', ' ')
const code = (text: string) => `\`${text}\``

/** The page or app in which the customer decides. */
const WHERE: Record<NonNullable<SandboxScript['action']>, string> = {
  issuer: 'on the 3-D Secure page',
  bank: 'on the bank’s page',
  wallet: 'on the wallet’s page',
  upi: 'in the app',
  transfer: 'on the panel',
}

function row(instrument: string, script: SandboxScript): string {
  const { action, automaticAfterMs, automaticOutcome, decideAfterMs, outcome } = script
  const when =
    script.isUnanswered === true
      ? `no answer; a query finds the outcome after ${seconds(automaticAfterMs)}`
      : [
          action !== undefined && automaticAfterMs === undefined && WHERE[action],
          decideAfterMs !== undefined && `${seconds(decideAfterMs)} later`,
          automaticAfterMs === 0 && 'at once',
          (automaticAfterMs ?? 0) > 0 && `automatically after ${seconds(automaticAfterMs)}`,
        ]
          .filter(Boolean)
          .join(', ')
  return `| ${instrument} | ${words(automaticOutcome ?? outcome)} | ${when} |`
}

function table(title: string, rows: readonly string[]): string {
  return `## ${title}\n\n| instrument | outcome | when |\n|---|---|---|\n${rows.join('\n')}\n`
}

function rowsOf(
  scripts: ReadonlyMap<string, SandboxScript>,
  name = (key: string) => key,
): readonly string[] {
  return [...scripts].map(([key, script]) => row(name(key), script))
}

function printCards(): string {
  const names = [row('any name except those below', { outcome: 'approved', action: 'issuer' })]
  return `## Card numbers

Any future expiry, any security code. The name on the card decides the outcome. The numbers, names
and pages below are for payments and for saving a card.

| number | card |
|---|---|
${TEST_CARDS.map(({ funding, label, number }) => `| \`${number.replaceAll(/(\d{4})(?=\d)/g, '$1 ')}\` | ${label}, ${funding} |`).join('\n')}

${table('Names on the card', [...names, ...rowsOf(CARD_NAMES, code)])}
## Names on a saved card

These cards are saved without a refusal, and every later charge fails. Charges of a card with any other name succeed.

| instrument | outcome of a charge |
|---|---|
${[...LATER_CARD_NAMES].map(([name, outcome]) => `| \`${name}\` | ${words(outcome)} |`).join('\n')}
`
}

function printUpi(): string {
  return `${table('UPI IDs', rowsOf(UPI_IDS, code))}
## UPI by amount

For any other UPI ID, the QR code and the app, the amount decides: 222.00 succeeds with a RuPay credit card,
333.00 with a wallet, 444.00 with a credit line. Amounts above 500.00 up to 1000.00 fail; all others succeed from a
bank account.
`
}

function printAch(): string {
  const savedRow = (accountNumber: string) => {
    const script = saveScriptOf({
      type: 'ach_debit',
      accountHolderName: 'Ann Lee',
      routingNumber: '110000000',
      accountNumber,
      accountType: 'checking',
    })
    if (script === undefined) throw new Error(`the account ${accountNumber} cannot be saved`)
    const { automaticAfterMs, chargeAfterMs, chargeOutcome, outcome } = script
    const status = outcome === 'approved' ? 'active' : 'blocked'
    const charge =
      status === 'blocked'
        ? 'refused'
        : `${words(chargeOutcome)} ${chargeAfterMs === 0 ? 'at once' : `after ${seconds(chargeAfterMs)}`}`
    return `| \`${accountNumber}\` | ${status} after ${seconds(automaticAfterMs)} | ${charge} |`
  }
  const accounts = [...ACH_ACCOUNTS.keys(), BLOCKED_ACH_ACCOUNT]
  return `${table('ACH accounts (US)', rowsOf(ACH_ACCOUNTS, code))}
Routing number: any with a valid check digit, such as \`110000000\`.

## Saved ACH accounts (US)

A saved account has the status \`processing\` first. A charge is \`pending\` until its outcome.

| instrument | status | charge |
|---|---|---|
${accounts.map(savedRow).join('\n')}
`
}

function printMandates(): string {
  const effect = ({ debit, failsNotices, revokeAfterMs }: MandateUpiId) =>
    [
      debit !== undefined && `every debit fails: ${words(debit)}`,
      revokeAfterMs !== undefined &&
        `the customer revokes the mandate ${seconds(revokeAfterMs)} later`,
      failsNotices === true && 'every notice fails',
    ]
      .filter(Boolean)
      .join(', ')
  return `## Mandates

The customer approves a mandate with any UPI ID, the QR code or the app, except with the UPI IDs above that fail. The amount of the mandate does
not matter. The amount of a debit decides, as for UPI. A notice succeeds after 2 s.

| UPI ID | after the approval |
|---|---|
${[...MANDATE_UPI_IDS].map(([id, later]) => `| \`${id}\` | ${effect(later)} |`).join('\n')}
`
}
