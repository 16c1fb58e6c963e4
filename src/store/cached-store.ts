import { LRUCache } from 'lru-cache'
import type { Account } from '../domain/account.ts'
import type { AccountId } from '../domain/id.ts'
import type { AccessToken, Store } from '../operations/ports.ts'

/**
 * How long a server may go by what it remembers of a token or an account, in milliseconds. A
 * revoked token stops working everywhere within this time, on the server that revoked it at once.
 */
export const CACHE_LIFE_MS = 20_000
const TOKEN_COUNT_MAX = 10_000
const ACCOUNT_COUNT_MAX = 10_000
const CONNECTED_COUNT_MAX = 10_000

/** Makes a store that remembers access tokens, accounts and connected accounts for a short time. */
export function createCachedStore(store: Store): Store {
  const tokens = new LRUCache<string, AccessToken>({
    max: TOKEN_COUNT_MAX,
    ttl: CACHE_LIFE_MS,
    fetchMethod: (tokenHash) => store.findAccessToken(tokenHash),
  })
  const accounts = new LRUCache<AccountId, Account>({
    max: ACCOUNT_COUNT_MAX,
    ttl: CACHE_LIFE_MS,
    fetchMethod: (id) => store.findAccount(id),
  })
  // By account and ids as they are asked for: an application names the same ones again and again.
  const connected = new LRUCache<string, ReadonlySet<AccountId>>({
    max: CONNECTED_COUNT_MAX,
    ttl: CACHE_LIFE_MS,
  })

  return {
    ...store,
    findAccessToken: async (tokenHash) => tokens.get(tokenHash) ?? tokens.fetch(tokenHash),
    findAccount: async (id) => accounts.get(id) ?? accounts.fetch(id),
    findConnectedAccounts: async (accountId, ids) => {
      const key = `${accountId} ${ids.join()}`
      const known = connected.get(key)
      if (known !== undefined) return known
      const found = await store.findConnectedAccounts(accountId, ids)
      // One that is missing may be connected at any moment, and should then be found at once.
      if (ids.every((id) => found.has(id))) connected.set(key, found)
      return found
    },
    transaction: async (work) => {
      let tokensGone = false
      let accountsChanged = false
      try {
        return await store.transaction((tx) =>
          work({
            ...tx,
            deleteToken: (tokenHash) => {
              tokensGone = true
              return tx.deleteToken(tokenHash)
            },
            deleteGrantTokens: (grantId) => {
              tokensGone = true
              return tx.deleteGrantTokens(grantId)
            },
            putAccount: (account, nowMs) => {
              accountsChanged = true
              return tx.putAccount(account, nowMs)
            },
          }),
        )
      } finally {
        // Revoking is rare, so forgetting all of them is cheaper than knowing which ones are gone.
        if (tokensGone) tokens.clear()
        if (accountsChanged) accounts.clear()
      }
    },
  }
}
