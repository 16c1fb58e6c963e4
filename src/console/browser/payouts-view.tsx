import type { ComponentChildren, JSX } from 'preact'
import type { Payout, PayoutPage } from '../../client/types.ts'
import { apiReading } from './connection.ts'
import { useConsole } from './context.ts'
import { pageInAddress } from './filters.tsx'
import { List } from './list.tsx'
import { useResource } from './live.ts'
import { PagedView } from './paged-view.tsx'
import {
  AnswerCard,
  Card,
  CopyableText,
  Empty,
  Facts,
  Field,
  ResourceView,
  Status,
  Time,
  ViewHead,
} from './parts.tsx'
import { IdLink, ShowAll, setQueryOf, viewPath } from './router.tsx'
import { showAmount, words } from './show.ts'
import { text } from './text.ts'
import type { ListViewProps } from './view-props.ts'

/** The balance of the account, and its payouts. */
export function PayoutsView({
  toolsOf,
  children = text(
    'The payouts of the acquirer to the bank account, as the processor reports them.',
  ),
  empty = text('The acquirer makes payouts by its own rules.'),
}: ListViewProps & {
  /** The rules of payouts, in words. */
  readonly children?: ComponentChildren
  /** The next step while the account has no payouts. */
  readonly empty?: ComponentChildren
}): JSX.Element {
  const { accountId } = useConsole()
  const query = new URLSearchParams(location.search)
  const status = query.get('status') ?? ''
  const payouts = useResource(
    apiReading('listPayouts', {
      query: { account_id: accountId, status, page: pageInAddress() },
    }),
  )
  return (
    <div>
      <ViewHead title={text('Payouts')} actions={toolsOf?.({ status })}>
        {children}
      </ViewHead>
      <BalanceCard />
      <form class="filters">
        <Field
          label={text('Status')}
          value={status}
          onValue={setQueryOf('status')}
          options={[['', text('any')], 'initiated', 'paid', 'failed']}
        />
      </form>
      <PagedView
        resource={payouts}
        rowsOf={(answer) => answer.payouts}
        count={['{count} payout', '{count} payouts']}
        empty={
          <Empty title={status === '' ? text('No payouts yet.') : text('No matching payouts.')}>
            {status === '' ? empty : <ShowAll view="payouts" label={text('Show all payouts')} />}
          </Empty>
        }
      >
        {(rows) => (
          <PayoutList rows={rows} linkOf={({ payout_id: id }) => <IdLink of="payouts" id={id} />} />
        )}
      </PagedView>
    </div>
  )
}

type ListedPayout = PayoutPage['payouts'][number]

/** A list of payouts of the account, or of a connected account. */
export function PayoutList({
  linkOf,
  rows,
}: {
  readonly rows: readonly ListedPayout[]
  readonly linkOf: (payout: ListedPayout) => ComponentChildren
}): JSX.Element {
  return (
    <List
      label={text('Payouts')}
      columns={[
        { title: text('Initiated'), class: 'when', isSorted: true },
        { title: text('Payout'), class: 'main' },
        { title: text('Amount'), class: 'amount' },
        { title: text('Status') },
        { title: text('Bank’s answer'), class: 'wide' },
      ]}
      rows={rows.map((one) => ({
        key: one.payout_id,
        cells: [
          <Time atMs={Number(one.initiated_time)} />,
          linkOf(one),
          showAmount(one),
          <Status value={one.status} />,
          one.failure_message || one.payout_bank_reference_id,
        ],
      }))}
    />
  )
}

function BalanceCard(): JSX.Element {
  const { accountId } = useConsole()
  const balance = useResource(apiReading('retrieveBalance', { query: { account_id: accountId } }))
  return (
    <Card title={text('Balance')}>
      <ResourceView
        resource={balance}
        children={({ balances }) => (
          <div>
            {balances.length === 0 && (
              <p class="soft">{text('Only the acquirer knows the balance of the account.')}</p>
            )}
            {balances.map(({ available, currency, in_payouts: inPayouts, pending }) => (
              <Facts
                key={currency}
                rows={[
                  [text('Available'), showAmount({ amount: available, currency })],
                  [text('Pending'), showAmount({ amount: pending, currency })],
                  [text('In payouts'), showAmount({ amount: inPayouts, currency })],
                ]}
              />
            ))}
          </div>
        )}
      />
    </Card>
  )
}

/** Everything about one payout. */
export function PayoutView({
  actionsOf,
  id,
  transactionTools,
}: {
  readonly id: string
  /** The buttons in the head. */
  readonly actionsOf?: (payout: Payout) => ComponentChildren
  /** The buttons above the transactions. */
  readonly transactionTools?: ComponentChildren
}): JSX.Element {
  const { accountId } = useConsole()
  const path = { payout_id: id }
  const payout = useResource(
    apiReading('retrievePayout', { path, query: { account_id: accountId } }),
  )
  const details = payout.answer?.payout
  return (
    <div>
      <ViewHead
        title={text('Payout')}
        id={id}
        up={{ href: viewPath('payouts'), text: text('Payouts') }}
        actions={details && actionsOf?.(details)}
      />
      <ResourceView
        resource={payout}
        children={({ payout: one }) => (
          <PayoutDetails
            payout={one}
            transactions={<PayoutTransactions id={id} tools={transactionTools} />}
          />
        )}
      />
    </div>
  )
}

/** The facts, the timeline and the transactions of a payout of the account, or of a connected account. */
export function PayoutDetails({
  payout: one,
  transactions,
}: {
  readonly payout: Payout
  readonly transactions: ComponentChildren
}): JSX.Element {
  return (
    <div class="columns">
      <div>
        <Card title={text('Details')}>
          <Facts
            rows={[
              [text('Amount'), showAmount(one)],
              [text('Status'), <Status value={one.status} />],
              [text('Failure'), one.failure_message],
              [text('Initiated'), <Time atMs={Number(one.initiated_time)} />],
              [
                text('Processed'),
                one.processed_date && (
                  <span lang="en" dir="ltr">
                    {one.processed_date}
                  </span>
                ),
              ],
              [
                text('Bank account'),
                text('{bank}, ends in {digits}', {
                  bank: one.account_details.bank_name,
                  digits: one.account_details.account_number_last_four_digits,
                }),
              ],
              [text('Bank’s reference'), one.payout_bank_reference_id],
              [text('Id'), <CopyableText text={one.payout_id} what={text('payout id')} />],
            ]}
          />
        </Card>
        <Card title={text('Timeline')}>
          <ul class="lines">
            {one.comments.map((comment) => (
              <li key={comment.comment_id}>
                <Time atMs={Number(comment.created_time)} />
                <span lang="en" dir="auto">
                  {comment.description}
                </span>
              </li>
            ))}
          </ul>
        </Card>
        {transactions}
      </div>
      <AnswerCard answer={one} />
    </div>
  )
}

/** The id of a transaction. A refund leads to its payment, which has a view. */
function TransactionLink({
  transaction: { parent_transaction_id: parentId, transaction_id: id, transaction_type: type },
}: {
  readonly transaction: {
    readonly parent_transaction_id: string
    readonly transaction_id: string
    readonly transaction_type: string
  }
}): JSX.Element {
  if (type === 'charge') return <IdLink of="payments" id={id} />
  if (type !== 'refund') return <span class="mono id">{id}</span>
  return (
    <a class="mono id" href={viewPath('payments', parentId)}>
      {id}
    </a>
  )
}

function PayoutTransactions({
  id,
  tools,
}: {
  readonly id: string
  readonly tools: ComponentChildren
}): JSX.Element {
  const { accountId } = useConsole()
  const transactions = useResource(
    apiReading('listPayoutTransactions', {
      path: { payout_id: id },
      query: { account_id: accountId, page: pageInAddress() },
    }),
  )
  return (
    <Card title={text('Transactions')} actions={tools}>
      <PagedView
        resource={transactions}
        rowsOf={(answer) => answer.transactions}
        count={['{count} transaction', '{count} transactions']}
      >
        {(rows) => (
          <TransactionList
            rows={rows}
            linkOf={(one) => <TransactionLink transaction={one} />}
            typeOf={(one) => words(one.transaction_type)}
          />
        )}
      </PagedView>
    </Card>
  )
}

/** The transactions of a payout. `typeOf`: the type in words. */
export function TransactionList<
  Transaction extends {
    readonly currency: string
    readonly net_amount: string
    readonly transaction_id: string
    readonly transaction_time: string
    readonly transaction_type: string
  },
>({
  linkOf,
  rows,
  typeOf,
}: {
  readonly rows: readonly Transaction[]
  readonly linkOf: (transaction: Transaction) => ComponentChildren
  readonly typeOf: (transaction: Transaction) => string
}): JSX.Element {
  return (
    <List
      label={text('Transactions')}
      columns={[
        { title: text('Time'), class: 'when', isSorted: true },
        { title: text('Transaction'), class: 'main' },
        { title: text('Type') },
        { title: text('Net amount'), class: 'amount' },
      ]}
      rows={rows.map((one) => ({
        key: `${one.transaction_type} ${one.transaction_id}`,
        cells: [
          <Time atMs={Number(one.transaction_time)} />,
          linkOf(one),
          typeOf(one),
          showAmount({ amount: one.net_amount, currency: one.currency }),
        ],
      }))}
    />
  )
}
