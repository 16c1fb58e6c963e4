import type { JSX } from 'preact'
import { useEffect } from 'preact/hooks'
import { consoleCalls, consoleReading } from './console-calls.ts'
import { useConsole } from './context.ts'
import { ExportButton } from './export-button.tsx'
import { List } from './list.tsx'
import { refresh, useResource } from './live.ts'
import { ActionButton, Card, Empty, Facts, ResourceView, Status, Time, ViewHead } from './parts.tsx'
import { showAmount, showDuration, words } from './show.ts'
import { countText, showCount, text } from './text.ts'

/** The interval in which the progress of a running check is read. */
const PROGRESS_MS = 2_000

/** The balances of an account in the ledger, and the check of the whole ledger. */
export function Ledger(): JSX.Element {
  const { may } = useConsole()
  return (
    <div>
      <ViewHead title={text('Ledger')} actions={<ExportButton table="ledger" filters={{}} />}>
        {text(
          'The books of the account. Payments, refunds, transfers, disputes and payouts cause postings. Each posting moves an amount from one ledger account to another.',
        )}
      </ViewHead>
      {may('check_ledger') && <CheckCard />}
      <BalancesCard />
    </div>
  )
}

function BalancesCard(): JSX.Element {
  const { accountId } = useConsole()
  const ledger = useResource(consoleReading('retrieveLedger', { query: { account_id: accountId } }))
  return (
    <Card title={text('Balances')}>
      <ResourceView
        resource={ledger}
        children={({ ledger: { agrees, balances, checked_time: checkedTime } }) =>
          checkedTime === undefined || balances.length === 0 ? (
            <Empty title={text('No balances.')}>
              {checkedTime === undefined
                ? text(
                    'The ledger was never checked. Balances appear here after a check: {command}',
                    {
                      command: <code>paydesk ledger check</code>,
                    },
                  )
                : text('The account had no postings at the last check, at {time}.', {
                    time: <Time atMs={checkedTime * 1000} />,
                  })}
            </Empty>
          ) : (
            <div>
              <p class="soft">
                {text(
                  agrees === true
                    ? 'Last check, {time}: the ledger of all accounts agreed with the payments.'
                    : 'Last check, {time}: the ledger of all accounts did not agree with the payments.',
                  { time: <Time atMs={checkedTime * 1000} /> },
                )}
              </p>
              <List
                label={text('Balances')}
                columns={[
                  { title: text('Ledger account'), class: 'main' },
                  { title: text('Debit'), class: 'amount wide' },
                  { title: text('Credit'), class: 'amount wide' },
                  { title: text('Balance'), class: 'amount' },
                ]}
                rows={balances.map(({ currency, ledger_account: name, ...sums }) => ({
                  key: `${name} ${currency}`,
                  cells: [
                    <LedgerAccount name={name} />,
                    showAmount({ amount: sums.debit, currency }),
                    showAmount({ amount: sums.credit, currency }),
                    showAmount({ amount: sums.balance, currency }),
                  ],
                }))}
              />
            </div>
          )
        }
      />
    </Card>
  )
}

/** The name of a ledger account of the merchant or of a connected account: `merchant/1234567`. */
function LedgerAccount({ name }: { readonly name: string }): JSX.Element {
  const [kind = '', ...ids] = name.split('/')
  return <span>{[words(kind), ...ids].join(' ')}</span>
}

const PARTS = {
  postings: 'adding up the postings',
  payments: 'comparing payments and payouts with the postings',
  discrepancies: 'finding the discrepancies',
  dependents: 'comparing refunds, transfers and disputes with their payments',
} as const

function CheckCard(): JSX.Element {
  const check = useResource(consoleReading('retrieveLedgerCheck', {}))
  const isRunning = check.answer?.ledger_check.run?.status === 'running'
  useEffect(() => {
    if (!isRunning) return undefined
    const reading = setInterval(refresh, PROGRESS_MS)
    return () => clearInterval(reading)
  }, [isRunning])
  return (
    <Card
      title={text('Check of all accounts')}
      actions={
        check.answer &&
        !isRunning && (
          <ActionButton
            successText={text('The check has started.')}
            onAction={() => consoleCalls.call('startLedgerCheck', {})}
          >
            {text('Check the ledger')}
          </ActionButton>
        )
      }
    >
      <ResourceView
        resource={check}
        children={({ ledger_check: { last, run } }) => (
          <div>
            {run?.status === 'running' && (
              <p role="status">
                <Status value="pending" />{' '}
                {text('A check has been running since {time}: {part}.', {
                  time: <Time atMs={run.started_time * 1000} />,
                  part: text(PARTS[run.part]),
                })}
              </p>
            )}
            {run?.status === 'failed' && (
              <p class="notice bad">
                {text(
                  'The last check ended without a result while {part}. The log of the server has the reason.',
                  { part: text(PARTS[run.part]) },
                )}
              </p>
            )}
            {last === undefined ? (
              <Empty title={text('No check yet.')}>
                {text(
                  'A check compares the ledger with the payments, refunds, transfers, disputes and payouts. Payments continue during the check.',
                )}
              </Empty>
            ) : (
              <Facts
                rows={[
                  [
                    text('Last result'),
                    last.discrepancy_count === 0 ? (
                      <Status key="result" value="agrees" />
                    ) : (
                      <span key="result">
                        <Status value="differs" />
                        {` ${countText(last.discrepancy_count, '{count} discrepancy', '{count} discrepancies')}`}
                      </span>
                    ),
                  ],
                  [text('Time'), <Time key="time" atMs={last.checked_time * 1000} />],
                  [text('Duration'), showDuration(last.duration_ms)],
                  [text('Postings'), showCount(last.posting_count)],
                ]}
              />
            )}
            {last !== undefined && last.discrepancies.length > 0 && (
              <ul class="lines" aria-label={text('Discrepancies')}>
                {last.discrepancies.map(({ id, what }, index) => (
                  <li key={index}>
                    <span class="mono id">{id}</span>
                    <span lang="en" dir="ltr">
                      {what}
                    </span>
                  </li>
                ))}
              </ul>
            )}
          </div>
        )}
      />
    </Card>
  )
}
