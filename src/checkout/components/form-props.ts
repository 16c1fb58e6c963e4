import type { Messages } from '../messages/en.ts'
import type { FieldProblems, PayField, PayForm } from '../read-pay-form.ts'
import type { CheckoutView } from '../view.ts'
import type { FieldProps } from './field.tsx'

/** The values and callbacks of the payment form. */
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

/** The props of the fields of one payment method. */
export type FieldsProps = PaymentFormProps & {
  readonly field: (
    name: PayField,
  ) => Pick<FieldProps, 'name' | 'value' | 'problem' | 'messages' | 'onInput' | 'onLeave'>
}
