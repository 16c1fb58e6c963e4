import { answerFrom } from './ask-processor.ts'
import type { DisputeReports } from './dispute-reports.ts'
import type { PayoutReports } from './payout-reports.ts'
import {
  readClose,
  readDecision,
  readDisputePage,
  readOpen,
  readPayoutPage,
  readTransactionPage,
  readTransferPage,
} from './read-reports.ts'
import { withinTimeLimit } from './time-limit.ts'
import type { VirtualAccounts } from './virtual-accounts.ts'

/** The calls of the capabilities `virtualAccounts`, `payouts` and `disputes`. */
export type ReportCall = keyof VirtualAccounts | keyof PayoutReports | keyof DisputeReports

/** `callMsMax`: the time limit of each call, in milliseconds. */
type Deps = {
  readonly report: (trouble: {
    readonly call: ReportCall
    readonly id: string
    readonly trouble: string
  }) => void
  readonly callMsMax: number
}

/** An unusable answer becomes `unknown`, and is reported. */
function askerOf({ callMsMax, report }: Deps) {
  return async <Outcome extends { readonly kind: string }>(
    call: ReportCall,
    id: string,
    {
      ask,
      read,
    }: {
      readonly ask: () => Promise<unknown>
      readonly read: (raw: unknown) => Outcome | undefined
    },
  ): Promise<Outcome | { readonly kind: 'unknown'; readonly reason: string }> => {
    const answer = await answerFrom(() => withinTimeLimit(callMsMax, ask), read)
    const outcome: Outcome | { readonly kind: 'unknown'; readonly reason: string } =
      'value' in answer ? answer.value : { kind: 'unknown', reason: answer.trouble }
    if (outcome.kind === 'unknown' && 'reason' in outcome) {
      report({ call, id, trouble: String(outcome.reason) })
    }
    return outcome
  }
}

/** Makes virtual accounts that always keep the contract, as `guardProcessor` does for charges. */
export function guardVirtualAccounts(inner: VirtualAccounts, deps: Deps): VirtualAccounts {
  const ask = askerOf(deps)
  return {
    open: (request) =>
      ask('open', request.virtualAccountId, {
        ask: async () => inner.open(request),
        read: readOpen,
      }),
    close: (id) => ask('close', id, { ask: async () => inner.close(id), read: readClose }),
    listTransfers: (after) =>
      ask('listTransfers', after ?? '', {
        ask: async () => inner.listTransfers(after),
        read: readTransferPage,
      }),
    decideTransfer: (decision) =>
      ask('decideTransfer', decision.attemptId, {
        ask: async () => inner.decideTransfer(decision),
        read: readDecision,
      }),
  }
}

/** Makes reports of disputes that always keep the contract. */
export function guardDisputeReports(inner: DisputeReports, deps: Deps): DisputeReports {
  const ask = askerOf(deps)
  return {
    listDisputes: (after) =>
      ask('listDisputes', after ?? '', {
        ask: async () => inner.listDisputes(after),
        read: readDisputePage,
      }),
  }
}

/** Makes reports of payouts that always keep the contract. */
export function guardPayoutReports(inner: PayoutReports, deps: Deps): PayoutReports {
  const ask = askerOf(deps)
  return {
    listPayouts: (after) =>
      ask('listPayouts', after ?? '', {
        ask: async () => inner.listPayouts(after),
        read: readPayoutPage,
      }),
    listTransactions: (payoutReference, after) =>
      ask('listTransactions', payoutReference, {
        ask: async () => inner.listTransactions(payoutReference, after),
        read: readTransactionPage,
      }),
  }
}
