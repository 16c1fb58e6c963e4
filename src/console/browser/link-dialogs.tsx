import type { ComponentChildren, JSX } from 'preact'
import { useState } from 'preact/hooks'
import type { PaymentLink } from '../../client/types.ts'
import { isMasked } from '../mask-contacts.ts'
import { api } from './connection.ts'
import { useConsole } from './context.ts'
import { Checkbox, Dialog, Field, Form } from './parts.tsx'
import { go, viewPath } from './router.tsx'
import { type PlainKey, text } from './text.ts'

/** The additions of a sandbox to the form of a new link. */
export type NewLinkProps = {
  readonly example?: { readonly amount: string; readonly description: string }
  /** A field for more members of the request, and the function that reads them. Throws PaydeskError. */
  readonly more?: {
    readonly field: (text: string, onText: (text: string) => void) => ComponentChildren
    readonly read: (text: string) => Readonly<Record<string, unknown>>
  }
}

/** The texts of a link that its form can change, by their names on the wire. */
type LinkTexts = {
  readonly description: string
  readonly reference_id: string
  readonly email: string
  readonly phone: string
  readonly expires_at: string
  readonly return_url: string
}

type TextsProps = {
  readonly texts: LinkTexts
  readonly onTexts: (texts: LinkTexts) => void
  /** The contacts that are masked. An empty field leaves such a contact unchanged. */
  readonly maskedContacts?: { readonly email: boolean; readonly phone: boolean }
}

const MASKED_HINT: PlainKey = 'The current value is masked. Leave the field empty to keep it.'

function LinkFields({ maskedContacts, onTexts, texts }: TextsProps): JSX.Element {
  const change = (name: keyof LinkTexts) => (value: string) => onTexts({ ...texts, [name]: value })
  return (
    <>
      <Field
        label={text('Description')}
        value={texts.description}
        onValue={change('description')}
      />
      <Field
        label={text('Reference')}
        value={texts.reference_id}
        onValue={change('reference_id')}
      />
      <Field
        label={text('E-mail address')}
        value={texts.email}
        onValue={change('email')}
        {...(maskedContacts?.email && { hint: text(MASKED_HINT) })}
      />
      <Field
        label={text('Phone number')}
        value={texts.phone}
        onValue={change('phone')}
        hint={
          maskedContacts?.phone
            ? text(MASKED_HINT)
            : text('With its dialing code, such as +91 90000 00001')
        }
      />
      <Field
        label={text('Last day')}
        value={texts.expires_at}
        onValue={change('expires_at')}
        input={{ type: 'date' }}
        hint={text('The last day on which the customer can pay')}
      />
      <Field
        label={text('Return URL')}
        value={texts.return_url}
        onValue={change('return_url')}
        hint={text('The page that opens after a payment')}
      />
    </>
  )
}

type Channels = { readonly email: boolean; readonly sms: boolean }

function ChannelFields({
  channels,
  onChannels,
}: {
  readonly channels: Channels
  readonly onChannels: (channels: Channels) => void
}): JSX.Element {
  const { edition } = useConsole()
  return (
    <p class="ticks">
      <Checkbox
        label={text('Send it by e-mail')}
        isOn={channels.email}
        onChange={(email) => onChannels({ ...channels, email })}
      />
      {edition === 'IN' && (
        <Checkbox
          label={text('Send it by text message')}
          isOn={channels.sms}
          onChange={(sms) => onChannels({ ...channels, sms })}
        />
      )}
    </p>
  )
}

const NO_TEXTS: LinkTexts = {
  description: '',
  reference_id: '',
  email: '',
  phone: '',
  expires_at: '',
  return_url: '',
}

/** The form of a new link. It leads to the link. */
export function NewLinkDialog({
  example,
  more,
  onClose,
}: NewLinkProps & { readonly onClose: () => void }): JSX.Element {
  const { accountId, edition, say } = useConsole()
  const [amount, setAmount] = useState(example?.amount ?? '')
  const [currency, setCurrency] = useState(edition === 'US' ? 'USD' : 'INR')
  const [texts, setTexts] = useState({ ...NO_TEXTS, description: example?.description ?? '' })
  const [channels, setChannels] = useState<Channels>({ email: false, sms: false })
  const [moreText, setMoreText] = useState('')
  const send = async () => {
    const extra = moreText.trim() === '' ? {} : more?.read(moreText)
    const notifies = channels.email || channels.sms
    // An empty text is the same as an absent one.
    const body = { amount, currency, ...texts, ...(notifies && { notify_customer: channels }) }
    const query = { account_id: accountId }
    const link = await api.call('createPaymentLink', { query, body: { ...body, ...extra } })
    say(text('Payment link created.'))
    onClose()
    go(viewPath('links', link.payment_link_id))
  }
  return (
    <Dialog title={text('New payment link')} onClose={onClose}>
      <Form label={text('Create payment link')} onSend={send}>
        <div class="fields">
          <Field
            label={text('Amount')}
            value={amount}
            onValue={setAmount}
            input={{ inputmode: 'decimal' }}
          />
          <Field
            label={text('Currency')}
            value={currency}
            onValue={setCurrency}
            input={{ maxLength: 3 }}
          />
          <LinkFields texts={texts} onTexts={setTexts} />
        </div>
        <ChannelFields channels={channels} onChannels={setChannels} />
        {more?.field(moreText, setMoreText)}
      </Form>
    </Dialog>
  )
}

/** The form of changes to a link. It sends only the changed fields. An empty one removes its value. */
export function ChangeLinkDialog({
  link,
  onClose,
}: {
  readonly link: PaymentLink
  readonly onClose: () => void
}): JSX.Element {
  const { accountId, say } = useConsole()
  const { email = '', phone = '' } = link
  const maskedContacts = { email: isMasked(email), phone: isMasked(phone) }
  const before: LinkTexts = {
    description: link.description,
    reference_id: link.reference_id ?? '',
    email: maskedContacts.email ? '' : email,
    phone: maskedContacts.phone ? '' : phone,
    expires_at: link.expires_at,
    return_url: link.return_url ?? '',
  }
  const [texts, setTexts] = useState(before)
  const send = async () => {
    const changes = Object.entries(texts).filter(
      ([name, text]) => text !== before[name as keyof LinkTexts],
    )
    await api.call('updatePaymentLink', {
      path: { payment_link_id: link.payment_link_id },
      query: { account_id: accountId },
      body: Object.fromEntries(changes),
    })
    say(text('Payment link updated.'))
    onClose()
  }
  return (
    <Dialog title={text('Change the payment link')} onClose={onClose}>
      <Form label={text('Save changes')} onSend={send}>
        <div class="fields">
          <LinkFields texts={texts} onTexts={setTexts} maskedContacts={maskedContacts} />
        </div>
      </Form>
    </Dialog>
  )
}

/** The form that sends a link to its customer. */
export function SendLinkDialog({
  link,
  onClose,
}: {
  readonly link: PaymentLink
  readonly onClose: () => void
}): JSX.Element {
  const { accountId, say } = useConsole()
  const [channels, setChannels] = useState<Channels>({
    email: link.email !== undefined,
    sms: false,
  })
  const send = async () => {
    await api.call('notifyOfPaymentLink', {
      path: { payment_link_id: link.payment_link_id },
      query: { account_id: accountId },
      body: { notify_customer: channels },
    })
    say(text('The payment link was sent.'))
    onClose()
  }
  return (
    <Dialog title={text('Send the payment link')} onClose={onClose}>
      <Form label={text('Send payment link')} onSend={send}>
        <ChannelFields channels={channels} onChannels={setChannels} />
      </Form>
    </Dialog>
  )
}
