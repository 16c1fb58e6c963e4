import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { useConsole } from '../../../console/browser/context.ts'
import { Dialog, Field, Form, optionOf } from '../../../console/browser/parts.tsx'
import { go, viewPath } from '../../../console/browser/router.tsx'
import { type AttemptFields, AttemptInputs, attemptBody, newAttempt } from './play-form.tsx'
import { useSandbox } from './sandbox-context.ts'
import { control, readObject } from './server.ts'

/** Creates a session, and plays attempts on it, if any. */
export function NewSession(): JSX.Element {
  const [isOpen, setOpen] = useState(false)
  return (
    <div>
      <button type="button" class="primary" onClick={() => setOpen(true)}>
        New session
      </button>
      {isOpen && <NewSessionDialog onClose={() => setOpen(false)} />}
    </div>
  )
}

function NewSessionDialog({ onClose }: { readonly onClose: () => void }): JSX.Element {
  const { accountId, say } = useConsole()
  const { facts } = useSandbox()
  const [amount, setAmount] = useState('1499.90')
  const [currency, setCurrency] = useState(accountId === facts.us_account_id ? 'USD' : 'INR')
  const [description, setDescription] = useState('Order 8841')
  const [more, setMore] = useState('')
  const [attempts, setAttempts] = useState<readonly AttemptFields[]>([])
  const [endsBy, setEndsBy] = useState('')
  const send = async () => {
    const extra = more.trim() === '' ? {} : readObject('more fields', more)
    const end = optionOf(['expire', 'cancel'] as const, endsBy)
    const body = {
      account_id: accountId,
      session: { amount, currency, ...(description !== '' && { description }), ...extra },
      attempts: attempts.map(attemptBody),
      ...(end !== undefined && { ends_by: end }),
    }
    const session = await control.call('triggerSession', { body })
    say('Session created.')
    onClose()
    go(viewPath('sessions', session.payments_session_id))
  }
  return (
    <Dialog title="New session" onClose={onClose}>
      <Form label="Create session" onSend={send}>
        <div class="fields">
          <Field
            label="Amount"
            value={amount}
            onValue={setAmount}
            input={{ inputmode: 'decimal' }}
          />
          <Field label="Currency" value={currency} onValue={setCurrency} input={{ maxLength: 3 }} />
          <Field label="Description" value={description} onValue={setDescription} />
        </div>
        {attempts.map((attempt, index) => (
          <fieldset key={index}>
            <legend>{`Attempt ${index + 1}`}</legend>
            <AttemptInputs
              attempt={attempt}
              onChange={(change) =>
                setAttempts((before) => before.map((one, at) => (at === index ? change : one)))
              }
            />
            <button
              type="button"
              class="small"
              onClick={() => setAttempts((before) => before.filter((_, at) => at !== index))}
            >
              Remove
              <span class="hidden">{` attempt ${index + 1}`}</span>
            </button>
          </fieldset>
        ))}
        {attempts.length < 5 && (
          <p>
            <button
              type="button"
              class="small"
              onClick={() =>
                setAttempts((before) => [
                  ...before.map((one) =>
                    one.outcome === 'succeeded' ? { ...one, outcome: 'failed' } : one,
                  ),
                  newAttempt(),
                ])
              }
            >
              {attempts.length === 0 ? 'Play an attempt to pay' : 'Play another attempt'}
            </button>
          </p>
        )}
        <details>
          <summary>More</summary>
          <Field
            label="Final state"
            value={endsBy}
            onValue={setEndsBy}
            options={[
              ['', 'unchanged'],
              ['expire', 'expired'],
              ['cancel', 'canceled'],
            ]}
          />
          <Field
            label="More fields of the request, as JSON"
            value={more}
            onValue={setMore}
            rows={4}
            hint={'Such as {"reference_number": "ord_8841"}'}
          />
        </details>
      </Form>
    </Dialog>
  )
}
