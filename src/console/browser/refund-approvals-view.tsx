import type { JSX } from 'preact'
import { consoleCalls, consoleReading } from './console-calls.ts'
import { useConsole } from './context.ts'
import { ExportButton } from './export-button.tsx'
import { List } from './list.tsx'
import { useResource } from './live.ts'
import { useOperatorFacts } from './operator-context.ts'
import { ActionButton, Empty, ResourceView, Status, Time, ViewHead } from './parts.tsx'
import { IdLink } from './router.tsx'
import { showAmount, words } from './show.ts'
import { text } from './text.ts'

/** The requests for refunds above a limit, and their decisions. */
export function RefundApprovalsView(): JSX.Element {
  const { accountId, may } = useConsole()
  const { operator } = useOperatorFacts()
  const query = { account_id: accountId }
  const approvals = useResource(consoleReading('listRefundApprovals', { query }))
  return (
    <div>
      <ViewHead
        title={text('Refund approvals')}
        actions={<ExportButton table="refund_approvals" filters={{}} />}
      >
        {text(
          'Refunds above the limit of an operator wait here for a second person, for three days.',
        )}
      </ViewHead>
      <ResourceView resource={approvals}>
        {({ refund_approvals: rows }) =>
          rows.length === 0 ? (
            <Empty title={text('No requests.')}>
              {text('A request appears when an operator refunds more than their limit.')}
            </Empty>
          ) : (
            <List
              label={text('Requests')}
              columns={[
                { title: text('Requested'), class: 'when', isSorted: true },
                { title: text('Payment'), class: 'main' },
                { title: text('Amount'), class: 'amount' },
                { title: text('Status') },
                { title: text('Reason'), class: 'tight' },
                { title: text('People') },
                { title: text('Decision'), class: 'own-line' },
              ]}
              rows={rows.map((one) => {
                const isOwn = one.requested_by_id === operator.id
                const input = { path: { refund_approval_id: one.refund_approval_id }, query }
                const what = (
                  <span class="hidden">
                    {` ${text('the refund of {amount}', { amount: showAmount(one) })}`}
                  </span>
                )
                return {
                  key: one.refund_approval_id,
                  cells: [
                    <Time atMs={Date.parse(one.requested_time)} />,
                    <IdLink of="payments" id={one.payment_id} />,
                    showAmount(one),
                    <Status value={one.status} />,
                    words(one.reason),
                    [
                      <span key="requester" class="email">
                        {one.requested_by}
                      </span>,
                      one.decided_by !== undefined &&
                        `, ${text('decided by {person}', { person: one.decided_by })}`,
                    ],
                    one.status === 'waiting' && (
                      <span class="actions">
                        {!isOwn && may('approve_refunds') && (
                          <ActionButton
                            class="small"
                            onAction={() => consoleCalls.call('approveRefundApproval', input)}
                            successText={text('Approved: the refund was created.')}
                          >
                            {text('Approve')}
                            {what}
                          </ActionButton>
                        )}
                        {(isOwn || may('approve_refunds')) && (
                          <ActionButton
                            class="small"
                            onAction={() => consoleCalls.call('rejectRefundApproval', input)}
                            successText={isOwn ? text('Withdrawn.') : text('Rejected.')}
                          >
                            {isOwn ? text('Withdraw') : text('Reject')}
                            {what}
                          </ActionButton>
                        )}
                      </span>
                    ),
                  ],
                }
              })}
            />
          )
        }
      </ResourceView>
    </div>
  )
}
