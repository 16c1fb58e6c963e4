import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { useAccountOf, useConsole } from '../../../console/browser/context.ts'
import { useResource } from '../../../console/browser/live.ts'
import {
  ActionButton,
  Card,
  Code,
  CopyableText,
  Dialog,
  Empty,
  Facts,
  Form,
  ResourceView,
  Status,
  Time,
  ViewHead,
} from '../../../console/browser/parts.tsx'
import { RefundButton } from '../../../console/browser/payments-view.tsx'
import { IdLink, serverPath, viewPath } from '../../../console/browser/router.tsx'
import { showAmount, words } from '../../../console/browser/show.ts'
import { showDuration } from '../../../domain/duration.ts'
import { DecisionActions } from './decision-actions.tsx'
import { AttemptInputs, attemptBody, newAttempt } from './play-form.tsx'
import { RefundLines } from './refund-lines.tsx'
import { useSandbox } from './sandbox-context.ts'
import { control, controlReading } from './server.ts'
import { TestButton } from './test-dialog.tsx'
import { Timeline } from './timeline.tsx'
import type { SessionStory } from './wire.ts'

/** Everything about one session. */
export function SessionView({ id }: { readonly id: string }): JSX.Element {
  const story = useResource(controlReading('readTimeline', { path: { payments_session_id: id } }))
  const details = story.answer?.session
  useAccountOf(details)
  return (
    <div>
      <ViewHead
        title={[
          'Session ',
          <span class="mono id" key="id">
            {id}
          </span>,
        ]}
        up={{ href: viewPath('sessions'), text: 'Sessions' }}
        actions={details && <SessionActions story={details} />}
      />
      {<ResourceView resource={story} children={({ session }) => <Story story={session} />} />}
    </div>
  )
}

/** Returns the address of a terminal's page, on which the customer pays in person. */
function terminalPath(id: string): string {
  return serverPath(`/_sandbox/terminal/${encodeURIComponent(id)}`)
}

function SessionActions({ story }: { readonly story: SessionStory }): JSX.Element {
  const { facts } = useSandbox()
  const [isPlaying, setPlaying] = useState(false)
  const { payments_session_id: id, status, terminal_id: terminalId } = story.payments_session
  const pageUrl = terminalId === undefined ? story.checkout_url : terminalPath(terminalId)
  const isOpen = status === 'created'
  return (
    <div class="actions">
      {isOpen && facts.plays_attempts && (
        <button type="button" class="primary" onClick={() => setPlaying(true)}>
          Play an attempt
        </button>
      )}
      {(isOpen || status === 'in_progress') && pageUrl !== undefined && (
        <a class="button" href={pageUrl} target="_blank" rel="noreferrer">
          {terminalId === undefined ? 'Open checkout' : 'Open terminal'}
        </a>
      )}
      {isOpen &&
        (['expire', 'cancel'] as const).map((act) => (
          <ActionButton
            key={act}
            successText={
              act === 'expire' ? 'The session has expired.' : 'The session was canceled.'
            }
            onAction={() =>
              control.call(act === 'expire' ? 'expireSession' : 'cancelSession', {
                path: { payments_session_id: id },
              })
            }
          >
            {act === 'expire' ? 'Expire' : 'Cancel'}
          </ActionButton>
        ))}
      {status === 'in_progress' && story.payments[0] && (
        <DecisionActions payment={story.payments[0]} />
      )}
      <TestButton story={story} />
      {isPlaying && <PlayDialog id={id} onClose={() => setPlaying(false)} />}
    </div>
  )
}

function PlayDialog({ id, onClose }: { readonly id: string; readonly onClose: () => void }) {
  const { say } = useConsole()
  const [attempt, setAttempt] = useState(newAttempt())
  const play = async () => {
    await control.call('triggerAttempts', {
      path: { payments_session_id: id },
      body: { attempts: [attemptBody(attempt)] },
    })
    say('Attempt simulated.')
    onClose()
  }
  return (
    <Dialog title="Play an attempt" onClose={onClose}>
      <Form label="Play attempt" onSend={play}>
        <AttemptInputs attempt={attempt} onChange={setAttempt} />
      </Form>
    </Dialog>
  )
}

function Story({ story }: { readonly story: SessionStory }): JSX.Element {
  const { nowMs } = useConsole()
  const { checkout_url: checkoutUrl, payments, payments_session: session, refunds } = story
  const leftMs = session.expiry_time * 1000 - nowMs()
  return (
    <div class="columns story">
      <Timeline entries={story.timeline} />
      <div>
        <Card title="Facts">
          <Facts
            rows={[
              ['Amount', showAmount(session)],
              ['Status', <Status value={session.status} />],
              ['Description', session.description],
              ['Invoice number', session.invoice_number],
              ['Reference number', session.reference_number],
              ['Customer', story.customer_id && <IdLink of="customers" id={story.customer_id} />],
              ['Mandate', session.mandate_id && <IdLink of="mandates" id={session.mandate_id} />],
              [
                'Payment link',
                session.payment_link_id && <IdLink of="links" id={session.payment_link_id} />,
              ],
              [
                'Terminal',
                session.terminal_id && (
                  <a href={terminalPath(session.terminal_id)} target="_blank" rel="noreferrer">
                    {session.terminal_id}
                  </a>
                ),
              ],
              ['Account', <span class="mono">{story.account_id}</span>],
              ['Created', <Time atMs={session.created_time * 1000} />],
              [
                'Expires',
                <span>
                  <Time atMs={session.expiry_time * 1000} />
                  {session.status === 'created' && leftMs > 0 && ` (in ${showDuration(leftMs)})`}
                </span>,
              ],
              ['Id', <CopyableText text={session.payments_session_id} what="session id" />],
              ['Stored id', <span class="mono">{story.stored_id}</span>],
              [
                'Checkout',
                checkoutUrl && (
                  <span>
                    <CopyableText text={checkoutUrl} what="checkout address" />
                    <small class="soft">
                      {'The same path with '}
                      <code>/hostedpages/</code>
                      {' opens this page too: the real service has both URLs.'}
                    </small>
                  </span>
                ),
              ],
            ]}
          />
        </Card>
        <Card title="Payments">
          {payments.length === 0 ? (
            <Empty title="No payment attempts.">Open the checkout, or play an attempt.</Empty>
          ) : (
            <ul class="lines">
              {payments.map((payment) => (
                <li key={payment.payment_id}>
                  <IdLink of="payments" id={payment.payment_id} />
                  <span>{words(payment.payment_method.type)}</span>
                  <Status value={payment.status} />
                  <RefundButton payment={payment} accountId={story.account_id} />
                </li>
              ))}
            </ul>
          )}
          <RefundLines refunds={refunds} currency={session.currency} />
        </Card>
        <Card title="API answer">
          <Code label="session as JSON" text={JSON.stringify(session, undefined, 2)} />
        </Card>
      </div>
    </div>
  )
}
