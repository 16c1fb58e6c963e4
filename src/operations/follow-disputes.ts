import type { PaymentAttemptId } from '../domain/id.ts'
import { formatMoney } from '../domain/money.ts'
import type { ReportedDispute } from '../processors/dispute-reports.ts'
import type { Processor } from '../processors/processor.ts'
import { type DisputeDeps, recordReportedDispute } from './dispute-payment.ts'
import { readFeed } from './read-feed.ts'
import type { Store } from './store.ts'

type FollowDeps = DisputeDeps & {
  readonly store: DisputeDeps['store'] & Pick<Store, 'processorFeeds'>
  /** Guarded (`guardProcessor`). */
  readonly processor: Pick<Processor, 'disputes'>
  readonly onTrouble: (trouble: string) => void
}

/**
 * Reads the next page of disputes that the processor reports, and records each. A dispute may name a payment whose
 * success Paydesk has not recorded yet: the page is then read again. Returns the result of `readFeed`.
 */
export function followDisputes(deps: FollowDeps): Promise<number | undefined> {
  const { disputes } = deps.processor
  if (disputes === undefined) return Promise.resolve(undefined)
  return readFeed(deps, {
    name: 'disputes',
    list: disputes.listDisputes,
    record: async (report) => {
      const trouble = await recordDispute(deps, report)
      if (trouble !== undefined) deps.onTrouble(`dispute ${report.disputeReference}: ${trouble}`)
      return trouble === undefined
    },
  })
}

/** Records one report. Returns the reason why it cannot be recorded; undefined: it is recorded. */
async function recordDispute(
  deps: FollowDeps,
  report: ReportedDispute,
): Promise<string | undefined> {
  const result = await recordReportedDispute(deps, report)
  if (result === undefined) return `there is no payment ${report.attemptId}`
  if (!('refused' in result)) return undefined
  return `${REFUSALS[result.refused]}: payment ${nameOf(report.attemptId)}, ${formatMoney(report.amount)} ${report.amount.currency}`
}

const nameOf = (id: PaymentAttemptId): string => id

/** The reasons why a report cannot be recorded, as sentences for operators. */
const REFUSALS: Readonly<
  Record<
    Extract<Awaited<ReturnType<typeof recordReportedDispute>>, { refused: string }>['refused'],
    string
  >
> = {
  payment_not_disputable: 'the payment has not succeeded',
  dispute_already_open: 'another dispute of the payment is open',
  exceeds_disputable_amount: 'its amount exceeds the undisputed part of the captured amount',
  dispute_ended: 'it was already decided differently',
  amount_changed: 'its amount or its currency differs from the payment or from an earlier report',
}
