import { LRUCache } from 'lru-cache'
import type { Account } from '../domain/account.ts'
import type { AccountKeys } from '../domain/account-keys.ts'
import type { Clock } from '../domain/clock.ts'
import type { AccountId } from '../domain/id.ts'
import type { AccessToken, Store, Transaction } from '../operations/store.ts'

/**
 * The life of a cached token or account. A change, such as a revoked token or a replaced key, takes effect at once on
 * the server that made it, and within this time on all other servers.
 */
export const CACHE_LIFE_MS = 20_000
/** The maximum number of cached entries of each kind. */
const COUNT_MAX = 10_000

/**
 * Makes a store that caches access tokens, accounts, their keys, and connected accounts for a short time. This function
 * already allocates the memory for `countMax` entries of each kind. `steadyClock`: a monotonic clock. Undefined: the
 * process's.
 */
export function createCachedStore(store: Store, countMax = COUNT_MAX, steadyClock?: Clock): Store {
  const createMemory = <Value extends object>() => createMemoryOf<Value>(countMax, steadyClock)
  const tokens = createMemory<AccessToken>()
  const accounts = createMemory<Account>()
  const keys = createMemory<AccountKeys>()
  // Keyed by account and requested ids, because an application requests the same ids repeatedly.
  const connectedIds = createMemory<ReadonlySet<AccountId>>()

  return {
    ...store,
    tokens: {
      ...store.tokens,
      findAccessToken: (tokenHash) =>
        tokens.find(tokenHash, () => store.tokens.findAccessToken(tokenHash)),
    },
    accounts: {
      ...store.accounts,
      find: (id) => accounts.find(id, () => store.accounts.find(id)),
      findKeys: (id) => keys.find(id, () => store.accounts.findKeys(id)),
    },
    connectedAccounts: {
      ...store.connectedAccounts,
      findIds: async (accountId, ids) => {
        const find = async () => {
          const existingIds = await store.connectedAccounts.findIds(accountId, ids)
          // A missing account may be connected at any moment, and the next read must find it.
          return ids.every((id) => existingIds.has(id)) ? existingIds : undefined
        }
        const cachedIds = await connectedIds.find(`${accountId} ${ids.join()}`, find)
        return cachedIds ?? store.connectedAccounts.findIds(accountId, ids)
      },
    },
    transaction: async (work) => {
      const changes = { tokens: false, accounts: false }
      try {
        return await store.transaction((tx) => work(new WatchedTransaction(tx, changes)))
      } finally {
        // Tokens are rarely revoked: clearing all is cheaper than finding the revoked ones.
        if (changes.tokens) tokens.forget()
        if (changes.accounts) {
          accounts.forget()
          keys.forget()
        }
      }
    },
  }
}

type CacheChanges = { tokens: boolean; accounts: boolean }

/**
 * A transaction that records whether it outdates cached tokens or accounts. It is a class, because a new object with
 * the transaction as its prototype costs ten times as much.
 */
class WatchedTransaction implements Transaction {
  readonly #tx: Transaction
  readonly #changed: CacheChanges

  constructor(tx: Transaction, changes: CacheChanges) {
    this.#tx = tx
    this.#changed = changes
  }

  get tokens() {
    return watchTokens(this.#tx.tokens, this.#changed)
  }
  get accounts() {
    return watchAccounts(this.#tx.accounts, this.#changed)
  }
  get customers() {
    return this.#tx.customers
  }
  get paymentSessions() {
    return this.#tx.paymentSessions
  }
  get paymentAttempts() {
    return this.#tx.paymentAttempts
  }
  get paymentLinks() {
    return this.#tx.paymentLinks
  }
  get paymentMethods() {
    return this.#tx.paymentMethods
  }
  get paymentMethodSessions() {
    return this.#tx.paymentMethodSessions
  }
  get refunds() {
    return this.#tx.refunds
  }
  get refundApprovals() {
    return this.#tx.refundApprovals
  }
  get disputes() {
    return this.#tx.disputes
  }
  get transfers() {
    return this.#tx.transfers
  }
  get transferReversals() {
    return this.#tx.transferReversals
  }
  get virtualAccounts() {
    return this.#tx.virtualAccounts
  }
  get mandates() {
    return this.#tx.mandates
  }
  get mandateNotifications() {
    return this.#tx.mandateNotifications
  }
  get mandateDebits() {
    return this.#tx.mandateDebits
  }
  get balanceTransactions() {
    return this.#tx.balanceTransactions
  }
  get payouts() {
    return this.#tx.payouts
  }
  get ledger() {
    return this.#tx.ledger
  }
  get messages() {
    return this.#tx.messages
  }
  get webhookEvents() {
    return this.#tx.webhookEvents
  }
  get webhookEndpoints() {
    return this.#tx.webhookEndpoints
  }
  get webhookDeliveries() {
    return this.#tx.webhookDeliveries
  }
  get connectedAccounts() {
    return this.#tx.connectedAccounts
  }
  get operators() {
    return this.#tx.operators
  }
  get clients() {
    return watchClients(this.#tx.clients, this.#changed)
  }
  get idempotency() {
    return this.#tx.idempotency
  }
  get auditLog() {
    return this.#tx.auditLog
  }
  get installation() {
    return this.#tx.installation
  }
  get sealedValues() {
    return this.#tx.sealedValues
  }
}

function watchTokens(tokens: Transaction['tokens'], changes: CacheChanges): Transaction['tokens'] {
  return {
    ...tokens,
    delete: async (tokenHash) => {
      const isDeleted = await tokens.delete(tokenHash)
      changes.tokens ||= isDeleted
      return isDeleted
    },
    deleteAllByGrant: (grantId) => {
      changes.tokens = true
      return tokens.deleteAllByGrant(grantId)
    },
    deleteDirectByGrant: (grantId) => {
      changes.tokens = true
      return tokens.deleteDirectByGrant(grantId)
    },
    deleteAllByClient: (clientId, nowMs, accountIds) => {
      changes.tokens = true
      return tokens.deleteAllByClient(clientId, nowMs, accountIds)
    },
  }
}

function watchClients(
  clients: Transaction['clients'],
  changes: CacheChanges,
): Transaction['clients'] {
  return {
    ...clients,
    delete: (id) => {
      changes.tokens = true
      return clients.delete(id)
    },
  }
}

function watchAccounts(
  accounts: Transaction['accounts'],
  changes: CacheChanges,
): Transaction['accounts'] {
  return {
    ...accounts,
    put: (account, nowMs) => {
      changes.accounts = true
      return accounts.put(account, nowMs)
    },
    update: (account) => {
      changes.accounts = true
      return accounts.update(account)
    },
    updateKeys: (id, keys) => {
      changes.accounts = true
      return accounts.updateKeys(id, keys)
    },
  }
}

/** Caches found values for a short time. Missing values are not cached. */
function createMemoryOf<Value extends object>(countMax: number, steadyClock: Clock | undefined) {
  const cache = new LRUCache<string, Value>({
    max: countMax,
    ttl: CACHE_LIFE_MS,
    // The clock of requests can jump: an entry could then live for hours.
    ...(steadyClock !== undefined && { perf: { now: steadyClock.nowMs }, ttlResolution: 0 }),
  })
  let forgottenCount = 0
  return {
    find: async (
      key: string,
      look: () => Promise<Value | undefined>,
    ): Promise<Value | undefined> => {
      const cachedValue = cache.get(key)
      if (cachedValue !== undefined) return cachedValue
      const before = forgottenCount
      const value = await look()
      // A value that was read before the cache was cleared may be outdated.
      if (value !== undefined && before === forgottenCount) cache.set(key, value)
      return value
    },
    forget: () => {
      forgottenCount += 1
      cache.clear()
    },
  }
}
