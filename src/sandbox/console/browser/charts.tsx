import { countOf, showTime } from '../../../console/browser/show.ts'
import { showDuration } from '../../../domain/duration.ts'
import type { Statistics } from './wire.ts'

const OUTCOMES = [
  ['succeeded', 'succeeded', 'good'],
  ['failed', 'failed', 'bad'],
  ['waiting', 'waiting', 'waiting'],
] as const

/** The size of a chart in its own units. The width of the page scales it. */
const WIDTH = 480
const HEIGHT = 120
/** The share of a bar's place that stays empty. */
const GAP = 0.2

/** The outcomes of payments over time, as bars. */
export function OutcomeChart({ payments }: { readonly payments: Statistics['payments'] }) {
  const { spans } = payments
  const highest = Math.max(1, ...spans.map((span) => span.succeeded + span.failed + span.waiting))
  const place = WIDTH / spans.length
  const counts = OUTCOMES.map(([name, title]) => `${payments[name]} ${title}`).join(', ')
  return (
    <figure class="chart">
      <ul class="legend">
        {OUTCOMES.map(([name, title, tone]) => (
          <li key={name}>
            <span class={`swatch ${tone}`} aria-hidden="true" />
            <strong>{payments[name].toLocaleString('en')}</strong>
            {` ${title}`}
          </li>
        ))}
      </ul>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={`Payments: ${counts}`}>
        {spans.map((span, index) => {
          let top = HEIGHT
          return OUTCOMES.map(([name, title, tone]) => {
            const height = (span[name] / highest) * (HEIGHT - 4)
            top -= height
            return (
              height > 0 && (
                <rect
                  key={`${span.time_ms} ${name}`}
                  class={tone}
                  x={(index + GAP * 0.5) * place}
                  y={top}
                  width={place * (1 - GAP)}
                  height={height}
                >
                  <title>{`${showTime(span.time_ms)}: ${span[name]} ${title}`}</title>
                </rect>
              )
            )
          })
        })}
        <path d={`M0 ${HEIGHT - 0.5}H${WIDTH}`} />
      </svg>
      <p class="axis">
        <span>{showTime(spans[0]?.time_ms ?? 0)}</span>
        <span>now</span>
      </p>
      <details>
        <summary>Show as a table</summary>
        <table>
          <thead>
            <tr>
              <th scope="col">{`From (${showDuration(payments.span_ms)} each)`}</th>
              {OUTCOMES.map(([name, title]) => (
                <th key={name} scope="col" class="amount">
                  {title}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {spans
              .filter((span) => span.succeeded + span.failed + span.waiting > 0)
              .map((span) => (
                <tr key={span.time_ms}>
                  <th scope="row">{showTime(span.time_ms)}</th>
                  {OUTCOMES.map(([name]) => (
                    <td key={name} class="amount">
                      {span[name]}
                    </td>
                  ))}
                </tr>
              ))}
          </tbody>
        </table>
      </details>
    </figure>
  )
}

/** The latencies of webhooks, as a histogram. */
export function LatencyChart({ webhooks }: { readonly webhooks: Statistics['webhooks'] }) {
  const {
    answered: answeredCount,
    classes,
    median_ms: medianMs,
    p95_ms: p95Ms,
    unanswered: unansweredCount,
  } = webhooks
  const highest = Math.max(1, ...classes.map(({ count }) => count))
  const names = classes.map(({ up_to_ms: limitMs }, index) =>
    limitMs === undefined
      ? `> ${showDuration(classes[index - 1]?.up_to_ms ?? 0)}`
      : `≤ ${showDuration(limitMs)}`,
  )
  return (
    <figure class="chart">
      <ul class="legend">
        <li>
          <strong>{showDuration(medianMs ?? 0)}</strong>
          {' median'}
        </li>
        <li>
          <strong>{showDuration(p95Ms ?? 0)}</strong>
          {' 95th percentile'}
        </li>
        <li>
          <strong>{unansweredCount.toLocaleString('en')}</strong>
          {' without an answer'}
        </li>
      </ul>
      <table class="bars" aria-label={`Latency of ${countOf(answeredCount, 'webhook')}`}>
        <tbody>
          {classes.map(({ count }, index) => (
            <tr key={names[index]}>
              <th scope="row">{names[index]}</th>
              <td>
                <svg viewBox={`0 0 ${WIDTH} 8`} preserveAspectRatio="none" aria-hidden="true">
                  <rect class="accent" width={(count / highest) * WIDTH} height="8" />
                </svg>
              </td>
              <td class="amount">{count.toLocaleString('en')}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </figure>
  )
}
