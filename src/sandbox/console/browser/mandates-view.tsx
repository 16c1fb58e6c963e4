import type { JSX } from 'preact'
import { MandateView } from '../../../console/browser/mandates-view.tsx'
import { ActionButton } from '../../../console/browser/parts.tsx'
import { useSandbox } from './sandbox-context.ts'
import { control, controlReading } from './server.ts'
import type { MandateStory } from './wire.ts'

/** One mandate, with the changes that its customer makes in the UPI app. */
export function SandboxMandate({ id }: { readonly id: string }): JSX.Element {
  return (
    <MandateView
      id={id}
      reading={controlReading('readMandateStory', { path: { mandate_id: id } })}
      actionsOf={(story) => <CustomerActions story={story} />}
      factsOf={({ stored_id: storedId }) => [['Stored id', <span class="mono">{storedId}</span>]]}
    />
  )
}

function CustomerActions({ story }: { readonly story: MandateStory }): JSX.Element | null {
  const { facts } = useSandbox()
  const { mandate_id: id, status } = story.mandate
  if (!facts.plays_attempts || (status !== 'active' && status !== 'paused')) return null
  const path = { mandate_id: id }
  return (
    <>
      {status === 'active' ? (
        <ActionButton
          successText="The customer has paused the mandate."
          onAction={() => control.call('pauseMandate', { path })}
        >
          Pause
        </ActionButton>
      ) : (
        <ActionButton
          successText="The customer has resumed the mandate."
          onAction={() => control.call('resumeMandate', { path })}
        >
          Resume
        </ActionButton>
      )}
      <ActionButton
        class="danger"
        successText="The customer has revoked the mandate."
        onAction={() => control.call('revokeMandate', { path })}
      >
        Revoke
      </ActionButton>
    </>
  )
}
