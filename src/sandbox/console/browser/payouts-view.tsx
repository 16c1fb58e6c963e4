import type { JSX } from 'preact'
import { useConsole } from '../../../console/browser/context.ts'
import { PayoutsView, PayoutView } from '../../../console/browser/payouts-view.tsx'
import { viewPath } from '../../../console/browser/router.tsx'
import { countOf } from '../../../console/browser/show.ts'
import { control } from './server.ts'

/** The payouts that a sandbox makes by its own clock. */
export function SandboxPayouts(): JSX.Element {
  return (
    <PayoutsView
      toolsOf={() => <RunButton />}
      empty={[
        'The money of a card payment is available on the second business day after the payment. ',
        <a key="clock" href={viewPath('clock')}>
          Advance the clock
        </a>,
      ]}
    >
      The balance of the account, and its payouts to the bank account. A payout takes the available
      balance at 10:00 in the account’s time zone: every day, unless the account has another
      schedule. The bank decides at 16:00.
    </PayoutsView>
  )
}

/** One payout, about which a sandbox decides as the bank does. */
export function SandboxPayout({ id }: { readonly id: string }): JSX.Element {
  return (
    <PayoutView
      id={id}
      actionsOf={({ status }) => status === 'initiated' && <DecisionButtons key="decide" id={id} />}
    />
  )
}

function RunButton(): JSX.Element {
  const { accountId, say } = useConsole()
  const run = async () => {
    const payouts = await control.call('runPayouts', { body: { account_id: accountId } })
    if (payouts.length > 0) say(`Made ${countOf(payouts.length, 'payout')}.`)
    else say('No balance is available for a payout.', 'bad')
  }
  return (
    <button type="button" onClick={run}>
      Run payouts
    </button>
  )
}

function DecisionButtons({ id }: { readonly id: string }): JSX.Element {
  const { say } = useConsole()
  const path = { payout_id: id }
  const pay = async () => {
    await control.call('payPayout', { path })
    say('The bank has paid the payout.')
  }
  const fail = async () => {
    await control.call('failPayout', { path, body: {} })
    say('The bank has refused the payout.')
  }
  return (
    <span>
      <button type="button" onClick={pay}>
        Pay
      </button>{' '}
      <button type="button" onClick={fail}>
        Fail
      </button>
    </span>
  )
}
