import type { JSX } from 'preact'
import { useEffect } from 'preact/hooks'
import { showDuration } from '../../domain/duration.ts'
import { consoleCalls, consoleReading } from './console-calls.ts'
import { useConsole } from './context.ts'
import { ExportButton } from './export-button.tsx'
import { List } from './list.tsx'
import { refresh, useResource } from './live.ts'
import { ActionButton, Card, Empty, Facts, ResourceView, Status, Time, ViewHead } from './parts.tsx'
import { countOf, showAmount } from './show.ts'

/** The interval in which the progress of a running check is read, in milliseconds. */
const PROGRESS_MS = 2_000

/** The balances of an account in the ledger, and the check of the whole ledger. */
export function Ledger(): JSX.Element {
  const { may } = useConsole()
  return (
    <div>
      <ViewHead title="Ledger" actions={<ExportButton table="ledger" filters={{}} />}>
        The books of the account: each payment, refund, transfer, dispute and payout is a posting
        from one ledger account to another.
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
    <Card title="Balances">
      <ResourceView
        resource={ledger}
        children={({ ledger: { agrees, balances, checked_time: checkedTime } }) =>
          checkedTime === undefined || balances.length === 0 ? (
            <Empty title="No balances.">
              {checkedTime === undefined ? (
                [
                  'The ledger was never checked. Balances appear here after a check: ',
                  <code key="command">paydesk ledger check</code>,
                ]
              ) : (
                <span>
                  {'The account had no postings at the last check, at '}
                  <Time atMs={checkedTime * 1000} />.
                </span>
              )}
            </Empty>
          ) : (
            <div>
              <p class="soft">
                {'At the last check, '}
                <Time atMs={checkedTime * 1000} />
                {agrees === true
                  ? ': the ledger agreed with the payments.'
                  : ': the ledger did not agree with the payments.'}
              </p>
              <List
                label="Balances"
                columns={[
                  { title: 'Ledger account', class: 'main' },
                  { title: 'Debit', class: 'amount wide' },
                  { title: 'Credit', class: 'amount wide' },
                  { title: 'Balance', class: 'amount' },
                ]}
                rows={balances.map(({ currency, ledger_account: name, ...sums }) => ({
                  key: `${name} ${currency}`,
                  cells: [
                    name.replaceAll(/[_/]/g, ' '),
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

const PARTS = {
  postings: 'adding up the postings',
  payments: 'comparing payments and payouts with the postings',
  discrepancies: 'finding the discrepancies',
  dependents: 'comparing refunds, transfers and disputes with their payments',
} as const

/** The last check of the ledger of all accounts, and the start of a new one. */
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
      title="Check of all accounts"
      actions={
        check.answer &&
        !isRunning && (
          <ActionButton
            successText="The check has started."
            onAction={() => consoleCalls.call('startLedgerCheck', {})}
          >
            Check the ledger
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
                <Status value="pending" />
                {` A check is running since `}
                <Time atMs={run.started_time * 1000} />
                {`: ${PARTS[run.part]}.`}
              </p>
            )}
            {run?.status === 'failed' && (
              <p class="notice bad">
                {`The last check ended without a result while ${PARTS[run.part]}. The log of the server has the reason.`}
              </p>
            )}
            {last === undefined ? (
              <Empty title="No check yet.">
                A check compares the ledger with the payments, refunds, transfers and disputes.
                Payments continue during the check.
              </Empty>
            ) : (
              <Facts
                rows={[
                  [
                    'Result',
                    last.discrepancy_count === 0 ? (
                      <Status key="result" value="agrees" />
                    ) : (
                      <span key="result">
                        <Status value="differs" />
                        {` ${countOf(last.discrepancy_count, 'discrepancy', 'discrepancies')}`}
                      </span>
                    ),
                  ],
                  ['Time', <Time key="time" atMs={last.checked_time * 1000} />],
                  ['Duration', showDuration(last.duration_ms)],
                  ['Postings', last.posting_count.toLocaleString('en')],
                ]}
              />
            )}
            {last !== undefined && last.discrepancies.length > 0 && (
              <ul class="lines" aria-label="Discrepancies">
                {last.discrepancies.map(({ id, what }, index) => (
                  <li key={index}>
                    <span class="mono id">{id}</span>
                    <span>{what}</span>
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
