import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import type { PaymentMethodType } from '../../domain/payment-method.ts'
import type { MessageKey } from '../messages/en.ts'
import { text } from '../text.ts'
import type { CheckoutView } from '../view.ts'
import { CardFields } from './card-fields.tsx'
import { Field, Problem } from './field.tsx'
import type { FieldsProps, PaymentFormProps } from './form-props.ts'
import { Icon } from './icons.tsx'
import { CardMark, Initials } from './marks.tsx'
import { UPI_APPS } from './upi-apps.ts'

type Method = {
  readonly label: MessageKey
  readonly hint: MessageKey
  readonly fields: (props: FieldsProps) => JSX.Element
  readonly marks?: (view: CheckoutView) => readonly JSX.Element[]
}

/** The maximum number of marks beside the name of a method, so that they fit on a phone. */
const MARK_COUNT_MAX = 3

const METHODS: Record<PaymentMethodType, Method> = {
  card: {
    label: 'methodCard',
    hint: 'methodCardHint',
    fields: CardFields,
    marks: ({ cardBrands }) => cardBrands.map((brand) => <CardMark brand={brand} key={brand} />),
  },
  upi: {
    label: 'methodUpi',
    hint: 'methodUpiHint',
    fields: UpiFields,
    marks: () => UPI_APPS.map(({ name }) => <Initials name={name} key={name} />),
  },
  netbanking: {
    label: 'methodNetbanking',
    hint: 'methodNetbankingHint',
    fields: (props) => <Choices {...props} name="bank" />,
    marks: ({ banks }) => banks.map(({ code, name }) => <Initials name={name} key={code} />),
  },
  wallet: {
    label: 'methodWallet',
    hint: 'methodWalletHint',
    fields: (props) => <Choices {...props} name="wallet" />,
    marks: ({ wallets }) => wallets.map(({ code, name }) => <Initials name={name} key={code} />),
  },
  bank_transfer: {
    label: 'methodBankTransfer',
    hint: 'methodBankTransferHint',
    fields: ({ messages }) => <p class="soft">{text(messages, 'transferExplained')}</p>,
  },
  ach_debit: { label: 'methodAch', hint: 'methodAchHint', fields: AchFields },
}

/**
 * The payment form: one list of methods, with the chosen one open. It is a plain form that works before any script
 * runs; style sheets alone open its rows.
 */
export function PaymentForm(props: PaymentFormProps): JSX.Element {
  const { form, isSubmitting, messages, onSubmit, problems, view } = props
  const fieldsProps: FieldsProps = {
    ...props,
    field: (name) => ({
      name,
      value: form[name] ?? '',
      problem: problems[name],
      messages,
      onInput: props.onInput,
      onLeave: props.onLeave,
    }),
  }
  const [only] = view.methods
  return (
    <form
      method="post"
      action={`${view.path}/pay?lang=${view.language}`}
      class="pay"
      noValidate
      onSubmit={onSubmit}
    >
      <input type="hidden" name="number" value={view.number} />
      {view.methods.length === 1 && only !== undefined ? (
        <div class="only">
          <input type="hidden" name="method" value={only} />
          <h2>{text(messages, METHODS[only].label)}</h2>
          {METHODS[only].fields(fieldsProps)}
        </div>
      ) : (
        <fieldset class="methods">
          <legend>
            <h2>{text(messages, 'chooseMethod')}</h2>
          </legend>
          <Problem name="method" problem={problems.method} messages={messages} />
          {view.methods.map((method) => (
            <MethodRow {...fieldsProps} method={method} key={method} />
          ))}
        </fieldset>
      )}
      <Contact {...fieldsProps} />
      <button type="submit" class="primary" disabled={isSubmitting} aria-busy={isSubmitting}>
        {isSubmitting && <span class="spinner" aria-hidden="true" />}
        {isSubmitting ? text(messages, 'paying') : text(messages, 'pay', { amount: view.amount })}
      </button>
    </form>
  )
}

function MethodRow(props: FieldsProps & { readonly method: PaymentMethodType }): JSX.Element {
  const { form, messages, method, onChoose, view } = props
  const { fields, hint, label, marks } = METHODS[method]
  return (
    <div class="method">
      <label class="row">
        <input
          type="radio"
          name="method"
          value={method}
          checked={form.method === method}
          onChange={() => onChoose('method', method)}
        />
        <Icon name={method} />
        <span class="what">
          {text(messages, label)}
          <small>{text(messages, hint)}</small>
        </span>
        {marks && <span class="marks">{marks(view).slice(0, MARK_COUNT_MAX)}</span>}
      </label>
      <div class="opening">
        <div class="fields">{fields(props)}</div>
      </div>
    </div>
  )
}

function UpiFields(props: FieldsProps): JSX.Element {
  const { field, form, messages, onChoose, view } = props
  const channels = view.isPhone ? (['intent', 'collect'] as const) : (['qr', 'collect'] as const)
  const labels = { qr: 'upiQr', intent: 'upiApp', collect: 'upiId' } as const
  return (
    <>
      <fieldset class="channels">
        <legend class="hidden">{text(messages, 'methodUpi')}</legend>
        {channels.map((channel) => (
          <label class={`row small channel-${channel}`} key={channel}>
            <input
              type="radio"
              name="upi_channel"
              value={channel}
              checked={(form.upi_channel ?? channels[0]) === channel}
              onChange={() => onChoose('upi_channel', channel)}
            />
            <span>{text(messages, labels[channel])}</span>
          </label>
        ))}
      </fieldset>
      <div class="collect">
        <Field
          {...field('upi_id')}
          label={text(messages, 'upiIdLabel')}
          hint={text(messages, 'upiIdHint')}
          input={{
            inputmode: 'email',
            autocomplete: 'off',
            autocapitalize: 'none',
            spellcheck: false,
            dir: 'ltr',
            maxlength: 255,
          }}
        />
      </div>
    </>
  )
}

/** The number of banks from which their list has a search field. */
const SEARCH_FROM_COUNT = 6

function Choices(props: FieldsProps & { readonly name: 'bank' | 'wallet' }): JSX.Element {
  const { form, messages, name, onChoose, problems, view } = props
  const [searchText, setSearchText] = useState('')
  const all = name === 'bank' ? view.banks : view.wallets
  const matches = all.filter((one) =>
    one.name.toLowerCase().includes(searchText.trim().toLowerCase()),
  )
  const label = text(messages, name === 'bank' ? 'bank' : 'wallet')
  return (
    <fieldset
      class="choices"
      {...(problems[name] !== undefined && { 'aria-describedby': `${name}-problem` })}
    >
      <legend>{label}</legend>
      {name === 'bank' && all.length >= SEARCH_FROM_COUNT && (
        <input
          type="search"
          class="needs-script"
          aria-label={text(messages, 'bankSearch')}
          placeholder={text(messages, 'bankSearch')}
          autocomplete="off"
          value={searchText}
          onInput={(event: Event) => setSearchText((event.currentTarget as HTMLInputElement).value)}
          // Enter would send the form while the customer still searches for a bank.
          onKeyDown={(event: KeyboardEvent) => event.key === 'Enter' && event.preventDefault()}
        />
      )}
      <div class="list">
        {matches.map((one, index) => (
          <label class="row small" key={one.code}>
            <input
              type="radio"
              name={name}
              value={one.code}
              {...(index === 0 && { id: name })}
              checked={form[name] === one.code}
              onChange={() => onChoose(name, one.code)}
            />
            <Initials name={one.name} />
            <span>{one.name}</span>
          </label>
        ))}
        {matches.length === 0 && (
          <p class="soft" role="status">
            {text(messages, 'bankNone')}
          </p>
        )}
      </div>
      <Problem name={name} problem={problems[name]} messages={messages} />
    </fieldset>
  )
}

function AchFields({ field, form, messages, onChoose, view }: FieldsProps): JSX.Element {
  const types = [
    ['checking', 'achChecking'],
    ['savings', 'achSavings'],
  ] as const
  return (
    <>
      <Field
        {...field('ach_name')}
        label={text(messages, 'achName')}
        input={{ autocomplete: 'name', maxlength: 100 }}
      />
      <Field
        {...field('ach_routing')}
        label={text(messages, 'achRouting')}
        input={{ inputmode: 'numeric', autocomplete: 'off', dir: 'ltr', maxlength: 11 }}
      />
      <Field
        {...field('ach_account')}
        label={text(messages, 'achAccount')}
        input={{ inputmode: 'numeric', autocomplete: 'off', dir: 'ltr', maxlength: 24 }}
      />
      <fieldset class="channels">
        <legend>{text(messages, 'achType')}</legend>
        {types.map(([value, label]) => (
          <label class="row small" key={value}>
            <input
              type="radio"
              name="ach_type"
              value={value}
              checked={(form.ach_type ?? 'checking') === value}
              onChange={() => onChoose('ach_type', value)}
            />
            <span>{text(messages, label)}</span>
          </label>
        ))}
      </fieldset>
      <p class="soft">
        {text(messages, 'achMandate', { merchant: view.merchant, amount: view.amount })}
      </p>
    </>
  )
}

/**
 * The customer's contact data as the merchant sent it, for the customer to correct. Hidden if the merchant sent none.
 */
function Contact({ field, messages, problems, view }: FieldsProps): JSX.Element | null {
  const { email, phone } = view.prefill
  if (email === undefined && phone === undefined) return null
  const hasProblem = problems.email !== undefined || problems.phone !== undefined
  return (
    <details class="contact" {...(hasProblem && { open: true })}>
      <summary>
        <span>
          {text(messages, 'contact')}
          <small>
            <bdi>{[email, phone].filter(Boolean).join(' · ')}</bdi>
          </small>
        </span>
        <Icon name="down" />
      </summary>
      <Field
        {...field('email')}
        label={text(messages, view.sendsReceipts ? 'emailForReceipt' : 'email')}
        input={{ type: 'email', autocomplete: 'email', dir: 'ltr', maxlength: 254 }}
      />
      <Field
        {...field('phone')}
        label={text(messages, 'phone')}
        input={{ type: 'tel', autocomplete: 'tel', inputmode: 'tel', dir: 'ltr', maxlength: 20 }}
      />
    </details>
  )
}
