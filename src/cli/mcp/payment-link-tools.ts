import { Type } from 'typebox'
import { idField, PAGE_FIELDS, pageOf, type Tool, tool, wireList, wireObject } from './tool.ts'

const LinkId = idField('The payment link.')
const LinkOut = { payment_link: wireObject('The payment link.') }
const description = Type.String({ minLength: 1, maxLength: 500 })
const FIELDS = {
  email: Type.Optional(Type.String({ maxLength: 254 })),
  phone: Type.Optional(
    Type.String({ maxLength: 25, description: 'With its dialing code, such as +91 90000 00001.' }),
  ),
  expires_at: Type.Optional(
    Type.String({
      description: 'The last day, such as 2026-12-22. Default for a new link: 30 days ahead.',
    }),
  ),
  reference_id: Type.Optional(Type.String({ maxLength: 100, description: 'Your reference.' })),
  return_url: Type.Optional(
    Type.String({ maxLength: 2048, description: 'The page after a successful payment.' }),
  ),
  notify_customer: Type.Optional(
    Type.Object(
      { email: Type.Optional(Type.Boolean()), sms: Type.Optional(Type.Boolean()) },
      {
        additionalProperties: false,
        description:
          'Sends the link to the customer. An update sends it again, and replaces the channels of the link.',
      },
    ),
  ),
}

/** The tools for payment links. */
export const PAYMENT_LINK_TOOLS: readonly Tool[] = [
  tool({
    name: 'create_payment_link',
    title: 'Create a payment link',
    description: 'Creates a page on which one amount can be paid once. The answer has its url.',
    effect: 'adds',
    input: {
      amount: Type.String({ maxLength: 24, description: 'In major units, such as 1499.90.' }),
      currency: Type.String({ minLength: 3, maxLength: 3 }),
      description,
      ...FIELDS,
    },
    output: LinkOut,
    run: async ({ client }, link) => ({ payment_link: await client.paymentLinks.create(link) }),
  }),
  tool({
    name: 'get_payment_link',
    title: 'Show a payment link',
    description: 'Returns a payment link with its status and its payments.',
    effect: 'reads',
    input: { payment_link_id: LinkId },
    output: LinkOut,
    run: async ({ client }, { payment_link_id: id }) => ({
      payment_link: await client.paymentLinks.retrieve(id),
    }),
  }),
  tool({
    name: 'list_payment_links',
    title: 'List payment links',
    description: 'Lists payment links without their payments, newest first.',
    effect: 'reads',
    input: {
      status: Type.Optional(Type.Enum(['active', 'paid', 'expired', 'canceled'])),
      search_text: Type.Optional(
        Type.String({
          minLength: 1,
          maxLength: 254,
          description: 'A link’s id, its reference, e-mail address or phone number.',
        }),
      ),
      ...PAGE_FIELDS,
    },
    output: {
      payment_links: wireList('The payment links.'),
      page_context: wireObject('The number of the page, and whether more pages follow.'),
    },
    run: ({ client }, { limit, page, ...query }) =>
      client.paymentLinks.list({ ...query, ...pageOf(limit, page) }),
  }),
  tool({
    name: 'update_payment_link',
    title: 'Change a payment link',
    description: 'Changes the given fields of an active payment link.',
    effect: 'adds',
    isIdempotent: true,
    input: { payment_link_id: LinkId, description: Type.Optional(description), ...FIELDS },
    output: LinkOut,
    run: async ({ client }, { payment_link_id: id, ...change }) => ({
      payment_link: await client.paymentLinks.update(id, change),
    }),
  }),
  tool({
    name: 'cancel_payment_link',
    title: 'Cancel a payment link',
    description: 'Cancels an active payment link: it can no longer be paid.',
    effect: 'destroys',
    input: { payment_link_id: LinkId },
    output: LinkOut,
    run: async ({ client }, { payment_link_id: id }) => ({
      payment_link: await client.paymentLinks.cancel(id),
    }),
  }),
  tool({
    name: 'send_payment_link',
    title: 'Send a payment link again',
    description:
      'Sends an active payment link to its customer again, through the given channels. Default: the channels of the link.',
    effect: 'adds',
    input: {
      payment_link_id: LinkId,
      notify_customer: Type.Optional(
        Type.Object({
          email: Type.Optional(Type.Boolean()),
          sms: Type.Optional(Type.Boolean()),
        }),
      ),
    },
    output: LinkOut,
    run: async ({ client }, { payment_link_id: id, ...body }) => ({
      payment_link: await client.paymentLinks.notify(id, body),
    }),
  }),
  tool({
    name: 'open_payment_link',
    title: 'Open a payment link',
    description:
      'Does what the button of the link’s page does: returns the session of the link. Play attempts on that session to pay the link.',
    effect: 'adds',
    isIdempotent: true,
    where: 'controlled',
    input: { payment_link_id: LinkId },
    output: { session: wireObject('The session, with its access_key and checkout_url.') },
    run: async ({ control }, { payment_link_id: id }) => ({
      session: await control.paymentLinks.open(id),
    }),
  }),
  tool({
    name: 'expire_payment_link',
    title: 'Expire a payment link',
    description: 'Expires a payment link now.',
    effect: 'destroys',
    where: 'controlled',
    input: { payment_link_id: LinkId },
    output: LinkOut,
    run: async ({ control }, { payment_link_id: id }) => ({
      payment_link: await control.paymentLinks.expire(id),
    }),
  }),
]
