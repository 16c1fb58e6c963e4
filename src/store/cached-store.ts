import { LRUCache } from 'lru-cache'
import type { Account } from '../domain/account.ts'
import type { AccountId } from '../domain/id.ts'
import type { AccessToken, Store, Transaction } from '../operations/store.ts'

/**
 * How long a server may go by what it remembers of a token or an account, in milliseconds. A
 * revoked token stops working everywhere within this time, on the server that revoked it at once.
 */
export const CACHE_LIFE_MS = 20_000
/** The largest number of each kind that is remembered. */
const COUNT_MAX = 10_000

/**
 * Makes a store that remembers access tokens, accounts and connected accounts for a short time: at
 * most `countMax` of each. The room for them is taken at once.
 */
export function createCachedStore(store: Store, countMax = COUNT_MAX): Store {
  const tokens = createMemory<AccessToken>(countMax)
  const accounts = createMemory<Account>(countMax)
  // By account and ids as they are asked for: an application names the same ones again and again.
  const connected = createMemory<ReadonlySet<AccountId>>(countMax)

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
    },
    connectedAccounts: {
      ...store.connectedAccounts,
      findIds: async (accountId, ids) => {
        const find = async () => {
          const found = await store.connectedAccounts.findIds(accountId, ids)
          // One that is missing may be connected at any moment, and should then be found at once.
          return ids.every((id) => found.has(id)) ? found : undefined
        }
        const known = await connected.find(`${accountId} ${ids.join()}`, find)
        return known ?? store.connectedAccounts.findIds(accountId, ids)
      },
    },
    transaction: async (work) => {
      const changed = { tokens: false, accounts: false }
      try {
        return await store.transaction((tx) => work(watchChanges(tx, changed)))
      } finally {
        // Tokens are rarely revoked: forgetting all of them is cheaper than knowing which ones are gone.
        if (changed.tokens) tokens.forget()
        if (changed.accounts) accounts.forget()
      }
    },
  }
}

/** Makes a transaction that notes whether remembered tokens or accounts may be out of date after it. */
function watchChanges(
  tx: Transaction,
  changed: { tokens: boolean; accounts: boolean },
): Transaction {
  return {
    ...tx,
    tokens: {
      ...tx.tokens,
      delete: async (tokenHash) => {
        const isDeleted = await tx.tokens.delete(tokenHash)
        changed.tokens ||= isDeleted
        return isDeleted
      },
      deleteAllByGrant: (grantId) => {
        changed.tokens = true
        return tx.tokens.deleteAllByGrant(grantId)
      },
      deleteFirstByGrant: (grantId) => {
        changed.tokens = true
        return tx.tokens.deleteFirstByGrant(grantId)
      },
    },
    accounts: {
      ...tx.accounts,
      put: (account, nowMs) => {
        changed.accounts = true
        return tx.accounts.put(account, nowMs)
      },
    },
  }
}

/** Remembers what was found, for a short time. What was not found is asked for again. */
function createMemory<Value extends object>(countMax: number) {
  const cache = new LRUCache<string, Value>({ max: countMax, ttl: CACHE_LIFE_MS })
  let forgottenCount = 0
  return {
    find: async (
      key: string,
      look: () => Promise<Value | undefined>,
    ): Promise<Value | undefined> => {
      const known = cache.get(key)
      if (known !== undefined) return known
      const before = forgottenCount
      const found = await look()
      // What was read before something was forgotten may be just that.
      if (found !== undefined && before === forgottenCount) cache.set(key, found)
      return found
    },
    forget: () => {
      forgottenCount += 1
      cache.clear()
    },
  }
}
