import type { JSX } from 'preact'
import { useConsole } from '../../../console/browser/context.ts'
import { Card } from '../../../console/browser/parts.tsx'
import { PaymentsView, PaymentView, RefundButton } from '../../../console/browser/payments-view.tsx'
import { serverPath, viewPath } from '../../../console/browser/router.tsx'
import { DecisionActions } from './decision-actions.tsx'
import { DisputeActions } from './dispute-actions.tsx'
import { MessageLines } from './messages-view.tsx'
import { controlReading } from './server.ts'

/** All payments of the account, with the times of their start. */
export function SandboxPayments(): JSX.Element {
  return (
    <PaymentsView
      readingOf={(query) => controlReading('listStartedPayments', { query })}
      empty={[
        'Pay in the ',
        <a key="demo" href={serverPath('/demo')}>
          demo shop
        </a>,
        ', or play an attempt on a ',
        <a key="session" href={viewPath('sessions')}>
          session
        </a>,
        '.',
      ]}
    />
  )
}

/** One payment, with the decisions of the bank that a sandbox plays. */
export function SandboxPayment({ id }: { readonly id: string }): JSX.Element {
  const { accountId } = useConsole()
  return (
    <PaymentView
      id={id}
      actionsOf={(payment) => [
        <DecisionActions key="decide" payment={payment} />,
        <DisputeActions key="dispute" payment={payment} />,
        <RefundButton key="refund" payment={payment} accountId={accountId} isMain />,
      ]}
      cards={
        <Card title="Messages">
          <MessageLines query={{ payment_id: id }} />
        </Card>
      }
    />
  )
}
