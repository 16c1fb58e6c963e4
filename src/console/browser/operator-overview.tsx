import type { ComponentChildren, JSX } from 'preact'
import { showDuration } from '../../domain/duration.ts'
import { OVERVIEW_PERIODS, type OverviewPeriod } from '../../domain/overview-period.ts'
import {
  AmountChart,
  BarTable,
  Histogram,
  namesOfClasses,
  OutcomeChart,
  type OutcomeCounts,
} from './charts.tsx'
import { consoleReading } from './console-calls.ts'
import { useConsole } from './context.ts'
import { filtersIn } from './filters.tsx'
import { useResource } from './live.ts'
import { Card, Empty, Field, optionOf, ResourceView, ViewHead } from './parts.tsx'
import { setQueryOf, viewPath } from './router.tsx'
import { countOf, showAmount, showDay, showTimeOfDay, words } from './show.ts'

const PERIOD_TITLES: Readonly<Record<OverviewPeriod, string>> = {
  today: 'Today',
  '7_days': '7 days',
  '30_days': '30 days',
}

/** The number of currencies that have a chart. */
const CHARTED_CURRENCY_COUNT = 3

type Overview = Awaited<
  ReturnType<ReturnType<typeof consoleReading<'readOverview'>>['readAnswer']>
>['overview']

/** The figures of the account: the payments that began in a period, and the open work. */
export function OperatorOverview(): JSX.Element {
  const { accountId } = useConsole()
  const period = optionOf(OVERVIEW_PERIODS, filtersIn(['period']).period) ?? 'today'
  const overview = useResource(
    consoleReading('readOverview', { query: { account_id: accountId, period } }),
  )
  return (
    <div>
      <ViewHead title="Overview">
        Payments and refunds that began in the period, and the work that is open now.
      </ViewHead>
      <div class="filters">
        <Field
          label="Period"
          value={period}
          onValue={setQueryOf('period')}
          options={OVERVIEW_PERIODS.map((one) => [one, PERIOD_TITLES[one]] as const)}
        />
      </div>
      <ResourceView resource={overview} children={(answer) => <Figures {...answer} />} />
    </div>
  )
}

function Figures({ overview }: { readonly overview: Overview }): JSX.Element {
  const { payments, utc_offset_minutes: offsetMinutes } = overview
  const inAccountTime = (timeMs: number) => timeMs + offsetMinutes * 60_000
  const isToday = overview.from_date === overview.to_date
  const showBarTime = (timeMs: number) => (isToday ? showTimeOfDay : showDay)(inAccountTime(timeMs))
  const count = payments.succeeded + payments.failed + payments.waiting
  return (
    <div>
      <Progress overview={overview} />
      <Totals overview={overview} />
      {count === 0 ? (
        <Empty title="No payments in this period.">Payments appear here when customers pay.</Empty>
      ) : (
        <>
          <div class="columns">
            <Card title="Outcomes of payments">
              <OutcomeChart payments={payments} showBarTime={showBarTime} />
            </Card>
            <Volume overview={overview} showBarTime={showBarTime} />
          </div>
          <div class="columns">
            <Methods overview={overview} />
            <Failures overview={overview} />
          </div>
        </>
      )}
      <div class="columns">
        <PayTimes payTimes={overview.pay_times} />
        <Refunds refunds={overview.refunds} />
      </div>
      <OpenWork work={overview.open_work} />
      <p class="soft">
        {`${isToday ? 'Hours and days are' : 'Days are'} those of the account, ${utcOffsetText(offsetMinutes)}. Payments count from their start, with their present outcome; those that wait for more than two minutes are counted again every hour.`}
      </p>
    </div>
  )
}

function utcOffsetText(minutes: number): string {
  if (minutes === 0) return 'UTC'
  const parts = [Math.floor(minutes / 60), minutes % 60]
  return `UTC+${parts.map((part) => String(part).padStart(2, '0')).join(':')}`
}

/** Says up to which time the figures go, while the server still counts newer payments. */
function Progress({ overview }: { readonly overview: Overview }): JSX.Element | null {
  const { counted_to_time: countedTo, to_time: to, utc_offset_minutes: offsetMinutes } = overview
  if (countedTo >= to) return null
  const timeMs = countedTo * 1000 + offsetMinutes * 60_000
  return (
    <p class="notice" role="status">
      {`The figures include payments and refunds up to ${showDay(timeMs)}, ${showTimeOfDay(timeMs)}. The server is counting the newer ones.`}
    </p>
  )
}

/** Returns the address of the list of the period's payments. `filters`: of the list. */
function paymentsHref(
  { from_date: from, to_date: to }: Overview,
  filters: Readonly<Record<string, string>> = {},
): string {
  return `${viewPath('payments')}?${new URLSearchParams({ ...filters, from, to })}`
}

/** Writes a share in percent with one decimal. Only the whole is 100 %. */
function shareText(part: number, whole: number): string {
  return whole === 0 ? '–' : `${(Math.floor((part / whole) * 1_000) / 10).toLocaleString('en')} %`
}

/** The share of the decided payments that succeeded. */
function successRate({ failed, succeeded }: OutcomeCounts): string {
  return shareText(succeeded, succeeded + failed)
}

function Totals({ overview }: { readonly overview: Overview }): JSX.Element {
  const { payments, volume } = overview
  const count = payments.succeeded + payments.failed + payments.waiting
  const tiles = [
    ...volume.map(({ amount, currency }) => ({
      title: `Volume in ${currency}`,
      text: showAmount({ amount, currency }),
      href: paymentsHref(overview, { status: 'Status.Succeeded' }),
    })),
    {
      title: 'Success rate',
      text: successRate(payments),
      href: paymentsHref(overview, { status: 'Status.Failed' }),
    },
    {
      title: 'Payments',
      text: count.toLocaleString('en'),
      href: paymentsHref(overview),
    },
    {
      title: 'Waiting',
      text: payments.waiting.toLocaleString('en'),
      href: `${viewPath('sessions')}?status=in_progress`,
    },
  ]
  return (
    <ul class="counts amounts">
      {tiles.map(({ href, text, title }) => (
        <li key={title}>
          <a href={href}>
            <strong>{text}</strong>
            <span>{title}</span>
          </a>
        </li>
      ))}
    </ul>
  )
}

/** The captured amounts. Amounts of different currencies are never added. */
function Volume({
  overview: {
    payments: { span_ms: spanMs, spans },
    volume,
  },
  showBarTime,
}: {
  readonly overview: Overview
  readonly showBarTime: (timeMs: number) => string
}): JSX.Element {
  const rest = volume.slice(CHARTED_CURRENCY_COUNT)
  return (
    <Card title="Volume">
      {volume.slice(0, CHARTED_CURRENCY_COUNT).map(({ amount, amounts, currency }) => (
        <AmountChart
          key={currency}
          currency={currency}
          amount={amount}
          amounts={amounts.map((one, index) => ({
            timeMs: spans[index]?.time_ms ?? 0,
            amount: one,
          }))}
          spanMs={spanMs}
          showBarTime={showBarTime}
        />
      ))}
      {rest.length > 0 && <p class="soft">{`${rest.map(showAmount).join(', ')}.`}</p>}
      <p class="soft">The captured amount of succeeded payments, before fees and refunds.</p>
    </Card>
  )
}

/** A table whose columns after the first one are numbers. */
function NumberTable({
  columns,
  label,
  rows,
}: {
  readonly label: string
  readonly columns: readonly string[]
  readonly rows: readonly {
    readonly key: string
    readonly cells: readonly [name: ComponentChildren, ...values: ComponentChildren[]]
  }[]
}): JSX.Element {
  const [first, ...others] = columns
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: the keyboard scrolls a wide table
    <div class="chart numbers" tabIndex={0} role="region" aria-label={`Table: ${label}`}>
      <table aria-label={label}>
        <thead>
          <tr>
            <th scope="col">{first}</th>
            {others.map((title) => (
              <th key={title} scope="col" class="amount">
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ cells: [name, ...values], key }) => (
            <tr key={key}>
              <th scope="row">{name}</th>
              {values.map((value, index) => (
                <td key={others[index]} class="amount">
                  {value}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function Methods({ overview }: { readonly overview: Overview }): JSX.Element {
  return (
    <Card title="Payments by method">
      <NumberTable
        label="Payments by method"
        columns={['Method', 'Succeeded', 'Failed', 'Rate']}
        rows={overview.methods.map((one) => ({
          key: one.method,
          cells: [
            one.method === 'terminal' ? (
              words(one.method)
            ) : (
              <a href={paymentsHref(overview, { method: one.method })}>{words(one.method)}</a>
            ),
            one.succeeded.toLocaleString('en'),
            one.failed.toLocaleString('en'),
            successRate(one),
          ],
        }))}
      />
    </Card>
  )
}

/** The reasons of failed payments, in the words of the API. */
function Failures({ overview }: { readonly overview: Overview }): JSX.Element {
  const { failures, payments } = overview
  return (
    <Card
      title="Failed payments by reason"
      actions={
        <a href={paymentsHref(overview, { status: 'Status.Failed' })}>All failed payments</a>
      }
    >
      {failures.length === 0 ? (
        <Empty title="No failed payments.">Every decided payment succeeded.</Empty>
      ) : (
        <figure class="chart reasons">
          <BarTable
            label={`Reasons of ${countOf(payments.failed, 'failed payment')}`}
            rows={failures.map(({ code, count, reason }) => ({
              key: code,
              name: [reason, ' ', <code key="code">{code}</code>],
              count,
            }))}
          />
        </figure>
      )}
    </Card>
  )
}

function PayTimes({ payTimes }: { readonly payTimes: Overview['pay_times'] }): JSX.Element {
  const { classes, count, median_up_to_ms: medianMs, p95_up_to_ms: p95Ms } = payTimes
  const longestMs = classes.at(-2)?.up_to_ms ?? 0
  const limitText = (limitMs: number | undefined) =>
    limitMs === undefined
      ? `More than ${showDuration(longestMs)}`
      : `Up to ${showDuration(limitMs)}`
  return (
    <Card title="Time to pay">
      {count === 0 ? (
        <Empty title="No customer has paid in this period.">
          The time runs from the creation of a session to its success.
        </Empty>
      ) : (
        <figure class="chart">
          <ul class="legend">
            <li>
              <strong>{limitText(medianMs)}</strong>
              {' for half of the payments'}
            </li>
            <li>
              <strong>{limitText(p95Ms)}</strong>
              {' for 95 %'}
            </li>
          </ul>
          <Histogram classes={classes} label={`Time to pay of ${countOf(count, 'payment')}`} />
          <figcaption class="soft">
            From the creation of a session to its success, without debits of mandates, charges of
            saved payment methods and transfers to virtual accounts.
          </figcaption>
        </figure>
      )}
    </Card>
  )
}

function Refunds({ refunds }: { readonly refunds: Overview['refunds'] }): JSX.Element {
  return (
    <Card title="Refunds">
      {refunds.length === 0 ? (
        <Empty title="No refunds in this period.">
          A refund is made on the page of its payment.
        </Empty>
      ) : (
        <NumberTable
          label="Refunds"
          columns={['Status', 'Refunds', 'Amount']}
          rows={refunds.map(({ amount, count, currency, outcome }) => ({
            key: `${currency} ${outcome}`,
            cells: [words(outcome), count.toLocaleString('en'), showAmount({ amount, currency })],
          }))}
        />
      )}
    </Card>
  )
}

const WORK = {
  payment: { title: 'Payments in progress', path: 'sessions', query: '?status=in_progress' },
  refund: { title: 'Refunds at the processor', path: 'payments', query: '?status=Status.Refunded' },
  delivery: { title: 'Webhooks to deliver', path: 'webhooks', query: '' },
  dispute: { title: 'Open disputes', path: 'disputes', query: '?status=open' },
} as const

function OpenWork({ work }: { readonly work: Overview['open_work'] }): JSX.Element {
  const names = namesOfClasses(work[0]?.ages ?? [])
  return (
    <Card title="Open work by age">
      <NumberTable
        label="Open work by age"
        columns={['Work', ...names]}
        rows={work.map(({ ages, is_lower_bound: isLowerBound, kind }) => ({
          key: kind,
          cells: [
            <a href={`${viewPath(WORK[kind].path)}${WORK[kind].query}`}>{WORK[kind].title}</a>,
            ...ages.map(
              ({ count }) => `${isLowerBound ? 'at least ' : ''}${count.toLocaleString('en')}`,
            ),
          ],
        }))}
      />
    </Card>
  )
}
