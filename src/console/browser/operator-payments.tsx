import type { JSX } from 'preact'
import { apiReading, apiWithContacts } from './connection.ts'
import { consoleCalls, consoleReading } from './console-calls.ts'
import { useConsole } from './context.ts'
import { ExportButton } from './export-button.tsx'
import { useResource } from './live.ts'
import { OpenContacts } from './open-contacts.tsx'
import { PaymentsView, PaymentView, RefundButton } from './payments-view.tsx'
import { viewPath } from './router.tsx'
import { showAmount } from './show.ts'
import { text } from './text.ts'
import type { ViewProps } from './view-props.ts'

/** The payments of an account, or one of them. */
export function OperatorPayments({ id }: ViewProps): JSX.Element {
  return id === undefined ? <AccountPayments /> : <AccountPayment id={id} key={id} />
}

function AccountPayments(): JSX.Element {
  return (
    <PaymentsView
      readingOf={(query) => apiReading('listPayments', { query })}
      empty={text('Payments appear here when customers pay.')}
      toolsOf={(query) => [
        <ExportButton key="payments" table="payments" filters={query} />,
        <ExportButton
          key="refunds"
          table="refunds"
          filters={{ from_date: query.from_date, to_date: query.to_date }}
        />,
      ]}
    />
  )
}

function AccountPayment({ id }: { readonly id: string }): JSX.Element {
  const { accountId, may } = useConsole()
  return (
    <PaymentView
      id={id}
      waitingRefund={<WaitingRefund id={id} />}
      actionsOf={(payment) => [
        may('refund') && (
          <RefundButton
            key="refund"
            payment={payment}
            accountId={accountId}
            isMain
            onAboveLimit={(body) =>
              consoleCalls.call('requestRefundApproval', {
                path: { payment_id: id },
                query: { account_id: accountId },
                body,
              })
            }
          />
        ),
        <OpenContacts
          key="contacts"
          read={() =>
            apiWithContacts.answer('retrievePayment', {
              path: { payment_id: id },
              query: { account_id: accountId },
            })
          }
        />,
      ]}
    />
  )
}

/** Null: no refund waits for the approval of a second person. */
function WaitingRefund({ id }: { readonly id: string }): JSX.Element | null {
  const { accountId } = useConsole()
  const { answer } = useResource(
    consoleReading('listWaitingRefundApprovals', {
      path: { payment_id: id },
      query: { account_id: accountId },
    }),
  )
  const [approval] = answer?.refund_approvals ?? []
  if (approval === undefined) return null
  return (
    <p class="notice calm">
      {text(
        'A refund of {amount}, requested by {person}, waits for the approval of a second person.',
        {
          amount: showAmount(approval),
          person: approval.requested_by,
        },
      )}{' '}
      <a href={viewPath('refund-approvals')}>{text('Refund approvals')}</a>
    </p>
  )
}
