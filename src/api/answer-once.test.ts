import { afterEach, beforeEach, expect, test } from 'vitest'
import { openMemoryStore } from '../../test/support/memory-store.ts'
import { account } from '../../test/support/stored-rows.ts'
import type { AccountId } from '../domain/id.ts'
import { deriveKeys } from '../domain/secret.ts'
import { createRandom } from '../server/random.ts'
import { answerOnce } from './answer-once.ts'
import { ApiError } from './errors.ts'
import { identifyRequest } from './idempotency.ts'

const ACCOUNT = '60000000001' as AccountId
const REQUEST = identifyRequest({ callerId: ACCOUNT, path: '/things', key: 'k', body: '{}' })
const keys = deriveKeys(new Uint8Array(32).fill(1))

let memory: Awaited<ReturnType<typeof openMemoryStore>>
beforeEach(async () => {
  memory = await openMemoryStore()
})
afterEach(() => memory.store.close())

/** Stores the account, and renders its name as the answer. */
function create(name: string, isRefused = false) {
  const deps = { ...memory, random: createRandom(), keys }
  return answerOnce(deps, REQUEST, {
    lock: async () => name,
    change: async (tx, lockedName) => {
      await tx.accounts.insert({ ...account(ACCOUNT), name: lockedName }, memory.clock.nowMs())
      return lockedName
    },
    render: (result) => {
      if (isRefused) throw new ApiError('invalid_parameter')
      return { status: 201, body: result, resourceId: ACCOUNT }
    },
  })
}

test('an error answer undoes the change and leaves the idempotency key unused', async () => {
  await expect(create('refused', true)).rejects.toThrow(ApiError)
  expect(await memory.store.accounts.find(ACCOUNT)).toBeUndefined()
  expect(await create('created')).toMatchObject({ result: 'created', answer: { status: 201 } })
  expect((await memory.store.accounts.find(ACCOUNT))?.name).toBe('created')
})

test('a repeated idempotency key gets the stored answer, and the change runs once', async () => {
  await create('first')
  expect(await create('second')).toEqual({ replay: { status: 201, body: 'first' } })
})

test('a missing object gets its own error, and nothing is stored', async () => {
  const deps = { ...memory, random: createRandom(), keys }
  const missing = answerOnce(deps, REQUEST, {
    lock: async () => undefined,
    missing: () => new ApiError('resource_does_not_exist'),
    change: async () => 'never',
    render: (body) => ({ status: 200, body, resourceId: '1' }),
  })
  await expect(missing).rejects.toMatchObject({ code: 'resource_does_not_exist' })
  expect(await create('created')).toMatchObject({ result: 'created' })
})
