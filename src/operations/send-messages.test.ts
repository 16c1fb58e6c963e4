import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { BOTH_ENGINES, OPEN_ENGINE } from '../../test/support/both-engines.ts'
import { createTestClock } from '../../test/support/memory-store.ts'
import { ACCOUNT, account, messageOf, NOW_MS } from '../../test/support/stored-rows.ts'
import type { MessageOutcome } from '../domain/message.ts'
import { guardMessenger } from '../messengers/guarded-messenger.ts'
import type { OutgoingMessage } from '../messengers/messenger.ts'
import { createRandom } from '../server/random.ts'
import { migrate } from '../store/engine/migrate.ts'
import { createStore } from '../store/store.ts'
import { sendMessageNext } from './send-messages.ts'
import type { Store } from './store.ts'

/** Longer than the lease of a claim, in milliseconds. */
const AFTER_LEASE_MS = 160_000

describe.each(BOTH_ENGINES)('sending messages, on %s', (name) => {
  let store: Store
  const stores: Store[] = []
  beforeEach(async () => {
    const engine = await OPEN_ENGINE[name]()
    await migrate(engine)
    store = createStore(engine, createRandom())
    stores.push(store)
    await store.transaction((tx) => tx.accounts.insert(account(ACCOUNT), NOW_MS))
  })
  afterAll(() => Promise.all(stores.map((one) => one.close())))

  /** Makes the dependencies with a messenger that gives these outcomes, and then `sent`. */
  function depsWith(...outcomes: (MessageOutcome | (() => Promise<MessageOutcome>))[]) {
    const clock = createTestClock(NOW_MS)
    const messages: OutgoingMessage[] = []
    const countedKinds: string[] = []
    const messenger = guardMessenger(
      {
        name: 'test',
        channels: ['email'],
        send: async (message) => {
          messages.push(message)
          const next = outcomes.shift() ?? { kind: 'sent', reference: 'r1' }
          return typeof next === 'function' ? next() : next
        },
      },
      { report: () => {} },
    )
    const onOutcome = (kind: string) => countedKinds.push(kind)
    return { clock, store, messenger, onOutcome, messages, countedKinds }
  }

  async function queue(more: Parameters<typeof messageOf>[0] = {}) {
    const message = messageOf(more)
    await store.transaction((tx) => tx.messages.insert(message))
    return message
  }

  test('a due message is rendered, sent once outside of transactions, and recorded', async () => {
    const message = await queue()
    let duringSend: unknown
    const deps = depsWith(async () => {
      // An open transaction would hold the row's lock.
      await store.transaction((tx) => tx.messages.lock(message.id))
      duringSend = (await store.messages.find(message.id))?.status
      return { kind: 'sent', reference: 'r1' }
    })
    expect(await sendMessageNext(deps)).toBe(message.id)
    expect(await sendMessageNext(deps)).toBeUndefined()
    expect(duringSend).toBe('sending')
    expect(deps.messages).toHaveLength(1)
    expect(deps.messages[0]).toMatchObject({
      id: message.id,
      kind: 'receipt',
      channel: 'email',
      to: 'asha@shop.example',
      subject: expect.stringContaining('₹100.50'),
      html: expect.stringContaining('<html lang="en" dir="ltr">'),
    })
    expect(await store.messages.find(message.id)).toMatchObject({
      status: 'sent',
      attemptCount: 1,
      messengerReference: 'r1',
      endedAtMs: NOW_MS,
    })
    expect(deps.countedKinds).toEqual(['sent'])
  })

  test('a message that was certainly not sent is sent again, and its text stays the same', async () => {
    const message = await queue()
    const deps = depsWith({ kind: 'not_sent', reason: 'greylisted' })
    await sendMessageNext(deps)
    expect(await sendMessageNext(deps)).toBeUndefined()
    expect(await store.messages.find(message.id)).toMatchObject({
      status: 'queued',
      failure: 'greylisted',
    })
    deps.clock.advance(60_000)
    expect(await sendMessageNext(deps)).toBe(message.id)
    expect(deps.messages).toHaveLength(2)
    expect(deps.messages[1]).toEqual(deps.messages[0])
    expect(deps.countedKinds).toEqual(['not_sent', 'sent'])
  })

  test('a message whose process died before the record is never sent again', async () => {
    const message = await queue()
    const dying = depsWith()
    // The first process has sent the message, and cannot record it.
    const failingDeps = { ...store, transaction: () => Promise.reject(new Error('killed')) }
    await expect(sendMessageNext({ ...dying, store: failingDeps })).rejects.toThrow('killed')
    expect(dying.messages).toHaveLength(1)

    const next = depsWith()
    expect(await sendMessageNext(next)).toBeUndefined()
    next.clock.advance(AFTER_LEASE_MS)
    expect(await sendMessageNext(next)).toBe(message.id)
    next.clock.advance(365 * 86_400_000)
    expect(await sendMessageNext(next)).toBeUndefined()
    expect(next.messages).toEqual([])
    expect(await store.messages.find(message.id)).toMatchObject({
      status: 'unknown',
      attemptCount: 1,
      failure: 'the program ended before it could record the outcome',
    })
  })

  test('an outcome that comes after the lease is still recorded', async () => {
    const message = await queue()
    const answer = Promise.withResolvers<MessageOutcome>()
    const arrival = Promise.withResolvers<void>()
    const slow = depsWith(() => {
      arrival.resolve()
      return answer.promise
    })
    const sending = sendMessageNext(slow)
    await arrival.promise
    const other = depsWith()
    other.clock.advance(AFTER_LEASE_MS)
    await sendMessageNext(other)
    expect((await store.messages.find(message.id))?.status).toBe('unknown')
    answer.resolve({ kind: 'sent' })
    await sending
    expect((await store.messages.find(message.id))?.status).toBe('sent')
    expect(other.messages).toEqual([])
  })

  test('a messenger that throws may have sent the message, so it is not called again', async () => {
    const message = await queue()
    const deps = depsWith(() => Promise.reject(new TypeError('asha@shop.example')))
    await sendMessageNext(deps)
    deps.clock.advance(365 * 86_400_000)
    expect(await sendMessageNext(deps)).toBeUndefined()
    expect(await store.messages.find(message.id)).toMatchObject({
      status: 'unknown',
      failure: 'the module threw TypeError',
    })
  })

  test('four processes send each of 24 due messages once', async () => {
    for (let count = 0; count < 24; count += 1) await queue()
    const workers = Array.from({ length: 4 }, () => depsWith())
    await Promise.all(
      workers.map(async (deps) => {
        while ((await sendMessageNext(deps)) !== undefined);
      }),
    )
    const ids = workers.flatMap(({ messages }) => messages.map(({ id }) => id))
    expect(ids).toHaveLength(24)
    expect(new Set(ids).size).toBe(24)
  })
})
