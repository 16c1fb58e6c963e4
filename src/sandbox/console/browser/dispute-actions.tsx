import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { useConsole } from '../../../console/browser/context.ts'
import { ActionButton, Dialog, Field, Form, optionOf } from '../../../console/browser/parts.tsx'
import type { Payment } from '../../../console/browser/payments-view.tsx'
import { words } from '../../../console/browser/show.ts'
import { DISPUTE_REASON_DEFAULT, DISPUTE_REASONS } from '../../../domain/dispute.ts'
import { useSandbox } from './sandbox-context.ts'
import { control } from './server.ts'

/** The button that disputes a payment, or the buttons that decide its open dispute. */
export function DisputeActions({ payment }: { readonly payment: Payment }): JSX.Element | null {
  const { facts } = useSandbox()
  const { dispute, payment_id: paymentId, status } = payment
  if (!facts.plays_attempts) return null
  if (dispute?.status === 'open') return <DecisionButtons id={dispute.dispute_id} />
  if (status !== 'succeeded' && status !== 'partially_refunded') return null
  return <DisputeButton id={paymentId} />
}

function DecisionButtons({ id }: { readonly id: string }): JSX.Element {
  const path = { dispute_id: id }
  return (
    <span class="actions">
      <ActionButton
        successText="The merchant has won the dispute."
        onAction={() => control.call('winDispute', { path })}
      >
        Win dispute
      </ActionButton>
      <ActionButton
        class="danger"
        successText="The merchant has lost the dispute."
        onAction={() => control.call('loseDispute', { path })}
      >
        Lose dispute
      </ActionButton>
    </span>
  )
}

function DisputeButton({ id }: { readonly id: string }): JSX.Element {
  const { say } = useConsole()
  const [isOpen, setOpen] = useState(false)
  const [amount, setAmount] = useState('')
  const [reason, setReason] = useState(DISPUTE_REASON_DEFAULT)
  const dispute = async () => {
    await control.call('openDispute', {
      path: { payment_id: id },
      body: { reason, ...(amount !== '' && { amount }) },
    })
    say('The payment is disputed.')
    setOpen(false)
  }
  return (
    <span>
      <button type="button" onClick={() => setOpen(true)}>
        Dispute
      </button>
      {isOpen && (
        <Dialog title="Dispute" onClose={() => setOpen(false)}>
          <Form label="Open dispute" onSend={dispute}>
            <div class="fields">
              <Field
                label="Amount"
                value={amount}
                onValue={setAmount}
                input={{ inputmode: 'decimal' }}
                hint="Empty: the amount that is not yet refunded or disputed"
              />
              <Field
                label="Reason"
                value={reason}
                options={DISPUTE_REASONS.map((one) => [one, words(one)] as const)}
                onValue={(choice) =>
                  setReason((before) => optionOf(DISPUTE_REASONS, choice) ?? before)
                }
              />
            </div>
          </Form>
        </Dialog>
      )}
    </span>
  )
}
