import { ok } from '../../api/answer.ts'
import { renderOne } from '../../api/render-envelope.ts'
import { type AccountId, type MessageId, parseAccountId, parseId } from '../../domain/id.ts'
import type { Message } from '../../domain/message.ts'
import { writeMessage } from '../../messengers/write-message.ts'
import type { Store } from '../../operations/store.ts'
import { controlRoute, missing, queryFieldsOf } from './control-route.ts'
import { MessageAnswer, MessageListQuery, MessagesAnswer } from './schemas.ts'

const tag = 'Messages'
const readListQuery = queryFieldsOf(MessageListQuery, {}, 'The query')
const LIMIT_DEFAULT = 50

const listMessages = controlRoute({
  method: 'GET',
  url: '/messages',
  operationId: 'listMessages',
  tag,
  summary: 'List the messages to customers',
  description:
    'Returns the outbox, newest first: receipts, payment links and notices of debits that customers would have received. A sandbox sends nothing.',
  query: MessageListQuery,
  readQuery: readListQuery,
  answers: { 200: MessagesAnswer },
  failures: [400],
  handle: async ({ query, tenant: { store } }) => {
    const countMax = Number(query.limit ?? LIMIT_DEFAULT)
    const accountId = query.account_id === undefined ? undefined : parseAccountId(query.account_id)
    const subject = query.payment_id ?? query.payment_link_id ?? query.mandate_notification_id
    const subjectId = subject === undefined ? undefined : parseId<Message['subjectId']>(subject)
    const messages =
      subjectId === undefined
        ? await newestMessages(store, { accountId, countMax })
        : await messagesAbout(store, { accountId, subjectId, countMax })
    return ok(renderOne('messages', messages.map(messageFields)))
  },
})

const retrieveMessage = controlRoute({
  method: 'GET',
  url: '/messages/{message_id}',
  operationId: 'retrieveMessage',
  tag,
  summary: 'Retrieve a message to a customer',
  description: 'Returns a message of the outbox, with the HTML of an e-mail.',
  answers: { 200: MessageAnswer },
  handle: async ({ path, tenant: { store } }) => {
    const id = parseId<MessageId>(path.message_id)
    const message = id && (await store.messages.find(id))
    if (message === undefined) {
      throw missing(
        'message_id',
        'There is no message with this message_id. See: GET /_sandbox/messages',
      )
    }
    const { html } = writeMessage(message)
    return ok(renderOne('outbox_message', { ...messageFields(message), html }))
  },
})

/** Returns the newest messages of one account, or of all. An account that does not exist has none. */
async function newestMessages(
  { accounts, messages }: Pick<Store, 'accounts' | 'messages'>,
  { accountId, countMax }: { readonly accountId: AccountId | undefined; readonly countMax: number },
): Promise<readonly Message[]> {
  const ids = accountId === undefined ? (await accounts.list()).map(({ id }) => id) : [accountId]
  const lists = await Promise.all(
    ids.map((id) => messages.list(id, { page: 1, perPage: countMax })),
  )
  return lists
    .flatMap(({ items }) => items)
    .toSorted((a, b) => b.createdAtMs - a.createdAtMs)
    .slice(0, countMax)
}

async function messagesAbout(
  { messages }: Pick<Store, 'messages'>,
  {
    accountId,
    countMax,
    subjectId,
  }: {
    readonly accountId: AccountId | undefined
    readonly countMax: number
    readonly subjectId: Message['subjectId']
  },
): Promise<readonly Message[]> {
  const subjectMessages = await messages.listBySubject(subjectId, countMax)
  return subjectMessages
    .filter((message) => accountId === undefined || message.accountId === accountId)
    .toReversed()
}

function messageFields(message: Message) {
  const { channel, content, createdAtMs, id, language, recipient, subjectId } = message
  const { link, subject, text } = writeMessage(message)
  return {
    message_id: id,
    account_id: message.accountId,
    kind: content.kind,
    channel,
    to: recipient,
    language,
    subject,
    text,
    link,
    payment_id: content.kind === 'receipt' ? subjectId : undefined,
    payment_link_id: content.kind === 'payment_link' ? subjectId : undefined,
    mandate_notification_id: content.kind === 'mandate_notice' ? subjectId : undefined,
    time: new Date(createdAtMs).toISOString(),
  }
}

/** The routes for a sandbox's outbox. */
export const MESSAGE_ROUTES = [listMessages, retrieveMessage]
