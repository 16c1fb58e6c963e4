import type { ComponentChildren, JSX } from 'preact'
import { showAmount, showDuration, showTime, words } from './show.ts'
import { countText, showCount, text } from './text.ts'

const OUTCOMES = [
  ['succeeded', 'good'],
  ['failed', 'bad'],
  ['waiting', 'waiting'],
] as const

/** The number of payments by outcome. */
export type OutcomeCounts = Readonly<Record<(typeof OUTCOMES)[number][0], number>>

type OutcomesOverTime = OutcomeCounts & {
  readonly span_ms: number
  readonly spans: readonly (OutcomeCounts & { readonly time_ms: number })[]
}

/** The size of a chart in its own units. The width of the page scales it. */
const WIDTH = 480
const HEIGHT = 120
/** The share of a bar's place that stays empty. */
const GAP = 0.2

/** One bar of a chart over time: its parts from the bottom up, with the colors of statuses. */
type TimeBar = {
  readonly timeMs: number
  readonly parts: readonly {
    readonly value: number
    readonly tone: 'good' | 'bad' | 'waiting' | 'accent'
    /** The value in words. */
    readonly text: string
  }[]
}

type ShowTime = (timeMs: number) => string

function TimeChart({
  bars,
  label,
  showBarTime,
  table,
}: {
  /** The sum of the values in words, for screen readers. */
  readonly label: string
  readonly bars: readonly TimeBar[]
  readonly showBarTime: ShowTime
  readonly table: JSX.Element
}): JSX.Element {
  const heightOf = ({ parts }: TimeBar) => parts.reduce((sum, { value }) => sum + value, 0)
  const highest = Math.max(...bars.map(heightOf)) || 1
  const place = WIDTH / bars.length
  return (
    <>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={label}>
        {bars.map(({ parts, timeMs }, index) => {
          let top = HEIGHT
          return parts.map(({ text: valueText, tone, value }) => {
            const height = (value / highest) * (HEIGHT - 4)
            top -= height
            return (
              height > 0 && (
                <rect
                  key={`${timeMs} ${tone}`}
                  class={tone}
                  x={(index + GAP * 0.5) * place}
                  y={top}
                  width={place * (1 - GAP)}
                  height={height}
                >
                  <title>{`${showBarTime(timeMs)}: ${valueText}`}</title>
                </rect>
              )
            )
          })
        })}
        <path d={`M0 ${HEIGHT - 0.5}H${WIDTH}`} />
      </svg>
      <p class="axis">
        <span>{showBarTime(bars[0]?.timeMs ?? 0)}</span>
        <span>{text('now')}</span>
      </p>
      <details>
        <summary>{text('Show as a table')}</summary>
        {table}
      </details>
    </>
  )
}

function TimeTable({
  columns,
  rows,
  spanMs,
}: {
  readonly spanMs: number
  readonly columns: readonly string[]
  readonly rows: readonly (readonly [time: string, ...values: (string | number)[]])[]
}): JSX.Element {
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">
            {text('Start (spans of {duration})', { duration: showDuration(spanMs) })}
          </th>
          {columns.map((title) => (
            <th key={title} scope="col" class="amount">
              {title}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map(([time, ...values]) => (
          <tr key={time}>
            <th scope="row">{time}</th>
            {values.map((value, index) => (
              <td key={columns[index]} class="amount">
                {value}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  )
}

/** The outcomes of payments over time, as bars. */
export function OutcomeChart({
  payments,
  showBarTime = showTime,
}: {
  readonly payments: OutcomesOverTime
  readonly showBarTime?: ShowTime
}): JSX.Element {
  const counts = OUTCOMES.map(([name]) => `${showCount(payments[name])} ${words(name)}`).join(', ')
  return (
    <figure class="chart">
      <ul class="legend">
        {OUTCOMES.map(([name, tone]) => (
          <li key={name}>
            <span class={`swatch ${tone}`} aria-hidden="true" />
            <strong>{showCount(payments[name])}</strong>
            {` ${words(name)}`}
          </li>
        ))}
      </ul>
      <TimeChart
        label={text('Payments: {counts}', { counts })}
        showBarTime={showBarTime}
        bars={payments.spans.map((span) => ({
          timeMs: span.time_ms,
          parts: OUTCOMES.map(([name, tone]) => ({
            value: span[name],
            tone,
            text: `${showCount(span[name])} ${words(name)}`,
          })),
        }))}
        table={
          <TimeTable
            spanMs={payments.span_ms}
            columns={OUTCOMES.map(([name]) => words(name))}
            rows={payments.spans
              .filter((span) => span.succeeded + span.failed + span.waiting > 0)
              .map((span) => [
                showBarTime(span.time_ms),
                ...OUTCOMES.map(([name]) => showCount(span[name])),
              ])}
          />
        }
      />
    </figure>
  )
}

/** The amounts of one currency over time, as bars. Their heights are rounded, the texts are exact. */
export function AmountChart({
  amount,
  amounts,
  currency,
  showBarTime,
  spanMs,
}: {
  readonly currency: string
  /** The sum. */
  readonly amount: string
  readonly amounts: readonly { readonly timeMs: number; readonly amount: string }[]
  readonly spanMs: number
  readonly showBarTime: ShowTime
}): JSX.Element {
  const show = (one: string) => showAmount({ amount: one, currency })
  return (
    <figure class="chart">
      <ul class="legend">
        <li>
          <span class="swatch accent" aria-hidden="true" />
          <strong>{show(amount)}</strong>
        </li>
      </ul>
      <TimeChart
        label={text('Volume in {currency}: {amount}', { currency, amount: show(amount) })}
        showBarTime={showBarTime}
        bars={amounts.map((one) => ({
          timeMs: one.timeMs,
          parts: [{ value: Number(one.amount), tone: 'accent', text: show(one.amount) }],
        }))}
        table={
          <TimeTable
            spanMs={spanMs}
            columns={[text('Volume')]}
            rows={amounts
              .filter((one) => Number(one.amount) > 0)
              .map((one) => [showBarTime(one.timeMs), show(one.amount)])}
          />
        }
      />
    </figure>
  )
}

/**
 * A bar for each count, beside the name of the count. The bars are rows of a table, so the chart needs no separate
 * table.
 */
export function BarTable({
  label,
  rows,
}: {
  readonly label: string
  readonly rows: readonly {
    readonly key: string
    readonly name: ComponentChildren
    readonly count: number
  }[]
}): JSX.Element {
  const highest = Math.max(1, ...rows.map(({ count }) => count))
  return (
    <table class="bars" aria-label={label}>
      <tbody>
        {rows.map(({ count, key, name }) => (
          <tr key={key}>
            <th scope="row">{name}</th>
            <td>
              <svg viewBox={`0 0 ${WIDTH} 8`} preserveAspectRatio="none" aria-hidden="true">
                <rect class="accent" width={(count / highest) * WIDTH} height="8" />
              </svg>
            </td>
            <td class="amount">{showCount(count)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

/** The last class has no limit. */
type TimeClass = { readonly up_to_ms?: number; readonly count: number }

/** Returns the names of classes: `≤ 10 s`, and `> 10 min` for the last one. */
export function namesOfClasses(classes: readonly Pick<TimeClass, 'up_to_ms'>[]): readonly string[] {
  return classes.map(({ up_to_ms: limitMs }, index) =>
    limitMs === undefined
      ? `> ${showDuration(classes[index - 1]?.up_to_ms ?? 0)}`
      : `≤ ${showDuration(limitMs)}`,
  )
}

/** Lengths of time as a histogram. */
export function Histogram({
  classes,
  label,
}: {
  readonly label: string
  readonly classes: readonly TimeClass[]
}): JSX.Element {
  const names = namesOfClasses(classes)
  return (
    <BarTable
      label={label}
      rows={classes.map(({ count }, index) => ({
        key: names[index] ?? '',
        name: names[index],
        count,
      }))}
    />
  )
}

type WebhookLatencies = {
  readonly answered: number
  readonly unanswered: number
  readonly median_ms?: number
  readonly p95_ms?: number
  readonly classes: readonly TimeClass[]
}

/** The latencies of webhooks, as a histogram. */
export function LatencyChart({ webhooks }: { readonly webhooks: WebhookLatencies }): JSX.Element {
  const {
    answered: answeredCount,
    classes,
    median_ms: medianMs,
    p95_ms: p95Ms,
    unanswered: unansweredCount,
  } = webhooks
  return (
    <figure class="chart">
      <ul class="legend">
        <li>
          <strong>{showDuration(medianMs ?? 0)}</strong>
          {` ${text('median')}`}
        </li>
        <li>
          <strong>{showDuration(p95Ms ?? 0)}</strong>
          {` ${text('95th percentile')}`}
        </li>
        <li>
          <strong>{showCount(unansweredCount)}</strong>
          {` ${text('without an answer')}`}
        </li>
      </ul>
      <Histogram
        classes={classes}
        label={countText(
          answeredCount,
          'Latency of {count} webhook',
          'Latency of {count} webhooks',
        )}
      />
    </figure>
  )
}
