import type { Confidence } from './exchange.ts'
import type { CheckResult, ExchangeResult } from './exchange-result.ts'
import type { RunResult } from './run-checks.ts'
import type { Target } from './send-request.ts'

/** The name and the version of the report's format. Fields may be added; none changes its meaning. */
export const REPORT_FORMAT = 'paydesk-conformance-report/1'

/** The subject of a report. */
export type ReportSubject = {
  readonly target: Target
  readonly edition: string
  readonly paydeskVersion: string
}

/** The number of checks by result. */
export type ReportSummary = {
  readonly conforms: number
  readonly differs: number
  readonly no_answer: number
  readonly skipped: number
  /**
   * Checks of Paydesk’s own behavior that differ on the real service, which need not have this behavior. They are not
   * in `differs`. A Paydesk sandbox has none: all its differences are in `differs`.
   */
  readonly ours: number
}

/** The content of a report, as its JSON has it. */
export type Report = ReturnType<typeof makeReport>

/** Makes the report of a run. It has no secrets: the results are already masked. */
export function makeReport(run: RunResult, { edition, paydeskVersion, target }: ReportSubject) {
  return {
    format: REPORT_FORMAT,
    paydesk_version: paydeskVersion,
    started_time: new Date(run.startedAtMs).toISOString(),
    ended_time: new Date(run.endedAtMs).toISOString(),
    target: {
      kind: target.kind === 'zoho' ? 'zoho_sandbox' : 'paydesk_sandbox',
      host: new URL(target.url).host,
      edition,
    },
    is_complete: run.stopReason === undefined,
    stopped_reason: run.stopReason ?? null,
    summary: summaryOf(run.exchanges, target),
    confidence: Object.fromEntries(
      CONFIDENCES.map((confidence) => [confidence, countsOf(run.exchanges, confidence)]),
    ),
    left_behind: run.leftBehind,
    exchanges: run.exchanges.map(exchangeFields),
  }
}

/** The confidences, in the order of reports. */
export const CONFIDENCES: readonly Confidence[] = ['H', 'M', 'L', 'ours']

/** The confidences in words. */
export const CONFIDENCE_TEXTS: Readonly<Record<Confidence, string>> = {
  H: 'documented',
  M: 'likely',
  L: 'a guess',
  ours: 'Paydesk’s own',
}

/** Counts the checks of a run by result. */
export function summaryOf(exchanges: readonly ExchangeResult[], target: Target): ReportSummary {
  const checks = exchanges.flatMap((one) => one.checks)
  const isOurs = (one: CheckResult) => one.confidence === 'ours' && target.kind === 'zoho'
  const differing = checks.filter(({ result }) => result === 'differs')
  const count = (result: CheckResult['result']) =>
    checks.filter((one) => one.result === result).length
  return {
    conforms: count('conforms'),
    differs: differing.filter((one) => !isOurs(one)).length,
    no_answer: count('no_answer'),
    skipped: count('skipped'),
    ours: differing.filter(isOurs).length,
  }
}

function countsOf(exchanges: readonly ExchangeResult[], confidence: Confidence) {
  const checks = exchanges
    .flatMap((one) => one.checks)
    .filter((one) => one.confidence === confidence)
  const count = (result: CheckResult['result']) =>
    checks.filter((one) => one.result === result).length
  return { conforms: count('conforms'), differs: count('differs') }
}

function exchangeFields({ checks, exchange, reason, request, response }: ExchangeResult) {
  return {
    id: exchange.id,
    section: exchange.section,
    title: exchange.title,
    request,
    response:
      response === undefined
        ? null
        : {
            status: response.status,
            content_type: response.contentType,
            body: response.body,
          },
    reason: reason ?? null,
    checks: checks.map(({ received, ...one }) => ({ ...one, received: received ?? null })),
  }
}
