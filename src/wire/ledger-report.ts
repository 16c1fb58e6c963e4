import { formatMoney } from '../domain/money.ts'
import type { LedgerBalance, LedgerReport } from '../domain/records.ts'

/**
 * Writes the sums of a ledger account, in major units. The balance of `processor` is money at the
 * processor; that of `fees` is income, and all others are money that Paydesk owes.
 */
export function ledgerBalanceFields(balance: LedgerBalance) {
  const { accountId, creditMinor, currency, debitMinor, ledgerAccount } = balance
  const show = (amountMinor: bigint) => formatMoney({ amountMinor, currency })
  const isHeld = ledgerAccount === 'processor'
  return {
    account_id: accountId,
    ledger_account: ledgerAccount,
    currency,
    debit: show(debitMinor),
    credit: show(creditMinor),
    balance: show(isHeld ? debitMinor - creditMinor : creditMinor - debitMinor),
  }
}

/** Makes the result of a ledger check. Paydesk only: the real service shows no ledger. */
export function ledgerReportFields({ balances, discrepancies, postingCount }: LedgerReport) {
  return {
    agrees: discrepancies.length === 0,
    posting_count: postingCount,
    discrepancies,
    balances: balances.map(ledgerBalanceFields),
  }
}
