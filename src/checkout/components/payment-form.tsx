import { Fragment, h, type JSX } from 'preact'
import { useState } from 'preact/hooks'
import type { PaymentMethodType } from '../../domain/payment-method.ts'
import type { MessageKey, Messages } from '../messages/en.ts'
import type { FieldProblems, PayField, PayForm } from '../read-pay-form.ts'
import { text } from '../text.ts'
import type { CheckoutView } from '../view.ts'
import { CardFields } from './card-fields.tsx'
import { Field, type FieldProps, Problem } from './field.tsx'
import { Icon } from './icons.tsx'

/** What the form needs of the page around it. */
export type PaymentFormProps = {
  readonly view: CheckoutView
  readonly messages: Messages
  readonly form: PayForm
  readonly problems: FieldProblems
  readonly isSubmitting: boolean
  readonly onInput: FieldProps['onInput']
  readonly onChoose: (name: PayField, value: string) => void
  readonly onLeave: (name: PayField) => void
  readonly onSubmit: (event: Event) => void
}

/** What the fields of one method are given. */
export type FieldsProps = PaymentFormProps & {
  /** Gives what is common to all text fields. */
  readonly field: (
    name: PayField,
  ) => Pick<FieldProps, 'name' | 'value' | 'problem' | 'messages' | 'onInput' | 'onLeave'>
}

type Method = {
  readonly label: MessageKey
  readonly hint: MessageKey
  readonly fields: (props: FieldsProps) => JSX.Element
}

const METHODS: Record<PaymentMethodType, Method> = {
  card: { label: 'methodCard', hint: 'methodCardHint', fields: CardFields },
  upi: { label: 'methodUpi', hint: 'methodUpiHint', fields: UpiFields },
  netbanking: {
    label: 'methodNetbanking',
    hint: 'methodNetbankingHint',
    fields: (props) => h(Choices, { ...props, name: 'bank' }),
  },
  wallet: {
    label: 'methodWallet',
    hint: 'methodWalletHint',
    fields: (props) => h(Choices, { ...props, name: 'wallet' }),
  },
  bank_transfer: {
    label: 'methodBankTransfer',
    hint: 'methodBankTransferHint',
    fields: ({ messages }) => h('p', { class: 'soft' }, text(messages, 'transferExplained')),
  },
  ach_debit: { label: 'methodAch', hint: 'methodAchHint', fields: AchFields },
}

/**
 * The form by which a payment is made: the methods as one list, the chosen one open in place. It is
 * a plain form, whole before any script has run; rows open by style alone.
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
  return h(
    'form',
    {
      method: 'post',
      action: `${view.path}/pay?lang=${view.language}`,
      class: 'pay',
      noValidate: true,
      onSubmit,
    },
    h('input', { type: 'hidden', name: 'number', value: view.number }),
    view.methods.length === 1 && only !== undefined
      ? h(
          'div',
          { class: 'only' },
          h('input', { type: 'hidden', name: 'method', value: only }),
          h('h2', null, text(messages, METHODS[only].label)),
          METHODS[only].fields(fieldsProps),
        )
      : h(
          'fieldset',
          { class: 'methods' },
          h('legend', null, h('h2', null, text(messages, 'chooseMethod'))),
          h(Problem, { name: 'method', problem: problems.method, messages }),
          view.methods.map((method) => h(MethodRow, { ...fieldsProps, method, key: method })),
        ),
    h(Contact, fieldsProps),
    h(
      'button',
      { type: 'submit', class: 'primary', disabled: isSubmitting, 'aria-busy': isSubmitting },
      isSubmitting && h('span', { class: 'spinner', 'aria-hidden': 'true' }),
      isSubmitting ? text(messages, 'paying') : text(messages, 'pay', { amount: view.amount }),
    ),
  )
}

function MethodRow(props: FieldsProps & { readonly method: PaymentMethodType }): JSX.Element {
  const { form, messages, method, onChoose } = props
  const { fields, hint, label } = METHODS[method]
  return h(
    'div',
    { class: 'method' },
    h(
      'label',
      { class: 'row' },
      h('input', {
        type: 'radio',
        name: 'method',
        value: method,
        checked: form.method === method,
        onChange: () => onChoose('method', method),
      }),
      h(Icon, { name: method }),
      h('span', { class: 'what' }, text(messages, label), h('small', null, text(messages, hint))),
    ),
    h('div', { class: 'opening' }, h('div', { class: 'fields' }, fields(props))),
  )
}

function UpiFields(props: FieldsProps): JSX.Element {
  const { field, form, messages, onChoose, view } = props
  const channels = view.isPhone ? (['intent', 'collect'] as const) : (['qr', 'collect'] as const)
  const labels = { qr: 'upiQr', intent: 'upiApp', collect: 'upiId' } as const
  return h(
    Fragment,
    null,
    h(
      'fieldset',
      { class: 'channels' },
      h('legend', { class: 'hidden' }, text(messages, 'methodUpi')),
      channels.map((channel) =>
        h(
          'label',
          { class: `row small channel-${channel}`, key: channel },
          h('input', {
            type: 'radio',
            name: 'upi_channel',
            value: channel,
            checked: (form.upi_channel ?? channels[0]) === channel,
            onChange: () => onChoose('upi_channel', channel),
          }),
          h('span', null, text(messages, labels[channel])),
        ),
      ),
    ),
    h(
      'div',
      { class: 'collect' },
      h(Field, {
        ...field('upi_id'),
        label: text(messages, 'upiIdLabel'),
        hint: text(messages, 'upiIdHint'),
        input: {
          inputmode: 'email',
          autocomplete: 'off',
          autocapitalize: 'none',
          spellcheck: false,
          dir: 'ltr',
          maxlength: 255,
        },
      }),
    ),
  )
}

/** More choices than this get a field to search in. */
const SEARCH_FROM_COUNT = 6

function Choices(props: FieldsProps & { readonly name: 'bank' | 'wallet' }): JSX.Element {
  const { form, messages, name, onChoose, problems, view } = props
  const [sought, setSought] = useState('')
  const all = name === 'bank' ? view.banks : view.wallets
  const found = all.filter((one) => one.name.toLowerCase().includes(sought.trim().toLowerCase()))
  const label = text(messages, name === 'bank' ? 'bank' : 'wallet')
  return h(
    'fieldset',
    {
      class: 'choices',
      ...(problems[name] !== undefined && { 'aria-describedby': `${name}-problem` }),
    },
    h('legend', null, label),
    name === 'bank' &&
      all.length >= SEARCH_FROM_COUNT &&
      h('input', {
        type: 'search',
        class: 'needs-script',
        'aria-label': text(messages, 'bankSearch'),
        placeholder: text(messages, 'bankSearch'),
        autocomplete: 'off',
        value: sought,
        onInput: (event: Event) => setSought((event.currentTarget as HTMLInputElement).value),
        // Enter would send the form while a bank is still being sought.
        onKeyDown: (event: KeyboardEvent) => event.key === 'Enter' && event.preventDefault(),
      }),
    h(
      'div',
      { class: 'list' },
      found.map((one, index) =>
        h(
          'label',
          { class: 'row small', key: one.code },
          h('input', {
            type: 'radio',
            name,
            value: one.code,
            ...(index === 0 && { id: name }),
            checked: form[name] === one.code,
            onChange: () => onChoose(name, one.code),
          }),
          h('span', null, one.name),
        ),
      ),
      found.length === 0 && h('p', { class: 'soft', role: 'status' }, text(messages, 'bankNone')),
    ),
    h(Problem, { name, problem: problems[name], messages }),
  )
}

function AchFields({ field, form, messages, onChoose, view }: FieldsProps): JSX.Element {
  const types = [
    ['checking', 'achChecking'],
    ['savings', 'achSavings'],
  ] as const
  return h(
    Fragment,
    null,
    h(Field, {
      ...field('ach_name'),
      label: text(messages, 'achName'),
      input: { autocomplete: 'name', maxlength: 100 },
    }),
    h(Field, {
      ...field('ach_routing'),
      label: text(messages, 'achRouting'),
      input: { inputmode: 'numeric', autocomplete: 'off', dir: 'ltr', maxlength: 11 },
    }),
    h(Field, {
      ...field('ach_account'),
      label: text(messages, 'achAccount'),
      input: { inputmode: 'numeric', autocomplete: 'off', dir: 'ltr', maxlength: 24 },
    }),
    h(
      'fieldset',
      { class: 'channels' },
      h('legend', null, text(messages, 'achType')),
      types.map(([value, label]) =>
        h(
          'label',
          { class: 'row small', key: value },
          h('input', {
            type: 'radio',
            name: 'ach_type',
            value,
            checked: (form.ach_type ?? 'checking') === value,
            onChange: () => onChoose('ach_type', value),
          }),
          h('span', null, text(messages, label)),
        ),
      ),
    ),
    h(
      'p',
      { class: 'soft' },
      text(messages, 'achMandate', { merchant: view.merchant, amount: view.amount }),
    ),
  )
}

/** What the merchant knows of the customer already, to be corrected. Nothing known, nothing asked. */
function Contact({ field, messages, problems, view }: FieldsProps): JSX.Element | null {
  const { email, phone } = view.prefill
  if (email === undefined && phone === undefined) return null
  const hasProblem = problems.email !== undefined || problems.phone !== undefined
  return h(
    'details',
    { class: 'contact', ...(hasProblem && { open: true }) },
    h(
      'summary',
      null,
      text(messages, 'contact'),
      h('small', null, [email, phone].filter(Boolean).join(' · ')),
    ),
    h(Field, {
      ...field('email'),
      label: text(messages, 'email'),
      input: { type: 'email', autocomplete: 'email', dir: 'ltr', maxlength: 254 },
    }),
    h(Field, {
      ...field('phone'),
      label: text(messages, 'phone'),
      input: { type: 'tel', autocomplete: 'tel', inputmode: 'tel', dir: 'ltr', maxlength: 20 },
    }),
  )
}
