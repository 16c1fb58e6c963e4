import type { BankTransferMode } from '../../src/domain/instrument.ts'
import type { Money } from '../../src/domain/money.ts'
import type { DisputeReports, ReportedDispute } from '../../src/processors/dispute-reports.ts'
import type {
  PayoutReports,
  ReportedPayout,
  ReportedTransaction,
} from '../../src/processors/payout-reports.ts'
import type { ReportPage } from '../../src/processors/reports.ts'
import type {
  ReportedTransfer,
  TransferDecision,
  VirtualAccounts,
} from '../../src/processors/virtual-accounts.ts'

/** The number of items of a page. It is small, so that tests read several pages. */
const PAGE_SIZE = 2

/** Returns the page of a list after a position. */
function pageOf<Report>(list: readonly Report[], after: string | undefined): ReportPage<Report> {
  const from = after === undefined ? 0 : Number(after.slice(1))
  const items = list.slice(from, from + PAGE_SIZE)
  if (items.length === 0) return { kind: 'page', items }
  return { kind: 'page', items, next: `p${from + items.length}` }
}

/** A payout of the example, with its transactions. */
export type ExamplePayout = ReportedPayout & {
  readonly transactions: readonly ReportedTransaction[]
}

/** A bank account for payouts of the example. */
export const EXAMPLE_BANK_ACCOUNT = {
  bankName: 'Acme Bank',
  lastFourDigits: '4821',
  accountHolder: 'Shop',
  routingNumber: 'ACME0000001',
} as const

/** A bank with records in memory: virtual accounts, the transfers to them, and payouts. */
export type ExampleBank = {
  readonly virtualAccounts: VirtualAccounts
  readonly payouts: PayoutReports
  readonly disputes: DisputeReports
  readonly disputeReports: ReportedDispute[]
  /** The reported decisions and closed accounts, in order. */
  readonly notices: (TransferDecision | { readonly closed: string })[]
  readonly transfers: ReportedTransfer[]
  readonly reports: ExamplePayout[]
  /** True: calls fail. */
  isDown: boolean
  /** Transfers money to an account number. Returns the bank's reference. */
  readonly sendTransfer: (to: {
    readonly accountNumber: string
    readonly amount: Money
    readonly mode?: BankTransferMode
    readonly receivedAtMs?: number
  }) => string
}

/** Opens the example bank. */
export function openExampleBank(): ExampleBank {
  const numbers = new Map<string, string>()
  const unknownOutcome = { kind: 'unknown', reason: 'the bank is down' } as const
  const bank: ExampleBank = {
    isDown: false,
    notices: [],
    transfers: [],
    reports: [],
    disputeReports: [],
    disputes: {
      listDisputes: async (after) =>
        bank.isDown ? unknownOutcome : pageOf(bank.disputeReports, after),
    },
    virtualAccounts: {
      open: async ({ virtualAccountId }) => {
        if (bank.isDown) return unknownOutcome
        const number = numbers.get(virtualAccountId) ?? `ACME${1_000 + numbers.size}X`
        numbers.set(virtualAccountId, number)
        return { kind: 'opened', accountNumber: number, ifscCode: 'ACME0000001' }
      },
      close: async (id) => {
        if (bank.isDown) return unknownOutcome
        bank.notices.push({ closed: id })
        return { kind: 'closed' }
      },
      listTransfers: async (after) =>
        bank.isDown ? unknownOutcome : pageOf(bank.transfers, after),
      decideTransfer: async (decision) => {
        if (bank.isDown) return unknownOutcome
        bank.notices.push(decision)
        return { kind: 'recorded' }
      },
    },
    payouts: {
      listPayouts: async (after) => (bank.isDown ? unknownOutcome : pageOf(bank.reports, after)),
      listTransactions: async (payoutReference, after) => {
        const payout = bank.reports.findLast((one) => one.payoutReference === payoutReference)
        return payout === undefined ? unknownOutcome : pageOf(payout.transactions, after)
      },
    },
    sendTransfer: ({ accountNumber, amount, mode = 'NEFT', receivedAtMs }) => {
      const [virtualAccountId] = [...numbers].find(([, number]) => number === accountNumber) ?? []
      if (virtualAccountId === undefined) throw new Error(`there is no account ${accountNumber}`)
      const utr = `UTR${bank.transfers.length}`
      bank.transfers.push({
        virtualAccountId: virtualAccountId as ReportedTransfer['virtualAccountId'],
        utr,
        amount,
        mode,
        payerName: 'Asha Rao',
        payerIfscCode: 'HDFC0000001',
        ...(receivedAtMs !== undefined && { receivedAtMs }),
      })
      return utr
    },
  }
  return bank
}
