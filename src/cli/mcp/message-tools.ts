import { Type } from 'typebox'
import { idField, ROW_COUNT_MAX, type Tool, tool, wireList, wireObject } from './tool.ts'

/** The tools for a sandbox's outbox. */
export const MESSAGE_TOOLS: readonly Tool[] = [
  tool({
    name: 'list_messages',
    title: 'List messages to customers',
    description:
      'Lists the outbox, newest first: receipts, payment links and notices of debits that customers would have received, with their text and link. A sandbox sends nothing.',
    effect: 'reads',
    where: 'controlled',
    input: {
      payment_id: Type.Optional(idField('Only messages about this payment.')),
      payment_link_id: Type.Optional(idField('Only messages about this payment link.')),
      mandate_notification_id: Type.Optional(
        idField('Only messages about this notification of a debit.'),
      ),
      limit: Type.Optional(
        Type.Integer({ minimum: 1, maximum: ROW_COUNT_MAX, description: 'Default: 10.' }),
      ),
    },
    output: { messages: wireList('The messages.') },
    run: async ({ control }, { limit = 10, ...query }) => ({
      messages: await control.messages.list({ ...query, limit }),
    }),
  }),
  tool({
    name: 'get_message',
    title: 'Show a message to a customer',
    description: 'Returns a message of the outbox, with the HTML of an e-mail.',
    effect: 'reads',
    where: 'controlled',
    input: { message_id: idField('The message.') },
    output: { message: wireObject('The message.') },
    run: async ({ control }, { message_id: id }) => ({
      message: await control.messages.retrieve(id),
    }),
  }),
]
