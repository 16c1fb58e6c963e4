import type { ComponentChildren, JSX } from 'preact'
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
import { showAmount, showDay, showDuration, showMethod, showTimeOfDay, words } from './show.ts'
import { countText, isolate, type PlainKey, showCount, text } from './text.ts'

const PERIOD_TITLES: Readonly<Record<OverviewPeriod, PlainKey>> = {
  today: 'Today',
  '7_days': '7 days',
  '30_days': '30 days',
}

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
      <ViewHead title={text('Overview')}>
        {text('Payments and refunds that began in the period, and the work that is open now.')}
      </ViewHead>
      <div class="filters">
        <Field
          label={text('Period')}
          value={period}
          onValue={setQueryOf('period')}
          options={OVERVIEW_PERIODS.map((one) => [one, text(PERIOD_TITLES[one])] as const)}
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
        <Empty title={text('No payments in this period.')}>
          {text('Payments appear here when customers pay.')}
        </Empty>
      ) : (
        <>
          <div class="columns">
            <Card title={text('Outcomes of payments')}>
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
        {text(
          isToday
            ? 'Hours and days are in the time zone of the account, {zone}. A payment counts at the time of its start, with its current outcome. The outcome of an open payment is updated here every hour.'
            : 'Days are in the time zone of the account, {zone}. A payment counts at the time of its start, with its current outcome. The outcome of an open payment is updated here every hour.',
          { zone: utcOffsetText(offsetMinutes) },
        )}
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
      {text(
        'The figures include payments and refunds up to {day}, {time}. The server is counting the newer ones.',
        { day: showDay(timeMs), time: showTimeOfDay(timeMs) },
      )}
    </p>
  )
}

function paymentsHref(
  { from_date: from, to_date: to }: Overview,
  filters: Readonly<Record<string, string>> = {},
): string {
  return `${viewPath('payments')}?${new URLSearchParams({ ...filters, from, to })}`
}

/** Writes a share in percent with one decimal, rounded down: only the whole is shown as 100 %. */
function shareText(part: number, whole: number): string {
  return whole === 0 ? '–' : isolate(`${showCount(Math.floor((part / whole) * 1_000) / 10)} %`)
}

function successRate({ failed, succeeded }: OutcomeCounts): string {
  return shareText(succeeded, succeeded + failed)
}

function Totals({ overview }: { readonly overview: Overview }): JSX.Element {
  const { payments, volume } = overview
  const count = payments.succeeded + payments.failed + payments.waiting
  const tiles = [
    ...volume.map(({ amount, currency }) => ({
      title: text('Volume in {currency}', { currency }),
      text: showAmount({ amount, currency }),
      // The filter for succeeded payments leaves out the refunded ones, which the volume includes.
      href: paymentsHref(overview),
    })),
    {
      title: text('Success rate'),
      text: successRate(payments),
      href: paymentsHref(overview, { status: 'Status.Failed' }),
    },
    {
      title: text('Payments'),
      text: showCount(count),
      href: paymentsHref(overview),
    },
    {
      title: text('Waiting'),
      text: showCount(payments.waiting),
      href: `${viewPath('sessions')}?status=in_progress`,
    },
  ]
  return (
    <ul class="counts amounts">
      {tiles.map(({ href, text: figure, title }) => (
        <li key={title}>
          <a href={href}>
            <strong>{figure}</strong>
            <span>{title}</span>
          </a>
        </li>
      ))}
    </ul>
  )
}

/** Amounts of different currencies are never added. */
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
    <Card title={text('Volume')}>
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
      <p class="soft">
        {text('The captured amount of succeeded payments, before fees and refunds.')}
      </p>
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
  const title = text('Table: {title}', { title: label })
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: the keyboard scrolls a wide table
    <div class="chart numbers" tabIndex={0} role="region" aria-label={title}>
      <table aria-label={label}>
        <thead>
          <tr>
            <th scope="col">{first}</th>
            {others.map((name) => (
              <th key={name} scope="col" class="amount">
                {name}
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
    <Card title={text('Payments by method')}>
      <NumberTable
        label={text('Payments by method')}
        columns={[text('Method'), text('Succeeded'), text('Failed'), text('Success rate')]}
        rows={overview.methods.map((one) => ({
          key: one.method,
          cells: [
            // The list of payments has no filter for payments at terminals.
            one.method === 'pos' ? (
              showMethod(one.method)
            ) : (
              <a href={paymentsHref(overview, { method: one.method })}>{showMethod(one.method)}</a>
            ),
            showCount(one.succeeded),
            showCount(one.failed),
            successRate(one),
          ],
        }))}
      />
    </Card>
  )
}

/** The reasons of failed payments, in the words of the server. */
function Failures({ overview }: { readonly overview: Overview }): JSX.Element {
  const { failures, payments } = overview
  return (
    <Card
      title={text('Failed payments by reason')}
      actions={
        <a href={paymentsHref(overview, { status: 'Status.Failed' })}>
          {text('All failed payments')}
        </a>
      }
    >
      {failures.length === 0 ? (
        <Empty title={text('No failed payments.')}>
          {text(
            payments.succeeded > 0
              ? 'All finished payments have succeeded.'
              : 'No payment in this period has a result yet.',
          )}
        </Empty>
      ) : (
        <figure class="chart reasons">
          <BarTable
            label={countText(
              payments.failed,
              'Reasons of {count} failed payment',
              'Reasons of {count} failed payments',
            )}
            rows={failures.map(({ code, count, reason }) => ({
              key: code,
              name: [
                <span key="reason" lang="en" dir="ltr">
                  {reason}
                </span>,
                ' ',
                <code key="code">{code}</code>,
              ],
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
      ? text('More than {duration}', { duration: showDuration(longestMs) })
      : text('Up to {duration}', { duration: showDuration(limitMs) })
  return (
    <Card title={text('Time to pay')}>
      {count === 0 ? (
        <Empty title={text('No payment times in this period.')}>
          {text('The time runs from the creation of a session to its success.')}
        </Empty>
      ) : (
        <figure class="chart">
          <ul class="legend">
            <li>
              <strong>{limitText(medianMs)}</strong>
              {` ${text('for half of the payments')}`}
            </li>
            <li>
              <strong>{limitText(p95Ms)}</strong>
              {` ${text('for 95 %')}`}
            </li>
          </ul>
          <Histogram
            classes={classes}
            label={countText(
              count,
              'Time to pay of {count} payment',
              'Time to pay of {count} payments',
            )}
          />
          <figcaption class="soft">
            {text(
              'From the creation of a session to its success. Enrollments and debits of mandates, charges of saved payment methods and transfers to virtual accounts are not counted.',
            )}
          </figcaption>
        </figure>
      )}
    </Card>
  )
}

function Refunds({ refunds }: { readonly refunds: Overview['refunds'] }): JSX.Element {
  return (
    <Card title={text('Refunds')}>
      {refunds.length === 0 ? (
        <Empty title={text('No refunds in this period.')}>
          {text('To refund a payment, open its page.')}
        </Empty>
      ) : (
        <NumberTable
          label={text('Refunds')}
          columns={[text('Status'), text('Refunds'), text('Amount')]}
          rows={refunds.map(({ amount, count, currency, outcome }) => ({
            key: `${currency} ${outcome}`,
            cells: [words(outcome), showCount(count), showAmount({ amount, currency })],
          }))}
        />
      )}
    </Card>
  )
}

const WORK = {
  payment: { title: 'Payments in progress', path: 'sessions', query: '?status=in_progress' },
  refund: { title: 'Refunds at the processor', path: 'payments', query: '' },
  delivery: { title: 'Webhooks to deliver', path: 'webhooks', query: '' },
  dispute: { title: 'Open disputes', path: 'disputes', query: '?status=open' },
} as const

function OpenWork({ work }: { readonly work: Overview['open_work'] }): JSX.Element {
  const names = namesOfClasses(work[0]?.ages ?? [])
  return (
    <Card title={text('Open work by age')}>
      <NumberTable
        label={text('Open work by age')}
        columns={[text('Work'), ...names]}
        rows={work.map(({ ages, is_lower_bound: isLowerBound, kind }) => ({
          key: kind,
          cells: [
            <a href={`${viewPath(WORK[kind].path)}${WORK[kind].query}`}>
              {text(WORK[kind].title)}
            </a>,
            ...ages.map(({ count }) =>
              isLowerBound
                ? text('at least {count}', { count: showCount(count) })
                : showCount(count),
            ),
          ],
        }))}
      />
    </Card>
  )
}
