import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import type { VirtualAccount } from '../../../client/types.ts'
import { useConsole } from '../../../console/browser/context.ts'
import { Dialog, Field, Form } from '../../../console/browser/parts.tsx'
import { VirtualAccountView } from '../../../console/browser/virtual-accounts-view.tsx'
import { control } from './server.ts'

/** One virtual account, to which a sandbox can transfer money. */
export function SandboxVirtualAccount({ id }: { readonly id: string }): JSX.Element {
  return (
    <VirtualAccountView
      id={id}
      actionsOf={(account) => <TransferButton key="transfer" account={account} />}
      noTransfers="Transfer money with the button above."
    />
  )
}

function TransferButton({ account }: { readonly account: VirtualAccount }): JSX.Element {
  const { say } = useConsole()
  const [isOpen, setOpen] = useState(false)
  const [amount, setAmount] = useState('100.00')
  const [payer, setPayer] = useState('Asha Rao')
  const [utr, setUtr] = useState('')
  const transfer = async () => {
    const payment = await control.call('sendBankTransfer', {
      body: {
        account_number: account.account_number,
        amount,
        ...(payer !== '' && { payer_name: payer }),
        ...(utr !== '' && { utr }),
      },
    })
    say(`The transfer became a payment with the status “${payment.status}”.`)
    setOpen(false)
  }
  return (
    <span>
      <button type="button" class="primary" onClick={() => setOpen(true)}>
        Transfer money
      </button>
      {isOpen && (
        <Dialog title="Transfer money" onClose={() => setOpen(false)}>
          <Form label="Transfer" onSend={transfer}>
            <div class="fields">
              <Field
                label="Amount in INR"
                value={amount}
                onValue={setAmount}
                input={{ inputmode: 'decimal' }}
              />
              <Field
                label="Payer"
                value={payer}
                onValue={setPayer}
                hint="If the name is Reverse, the bank takes the money back after 10 seconds"
              />
              <Field
                label="Bank’s reference (UTR)"
                value={utr}
                onValue={setUtr}
                hint="Empty: a new reference. A repeated reference means the same transfer"
              />
            </div>
          </Form>
        </Dialog>
      )}
    </span>
  )
}
