import type { ComponentChildren, JSX } from 'preact'
import { useState } from 'preact/hooks'
import type { PaymentPage, Payment as RetrievedPayment } from '../../client/types.ts'
import { REFUND_REASONS } from '../../domain/refund.ts'
import { api, apiReading, PaydeskError, type Reading } from './connection.ts'
import { useConsole } from './context.ts'
import { amountInput, Filters, filtersIn, periodInputs, searchInput } from './filters.tsx'
import { List } from './list.tsx'
import { useResource } from './live.ts'
import { PagedView } from './paged-view.tsx'
import {
  AnswerCard,
  Card,
  CopyableText,
  Dialog,
  Empty,
  Facts,
  Field,
  Form,
  optionOf,
  ResourceView,
  Status,
  Time,
  ViewHead,
} from './parts.tsx'
import { IdLink, ShowAll, setQueryOf, viewPath } from './router.tsx'
import { showAmount, showMethod, words } from './show.ts'
import { text } from './text.ts'

/** A payment, in a list or alone: a list leaves some fields out. `date` is in seconds. */
export type Payment = PaymentPage['payments'][number] & Partial<RetrievedPayment>

/**
 * A payment in a list. A sandbox adds the start of the payment, in seconds. The API has only `date`: the time of the
 * decision, or of the start if there is no decision.
 */
type ListedPayment = PaymentPage['payments'][number] & { readonly started_time?: number }

const METHODS = ['card', 'upi', 'net_banking', 'wallet', 'bank_transfer', 'ach_debit'] as const

/** A read of a page of payments. */
export type PaymentsReading = Reading<
  Pick<PaymentPage, 'page_context'> & { readonly payments: readonly ListedPayment[] }
>

/** The query of a page of payments. Empty texts: no filter. */
export type PaymentQuery = {
  readonly account_id: string
  readonly status: string
  readonly payment_method_type: string
  readonly search_text: string
  readonly amount: string
  readonly from_date: string
  readonly to_date: string
  readonly page: string
}

/** All payments of the account. */
export function PaymentsView({
  empty,
  readingOf,
  toolsOf,
}: {
  /** The next step while the account has no payments. */
  readonly empty: ComponentChildren
  readonly readingOf: (query: PaymentQuery) => PaymentsReading
  /** The buttons in the head, for the filters of the list. */
  readonly toolsOf?: (query: PaymentQuery) => ComponentChildren
}): JSX.Element {
  const { accountId } = useConsole()
  const { amount, from, isFiltered, method, page, q, status, to } = filtersIn([
    'status',
    'method',
    'q',
    'amount',
    'from',
    'to',
  ])
  const query = {
    account_id: accountId,
    status,
    payment_method_type: method,
    search_text: q,
    amount,
    from_date: from,
    to_date: to,
    page,
  }
  const payments = useResource(readingOf(query))
  return (
    <div>
      <ViewHead title={text('Payments')} actions={toolsOf?.(query)}>
        {text('All payment attempts, each with its refunds.')}
      </ViewHead>
      <Filters
        inputs={[
          searchInput(
            text('A payment’s id, an e-mail address, a phone, reference or invoice number'),
          ),
          amountInput(),
          ...periodInputs(),
        ]}
      >
        <Field
          label={text('Status')}
          value={status}
          onValue={setQueryOf('status')}
          options={[
            ['', text('any')],
            ['Status.Succeeded', words('succeeded')],
            ['Status.Failed', words('failed')],
            ['Status.Refunded', words('refunded')],
            ['Status.Disputed', words('disputed')],
          ]}
        />
        <Field
          label={text('Method')}
          value={method}
          onValue={setQueryOf('method')}
          options={[['', text('any')], ...METHODS.map((name) => [name, showMethod(name)] as const)]}
        />
      </Filters>
      {
        <PagedView
          resource={payments}
          rowsOf={(answer) => answer.payments}
          count={['{count} payment', '{count} payments']}
          empty={
            <Empty
              title={isFiltered ? text('No matching payments.') : text('No payment attempts yet.')}
            >
              {isFiltered ? <ShowAll view="payments" label={text('Show all payments')} /> : empty}
            </Empty>
          }
        >
          {(rows) => <PaymentList rows={rows} />}
        </PagedView>
      }
    </div>
  )
}

/** A list of payments with the times of their start. Without these it shows `date`. */
export function PaymentList({ rows }: { readonly rows: readonly ListedPayment[] }): JSX.Element {
  return (
    <List
      label={text('Payments')}
      columns={[
        // The API sorts by the start, which only a sandbox shows.
        rows.some((one) => one.started_time === undefined)
          ? { title: text('Time'), class: 'when' }
          : { title: text('Started'), class: 'when', isSorted: true },
        { title: text('Payment'), class: 'main' },
        { title: text('Amount'), class: 'amount' },
        { title: text('Status') },
        { title: text('Method'), class: 'wide' },
      ]}
      rows={rows.map((one) => ({
        key: one.payment_id,
        cells: [
          <Time atMs={(one.started_time ?? one.date) * 1000} />,
          <IdLink of="payments" id={one.payment_id} />,
          showAmount(one),
          <Status value={one.status} />,
          showMethod(one.payment_method.type),
        ],
      }))}
    />
  )
}

/** Everything about one payment. */
export function PaymentView({
  actionsOf,
  cards,
  id,
  waitingRefund,
}: {
  readonly id: string
  /** The buttons in the head. */
  readonly actionsOf: (payment: Payment) => ComponentChildren
  /** The cards below the refunds. */
  readonly cards?: ComponentChildren
  /** The refund that waits for a decision, above the refunds. */
  readonly waitingRefund?: ComponentChildren
}): JSX.Element {
  const { accountId } = useConsole()
  const operation = { path: { payment_id: id }, query: { account_id: accountId } }
  const payment = useResource(apiReading('retrievePayment', operation))
  const refunds = useResource(apiReading('listRefunds', operation))
  const details = payment.answer?.payment
  return (
    <div>
      <ViewHead
        title={text('Payment')}
        id={id}
        up={{ href: viewPath('payments'), text: text('Payments') }}
        actions={details && actionsOf(details)}
      />
      {
        <ResourceView
          resource={payment}
          children={({ payment: one }) => (
            <div class="columns">
              <div>
                <Card title={text('Details')}>
                  <PaymentFacts payment={one} />
                </Card>
                <Card title={text('Refunds')}>
                  {waitingRefund}
                  {
                    <ResourceView
                      resource={refunds}
                      children={({ refunds: rows }) =>
                        rows.length === 0 ? (
                          <Empty title={text('No refunds.')}>
                            {text('A captured payment can be refunded in parts.')}
                          </Empty>
                        ) : (
                          <ul class="lines">
                            {rows.map((refund) => (
                              <li key={refund.refund_id}>
                                <Time atMs={refund.date * 1000} />
                                <span class="mono id">{refund.refund_id}</span>
                                <span>
                                  {showAmount({ amount: refund.amount, currency: one.currency })}
                                </span>
                                <Status value={refund.status} />
                                {refund.failure_reason !== '' && (
                                  <small>{refund.failure_reason}</small>
                                )}
                              </li>
                            ))}
                          </ul>
                        )
                      }
                    />
                  }
                </Card>
                {cards}
              </div>
              <AnswerCard answer={one} />
            </div>
          )}
        />
      }
    </div>
  )
}

function PaymentFacts({ payment: one }: { readonly payment: Payment }): JSX.Element {
  const { isLive } = useConsole()
  const isOpen = one.status === 'initiated' || one.status === 'pending'
  const money = (amount: string | undefined) =>
    amount && showAmount({ amount, currency: one.currency })
  return (
    <Facts
      rows={[
        [text('Amount'), showAmount(one)],
        [text('Status'), <Status value={one.status} />],
        [text('Method'), showMethod(one.payment_method.type)],
        [text('Failure'), one.failure_code && `${one.failure_code}: ${one.failure_reason ?? ''}`],
        [text('Captured'), money(one.amount_captured)],
        [text('Fees'), money(one.total_fee_amount)],
        [text('Refunded'), money(one.amount_refunded)],
        [
          text('Dispute'),
          one.dispute && (
            <span>
              {text('{amount}, {reason}', {
                amount: showAmount({ amount: one.dispute.amount, currency: one.currency }),
                reason: words(one.dispute.reason),
              })}{' '}
              <Status value={one.dispute.status} />
              {isLive && [' ', <IdLink key="dispute" of="disputes" id={one.dispute.dispute_id} />]}
            </span>
          ),
        ],
        [text('Net'), money(one.net_amount)],
        [text('Payer'), one.receipt_email ?? one.phone],
        [text('Customer'), one.customer_id && <IdLink of="customers" id={one.customer_id} />],
        [text('Bank’s reference'), one.transaction_reference_number],
        [isOpen ? text('Started') : text('Decided'), <Time atMs={one.date * 1000} />],
        [
          text('Session'),
          one.payments_session_id && <IdLink of="sessions" id={one.payments_session_id} />,
        ],
        [
          text('Virtual account'),
          one.virtual_account_id && <IdLink of="virtual-accounts" id={one.virtual_account_id} />,
        ],
        [text('Mandate'), one.mandate_id && <IdLink of="mandates" id={one.mandate_id} />],
        [
          text('Payment link'),
          one.payment_link_id && <IdLink of="links" id={one.payment_link_id} />,
        ],
        [text('Id'), <CopyableText text={one.payment_id} what={text('payment id')} />],
      ]}
    />
  )
}

type RefundInput = {
  readonly amount: string
  readonly reason: (typeof REFUND_REASONS)[number]
}

/** The button that refunds a payment, or a part of it. Null: the status of the payment allows no refund. */
export function RefundButton({
  accountId,
  isMain = false,
  onAboveLimit,
  payment,
}: {
  /** Requests the refund that is above the limit of the operator. Undefined: there is no such limit. */
  readonly onAboveLimit?: (body: RefundInput) => Promise<unknown>
  readonly payment: Payment
  readonly accountId: string
  readonly isMain?: boolean
}): JSX.Element | null {
  const { say } = useConsole()
  const [isOpen, setOpen] = useState(false)
  const [amount, setAmount] = useState(payment.amount)
  const [reason, setReason] = useState<(typeof REFUND_REASONS)[number]>('requested_by_customer')
  if (payment.status !== 'succeeded' && payment.status !== 'partially_refunded') return null
  const refund = async () => {
    try {
      await api.call('createRefund', {
        path: { payment_id: payment.payment_id },
        query: { account_id: accountId },
        body: { amount, reason },
      })
      say(text('Refund created.'))
    } catch (error) {
      // A 403 names the amount only if the amount is above the limit of the operator.
      const isAboveLimit =
        error instanceof PaydeskError && error.status === 403 && error.field === 'amount'
      if (!isAboveLimit || onAboveLimit === undefined) throw error
      await onAboveLimit({ amount, reason })
      say(text('This refund is above your limit. It waits for the approval of a second person.'))
    }
    setOpen(false)
  }
  return (
    <span>
      <button type="button" class={isMain ? '' : 'small'} onClick={() => setOpen(true)}>
        {text('Refund#verb')}
        {!isMain && (
          <span class="hidden">{` ${text('payment {id}', { id: payment.payment_id })}`}</span>
        )}
      </button>
      {isOpen && (
        <Dialog title={text('Refund')} onClose={() => setOpen(false)}>
          <Form label={text('Create refund')} onSend={refund}>
            <div class="fields">
              <Field
                label={text('Amount in {currency}', { currency: payment.currency })}
                value={amount}
                onValue={setAmount}
                input={{ inputmode: 'decimal' }}
              />
              <Field
                label={text('Reason')}
                value={reason}
                options={REFUND_REASONS}
                onValue={(choice) =>
                  setReason((before) => optionOf(REFUND_REASONS, choice) ?? before)
                }
              />
            </div>
          </Form>
        </Dialog>
      )}
    </span>
  )
}
