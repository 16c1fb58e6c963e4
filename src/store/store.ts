import { clearTimeout, setTimeout } from 'node:timers'
import { BUCKET_COUNT, type PaymentSessionId } from '../domain/id.ts'
import { PLAIN_IDS } from '../domain/public-id.ts'
import type { Random } from '../domain/random.ts'
import {
  type DeliveryRecord,
  IDEMPOTENCY_KEY_LIFE_MS,
  type Installation,
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

    paymentSessions: {
      creationBucket: () => creationBucket,
      insert: (session, answer, nowMs) =>
        (answer === undefined ? creations : keyedCreations).add({ session, answer, nowMs }),
      find: (id) => reads.add(id),
      noteOpener: (id, openedByHash) => sessions.noteOpener(engine, id, openedByHash),
      list: (accountId, filter, page, nowMs) =>
        sessions.listPaymentSessions(readLong, accountId, filter, page, nowMs),
    },
    paymentAttempts: {
      find: (id) => attempts.findPaymentAttempt(read, id),
      listBySession: (sessionId) => attempts.listPaymentAttempts(read, sessionId),
      list: (accountId, filter, page) => attempts.listPayments(readLong, accountId, filter, page),
      claim: (nowMs, leaseMs) => attempts.claimPaymentAttempt(engine, nowMs, leaseMs),
    },
    refunds: {
      find: (id) => refunds.findRefund(read, id),
      listByPayment: (attemptId) => refunds.listRefunds(read, attemptId),
      listPage: (attemptId, page) => refunds.listPaymentRefunds(readLong, attemptId, page),
      claim: (nowMs, leaseMs) => refunds.claimRefund(engine, nowMs, leaseMs),
    },
    transfers: {
      find: (id) => transfers.findTransfer(read, id),
      listByPayment: (attemptId) => transfers.listTransfers(read, attemptId),
      list: (accountId, filter, page) =>
        transfers.listAccountTransfers(readLong, accountId, filter, page),
    },
    transferReversals: {
      find: (id) => transfers.findTransferReversal(read, id),
      list: (accountId, filter, page) =>
        transfers.listTransferReversals(readLong, accountId, filter, page),
    },
    ledger: { check: () => engine.snapshot(ledger.checkLedger) },
    webhookEvents: {
      find: (id) => events.findWebhookEvent(read, id),
      list: (accountId, filter, page) =>
        events.listWebhookEvents(readLong, accountId, filter, page),
      count: (accountId, filter, countMax) =>
        events.countWebhookEvents(readLong, accountId, filter, countMax),
      listAfter: (accountId, filter, after, countMax) =>
        events.listWebhookEventsFrom(readLong, accountId, filter, after, countMax),
    },
    webhookEndpoints: {
      find: (id) => endpoints.findWebhookEndpoint(read, id),
      list: (accountId) => endpoints.listWebhookEndpoints(read, accountId),
      noteAccepted: (id, atMs) =>
        engine.transaction((sql) => endpoints.noteEndpointAccepted(sql, id, atMs)),
    },
    webhookDeliveries: {
      find: (eventId, endpointId) => deliveries.findWebhookDelivery(read, eventId, endpointId),
      listByEvent: (eventId) => deliveries.listEventDeliveries(read, eventId),
      list: (endpointId, filter, page) =>
        deliveries.listWebhookDeliveries(readLong, endpointId, filter, page),
      listAttempts: (eventId, endpointId) =>
        deliveries.listDeliveryAttempts(read, eventId, endpointId),
      claim: (nowMs, leaseMs, limits) =>
        claimWebhookDeliveries(engine, nowMs, leaseMs, limits, random.below),
      releaseHeld: async (nowMs, countMax) => {
        const count = await held.releaseHeldDeliveries(engine, nowMs, countMax)
        if (count > 0) for (const listener of dueListeners) listener()
        return count
      },
      recordAttempt: (record) => records.add(record),
      onDue: (listener) => {
        dueListeners.push(listener)
      },
    },
    accounts: {
      find: (id) => accounts.findAccount(read, id),
      list: () => accounts.listAccounts(read),
      findSecrets: (id) => accounts.findAccountSecrets(read, id),
      findOwnerKeyHash: (id) => accounts.findOwnerKeyHash(read, id),
    },
    connectedAccounts: {
      find: (accountId, id) => connected.findConnectedAccount(read, accountId, id),
      list: (accountId, filter, page) =>
        connected.listConnectedAccounts(readLong, accountId, filter, page),
      findIds: (accountId, ids) => connected.findConnectedAccounts(read, accountId, ids),
    },
    clients: {
      find: (id) => clients.findClient(read, id),
      list: () => clients.listClients(read),
    },
    tokens: { findAccessToken: (tokenHash) => tokens.findAccessToken(read, tokenHash) },
    idempotency: {
      find: (bucket, identityHash, liveFromMs) =>
        findIdempotentAnswer(read, bucket, identityHash, liveFromMs),
    },
    sandboxCharges: sandboxChargesOn(engine),
    openWork: {
      findNextDueMs: (afterMs) => findNextDueMs(read, afterMs),
      findOldest: () => findOldestOpen(readLong),
    },
    installation: installationOn(engine),

    deleteExpired: (nowMs) => deleteExpired(engine, nowMs),
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

function installationOn(engine: Engine): Installation {
  return {
    stateFact: (name, value) =>
      engine.transaction(async (sql) => {
        await sql.run(
          'insert into installation (name, value) values ($1, $2) on conflict do nothing',
          [name, value],
        )
        const [row] = await sql.all('select value from installation where name = $1', [name])
        return row?.value as string
      }),
    advanceExpiryTime: async (fromMs, toMs) => {
      const count = await engine.transaction((sql) =>
        sql.run("update installation set value = $1 where name = 'expiry_time_ms' and value = $2", [
          String(toMs),
          String(fromMs),
        ]),
      )
      return count === 1
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
    paymentSessions: {
      lock: (id) => sessions.lockPaymentSession(engine, sql, id),
      update: (session) => sessions.updatePaymentSession(sql, session),
    },
    paymentAttempts: {
      find: (id) => attempts.findPaymentAttempt(sql, id),
      listBySession: (sessionId) => attempts.listPaymentAttempts(sql, sessionId),
      insert: (attempt) => attempts.insertPaymentAttempt(sql, attempt),
      update: (attempt) => attempts.updatePaymentAttempt(sql, attempt),
    },
    refunds: {
      find: (id) => refunds.findRefund(sql, id),
      insert: (refund) => refunds.insertRefund(sql, refund),
      update: (refund) => refunds.updateRefund(sql, refund),
    },
    transfers: {
      find: (id) => transfers.findTransfer(sql, id),
      listByPayment: (attemptId) => transfers.listTransfers(sql, attemptId),
      insert: (transfer) => transfers.insertTransfer(sql, transfer),
      update: (transfer) => transfers.updateTransfer(sql, transfer),
    },
    transferReversals: {
      insert: (reversal) => transfers.insertTransferReversal(sql, reversal),
    },
    ledger: { insert: (postings) => ledger.insertLedgerPostings(sql, postings) },
    webhookEvents: {
      insert: async (event) => {
        const isStored = await events.insertWebhookEvent(sql, event)
        if (isStored) onDue()
        return isStored
      },
    },
    webhookEndpoints: {
      lock: (accountId) => endpoints.lockWebhookEndpoints(engine, sql, accountId),
      insert: (endpoint) => endpoints.insertWebhookEndpoint(sql, endpoint),
      put: (endpoint) => {
        // Its held deliveries become due.
        if (endpoint.status === 'active') onDue()
        return endpoints.putWebhookEndpoint(sql, endpoint)
      },
      delete: (id, nowMs) => endpoints.deleteWebhookEndpoint(sql, id, nowMs),
    },
    webhookDeliveries: {
      find: (eventId, endpointId) => deliveries.findWebhookDelivery(sql, eventId, endpointId),
      listByEvent: (eventId) => deliveries.listEventDeliveries(sql, eventId),
      move: (endpointId, eventIds, { from, to }, nowMs) => {
        if (to === 'pending') onDue()
        return held.moveWebhookDeliveries(engine, sql, endpointId, eventIds, from, to, nowMs)
      },
      resend: (endpoint, eventIds, nowMs) => {
        onDue()
        return deliveries.resendWebhookEvents(engine, sql, endpoint, eventIds, nowMs)
      },
    },
    accounts: {
      find: (id) => accounts.findAccount(sql, id),
      insert: (account, nowMs) => accounts.insertAccount(sql, account, nowMs),
      put: (account, nowMs) => accounts.putAccount(sql, account, nowMs),
    },
    connectedAccounts: {
      insert: (account) => connected.insertConnectedAccount(sql, account),
      put: (account) => connected.putConnectedAccount(sql, account),
    },
    clients: { put: (client, nowMs) => clients.putClient(sql, client, nowMs) },
    tokens: {
      insertCode: (codeHash, code) => tokens.insertAuthorizationCode(sql, codeHash, code),
      useCode: (codeHash, nowMs) => tokens.useAuthorizationCode(sql, codeHash, nowMs),
      insertRefreshToken: (tokenHash, grant, nowMs, countMax) =>
        tokens.insertRefreshToken(engine, sql, tokenHash, grant, nowMs, countMax),
      lockRefreshToken: (tokenHash) => tokens.lockRefreshToken(engine, sql, tokenHash),
      insertAccessToken: (tokenHash, token, refreshTokenHash) =>
        tokens.insertAccessToken(sql, tokenHash, token, refreshTokenHash),
      deleteAllByGrant: (grantId) => tokens.deleteGrantTokens(sql, grantId),
      deleteFirstByGrant: (grantId) => tokens.deleteGivenTokens(sql, grantId),
      delete: (tokenHash) => tokens.deleteToken(sql, tokenHash),
    },
    idempotency: {
      find: (bucket, identityHash, liveFromMs) =>
        findIdempotentAnswer(sql, bucket, identityHash, liveFromMs),
      put: (answer, nowMs, liveFromMs) => putIdempotentAnswer(sql, answer, nowMs, liveFromMs),
    },
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
