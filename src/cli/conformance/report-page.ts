import { Html, html } from '../../pages/html.ts'
import { countText } from '../count-text.ts'
import { CONFIDENCE_TEXTS, CONFIDENCES, type Report } from './report.ts'
import { REPORT_STYLES } from './report-styles.ts'

type ReportedExchange = Report['exchanges'][number]
type ReportedCheck = ReportedExchange['checks'][number]

/** Writes a report as one page: without scripts, and without files of other servers. */
export function renderReportPage(report: Report): string {
  const { summary, target } = report
  const sections = [...new Set(report.exchanges.map(({ section }) => section))]
  const differing = new Set(report.exchanges.filter((one) => differs(one, target)))
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="color-scheme" content="light dark">
<title>Conformance of ${target.host}: ${summary.differs} differences</title>
<style>${new Html(REPORT_STYLES)}</style>
</head>
<body>
<a class="skip" href="#checks">Skip to the checks</a>
<header>
<p class="kind">${target.kind === 'zoho_sandbox' ? 'Zoho Payments sandbox' : 'Paydesk sandbox'}, ${target.edition} edition</p>
<h1>${headline(report)}</h1>
<dl class="facts">
<div><dt>Server</dt><dd>${target.host}</dd></div>
<div><dt>Started</dt><dd><time datetime="${report.started_time}">${report.started_time.replace('T', ' ').slice(0, 19)} UTC</time></dd></div>
<div><dt>Paydesk</dt><dd>${report.paydesk_version}</dd></div>
</dl>
${report.stopped_reason === null ? undefined : html`<p class="note" role="note">${report.stopped_reason} The report is incomplete.</p>`}
${renderCounts(report)}
</header>
<main id="checks">
${differing.size === 0 ? undefined : html`<section aria-labelledby="differences"><h2 id="differences">Differences</h2>${[...differing].map((one) => renderExchange(one, 'bad', 'difference-'))}</section>`}
${sections.map((section) => renderSection(section, report.exchanges, differing))}
${renderRest(report)}
</main>
<footer>
<p>Tokens, keys, e-mail addresses, phone numbers and account numbers are masked. Look through the report before you send it.</p>
</footer>
</body>
</html>
`.text
}

function headline({ is_complete: isComplete, summary }: Report): string {
  if (summary.differs > 0) {
    return `${countText(summary.differs, 'fact differs', 'facts differ')} from the contract`
  }
  if (summary.no_answer > 0) return `${countText(summary.no_answer, 'check')} had no answer`
  return isComplete ? 'Every answer conforms to the contract' : 'No difference so far'
}

function renderCounts({ confidence, summary }: Report): Html {
  const counts = [
    ['conform', summary.conforms, 'good'],
    ['differ', summary.differs, summary.differs > 0 ? 'bad' : ''],
    ['had no answer', summary.no_answer, summary.no_answer > 0 ? 'bad' : ''],
    ['skipped', summary.skipped, ''],
    ['differ from Paydesk’s own behavior', summary.ours, ''],
  ] as const
  return html`<ul class="counts">${counts.map(([text, count, kind]) => html`<li class="${kind}"><b>${count}</b> ${text}</li>`)}</ul>
<table class="confidence">
<caption>Checks by the confidence of the contract</caption>
<thead><tr><th scope="col">The contract is</th><th scope="col">conform</th><th scope="col">differ</th></tr></thead>
<tbody>${CONFIDENCES.map((one) => html`<tr><th scope="row">${CONFIDENCE_TEXTS[one]} (${one})</th><td>${confidence[one]?.conforms ?? 0}</td><td>${confidence[one]?.differs ?? 0}</td></tr>`)}</tbody>
</table>`
}

function renderSection(
  section: string,
  exchanges: readonly ReportedExchange[],
  differing: ReadonlySet<ReportedExchange>,
): Html {
  const own = exchanges.filter((one) => one.section === section)
  const kindOf = (one: ReportedExchange) => {
    if (differing.has(one)) return 'bad'
    return one.response === null ? 'quiet' : 'good'
  }
  const id = section.toLowerCase().replaceAll(/\W+/g, '-')
  return html`<section aria-labelledby="${id}"><h2 id="${id}">${section}</h2>${own.map((one) => renderExchange(one, kindOf(one)))}</section>`
}

/** An exchange that differs is also under “Differences”. That copy is open, and its HTML id begins with `prefix`. */
function renderExchange(
  { checks, id, reason, request, response, title }: ReportedExchange,
  kind: 'bad' | 'good' | 'quiet',
  prefix?: string,
): Html {
  const good = checks.filter(({ result }) => result === 'conforms').length
  const words =
    response === null
      ? (checks[0]?.result.replace('_', ' ') ?? '')
      : `${good} of ${checks.length} conform`
  return html`<details id="${prefix ?? ''}${id}" class="${kind}"${prefix === undefined ? undefined : new Html(' open')}>
<summary><span class="title">${title}</span> <code>${request.method} ${request.path}</code> <span class="result">${words}</span></summary>
<div class="inside">
${reason === null ? undefined : html`<p class="note">${reason}</p>`}
<div class="scroll" tabindex="0" role="region" aria-label="Checks of: ${title}"><table>
<thead><tr><th scope="col">Result</th><th scope="col">Check</th><th scope="col">Expected</th><th scope="col">Received</th></tr></thead>
<tbody>${checks.map(renderCheck)}</tbody>
</table></div>
${request.body === undefined ? undefined : renderBody('Request', request.body)}
${response === null ? undefined : renderBody(`Answer: status ${response.status}, ${response.content_type || 'no content type'}`, response.body)}
</div>
</details>
`
}

const MARKS: Readonly<Record<string, string>> = {
  conforms: '✓ conforms',
  differs: '✗ differs',
  no_answer: '✗ no answer',
  skipped: '– skipped',
}

function renderCheck({
  confidence,
  expected,
  id,
  received,
  result,
  statement,
}: ReportedCheck): Html {
  return html`<tr class="${result}"><td>${MARKS[result]}</td><th scope="row">${statement}<small>${id}, ${CONFIDENCE_TEXTS[confidence]}</small></th><td>${expected}</td><td>${received ?? ''}</td></tr>`
}

function renderBody(title: string, body: unknown): Html {
  const text = typeof body === 'string' ? body : JSON.stringify(body, null, 2)
  return html`<h3>${title}</h3><pre tabindex="0">${text}</pre>`
}

function renderRest({ left_behind: rest }: Report): Html | undefined {
  if (rest.length === 0) return undefined
  return html`<section aria-labelledby="rest"><h2 id="rest">Left behind</h2><p>The run made these objects and could not remove them:</p><ul>${rest.map((one) => html`<li>${one}</li>`)}</ul></section>`
}

/** Returns true if a check differs that the summary counts: the real service need not have Paydesk's own behavior. */
function differs({ checks }: ReportedExchange, { kind }: Report['target']): boolean {
  const counts = ({ confidence }: ReportedCheck) =>
    confidence !== 'ours' || kind === 'paydesk_sandbox'
  return checks.some((check) => check.result === 'differs' && counts(check))
}
