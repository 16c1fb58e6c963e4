import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { useConsole } from '../../../console/browser/context.ts'
import { ActionButton, CopyableText, Dialog, Form } from '../../../console/browser/parts.tsx'
import { serverPath, viewPath } from '../../../console/browser/router.tsx'
import { SessionView } from '../../../console/browser/session-view.tsx'
import { SessionsView } from '../../../console/browser/sessions-view.tsx'
import { DecisionActions } from './decision-actions.tsx'
import { NewSession } from './new-session.tsx'
import { AttemptInputs, attemptBody, newAttempt } from './play-form.tsx'
import { useSandbox } from './sandbox-context.ts'
import { control, controlReading } from './server.ts'
import { TestButton } from './test-dialog.tsx'
import type { SessionStory } from './wire.ts'

/** All sessions of the account. A developer creates and plays them here. */
export function SandboxSessions(): JSX.Element {
  return (
    <SessionsView
      toolsOf={() => <NewSession />}
      empty={[
        'Create one with the button above, or by a request: ',
        <a key="snippets" href={viewPath('credentials')}>
          snippets
        </a>,
        '.',
      ]}
    />
  )
}

/** One session, with attempts that a developer plays. */
export function SandboxSession({ id }: { readonly id: string }): JSX.Element {
  const { facts } = useSandbox()
  return (
    <SessionView
      id={id}
      reading={controlReading('readTimeline', { path: { payments_session_id: id } })}
      actionsOf={(story) => [
        <PlayActions key="play" story={story} />,
        <DecisionAndTest key="decide" story={story} />,
      ]}
      factsOf={({ checkout_url: checkoutUrl, stored_id: storedId }) => [
        ['Stored id', <span class="mono">{storedId}</span>],
        [
          'Checkout',
          checkoutUrl && (
            <span>
              <CopyableText text={checkoutUrl} what="checkout address" />
              <small class="soft">
                <code>/hostedpages/</code>
                {' in place of '}
                <code>/hostedcheckout/</code>
                {' opens the checkout too: the real service has both URLs.'}
              </small>
            </span>
          ),
        ],
      ]}
      terminalOf={(terminalId) => (
        <a href={terminalPath(terminalId)} target="_blank" rel="noreferrer">
          {terminalId}
        </a>
      )}
      unpaidOf={({ payments_session: { status, terminal_id: terminalId } }) => {
        if (status !== 'created') return 'Nobody has tried to pay this session.'
        const page = terminalId === undefined ? 'checkout' : 'terminal'
        return `Open the ${page}${facts.plays_attempts ? ', or play an attempt' : ''}.`
      }}
    />
  )
}

function terminalPath(id: string): string {
  return serverPath(`/_sandbox/terminal/${encodeURIComponent(id)}`)
}

function PlayActions({ story }: { readonly story: SessionStory }): JSX.Element {
  const { facts } = useSandbox()
  const [isPlaying, setPlaying] = useState(false)
  const { payments_session_id: id, status, terminal_id: terminalId } = story.payments_session
  const pageUrl = terminalId === undefined ? story.checkout_url : terminalPath(terminalId)
  const isOpen = status === 'created'
  return (
    <>
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
      {isOpen && (
        <ActionButton
          successText="The session has expired."
          onAction={() => control.call('expireSession', { path: { payments_session_id: id } })}
        >
          Expire
        </ActionButton>
      )}
      {isPlaying && <PlayDialog id={id} onClose={() => setPlaying(false)} />}
    </>
  )
}

function DecisionAndTest({ story }: { readonly story: SessionStory }): JSX.Element {
  const [payment] = story.payments
  return (
    <>
      {story.payments_session.status === 'in_progress' && payment && (
        <DecisionActions payment={payment} />
      )}
      <TestButton story={story} />
    </>
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
    say('Attempt played.')
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
