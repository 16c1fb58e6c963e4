import { Type } from 'typebox'
import { DISPUTE_REASONS } from '../../domain/dispute.ts'
import { idField, oneOf, type Tool, tool, wireObject } from './tool.ts'

/** The tools for disputes. */
export const DISPUTE_TOOLS: readonly Tool[] = [
  tool({
    name: 'dispute_payment',
    title: 'Dispute a payment',
    description:
      'Disputes a payment that has succeeded, as its customer does at the bank: the payment is `disputed`, new refunds are refused, and refunds in progress fail. The real service has no webhook for disputes. Paydesk sends `payment.disputed` to endpoints that name this type.',
    effect: 'adds',
    where: 'controlled',
    input: {
      payment_id: idField('The payment.'),
      amount: Type.Optional(
        Type.String({
          maxLength: 40,
          description:
            'The amount in major units. Default: the amount that is not yet refunded or disputed.',
        }),
      ),
      reason: Type.Optional(oneOf(DISPUTE_REASONS, 'The reason. Default: `unrecognized`.')),
    },
    output: { payment: wireObject('The payment with its dispute.') },
    run: async ({ control }, { payment_id: id, ...dispute }) => ({
      payment: await control.disputes.open(id, dispute),
    }),
  }),
  tool({
    name: 'decide_dispute',
    title: 'Decide a dispute',
    description:
      'Ends an open dispute. If it is won, the merchant gets the disputed amount and any fee of the dispute back. If it is lost, its amount can never be refunded.',
    effect: 'adds',
    where: 'controlled',
    input: {
      dispute_id: idField('The dispute, from the payment’s `dispute.dispute_id`.'),
      outcome: oneOf(['won', 'lost'], 'The decision, from the merchant’s point of view.'),
    },
    output: { payment: wireObject('The payment with its dispute.') },
    run: async ({ control }, { dispute_id: id, outcome }) => ({
      payment: outcome === 'won' ? await control.disputes.win(id) : await control.disputes.lose(id),
    }),
  }),
]
