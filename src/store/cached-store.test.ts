import { expect, test } from 'vitest'
import { openMemoryEngine } from '../../test/support/memory-store.ts'
import { ACCOUNT, NOW_MS, random } from '../../test/support/stored-rows.ts'
import { createCachedStore } from './cached-store.ts'
import { createStore } from './store.ts'

test('a token that is revoked with all tokens of its client is not found in the cache', async () => {
  const engine = await openMemoryEngine()
  const store = createCachedStore(createStore(engine, random), 10)
  const clientId = '1000.TEST'
  const token = { clientId, accountIds: [ACCOUNT], scopes: [], grantId: 'g1' }
  await store.transaction(async (tx) => {
    const client = { id: clientId, name: 'Test', secret: { value: 's' }, isMachine: true }
    await tx.clients.put({ ...client, accountIds: [ACCOUNT], redirectUris: [] }, NOW_MS)
    await tx.tokens.insertAccessToken('hash', token, undefined)
  })
  expect(await store.tokens.findAccessToken('hash')).toEqual(token)
  await store.transaction((tx) => tx.tokens.deleteAllByClient(clientId, NOW_MS))
  expect(await store.tokens.findAccessToken('hash')).toBeUndefined()
  await engine.close()
})
