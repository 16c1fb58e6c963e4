import type { ComponentChildren, JSX } from 'preact'
import { useState } from 'preact/hooks'
import { FEE_RATES_DEFAULT, percentOf } from '../../domain/fee.ts'
import { EDITIONS, type Edition } from '../../domain/payment-method.ts'
import { consoleCalls } from './console-calls.ts'
import { useConsole } from './context.ts'
import { Checkbox, CopyableText, Dialog, Facts, Field, Form, optionOf } from './parts.tsx'
import { text } from './text.ts'

type Secret = readonly [title: string, value: string]

/** The buttons that create an account, and a client of the chosen account. Their secrets are shown once. */
export function CreationButtons(): JSX.Element | null {
  const { may } = useConsole()
  const [kind, open] = useState<'account' | 'client'>()
  const close = () => open(undefined)
  if (!may('create_accounts')) return null
  return (
    <>
      <button type="button" onClick={() => open('client')}>
        {text('New client')}
      </button>
      <button type="button" onClick={() => open('account')}>
        {text('New account')}
      </button>
      {kind === 'account' && <NewAccountDialog onClose={close} />}
      {kind === 'client' && <NewClientDialog onClose={close} />}
    </>
  )
}

function NewAccountDialog({ onClose }: { readonly onClose: () => void }): JSX.Element {
  const { setAccountId } = useConsole()
  const [name, setName] = useState('')
  const [edition, setEdition] = useState<Edition>('IN')
  const [descriptor, setDescriptor] = useState('')
  const [fee, setFee] = useState('')
  const [tax, setTax] = useState('')
  const [account, setAccount] = useState<{ readonly id: string; readonly secrets: Secret[] }>()
  const send = async () => {
    const one = await consoleCalls.call('createAccount', {
      body: {
        name,
        edition,
        ...(descriptor !== '' && { statement_descriptor: descriptor }),
        ...(fee !== '' && { fee_rate: fee }),
        ...(tax !== '' && { tax_rate: tax }),
      },
    })
    setAccount({
      id: one.account_id,
      secrets: [
        [text('Account id'), one.account_id],
        [text('Signing key'), one.signing_key],
        [text('API key'), one.api_key],
        [text('Owner key'), one.owner_key],
      ],
    })
  }
  if (account !== undefined) {
    const show = () => {
      setAccountId(account.id)
      // The page reads the list of accounts only when it loads.
      location.reload()
    }
    return (
      <SecretsDialog title={text('The new account')} secrets={account.secrets} onClose={show} />
    )
  }
  return (
    <CreationDialog title={text('New account')} onSend={send} onClose={onClose}>
      <Field label={text('Name')} value={name} onValue={setName} />
      <Field
        label={text('Edition')}
        value={edition}
        options={EDITIONS}
        onValue={(value) => setEdition(optionOf(EDITIONS, value) ?? edition)}
        hint={text('The edition sets the currencies and the payment methods. It cannot change.')}
      />
      <Field
        label={text('Text on statements')}
        value={descriptor}
        onValue={setDescriptor}
        hint={text('At most 22 characters. Empty: the start of the name.')}
      />
      <Field
        label={text('Fee in percent')}
        value={fee}
        onValue={setFee}
        hint={text('Empty: the default, {rate} %', {
          rate: percentOf(FEE_RATES_DEFAULT.feeRateBps),
        })}
      />
      <Field
        label={text('Tax on the fee in percent')}
        value={tax}
        onValue={setTax}
        hint={text('Empty: the default, {rate} %', {
          rate: percentOf(FEE_RATES_DEFAULT.taxRateBps),
        })}
      />
    </CreationDialog>
  )
}

function NewClientDialog({ onClose }: { readonly onClose: () => void }): JSX.Element {
  const { accountId } = useConsole()
  const [name, setName] = useState('')
  const [uris, setUris] = useState('')
  const [isMachine, setMachine] = useState(true)
  const [secrets, setSecrets] = useState<readonly Secret[]>()
  const send = async () => {
    const one = await consoleCalls.call('createClient', {
      body: {
        name,
        accounts: accountId,
        redirect_uris: uris.split(/\s+/).filter(Boolean),
        is_machine: isMachine,
      },
    })
    setSecrets([
      [text('Client id'), one.client_id],
      [text('Client secret'), one.client_secret],
    ])
  }
  if (secrets !== undefined) {
    return <SecretsDialog title={text('The new client')} secrets={secrets} onClose={onClose} />
  }
  return (
    <CreationDialog title={text('New client')} onSend={send} onClose={onClose}>
      <p>{text('The merchant’s application signs in to the API as this client of the account.')}</p>
      <Field label={text('Name')} value={name} onValue={setName} />
      <Field
        label={text('Redirect URIs')}
        value={uris}
        onValue={setUris}
        rows={2}
        hint={text('One per line. Empty: none')}
      />
      <Checkbox
        label={text('Allow tokens without a user')}
        isOn={isMachine}
        onChange={setMachine}
      />
    </CreationDialog>
  )
}

function CreationDialog({
  children,
  onClose,
  onSend,
  title,
}: {
  readonly title: string
  readonly onSend: () => Promise<unknown>
  readonly onClose: () => void
  readonly children: ComponentChildren
}): JSX.Element {
  return (
    <Dialog title={title} onClose={onClose}>
      <Form label={text('Create')} onSend={onSend}>
        <div class="fields">{children}</div>
      </Form>
    </Dialog>
  )
}

function SecretsDialog({
  onClose,
  secrets,
  title,
}: {
  readonly title: string
  readonly secrets: readonly Secret[]
  readonly onClose: () => void
}): JSX.Element {
  return (
    <Dialog title={title} onClose={onClose}>
      <p>{text('Secrets are not shown again: store them now.')}</p>
      <Facts
        rows={secrets.map(([name, value]) => [
          name,
          <CopyableText key={name} text={value} what={name} />,
        ])}
      />
    </Dialog>
  )
}
