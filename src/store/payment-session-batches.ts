import { bucketOf, type PaymentSessionId } from '../domain/id.ts'
import type { Random } from '../domain/random.ts'
import type { SessionTransaction, Store, Transaction } from '../operations/store.ts'
import type { SharedContext, StoreContext, TransactionContext } from './context.ts'
import { createCreationBuckets } from './creation-buckets.ts'
import { GroupCommit } from './engine/group-commit.ts'
import { gatherCalls } from './gather-calls.ts'
import { listPaymentSessions } from './payment-session-list.ts'
import {
  findPaymentSession,
  findPaymentSessions,
  insertPaymentSession,
  insertPaymentSessions,
  listByLink,
  listOpenByLink,
  listUnshown,
  lockPaymentSession,
  type PaymentSessionInsert,
  recordOpener,
  updatePaymentSession,
  updatePaymentSessions,
} from './payment-sessions.ts'

/** The maximum number of new sessions in a statement. Each has at most 28 parameters; PostgreSQL allows 65,535. */
const INSERT_COUNT_MAX = 128
/** The maximum number of reads in a round trip. */
const READ_COUNT_MAX = 256

/** Makes a store's functions for payment sessions: inserts share commits, and reads share round trips. */
export function paymentSessionsOf({ engine, read, readLong }: StoreContext, random: Random) {
  const { batchCountMax, commitsInProcess, countBatch, isDistributed, nodes } = engine
  const buckets = createCreationBuckets(nodes, random)
  let creationBucket = buckets.draw()
  const insertAll = (inserts: readonly PaymentSessionInsert[]) =>
    insertPaymentSessions(engine, inserts)
  const creations = new GroupCommit(
    async (inserts: readonly PaymentSessionInsert[]) => {
      // With one batch at a time no other one has its bucket.
      const end =
        batchCountMax === 1
          ? () => {}
          : buckets.begin(inserts.map(({ session }) => bucketOf(session.id)))
      // Sessions that arrive from now on go into the next batch, and into its bucket.
      creationBucket = buckets.draw()
      try {
        return await insertAll(inserts)
      } finally {
        end()
      }
    },
    {
      itemCountMax: INSERT_COUNT_MAX,
      commitsInProcess,
      batchCountMax,
      onBatch: (itemCount) => countBatch('create', itemCount),
    },
  )
  // Another server may have locked a key. Only creations with a key should wait for that lock.
  const keyedCreations = new GroupCommit(insertAll, {
    itemCountMax: INSERT_COUNT_MAX,
    commitsInProcess,
    batchCountMax,
    // A request and its repetition with the same key would wait for each other's rows.
    keyOf: ({ answer, session }) => answer?.identityHash ?? session.id,
    onBatch: (itemCount) => countBatch('create_with_key', itemCount),
  })
  const reads = new GroupCommit(
    (ids: readonly PaymentSessionId[]) => findPaymentSessions(engine, ids),
    {
      itemCountMax: READ_COUNT_MAX,
      commitsInProcess,
      batchCountMax,
      onBatch: (itemCount) => countBatch('retrieve', itemCount),
    },
  )
  const part: Store['paymentSessions'] = {
    creationBucket: () => {
      if (!buckets.isReachable(creationBucket)) creationBucket = buckets.draw()
      return creationBucket
    },
    insert: (session, answer, nowMs) =>
      (answer === undefined ? creations : keyedCreations).add({ session, answer, nowMs }),
    // Rows of several machines do not share a round trip, and a machine that does not answer must not delay the others.
    find: isDistributed ? (id) => findPaymentSession(read, id) : (id) => reads.add(id),
    listByLink: (id, countMax) => listByLink(read, id, countMax),
    listUnshown: (period, countMax) => listUnshown(read, period, countMax),
    recordOpener: (id, openerHash) => recordOpener(engine, id, openerHash),
    list: (accountId, filter, page, nowMs) =>
      listPaymentSessions(readLong, accountId, filter, { page, nowMs }),
  }
  const idle = () =>
    Promise.all([creations, keyedCreations, reads].map((batches) => batches.idle()))
  return { part, idle }
}

/** Makes a transaction's functions for payment sessions. */
export const paymentSessionsIn = ({
  engine,
  sql,
}: TransactionContext): Transaction['paymentSessions'] => ({
  lock: (id) => lockPaymentSession(engine, sql, id),
  update: (session) => updatePaymentSession(sql, session),
  insertOne: async (session) =>
    (await insertPaymentSession(sql, {
      session,
      answer: undefined,
      nowMs: session.createdAtMs,
    })) === 'stored',
  listOpenByLink: (id) => listOpenByLink(sql, id),
})

/**
 * Makes the functions of `paymentSessionsIn` for operations that share a transaction on PostgreSQL: `lockedSessions`
 * has the sessions that the transaction has locked, each for one operation.
 */
export const paymentSessionsTogether = ({
  lockedSessions,
  sql,
}: SharedContext): SessionTransaction['paymentSessions'] => ({
  lock: async (id) => lockedSessions.get(id),
  update: gatherCalls(async (sessions) => {
    await updatePaymentSessions(sql, sessions)
    return []
  }),
})
