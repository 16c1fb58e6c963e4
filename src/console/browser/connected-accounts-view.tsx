import type { JSX } from 'preact'
import type { ConnectedAccount } from '../../client/types.ts'
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
  ResourceView,
  Status,
  Time,
  ViewHead,
} from './parts.tsx'
import { PayoutDetails, PayoutList, TransactionList } from './payouts-view.tsx'
import { IdLink, viewPath } from './router.tsx'
import { text } from './text.ts'
import { TransferList } from './transfers-view.tsx'
import type { ListViewProps } from './view-props.ts'

const CARD_ROW_COUNT = 10

/** The accounts that receive parts of payments. */
export function ConnectedAccountsView({ toolsOf }: ListViewProps): JSX.Element {
  const { accountId } = useConsole()
  const page = pageInAddress()
  const accounts = useResource(
    apiReading('listConnectedAccounts', { query: { account_id: accountId, page } }),
  )
  return (
    <div>
      <ViewHead title={text('Connected accounts')} actions={toolsOf?.({})}>
        {text('Accounts that receive parts of payments. The merchant’s application connects them.')}
      </ViewHead>
      <PagedView
        resource={accounts}
        rowsOf={(answer) => answer.connected_accounts}
        count={['{count} connected account', '{count} connected accounts']}
        empty={
          <Empty title={text('No connected accounts yet.')}>
            {text('The merchant’s application connects an account by a request to {path}.', {
              path: <code>/connectedaccounts</code>,
            })}
          </Empty>
        }
      >
        {(rows) => (
          <List
            label={text('Connected accounts')}
            columns={[
              { title: text('Created'), class: 'when', isSorted: true },
              { title: text('Connected account'), class: 'main' },
              { title: text('Name') },
              { title: text('Bank account'), class: 'wide' },
            ]}
            rows={rows.map((one) => ({
              key: one.connected_account_id,
              cells: [
                <Time atMs={one.created_time * 1000} />,
                <IdLink of="connected-accounts" id={one.connected_account_id} />,
                one.account_name,
                bankAccountOf(one),
              ],
            }))}
          />
        )}
      </PagedView>
    </div>
  )
}

function bankAccountOf({ connected_account_bank_accounts: [bank] }: ConnectedAccount): string {
  return bank === undefined
    ? ''
    : text('{bank}, ends in {digits}', {
        bank: bank.routing_number,
        digits: bank.last_four_digits,
      })
}

/** One connected account with its newest transfers and payouts. */
export function ConnectedAccountView({ id }: { readonly id: string }): JSX.Element {
  const { accountId } = useConsole()
  const account = useResource(
    apiReading('retrieveConnectedAccount', {
      path: { connected_account_id: id },
      query: { account_id: accountId },
    }),
  )
  return (
    <div>
      <ViewHead
        title={
          account.answer?.connected_account.account_name ?? text('Connected account {id}', { id })
        }
        up={{ href: viewPath('connected-accounts'), text: text('Connected accounts') }}
      />
      <ResourceView
        resource={account}
        children={({ connected_account: one }) => (
          <div>
            <div class="columns">
              <Card title={text('Details')}>
                <Facts
                  rows={[
                    [text('Transfers'), <Status value={one.transfer_status} />],
                    [text('Payouts'), <Status value={one.payout_status} />],
                    [text('E-mail address'), one.email_id],
                    [text('Category code'), one.mcc],
                    [text('Business'), one.business_description],
                    [text('Bank account'), bankAccountOf(one)],
                    [text('Created'), <Time atMs={one.created_time * 1000} />],
                    [
                      text('Id'),
                      <CopyableText
                        text={one.connected_account_id}
                        what={text('connected account id')}
                      />,
                    ],
                  ]}
                />
              </Card>
              <AnswerCard answer={one} />
            </div>
            <Transfers id={id} />
            <Payouts id={id} />
          </div>
        )}
      />
    </div>
  )
}

function Transfers({ id }: { readonly id: string }): JSX.Element {
  const { accountId } = useConsole()
  const transfers = useResource(
    apiReading('listTransfers', {
      query: { account_id: accountId, connected_account_id: id, per_page: CARD_ROW_COUNT },
    }),
  )
  return (
    <Card title={text('Newest transfers')}>
      <ResourceView
        resource={transfers}
        children={({ page_context: context, transfers: rows }) => [
          rows.length === 0 ? (
            <Empty key="none" title={text('No transfers yet.')}>
              {text('A payment can send a part of its amount to this account.')}
            </Empty>
          ) : (
            <TransferList key="list" rows={rows} />
          ),
          context.has_more_page && (
            <p key="all">
              <a href={`${viewPath('transfers')}?q=${id}`}>
                {text('All transfers of this account')}
              </a>
            </p>
          ),
        ]}
      />
    </Card>
  )
}

function Payouts({ id }: { readonly id: string }): JSX.Element {
  const { accountId, edition } = useConsole()
  const page = pageInAddress()
  const payouts = useResource(
    edition === 'IN'
      ? apiReading('listConnectedAccountPayouts', {
          path: { connected_account_id: id },
          query: { account_id: accountId, page },
        })
      : undefined,
  )
  if (edition !== 'IN') return <span />
  return (
    <Card title={text('Payouts')}>
      <PagedView
        resource={payouts}
        rowsOf={(answer) => answer.payouts}
        count={['{count} payout', '{count} payouts']}
        empty={
          <Empty title={text('No payouts yet.')}>
            {text('The acquirer makes payouts by its own rules.')}
          </Empty>
        }
      >
        {(rows) => (
          <PayoutList
            rows={rows}
            linkOf={({ payout_id: payoutId }) => (
              <a class="mono id" href={viewPath('connected-accounts', id, 'payouts', payoutId)}>
                {payoutId}
              </a>
            )}
          />
        )}
      </PagedView>
    </Card>
  )
}

/** One payout of a connected account with its transfers and reversals. */
export function ConnectedPayoutView({
  connectedAccountId,
  id,
}: {
  readonly connectedAccountId: string
  readonly id: string
}): JSX.Element {
  const { accountId } = useConsole()
  const operation = {
    path: { connected_account_id: connectedAccountId, payout_id: id },
    query: { account_id: accountId },
  }
  const payout = useResource(apiReading('retrieveConnectedAccountPayout', operation))
  return (
    <div>
      <ViewHead
        title={text('Payout')}
        id={id}
        up={{
          href: viewPath('connected-accounts', connectedAccountId),
          text: text('Connected account'),
        }}
      />
      <ResourceView
        resource={payout}
        children={({ payout: one }) => (
          <PayoutDetails payout={one} transactions={<Transactions operation={operation} />} />
        )}
      />
    </div>
  )
}

function Transactions({
  operation,
}: {
  readonly operation: {
    readonly path: { readonly connected_account_id: string; readonly payout_id: string }
    readonly query: { readonly account_id: string }
  }
}): JSX.Element {
  const page = pageInAddress()
  const transactions = useResource(
    apiReading('listConnectedAccountPayoutTransactions', {
      ...operation,
      query: { ...operation.query, page },
    }),
  )
  return (
    <Card title={text('Transactions')}>
      <PagedView
        resource={transactions}
        rowsOf={(answer) => answer.transactions}
        count={['{count} transaction', '{count} transactions']}
      >
        {(rows) => (
          <TransactionList
            rows={rows}
            linkOf={({ transaction_id: id, transaction_type: type }) =>
              type === 'charge' ? (
                <IdLink of="transfers" id={id} />
              ) : (
                <span class="mono id">{id}</span>
              )
            }
            typeOf={(one) => (one.transaction_type === 'charge' ? 'transfer' : 'reversal')}
          />
        )}
      </PagedView>
    </Card>
  )
}
