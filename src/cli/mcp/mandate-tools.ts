import { Type } from 'typebox'
import { AMOUNT_RULES, MANDATE_FREQUENCIES } from '../../domain/mandate-terms.ts'
import { idField, oneOf, type Tool, tool, wireObject } from './tool.ts'

const amountField = (description: string) => Type.String({ maxLength: 40, description })
const MandateId = idField('The mandate.')
const debit = {
  mandate_id: MandateId,
  amount: amountField('The amount in rupees, as a text.'),
  description: Type.String({ minLength: 1, maxLength: 500 }),
  invoice_number: Type.String({ minLength: 1, maxLength: 50 }),
}

/** The tools for mandates. */
export const MANDATE_TOOLS: readonly Tool[] = [
  tool({
    name: 'enroll_mandate',
    title: 'Create the page for a mandate',
    description:
      'Creates a session on whose page a customer approves debits by UPI (IN accounts). In a sandbox, approve the mandate by `play_attempt` with the method `upi`; then `get_session` has the `mandate_id`.',
    effect: 'adds',
    input: {
      customer_id: idField('The customer.'),
      amount: amountField(
        'The amount to pay now. The value 1 only authorizes the mandate, which then starts tomorrow. An amount of at least 6 is the first debit, and the mandate starts today.',
      ),
      description: Type.String({ minLength: 1, maxLength: 500 }),
      frequency: oneOf(
        MANDATE_FREQUENCIES,
        'The periods of the debits: at most one debit in each. `as_presented` has no periods.',
      ),
      amount_rule: oneOf(
        AMOUNT_RULES,
        '`fixed`: each debit has exactly the amount of the mandate. `variable`: at most that amount.',
      ),
      max_amount: Type.Optional(
        amountField(
          'The amount of the mandate. Required for `variable`; default for `fixed`: `amount`.',
        ),
      ),
      debit_day: Type.Optional(
        Type.Integer({
          minimum: 1,
          maximum: 31,
          description:
            '1 (Monday) to 7 for `weekly` and `fortnightly`, otherwise the day of the month.',
        }),
      ),
    },
    output: { payments_session: wireObject('The session with its `access_key`.') },
    run: async ({ client }, { amount, customer_id, description, ...details }) => ({
      payments_session: await client.mandates.enroll({
        amount,
        currency: 'INR',
        customer_id,
        description,
        mandate_details: { payment_method_type: 'upi', description, ...details },
      }),
    }),
  }),
  tool({
    name: 'get_mandate',
    title: 'Show a mandate',
    description: 'Returns a mandate with its current status.',
    effect: 'reads',
    input: { mandate_id: MandateId },
    output: { mandate: wireObject('The mandate.') },
    run: async ({ client }, { mandate_id: id }) => ({
      mandate: await client.mandates.retrieve(id),
    }),
  }),
  tool({
    name: 'notify_of_debit',
    title: 'Notify a customer of a debit',
    description:
      'Sends the notice of a debit, at least 24 hours before the debit. The answer has a `mandate_notification_id`: pass it to `debit_mandate`.',
    effect: 'adds',
    input: {
      ...debit,
      execution_date: Type.String({ maxLength: 10, description: 'Such as 2026-12-05.' }),
    },
    output: { mandate_notification: wireObject('The notification.') },
    run: async ({ client }, notice) => ({
      mandate_notification: await client.mandates.notify(notice),
    }),
  }),
  tool({
    name: 'debit_mandate',
    title: 'Debit a mandate',
    description:
      'Creates a session for a debit and executes it. With a notification, or for a daily mandate, Paydesk makes the debit at once. Otherwise Paydesk notifies the customer now, and makes the debit 24 hours later.',
    effect: 'adds',
    input: {
      ...debit,
      mandate_notification_id: Type.Optional(idField('The notification of this debit.')),
    },
    output: { payment: wireObject('The payment of the debit.') },
    run: async ({ client }, { amount, description, invoice_number, mandate_id, ...notice }) => {
      const { customer_id } = await client.mandates.retrieve(mandate_id)
      const session = await client.mandates.createExecution({
        amount,
        currency: 'INR',
        customer_id,
        description,
        invoice_number,
      })
      const { payments_session_id } = session
      return {
        payment: await client.mandates.execute({
          customer_id,
          mandate_id,
          payments_session_id,
          invoice_number,
          amount,
          ...notice,
        }),
      }
    },
  }),
  tool({
    name: 'change_mandate',
    title: 'Act as a mandate’s customer',
    description:
      'Pauses, resumes or revokes a mandate, as its customer does in the UPI app. A requested debit that Paydesk has not made yet fails if the mandate is not active at the time of the debit.',
    effect: 'adds',
    where: 'controlled',
    input: {
      mandate_id: MandateId,
      action: oneOf(['pause', 'resume', 'revoke'], 'The action of the customer.'),
    },
    output: { mandate: wireObject('The mandate after the action.') },
    run: async ({ control }, { action, mandate_id: id }) => ({
      mandate: await control.mandates[action](id),
    }),
  }),
]
