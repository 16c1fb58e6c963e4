import { type AccountId, bucketOf, firstIdAt, type MessageId } from '../domain/id.ts'
import { MESSAGE_WAIT_MS_MAX, type Message } from '../domain/message.ts'
import type { ClaimedMessage, ListPage, Page, Store, Transaction } from '../operations/store.ts'
import { findDueRows } from './claim.ts'
import {
  columns,
  id,
  json,
  omitUndefined,
  optionalText,
  optionalWhole,
  small,
  text,
  whole,
} from './columns.ts'
import type { StoreContext, TransactionContext } from './context.ts'
import type { Engine, Row, Sql } from './engine/engine.ts'
import { assignParameters } from './engine/statement.ts'
import {
  createRanges,
  keyWithBucket,
  type ListedTable,
  listPageFrom,
  readListPage,
} from './list-page.ts'

const MESSAGE = columns<Message>()({
  bucket: small(({ id }) => bucketOf(id)),
  id: id(({ id }) => id),
  account_id: id(({ accountId }) => accountId),
  kind: text(({ content }) => content.kind),
  channel: text(({ channel }) => channel),
  subject_id: id(({ subjectId }) => subjectId),
  occasion: whole(({ occasion }) => occasion),
  recipient: text(({ recipient }) => recipient),
  language: text(({ language }) => language),
  content_json: json(({ content }) => content),
  created_at_ms: whole(({ createdAtMs }) => createdAtMs),
  status: text(({ status }) => status),
  attempt_count: small(({ attemptCount }) => attemptCount),
  next_attempt_at_ms: optionalWhole(({ nextAttemptAtMs }) => nextAttemptAtMs),
  ended_at_ms: optionalWhole(({ endedAtMs }) => endedAtMs),
  failure: optionalText(({ failure }) => failure),
  messenger_reference: optionalText(({ messengerReference }) => messengerReference),
})
const SELECT = `select ${MESSAGE.list()} from messages where bucket = $1 and id = $2`
/** The columns that an attempt changes. They come last. */
const CHANGING = MESSAGE.names.slice(MESSAGE.names.indexOf('status'))

function messageFrom(row: Row): Message {
  const values = MESSAGE.read(row)
  return omitUndefined({
    id: values.id,
    accountId: values.account_id,
    channel: values.channel,
    subjectId: values.subject_id,
    occasion: values.occasion,
    recipient: values.recipient,
    language: values.language,
    content: values.content_json,
    createdAtMs: values.created_at_ms,
    status: values.status,
    attemptCount: values.attempt_count,
    nextAttemptAtMs: values.next_attempt_at_ms,
    endedAtMs: values.ended_at_ms,
    failure: values.failure,
    messengerReference: values.messenger_reference,
  })
}

const INSERT = `insert into messages ${MESSAGE.insert()} on conflict do nothing`
const FIND_CAUSE = `select 1 as one from messages
  where bucket = $1 and subject_id = $2 and kind = $3 and channel = $4 and occasion = $5`

async function insertMessage(
  sql: Sql,
  message: Message,
): Promise<'stored' | 'id_taken' | 'cause_known'> {
  if ((await sql.run(INSERT, MESSAGE.values(message))) === 1) return 'stored'
  const cause = ['bucket', 'subject_id', 'kind', 'channel', 'occasion'] as const
  const [causeRow] = await sql.all(FIND_CAUSE, MESSAGE.valuesOf(cause, message))
  return causeRow === undefined ? 'id_taken' : 'cause_known'
}

const UPDATE = `update messages set ${assignParameters(CHANGING, 3)} where bucket = $1 and id = $2`

async function updateMessage(sql: Sql, message: Message): Promise<void> {
  await sql.run(UPDATE, MESSAGE.valuesOf(['bucket', 'id', ...CHANGING], message))
}

async function findMessage(sql: Sql, id: MessageId, lock = ''): Promise<Message | undefined> {
  const [row] = await sql.all(`${SELECT}${lock}`, [bucketOf(id), Number(id)])
  return row && messageFrom(row)
}

const LIST_TABLE: ListedTable = {
  name: 'messages',
  columns: MESSAGE.list('t'),
  id: 'id',
  keyOf: keyWithBucket('id'),
}

async function listMessages(
  sql: Sql,
  accountId: AccountId,
  page: Page,
): Promise<ListPage<Message>> {
  const ranges = createRanges(LIST_TABLE)
  ranges.add('t.account_id = ?', Number(accountId))
  return listPageFrom(await readListPage(sql, LIST_TABLE, ranges, page), messageFrom)
}

/** Oldest first, by the index of causes. */
async function listBySubject(
  sql: Sql,
  id: Message['subjectId'],
  countMax: number,
): Promise<readonly Message[]> {
  const rows = await sql.all(
    `select ${MESSAGE.list()} from messages where bucket = $1 and subject_id = $2
     order by created_at_ms, id limit $3`,
    [bucketOf(id), Number(id), countMax],
  )
  return rows.map(messageFrom)
}

async function claimMessage(
  engine: Engine,
  nowMs: number,
  leaseMs: number,
): Promise<ClaimedMessage | undefined> {
  const latestMs = nowMs + MESSAGE_WAIT_MS_MAX
  const column = 'next_attempt_at_ms'
  const due = await findDueRows(engine, { table: 'messages', column, nowMs, latestMs })
  for (const { bucket, id } of due) {
    const claimedMessage = await engine.transaction(
      async (sql): Promise<ClaimedMessage | undefined> => {
        const [row] = await sql.all(
          `${SELECT} and (next_attempt_at_ms <= $3 or next_attempt_at_ms > $4)${engine.skipLocked}`,
          [Number(bucket), Number(id), nowMs, latestMs],
        )
        if (row === undefined) return undefined
        const before = messageFrom(row)
        const wasSending = before.status === 'sending'
        const message: Message = {
          ...before,
          status: 'sending',
          attemptCount: before.attemptCount + (wasSending ? 0 : 1),
          nextAttemptAtMs: nowMs + leaseMs,
        }
        await updateMessage(sql, message)
        return { message, wasSending }
      },
    )
    if (claimedMessage !== undefined) return claimedMessage
  }
  return undefined
}

/** The retention of ended messages after their creation: 90 days. */
const MESSAGES_KEPT_MS = 90 * 24 * 60 * 60_000

/** Deletes a bucket's ended messages after their retention. Returns the number of deleted rows. */
export async function deleteOldMessages(sql: Sql, bucket: number, nowMs: number): Promise<number> {
  // The ids of a bucket increase with the time, so the primary key finds the old ones.
  const firstKeptId = Number(firstIdAt(nowMs - MESSAGES_KEPT_MS, bucket))
  return sql.run(
    `delete from messages where bucket = $1 and id < $2 and next_attempt_at_ms is null`,
    [bucket, firstKeptId],
  )
}

/** Makes a store's functions for messages. */
export const messagesOf = ({ engine, read, readLong }: StoreContext): Store['messages'] => ({
  find: (id) => findMessage(read, id),
  list: (accountId, page) => listMessages(readLong, accountId, page),
  listBySubject: (id, countMax) => listBySubject(read, id, countMax),
  claim: (nowMs, leaseMs) => claimMessage(engine, nowMs, leaseMs),
})

/** Makes a transaction's functions for messages. */
export const messagesIn = ({ engine, sql }: TransactionContext): Transaction['messages'] => ({
  insert: (message) => insertMessage(sql, message),
  lock: (id) => findMessage(sql, id, engine.rowLock),
  update: (message) => updateMessage(sql, message),
})
