import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { api } from './connection.ts'
import { useConsole } from './context.ts'
import { Dialog, Field, Form } from './parts.tsx'
import { countText, text } from './text.ts'

const DAY_MS = 86_400_000

/** Writes a time for an input of a time: `2026-11-22T09:30`, in UTC. */
const inputTime = (timeMs: number): string => new Date(timeMs).toISOString().slice(0, 16)

/** Reads an input of a time as a time of a request. The server refuses an empty one, and its error names the field. */
const requestTime = (input: string): string => (input === '' ? '' : `${input}:00Z`)

/** Sends the events of a period again to one endpoint. */
export function ReplayButton({
  operation,
}: {
  readonly operation: {
    readonly path: { readonly webhook_url_id: string }
    readonly query: { readonly account_id: string }
  }
}): JSX.Element {
  const { nowMs, say } = useConsole()
  const [isOpen, setOpen] = useState(false)
  const [from, setFrom] = useState('')
  const [to, setTo] = useState('')
  const open = () => {
    setFrom(inputTime(nowMs() - DAY_MS))
    setTo(inputTime(nowMs()))
    setOpen(true)
  }
  const replay = async () => {
    const body = { from: requestTime(from), to: requestTime(to) }
    const { event_count: count } = await api.call('replayWebhookEvents', { ...operation, body })
    say(countText(count, '{count} event sent again.', '{count} events sent again.'))
    setOpen(false)
  }
  return (
    <span>
      <button type="button" onClick={open}>
        {text('Replay')}
      </button>
      {isOpen && (
        <Dialog title={text('Replay events')} onClose={() => setOpen(false)}>
          <Form label={text('Send again')} onSend={replay}>
            <p class="soft">
              {text(
                'Paydesk sends the events of this period again, oldest first: all events of the types to which the endpoint subscribes. This includes events that the endpoint already received.',
              )}
            </p>
            <div class="fields">
              <Field
                label={text('From, in UTC')}
                value={from}
                onValue={setFrom}
                input={{ type: 'datetime-local' }}
              />
              <Field
                label={text('To, in UTC')}
                value={to}
                onValue={setTo}
                input={{ type: 'datetime-local' }}
                hint={text(
                  'At most 31 days after the start. Events from the chosen minute on are not included',
                )}
              />
            </div>
          </Form>
        </Dialog>
      )}
    </span>
  )
}
