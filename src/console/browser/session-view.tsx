import type { ComponentChildren, JSX } from 'preact'
import type { SessionStory } from '../../api/payment-sessions/story-schemas.ts'
import { api, type Reading } from './connection.ts'
import { useAccountOf, useConsole } from './context.ts'
import { useResource } from './live.ts'
import {
  AnswerCard,
  Card,
  CopyableText,
  Empty,
  type FactRow,
  Facts,
  FinalActionButton,
  ResourceView,
  Status,
  Time,
  ViewHead,
} from './parts.tsx'
import { RefundButton } from './payments-view.tsx'
import { RefundLines } from './refund-lines.tsx'
import { IdLink, viewPath } from './router.tsx'
import { showAmount, showDuration, showMethod } from './show.ts'
import { text } from './text.ts'
import { Timeline } from './timeline.tsx'

/** The parts of the view of a session that differ between the live console and the console of a sandbox. */
type SessionViewProps<Story> = {
  readonly id: string
  readonly reading: Reading<{ readonly session: Story }>
  /** More buttons, before and after the one that cancels. */
  readonly actionsOf?: (
    story: Story,
  ) => readonly [before: ComponentChildren, after: ComponentChildren]
  /** More facts, as the last ones. */
  readonly factsOf?: (story: Story) => readonly FactRow[]
  /** Renders the terminal of an in-person session. Undefined: the view shows the terminal's id. */
  readonly terminalOf?: (terminalId: string) => ComponentChildren
  /** The next step while nobody has tried to pay. */
  readonly unpaidOf: (story: Story) => ComponentChildren
}

/** Everything about one session. */
export function SessionView<Story extends SessionStory>(
  props: SessionViewProps<Story>,
): JSX.Element {
  const { actionsOf, id, reading } = props
  const story = useResource(reading)
  const details = story.answer?.session
  useAccountOf(details)
  const [before, after] = (details && actionsOf?.(details)) ?? []
  return (
    <div>
      <ViewHead
        title={text('Session')}
        id={id}
        up={{ href: viewPath('sessions'), text: text('Sessions') }}
        actions={
          details && (
            <div class="actions">
              {before}
              <CancelSession story={details} />
              {after}
            </div>
          )
        }
      />
      <ResourceView
        resource={story}
        children={({ session }) => <StoryColumns {...props} story={session} />}
      />
    </div>
  )
}

function CancelSession({ story }: { readonly story: SessionStory }): JSX.Element | null {
  const { may } = useConsole()
  const { payments_session_id: id, status } = story.payments_session
  if (status !== 'created' || !may('cancel_sessions')) return null
  return (
    <FinalActionButton
      name={text('Cancel')}
      confirmation={text('Cancel session')}
      question={text('Cancel this session? After that, its customer can no longer pay it.')}
      successText={text('The session was canceled.')}
      onAction={() =>
        api.call('cancelPaymentSession', {
          path: { payments_session_id: id },
          query: { account_id: story.account_id },
        })
      }
    />
  )
}

function StoryColumns<Story extends SessionStory>({
  factsOf,
  story,
  terminalOf,
  unpaidOf,
}: SessionViewProps<Story> & { readonly story: Story }): JSX.Element {
  const { may } = useConsole()
  const { payments, payments_session: session, refunds } = story
  return (
    <div class="columns story">
      <Timeline entries={story.timeline} />
      <div>
        <Card title={text('Details')}>
          <Facts rows={[...sessionFacts(story, terminalOf), ...(factsOf?.(story) ?? [])]} />
        </Card>
        <Card title={text('Payments')}>
          {payments.length === 0 ? (
            <Empty title={text('No payment attempts.')}>{unpaidOf(story)}</Empty>
          ) : (
            <ul class="lines">
              {payments.map((payment) => (
                <li key={payment.payment_id}>
                  <IdLink of="payments" id={payment.payment_id} />
                  <span>{showMethod(payment.payment_method.type)}</span>
                  <Status value={payment.status} />
                  {may('refund') && <RefundButton payment={payment} accountId={story.account_id} />}
                </li>
              ))}
            </ul>
          )}
          <RefundLines refunds={refunds} currency={session.currency} />
        </Card>
        <AnswerCard answer={session} />
      </div>
    </div>
  )
}

function sessionFacts(
  story: SessionStory,
  terminalOf: (terminalId: string) => ComponentChildren = (id) => id,
): readonly FactRow[] {
  const { payments_session: session } = story
  return [
    [text('Amount'), showAmount(session)],
    [text('Status'), <Status value={session.status} />],
    [text('Description'), session.description],
    [text('Invoice number'), session.invoice_number],
    [text('Reference number'), session.reference_number],
    [text('Customer'), story.customer_id && <IdLink of="customers" id={story.customer_id} />],
    [text('Mandate'), session.mandate_id && <IdLink of="mandates" id={session.mandate_id} />],
    [
      text('Payment link'),
      session.payment_link_id && <IdLink of="links" id={session.payment_link_id} />,
    ],
    [text('Terminal'), session.terminal_id && terminalOf(session.terminal_id)],
    [text('Account'), <span class="mono">{story.account_id}</span>],
    [text('Created'), <Time atMs={session.created_time * 1000} />],
    [text('Expires'), <Expiry session={session} />],
    [text('Id'), <CopyableText text={session.payments_session_id} what={text('session id')} />],
  ]
}

function Expiry({ session }: { readonly session: SessionStory['payments_session'] }): JSX.Element {
  const { nowMs } = useConsole()
  const leftMs = session.expiry_time * 1000 - nowMs()
  return (
    <span>
      <Time atMs={session.expiry_time * 1000} />
      {session.status === 'created' &&
        leftMs > 0 &&
        ` (${text('in {duration}', { duration: showDuration(leftMs) })})`}
    </span>
  )
}
