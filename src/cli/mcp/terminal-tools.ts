import { Type } from 'typebox'
import { DECLINE_CODES } from '../../domain/payment-attempt.ts'
import { TERMINAL_METHODS } from '../../domain/terminal.ts'
import { oneOf, type Tool, tool, wireObject } from './tool.ts'

const TerminalId = Type.String({
  minLength: 1,
  maxLength: 50,
  description: 'The terminal. A sandbox has PDTERM01 and PDTERM02.',
})

/** The tools for payments at terminals. */
export const TERMINAL_TOOLS: readonly Tool[] = [
  tool({
    name: 'create_terminal_session',
    title: 'Show an amount on a terminal',
    description:
      'Creates an in-person session (IN accounts): the terminal shows the amount for 180 seconds. There is no page. Read the session by `get_session` until its `session_status` is final.',
    effect: 'adds',
    input: {
      terminal_id: TerminalId,
      amount: Type.String({ maxLength: 40, description: 'The amount in rupees, as a text.' }),
      description: Type.Optional(Type.String({ maxLength: 500 })),
      reference_number: Type.Optional(Type.String({ maxLength: 50 })),
      method: Type.Optional(oneOf(TERMINAL_METHODS, 'The only allowed method. Default: all.')),
    },
    output: { payments_session: wireObject('The session.') },
    run: async ({ client }, { method, ...session }) => ({
      payments_session: await client.terminalSessions.create({
        ...session,
        currency: 'INR',
        ...(method !== undefined && { payment_method_details: { type: method } }),
      }),
    }),
  }),
  tool({
    name: 'get_terminal',
    title: 'Show a terminal',
    description: 'Returns the sessions that customers can pay at a terminal now.',
    effect: 'reads',
    where: 'controlled',
    input: { terminal_id: TerminalId },
    output: { terminal: wireObject('The terminal with its open sessions.') },
    run: async ({ control }, { terminal_id: id }) => ({
      terminal: await control.terminals.retrieve(id),
    }),
  }),
  tool({
    name: 'pay_at_terminal',
    title: 'Pay at a terminal',
    description:
      'Does what a customer does at a terminal: pays, is declined, or leaves. After a decline the session can be paid again.',
    effect: 'adds',
    where: 'controlled',
    input: {
      terminal_id: TerminalId,
      payments_session_id: Type.Optional(
        Type.String({ pattern: '^\\d{1,16}$', description: 'Default: the newest session.' }),
      ),
      method: Type.Optional(
        oneOf(TERMINAL_METHODS, 'Default: the first one that the terminal offers.'),
      ),
      outcome: Type.Optional(
        oneOf(['succeeded', 'failed', 'abandoned'], 'The result. Default: `succeeded`.'),
      ),
      decline_code: Type.Optional(oneOf(DECLINE_CODES, 'Only with the outcome `failed`.')),
    },
    output: { payment: wireObject('The payment.') },
    run: async ({ control }, { terminal_id: id, ...payment }) => ({
      payment: await control.terminals.pay(id, payment),
    }),
  }),
]
