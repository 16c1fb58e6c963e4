import { clearTimeout, setTimeout } from 'node:timers'
import { BUCKET_COUNT, type PaymentSessionId } from '../domain/id.ts'
import { PLAIN_IDS } from '../domain/public-id.ts'
import type { Random } from '../domain/random.ts'
import {
  type DeliveryRecord,
  IDEMPOTENCY_KEY_LIFE_MS,
  RowHeld,
  type Store,
  StoreUnavailable,
  type Transaction,
} from '../operations/store.ts'
import * as accounts from './accounts.ts'
import { findNextDueMs, findOldestOpen } from './claim.ts'
import { claimWebhookDeliveries } from './claim-deliveries.ts'
import * as clients from './clients.ts'
import * as connected from './connected-accounts.ts'
import { type Engine, isLockTimeout, type Sql } from './engine/engine.ts'
import { GATHERING_TURNS, GroupCommit } from './engine/group-commit.ts'
import { withOutages } from './engine/outage.ts'
import * as held from './held-deliveries.ts'
import { findIdempotentAnswer, putIdempotentAnswer } from './idempotency-keys.ts'
import * as ledger from './ledger.ts'
import * as attempts from './payment-attempts.ts'
import * as sessions from './payment-sessions.ts'
import * as refunds from './refunds.ts'
import { sandboxChargesOn } from './sandbox-charges.ts'
import * as tokens from './tokens.ts'
import * as transfers from './transfers.ts'
import * as deliveries from './webhook-deliveries.ts'
import * as endpoints from './webhook-endpoints.ts'
import * as events from './webhook-events.ts'

/** How many new sessions share one statement at most: 23 parameters each at most, far below the 65,535 allowed. */
const INSERT_COUNT_MAX = 128
/** How many reads share one round trip at most. */
const READ_COUNT_MAX = 256
/** How many delivery attempts are recorded by one transaction at most: 22 parameters each at most. */
const RECORD_COUNT_MAX = 64
/**
 * Codes and access tokens are kept a day after their end: a second use of a code is seen for what it is, and a clock
 * that is ahead deletes no token that is still valid.
 */
const GRANT_KEPT_MS = 24 * 60 * 60_000

/** Makes the store on an open database whose schema is up to date. It takes and gives ids as they are stored. */
export function createStore(opened: Engine, random: Random): Store {
  let fullFor: NodeJS.Timeout | undefined
  const engine = withOutages(opened, () => {
    clearTimeout(fullFor)
    fullFor = setTimeout(() => {
      fullFor = undefined
    }, FULL_KNOWN_MS).unref()
  })
  const { read, readLong } = engine

  let creationBucket = random.below(BUCKET_COUNT)
  const insertAll = (inserts: readonly sessions.PaymentSessionInsert[]) =>
    sessions.insertPaymentSessions(engine, inserts)
  // What is gathered from now on goes into the next batch, and so into its bucket.
  const turns = engine.commitsInProcess ? GATHERING_TURNS.many : GATHERING_TURNS.one
  const creations = new GroupCommit(insertAll, INSERT_COUNT_MAX, turns, () => {
    creationBucket = random.below(BUCKET_COUNT)
  })
  // A key can be held by another server, and then only creations with a key should wait for it.
  const keyedCreations = new GroupCommit(insertAll, INSERT_COUNT_MAX, turns)
  const reads = new GroupCommit(
    (ids: readonly PaymentSessionId[]) => sessions.findPaymentSessions(engine, ids),
    READ_COUNT_MAX,
    turns,
  )

  const records = new GroupCommit(
    (attempted: readonly DeliveryRecord[]) => deliveries.recordDeliveryAttempts(engine, attempted),
    RECORD_COUNT_MAX,
    turns,
  )
  const dueListeners: (() => void)[] = []

  return {
    publicIds: PLAIN_IDS,
    ...sandboxChargesOn(engine),
    transaction: async (work) => {
      let areDeliveriesDue = false
      const onDue = () => {
        areDeliveriesDue = true
      }
      try {
        return await engine.transaction((sql) => work(transactionOn(engine, sql, onDue)))
      } catch (error) {
        areDeliveriesDue = false
        throw isLockTimeout(error) ? new RowHeld('a row was held', { cause: error }) : error
      } finally {
        if (areDeliveriesDue) for (const listener of dueListeners) listener()
      }
    },
    findNextDueMs: (afterMs) => findNextDueMs(read, afterMs),
    findOldestOpen: () => findOldestOpen(readLong),
    onDeliveriesDue: (listener) => {
      dueListeners.push(listener)
    },

    creationBucket: () => creationBucket,
    insertPaymentSession: (session, answer, nowMs) =>
      (answer === undefined ? creations : keyedCreations).add({ session, answer, nowMs }),
    findIdempotentAnswer: (bucket, identityHash, liveFromMs) =>
      findIdempotentAnswer(read, bucket, identityHash, liveFromMs),
    findPaymentSession: (id) => reads.add(id),
    noteOpener: (id, openedByHash) => sessions.noteOpener(engine, id, openedByHash),
    listPaymentAttempts: (of) => attempts.listPaymentAttempts(read, of),
    findPaymentAttempt: (id) => attempts.findPaymentAttempt(read, id),
    listPayments: (accountId, filter, page) =>
      attempts.listPayments(readLong, accountId, filter, page),
    claimPaymentAttempt: (nowMs, leaseMs) => attempts.claimPaymentAttempt(engine, nowMs, leaseMs),
    claimRefund: (nowMs, leaseMs) => refunds.claimRefund(engine, nowMs, leaseMs),
    listRefunds: (of) => refunds.listRefunds(read, of),
    listPaymentRefunds: (of, page) => refunds.listPaymentRefunds(readLong, of, page),
    findRefund: (id) => refunds.findRefund(read, id),
    listTransfers: (of) => transfers.listTransfers(read, of),
    findTransfer: (id) => transfers.findTransfer(read, id),
    listAccountTransfers: (accountId, filter, page) =>
      transfers.listAccountTransfers(readLong, accountId, filter, page),
    findTransferReversal: (id) => transfers.findTransferReversal(read, id),
    listTransferReversals: (accountId, filter, page) =>
      transfers.listTransferReversals(readLong, accountId, filter, page),
    checkLedger: () => engine.snapshot(ledger.checkLedger),

    findWebhookEvent: (id) => events.findWebhookEvent(read, id),
    listWebhookEvents: (accountId, filter, page) =>
      events.listWebhookEvents(readLong, accountId, filter, page),
    countWebhookEvents: (accountId, filter, countMax) =>
      events.countWebhookEvents(readLong, accountId, filter, countMax),
    listWebhookEventsFrom: (accountId, filter, after, countMax) =>
      events.listWebhookEventsFrom(readLong, accountId, filter, after, countMax),
    findWebhookEndpoint: (id) => endpoints.findWebhookEndpoint(read, id),
    listWebhookEndpoints: (of) => endpoints.listWebhookEndpoints(read, of),
    claimWebhookDeliveries: (nowMs, leaseMs, limits) =>
      claimWebhookDeliveries(engine, nowMs, leaseMs, limits, random.below),
    releaseHeldDeliveries: async (nowMs, countMax) => {
      const count = await held.releaseHeldDeliveries(engine, nowMs, countMax)
      if (count > 0) for (const listener of dueListeners) listener()
      return count
    },
    recordDeliveryAttempt: (record) => records.add(record),
    noteEndpointAccepted: (id, atMs) =>
      engine.transaction((sql) => endpoints.noteEndpointAccepted(sql, id, atMs)),
    findWebhookDelivery: (eventId, endpointId) =>
      deliveries.findWebhookDelivery(read, eventId, endpointId),
    listEventDeliveries: (of) => deliveries.listEventDeliveries(read, of),
    listWebhookDeliveries: (of, filter, page) =>
      deliveries.listWebhookDeliveries(readLong, of, filter, page),
    listDeliveryAttempts: (eventId, endpointId) =>
      deliveries.listDeliveryAttempts(read, eventId, endpointId),

    listPaymentSessions: (accountId, filter, page, nowMs) =>
      sessions.listPaymentSessions(readLong, accountId, filter, page, nowMs),

    findAccount: (id) => accounts.findAccount(read, id),
    listAccounts: () => accounts.listAccounts(read),
    findConnectedAccount: (accountId, id) => connected.findConnectedAccount(read, accountId, id),
    listConnectedAccounts: (accountId, filter, page) =>
      connected.listConnectedAccounts(readLong, accountId, filter, page),
    findConnectedAccounts: (accountId, ids) =>
      connected.findConnectedAccounts(read, accountId, ids),
    findAccountSecrets: (id) => accounts.findAccountSecrets(read, id),
    findOwnerKeyHash: (id) => accounts.findOwnerKeyHash(read, id),

    findClient: (id) => clients.findClient(read, id),
    listClients: () => clients.listClients(read),
    findAccessToken: (tokenHash) => tokens.findAccessToken(read, tokenHash),

    advanceExpiryTime: async (fromMs, toMs) => {
      const count = await engine.transaction((sql) =>
        sql.run("update installation set value = $1 where name = 'expiry_time_ms' and value = $2", [
          String(toMs),
          String(fromMs),
        ]),
      )
      return count === 1
    },
    deleteExpired: (nowMs) => deleteExpired(engine, nowMs),

    stateInstallationFact: (name, value) =>
      engine.transaction(async (sql) => {
        await sql.run(
          'insert into installation (name, value) values ($1, $2) on conflict do nothing',
          [name, value],
        )
        const [row] = await sql.all('select value from installation where name = $1', [name])
        return row?.value as string
      }),

    checkWritable: async () => {
      // On PostgreSQL a small write finds room in what there is: the refused ones know better.
      if (fullFor !== undefined) throw new StoreUnavailable('full')
      await engine.transaction(writeAndDelete)
    },
    close: async () => {
      const all = [creations, keyedCreations, reads, records]
      await Promise.all(all.map((gathered) => gathered.idle()))
      await engine.close()
    },
  }
}

/** The time for which a write without space counts against the database, in milliseconds. */
const FULL_KNOWN_MS = 30_000
/** The size of the write that tries the database, in characters: some pages. */
const WRITE_CHECK_LENGTH = 16_384

/** Writes as much as a request does, and leaves nothing. */
async function writeAndDelete(sql: Sql): Promise<void> {
  const name = 'write_check'
  await sql.run(
    `insert into installation (name, value) values ($1, $2)
     on conflict (name) do update set value = excluded.value`,
    [name, 'x'.repeat(WRITE_CHECK_LENGTH)],
  )
  await sql.run('delete from installation where name = $1', [name])
}

function transactionOn(engine: Engine, sql: Sql, onDue: () => void): Transaction {
  return {
    findAccount: (id) => accounts.findAccount(sql, id),
    lockPaymentSession: (id) => sessions.lockPaymentSession(engine, sql, id),
    updatePaymentSession: (session) => sessions.updatePaymentSession(sql, session),
    listPaymentAttempts: (of) => attempts.listPaymentAttempts(sql, of),
    insertPaymentAttempt: (attempt) => attempts.insertPaymentAttempt(sql, attempt),
    findPaymentAttempt: (id) => attempts.findPaymentAttempt(sql, id),
    updatePaymentAttempt: (attempt) => attempts.updatePaymentAttempt(sql, attempt),
    insertTransfer: (transfer) => transfers.insertTransfer(sql, transfer),
    updateTransfer: (transfer) => transfers.updateTransfer(sql, transfer),
    findTransfer: (id) => transfers.findTransfer(sql, id),
    listTransfers: (of) => transfers.listTransfers(sql, of),
    insertTransferReversal: (reversal) => transfers.insertTransferReversal(sql, reversal),
    insertRefund: (refund) => refunds.insertRefund(sql, refund),
    findRefund: (id) => refunds.findRefund(sql, id),
    updateRefund: (refund) => refunds.updateRefund(sql, refund),
    insertLedgerPostings: (postings) => ledger.insertLedgerPostings(sql, postings),

    insertWebhookEvent: async (event) => {
      const isStored = await events.insertWebhookEvent(sql, event)
      if (isStored) onDue()
      return isStored
    },
    lockWebhookEndpoints: (of) => endpoints.lockWebhookEndpoints(engine, sql, of),
    insertWebhookEndpoint: (endpoint) => endpoints.insertWebhookEndpoint(sql, endpoint),
    putWebhookEndpoint: (endpoint) => {
      // What waited for it to be active.
      if (endpoint.status === 'active') onDue()
      return endpoints.putWebhookEndpoint(sql, endpoint)
    },
    deleteWebhookEndpoint: (id, nowMs) => endpoints.deleteWebhookEndpoint(sql, id, nowMs),
    moveWebhookDeliveries: (of, events, from, to, nowMs) => {
      if (to === 'pending') onDue()
      return held.moveWebhookDeliveries(engine, sql, of, events, from, to, nowMs)
    },
    resendWebhookEvents: (to, ids, nowMs) => {
      onDue()
      return deliveries.resendWebhookEvents(engine, sql, to, ids, nowMs)
    },
    findWebhookDelivery: (eventId, endpointId) =>
      deliveries.findWebhookDelivery(sql, eventId, endpointId),
    listEventDeliveries: (of) => deliveries.listEventDeliveries(sql, of),

    findIdempotentAnswer: (bucket, identityHash, liveFromMs) =>
      findIdempotentAnswer(sql, bucket, identityHash, liveFromMs),
    putIdempotentAnswer: (answer, nowMs, liveFromMs) =>
      putIdempotentAnswer(sql, answer, nowMs, liveFromMs),

    insertAuthorizationCode: (codeHash, code) =>
      tokens.insertAuthorizationCode(sql, codeHash, code),
    useAuthorizationCode: (codeHash, nowMs) => tokens.useAuthorizationCode(sql, codeHash, nowMs),
    insertRefreshToken: (tokenHash, grant, nowMs, countMax) =>
      tokens.insertRefreshToken(engine, sql, tokenHash, grant, nowMs, countMax),
    lockRefreshToken: (tokenHash) => tokens.lockRefreshToken(engine, sql, tokenHash),
    insertAccessToken: (tokenHash, token, refreshTokenHash) =>
      tokens.insertAccessToken(sql, tokenHash, token, refreshTokenHash),
    deleteGrantTokens: (grantId) => tokens.deleteGrantTokens(sql, grantId),
    deleteGivenTokens: (grantId) => tokens.deleteGivenTokens(sql, grantId),
    deleteToken: (tokenHash) => tokens.deleteToken(sql, tokenHash),

    insertAccount: (account, nowMs) => accounts.insertAccount(sql, account, nowMs),
    putAccount: (account, nowMs) => accounts.putAccount(sql, account, nowMs),
    putConnectedAccount: (account) => connected.putConnectedAccount(sql, account),
    insertConnectedAccount: (account) => connected.insertConnectedAccount(sql, account),
    putClient: (client, nowMs) => clients.putClient(sql, client, nowMs),
  }
}

async function deleteExpired(engine: Engine, nowMs: number): Promise<number> {
  let count = await engine.longTransaction(async (sql) => {
    const codes = await sql.run('delete from authorization_codes where expires_at_ms <= $1', [
      nowMs - GRANT_KEPT_MS,
    ])
    const tokens = await sql.run('delete from access_tokens where expires_at_ms <= $1', [
      nowMs - GRANT_KEPT_MS,
    ])
    return codes + tokens
  })
  // One bucket a transaction: it stays short, and on a distributed database on one machine.
  for (let bucket = 0; bucket < BUCKET_COUNT; bucket += 1) {
    count += await engine.longTransaction(async (sql) => {
      const keys = await sql.run(
        'delete from idempotency_keys where bucket = $1 and created_at_ms <= $2',
        // Twice their life: what still counts for a slower clock is never deleted under it.
        [bucket, nowMs - 2 * IDEMPOTENCY_KEY_LIFE_MS],
      )
      return keys + (await deliveries.deleteOldAttempts(sql, bucket, nowMs))
    })
  }
  return count
}
