import type { JSX } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { useConsole } from '../../../console/browser/context.ts'
import { useResource } from '../../../console/browser/live.ts'
import { Dialog, Field, Form, optionOf } from '../../../console/browser/parts.tsx'
import { serverPath } from '../../../console/browser/router.tsx'
import { NewEndpointDialog, WebhooksView } from '../../../console/browser/webhooks-view.tsx'
import { type RealEventType, WEBHOOK_EVENT_TYPES } from '../../../domain/webhook-event.ts'
import { control, controlReading, readObject } from './server.ts'
import { SigningTimeNote } from './signing-time-note.tsx'

/** The name of the program, and the flag for the address of the sandbox, in the commands that the page shows. */
const { command = 'npx paydesk', urlFlag = '' } = document.getElementById('app')?.dataset ?? {}

/** The endpoints and events of a sandbox, which also sends test events. */
export function SandboxWebhooks(): JSX.Element {
  const [isOpen, setOpen] = useState(false)
  const listeners = useResource(controlReading('listListeners', {})).answer?.listeners ?? []
  return (
    <>
      <WebhooksView
        actions={
          <button key="test" type="button" onClick={() => setOpen(true)}>
            Send a test event
          </button>
        }
        note={<SigningTimeNote />}
        listeners={listeners}
        running={listeners.filter((one) => one.is_running)}
        noEndpoints={[
          'Start your server, then create an endpoint with its URL. Without a server of your own, run ',
          <code key="command">
            {command} webhook listen{urlFlag}
          </code>,
          '.',
        ]}
        noEvents={[
          'Pay in the ',
          <a key="demo" href={serverPath('/demo')}>
            demo shop
          </a>,
          ', or send a test event with the button above.',
        ]}
        dialogOf={(props) => (
          <NewEndpointDialog
            {...props}
            urlDefault="http://127.0.0.1:3000/webhooks"
            showsKey={false}
          />
        )}
      />
      {isOpen && <TestEventDialog onClose={() => setOpen(false)} />}
    </>
  )
}

function TestEventDialog({ onClose }: { readonly onClose: () => void }): JSX.Element {
  const { accountId, say } = useConsole()
  const [type, setType] = useState<RealEventType>('payment.succeeded')
  const [text, setText] = useState('')
  const sample = useResource(controlReading('sampleEvent', { path: { event_type: type } }))
  const shownType = useRef('')
  useEffect(() => {
    if (sample.answer === undefined || shownType.current === type) return
    shownType.current = type
    setText(JSON.stringify(sample.answer.sample, undefined, 2))
  }, [sample.answer, type])
  const send = async () => {
    const data = readObject('data', text)
    await control.call('triggerEvent', {
      body: {
        event_type: type,
        account_id: accountId,
        data: patchFrom(sample.answer?.sample ?? {}, data),
      },
    })
    say(`${type} was sent to its subscribers.`)
    onClose()
  }
  return (
    <Dialog title="Send a test event" onClose={onClose}>
      <p class="soft">No money moves.</p>
      <Form label="Send event" onSend={send}>
        <Field
          label="Type"
          value={type}
          onValue={(choice) => setType((before) => optionOf(WEBHOOK_EVENT_TYPES, choice) ?? before)}
          options={WEBHOOK_EVENT_TYPES.map((one) => [one, one] as const)}
        />
        <Field
          label="Event data, as JSON"
          value={text}
          onValue={setText}
          rows={14}
          class="code-field"
        />
      </Form>
    </Dialog>
  )
}

type Fields = Readonly<Record<string, unknown>>

/**
 * Returns the merge patch (RFC 7396) that turns the sandbox's sample into the edited data. In a patch null removes a
 * field.
 */
function patchFrom(sample: Fields, target: Fields): Fields {
  const removals = Object.keys(sample).filter((name) => !(name in target))
  const changes = Object.entries(target).map(([name, value]): [string, unknown] => {
    const before = sample[name]
    return [name, isFields(before) && isFields(value) ? patchFrom(before, value) : value]
  })
  return Object.fromEntries([...removals.map((name) => [name, null] as const), ...changes])
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
