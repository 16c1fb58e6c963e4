import { Type } from 'typebox'
import { REFUND_REASONS } from '../../domain/refund.ts'
import {
  idField,
  oneOf,
  PAGE_FIELDS,
  pageOf,
  type Tool,
  tool,
  wireList,
  wireObject,
} from './tool.ts'

const PaymentId = idField('The payment: one attempt to pay a session.')

/** The tools for payments. */
export const PAYMENT_TOOLS: readonly Tool[] = [
  tool({
    name: 'get_payment',
    title: 'Show a payment',
    description: 'Returns a payment with its refunds, newest first.',
    effect: 'reads',
    input: { payment_id: PaymentId },
    output: { payment: wireObject('The payment.'), refunds: wireList('Its refunds.') },
    run: async ({ client }, { payment_id: id }) => {
      const [payment, { refunds }] = await Promise.all([
        client.payments.retrieve(id),
        client.refunds.list(id),
      ])
      return { payment, refunds }
    },
  }),
  tool({
    name: 'list_payments',
    title: 'List payments',
    description: 'Lists payments, newest first, including failed ones.',
    effect: 'reads',
    input: {
      status: Type.Optional(
        oneOf(
          [
            'Status.Succeeded',
            'Status.Failed',
            'Status.Canceled',
            'Status.Refunded',
            'Status.Disputed',
          ],
          'Only payments with this status.',
        ),
      ),
      search_text: Type.Optional(
        Type.String({
          minLength: 1,
          maxLength: 254,
          description:
            'A payment’s id, an e-mail address, a phone number, a reference or an invoice number.',
        }),
      ),
      ...PAGE_FIELDS,
    },
    output: {
      payments: wireList('The payments.'),
      page_context: wireObject('The number of the page, and whether more pages follow.'),
    },
    run: ({ client }, { limit, page, ...query }) =>
      client.payments.list({ ...query, ...pageOf(limit, page) }),
  }),
  tool({
    name: 'refund_payment',
    title: 'Refund a payment',
    description:
      'Refunds a payment, or a part of it. The outcome comes later. In a sandbox it comes after 2 seconds of its clock: amounts above 300 and up to 500 fail, and all others succeed.',
    effect: 'destroys',
    input: {
      payment_id: PaymentId,
      amount: Type.String({
        maxLength: 40,
        description: 'The amount in major units, as a text, such as 499.90.',
      }),
      reason: Type.Optional(oneOf(REFUND_REASONS, 'The reason. Default: `others`.')),
      description: Type.Optional(Type.String({ maxLength: 500 })),
    },
    output: { refund: wireObject('The refund. `succeeded` and `failed` are final.') },
    run: async ({ client }, { payment_id: id, ...refund }) => ({
      refund: await client.refunds.create(id, {
        type: 'initiated_by_merchant',
        reason: 'others',
        ...refund,
      }),
    }),
  }),
]
