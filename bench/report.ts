/** The result of a benchmark, as text for a terminal or as Markdown for docs/benchmarks.md. */

/** A claim about speed with its measured value. */
export type Goal = {
  /** The name and the value, such as `create live sqlite: 0.47 of bare node:http`. */
  readonly measured: string
  /** The limit, such as `at least 0.45`. */
  readonly limit: string
  readonly isMet: boolean
}

export type Report = {
  /** The benchmark, the engine, and the size of the load. */
  readonly title: string
  /** The heads of the columns, and the cells of each row. */
  readonly table: readonly (readonly string[])[]
  readonly goals: readonly Goal[]
}

/** The facts of a run that decide whether its figures allow a verdict. */
export type RunFacts = {
  /** The part of the machine's CPU time that other programs used, from 0 to 1. */
  readonly othersShare: number
  /** True: a CPU profile was written, which slows Paydesk down. */
  readonly isProfiled: boolean
}

/** The maximum share of the machine's CPU time that other programs may use. Above it there is no verdict. */
export const OTHERS_SHARE_MAX = 0.1

/** The outcome of a report: all goals are met, one is missed, or the run allows no verdict. */
export type Verdict = 'met' | 'missed' | 'none'

export function verdictOf({ goals }: Report, facts: RunFacts): Verdict {
  if (facts.isProfiled || facts.othersShare > OTHERS_SHARE_MAX) return 'none'
  return goals.every(({ isMet }) => isMet) ? 'met' : 'missed'
}

/** The exit code: 1 if a goal is missed; otherwise 3 if a report has no verdict, and 0 if all goals are met. */
export function exitCodeOf(verdicts: readonly Verdict[]): number {
  if (verdicts.includes('missed')) return 1
  return verdicts.includes('none') ? 3 : 0
}

/** `format`: columns of text, or a table of Markdown. */
export function renderReport(
  report: Report,
  facts: RunFacts,
  format: 'text' | 'markdown',
): readonly string[] {
  const verdict = verdictOf(report, facts)
  const goalLines = report.goals.map(({ isMet, limit, measured }) => {
    const outcome = verdict === 'none' ? '' : isMet ? ': met' : ': MISSED'
    return `${measured} (goal: ${limit})${outcome}`
  })
  const reasons = [othersSentence(facts), ...(facts.isProfiled ? [PROFILED] : [])]
  if (format === 'text') {
    return ['', report.title, ...columnLines(report.table), ...goalLines, ...reasons]
  }
  const points = [...goalLines, ...reasons].map((line) => `- ${line}`)
  return ['', `**${report.title}**`, '', ...markdownLines(report.table), '', ...points]
}

const PROFILED = 'A CPU profile was written, which costs time: no verdict.'

/** States the share of other programs, and that there is no verdict if it was too large. */
function othersSentence({ othersShare }: RunFacts): string {
  const percent = (othersShare * 100).toFixed(1)
  const share = `Other programs used ${percent} % of the machine’s CPU during the run`
  return othersShare > OTHERS_SHARE_MAX
    ? `${share}, more than ${OTHERS_SHARE_MAX * 100} %: no verdict.`
    : `${share}.`
}

/** The lines of a table in columns. The first column is aligned to the left, the others to the right. */
function columnLines(rows: readonly (readonly string[])[]): readonly string[] {
  const widthOf = (column: number) => Math.max(...rows.map((row) => row[column]?.length ?? 0))
  return rows.map(([first = '', ...others]) => {
    const cells = others.map((cell, index) => cell.padStart(widthOf(index + 1)))
    return `  ${[first.padEnd(widthOf(0)), ...cells].join('  ')}`
  })
}

function markdownLines([heads = [], ...rows]: readonly (readonly string[])[]): readonly string[] {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  const rule = `|${heads.map((_, column) => (column === 0 ? '---' : '--:')).join('|')}|`
  return [line(heads), rule, ...rows.map(line)]
}
