import { Type } from 'typebox'
import { idField, oneOf, type Tool, tool, wireObject } from './tool.ts'

const PaymentMethodId = idField('The saved payment method.')
const MethodOut = {
  payment_method: wireObject(
    'The saved payment method, without the number of the card or the account.',
  ),
}

/** The tools for saved payment methods. */
export const PAYMENT_METHOD_TOOLS: readonly Tool[] = [
  tool({
    name: 'get_payment_method',
    title: 'Show a saved payment method',
    description:
      'Returns a customer’s saved card or bank account, even a deleted one. Only for accounts of the US edition.',
    effect: 'reads',
    input: { payment_method_id: PaymentMethodId },
    output: MethodOut,
    run: async ({ client }, { payment_method_id: id }) => ({
      payment_method: await client.paymentMethods.retrieve(id),
    }),
  }),
  tool({
    name: 'delete_payment_method',
    title: 'Delete a saved payment method',
    description: 'Deletes a saved payment method: it can no longer be charged.',
    effect: 'destroys',
    input: { payment_method_id: PaymentMethodId },
    output: MethodOut,
    run: async ({ client }, { payment_method_id: id }) => {
      await client.paymentMethods.delete(id)
      return { payment_method: await client.paymentMethods.retrieve(id) }
    },
  }),
  tool({
    name: 'charge_payment_method',
    title: 'Charge a saved payment method',
    description:
      'Charges a saved payment method that is active. The payment may have failed: check its status.',
    effect: 'adds',
    input: {
      payment_method_id: PaymentMethodId,
      amount: Type.String({
        maxLength: 40,
        description: 'In major units, as a text, such as 49.00.',
      }),
      currency: Type.Optional(Type.String({ maxLength: 3, description: 'Default: USD.' })),
      description: Type.Optional(Type.String({ maxLength: 500 })),
    },
    output: { payment: wireObject('The payment.') },
    run: async ({ client }, { currency = 'USD', payment_method_id, ...charge }) => {
      const { customer_id } = await client.paymentMethods.retrieve(payment_method_id)
      const body = { ...charge, currency, customer_id, payment_method_id }
      return { payment: await client.payments.create(body) }
    },
  }),
  tool({
    name: 'save_payment_method',
    title: 'Save a payment method in the sandbox',
    description:
      'Saves a test card or a test account of a customer of the US account, as a customer does with the form. A card with the name `Insufficient Funds Later`, `Expired Card Later` or `Do Not Honour Later` is saved, and its charges fail.',
    effect: 'adds',
    where: 'controlled',
    input: {
      customer_id: idField('The customer.'),
      type: oneOf(['card', 'ach_debit'], 'A card, or a bank account.'),
      card_name: Type.Optional(Type.String({ minLength: 1, maxLength: 100 })),
      last_four_digits: Type.Optional(Type.String({ pattern: '^\\d{4}$' })),
    },
    output: MethodOut,
    run: async ({ control }, { customer_id: id, ...instrument }) => ({
      payment_method: await control.paymentMethods.save(id, instrument),
    }),
  }),
]
