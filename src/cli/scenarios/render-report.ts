import { countText } from '../count-text.ts'
import { plain } from '../output.ts'
import type { ScenarioReport, StepReport } from './run-scenario.ts'

const MARKS = { passed: '✓', failed: '✗', skipped: '-' } as const

/** Writes a step: one line, and three more for each mismatch. */
export function renderStep(step: StepReport, fileName: string): string {
  const { line, mismatches, number, sandboxTimeMs, status, title } = step
  // Month, day and time of day.
  const time = new Date(sandboxTimeMs).toISOString().slice(5, 19).replace('T', ' ')
  const head = `  ${MARKS[status]} ${String(number).padStart(3)}  ${time}  ${plain(title)}  ${durationText(step.durationMs)}`
  return [
    head,
    ...mismatches.flatMap(({ received, expected, what }) => [
      `         ${plain(what)}  (${fileName}:${line})`,
      `           expected  ${plain(expected)}`,
      `           received  ${plain(received)}`,
    ]),
  ].join('\n')
}

/** Writes the line below all steps. */
export function renderTotals(report: ScenarioReport): string {
  const { durationMs, failedCount, passedCount, sandboxMs, skippedCount, steps } = report
  const counts = [
    `${passedCount} passed`,
    ...(failedCount > 0 ? [`${failedCount} failed`] : []),
    ...(skippedCount > 0 ? [`${skippedCount} skipped`] : []),
  ].join(', ')
  return `${MARKS[report.hasPassed ? 'passed' : 'failed']} ${countText(steps.length, 'step')}: ${counts}, in ${durationText(durationMs)}; ${durationText(sandboxMs)} on the sandbox’s clock.`
}

/** Returns a report as an object for JSON output. */
export function reportFields(report: ScenarioReport) {
  return {
    name: report.name,
    seed: report.seed,
    passed: report.hasPassed,
    steps: report.steps.map((step) => ({
      number: step.number,
      line: step.line,
      kind: step.kind,
      title: step.title,
      status: step.status,
      sandbox_time: new Date(step.sandboxTimeMs).toISOString(),
      duration_ms: step.durationMs,
      mismatches: step.mismatches.map(({ expected, received, what }) => ({
        what,
        expected,
        came: received,
      })),
    })),
    passed_count: report.passedCount,
    failed_count: report.failedCount,
    skipped_count: report.skippedCount,
    duration_ms: report.durationMs,
    sandbox_ms: report.sandboxMs,
  }
}

/** Writes a duration, such as `12 ms`, `1.5 s`, `14 m`, `2 d 3 h`. */
function durationText(durationMs: number): string {
  if (durationMs < 1_000) return `${durationMs} ms`
  const seconds = durationMs / 1_000
  if (seconds < 60) return `${Math.round(seconds * 10) / 10} s`
  const minutes = Math.round(seconds / 60)
  const parts = [
    [Math.floor(minutes / 1_440), 'd'],
    [Math.floor(minutes / 60) % 24, 'h'],
    [minutes % 60, 'm'],
  ] as const
  return parts.flatMap(([count, unit]) => (count > 0 ? [`${count} ${unit}`] : [])).join(' ')
}
