import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { useConsole } from '../../../console/browser/context.ts'
import { ActionButton, Dialog, Field, Form, optionOf } from '../../../console/browser/parts.tsx'
import type { Payment } from '../../../console/browser/payments-view.tsx'
import { DECLINE_CODES } from '../../../domain/payment-attempt.ts'
import { useSandbox } from './sandbox-context.ts'
import { control } from './server.ts'

/** The buttons that decide an attempt, if it waits for the customer or the bank. */
export function DecisionActions({
  isSmall = false,
  payment,
}: {
  readonly payment: Pick<Payment, 'payment_id' | 'payments_session_id'> & {
    readonly status: string
  }
  readonly isSmall?: boolean
}): JSX.Element | null {
  const { facts } = useSandbox()
  const [isOpen, setOpen] = useState(false)
  const { payment_id: paymentId, payments_session_id: sessionId, status } = payment
  const waits = status === 'pending' || status === 'initiated'
  if (!waits || !facts.plays_attempts || sessionId === undefined) return null
  const kind = isSmall ? 'small' : ''
  const name = <span class="hidden">{` payment ${paymentId}`}</span>
  return (
    <span class="actions">
      <ActionButton
        class={isSmall ? 'small' : 'primary'}
        successText={`Payment ${paymentId} was approved.`}
        onAction={() =>
          control.call('decideAttempt', {
            path: { payments_session_id: sessionId },
            body: { outcome: 'succeeded' },
          })
        }
      >
        Approve
        {name}
      </ActionButton>
      <button type="button" class={kind} onClick={() => setOpen(true)}>
        Decline
        {name}
      </button>
      {isOpen && (
        <DeclineDialog paymentId={paymentId} sessionId={sessionId} onClose={() => setOpen(false)} />
      )}
    </span>
  )
}

function DeclineDialog({
  onClose,
  paymentId,
  sessionId,
}: {
  readonly paymentId: string
  readonly sessionId: string
  readonly onClose: () => void
}): JSX.Element {
  const { say } = useConsole()
  const [input, setInput] = useState('')
  const decline = async () => {
    const code = optionOf(DECLINE_CODES, input)
    await control.call('decideAttempt', {
      path: { payments_session_id: sessionId },
      body: { outcome: 'failed', ...(code !== undefined && { decline_code: code }) },
    })
    say(`Payment ${paymentId} was declined.`)
    onClose()
  }
  return (
    <Dialog title={`Decline payment ${paymentId}`} onClose={onClose}>
      <Form label="Decline attempt" onSend={decline}>
        <Field
          label="Decline code"
          value={input}
          options={[
            ['', 'default for the method'],
            ...DECLINE_CODES.map((one) => [one, one] as const),
          ]}
          onValue={setInput}
        />
      </Form>
    </Dialog>
  )
}
