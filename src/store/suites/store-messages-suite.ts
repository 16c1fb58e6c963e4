import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  ACCOUNT,
  account,
  draw,
  messageOf,
  NOW_MS,
  type OpenEngine,
  OTHER_ACCOUNT,
  random,
} from '../../../test/support/stored-rows.ts'
import { ID_EPOCH_MS, idFrom, type MessageId } from '../../domain/id.ts'
import { MESSAGE_WAIT_MS_MAX, type Message } from '../../domain/message.ts'
import type { Store } from '../../operations/store.ts'
import type { Engine } from '../engine/engine.ts'
import { migrate } from '../engine/migrate.ts'
import { createStore } from '../store.ts'

const LEASE_MS = 60_000
const NOW_SECONDS = (NOW_MS - ID_EPOCH_MS) / 1_000
const DAY_MS = 24 * 60 * 60_000
const PAGE = { page: 1, perPage: 25 }

/** Messages to customers, as tests that every engine passes. */
export function messageTests(open: OpenEngine): void {
  describe('messages', () => {
    // Empty, so that only the rows of each test are due.
    let engine: Engine
    let store: Store
    beforeEach(async () => {
      engine = await open()
      await migrate(engine)
      store = createStore(engine, random)
      await store.transaction(async (tx) => {
        await tx.accounts.insert(account(ACCOUNT), NOW_MS)
        await tx.accounts.insert(account(OTHER_ACCOUNT), NOW_MS)
      })
    })
    afterEach(() => store.close())

    const insert = (message: Message) => store.transaction((tx) => tx.messages.insert(message))
    const update = (message: Message) => store.transaction((tx) => tx.messages.update(message))

    test('a message is read back unchanged after its insert and after each update', async () => {
      const first = messageOf({ recipient: 'asha+😀@shop.example', language: 'ur' })
      expect(await insert(first)).toBe('stored')
      expect(await store.messages.find(first.id)).toEqual(first)
      expect(await store.messages.find(draw(1))).toBeUndefined()
      const { nextAttemptAtMs: _, ...open } = first
      const sentMessage: Message = {
        ...open,
        status: 'sent',
        attemptCount: 3,
        endedAtMs: NOW_MS + 5,
        messengerReference: '<250 queued>',
      }
      await update(sentMessage)
      expect(await store.messages.find(first.id)).toEqual(sentMessage)
      expect(await store.transaction((tx) => tx.messages.lock(first.id))).toEqual(sentMessage)
      const failedMessage: Message = {
        ...open,
        status: 'failed',
        endedAtMs: NOW_MS,
        failure: 'no 😀',
      }
      await update(failedMessage)
      expect(await store.messages.find(first.id)).toEqual(failedMessage)
    })

    test('the messages about an object are listed, oldest first, up to a limit', async () => {
      const first = messageOf()
      const { content, subjectId } = first
      const more = [3, 1, 2].map((minutes) =>
        messageOf({
          content,
          subjectId,
          occasion: minutes,
          createdAtMs: first.createdAtMs + minutes * 60_000,
        }),
      )
      const [latest, second, third] = more
      for (const message of [...more, first, messageOf()]) await insert(message)
      const rows = await store.messages.listBySubject(subjectId, 3)
      expect(rows).toEqual([first, second, third])
      expect(await store.messages.listBySubject(subjectId, 9)).toContainEqual(latest)
      expect(await store.messages.listBySubject(draw(1), 9)).toEqual([])
    })

    test('one cause has one message, even when two transactions store it at the same time', async () => {
      const first = messageOf()
      const { channel, content, occasion, subjectId } = first
      const cause = { channel, content, occasion, subjectId }
      expect(await insert(first)).toBe('stored')
      expect(await insert(messageOf(cause))).toBe('cause_known')
      // A second message about the same object, and one by another channel.
      expect(await insert(messageOf({ ...cause, occasion: 1 }))).toBe('stored')
      expect(await insert(messageOf({ ...cause, channel: 'sms' }))).toBe('stored')
      expect(await insert({ ...messageOf(), id: first.id })).toBe('id_taken')

      const other = messageOf()
      const twice = await Promise.all([insert(other), insert({ ...other, id: draw(7) })])
      expect(twice.toSorted()).toEqual(['cause_known', 'stored'])
    })

    test('an account’s messages are listed newest first, without those of other accounts', async () => {
      const [old, young, other] = [
        messageOf(),
        messageOf({ createdAtMs: NOW_MS + 1 }),
        messageOf({ accountId: OTHER_ACCOUNT }),
      ]
      for (const one of [young, old, other]) await insert(one)
      const page = await store.messages.list(ACCOUNT, PAGE)
      expect(page.items).toEqual([young, old])
      expect(page.total).toBe(2)
    })

    /** Claims until nothing is due. Returns the ids. */
    async function drain(nowMs: number): Promise<string[]> {
      const ids: string[] = []
      for (;;) {
        const claim = await store.messages.claim(nowMs, LEASE_MS)
        if (claim === undefined) return ids
        ids.push(claim.message.id)
      }
    }

    test('a claim stores that the message is being sent, before anything is sent', async () => {
      const due = messageOf()
      const { nextAttemptAtMs: _, ...keptMessage } = messageOf()
      await insert({ ...keptMessage, status: 'kept', endedAtMs: NOW_MS })
      await insert(messageOf({ nextAttemptAtMs: NOW_MS + 1 }))
      await insert(due)
      const claim = await store.messages.claim(NOW_MS, LEASE_MS)
      expect(claim).toEqual({
        message: {
          ...due,
          status: 'sending',
          attemptCount: 1,
          nextAttemptAtMs: NOW_MS + LEASE_MS,
        },
        wasSending: false,
      })
      expect(await store.messages.find(due.id)).toEqual(claim?.message)
      expect(await drain(NOW_MS)).toEqual([])
    })

    test('a message whose lease ended without a record is claimed again with `wasSending`, and its attempt count stays', async () => {
      await insert(messageOf())
      await store.messages.claim(NOW_MS, LEASE_MS)
      expect(await store.messages.claim(NOW_MS + LEASE_MS - 1, LEASE_MS)).toBeUndefined()
      expect(await store.messages.claim(NOW_MS + LEASE_MS, LEASE_MS)).toMatchObject({
        message: { status: 'sending', attemptCount: 1, nextAttemptAtMs: NOW_MS + 2 * LEASE_MS },
        wasSending: true,
      })
    })

    test('20 concurrent claims and the claims after them get all due messages, each message once', async () => {
      const messages = Array.from({ length: 20 }, (_, index) =>
        messageOf({ nextAttemptAtMs: NOW_MS - index }, index % 12),
      )
      for (const one of messages) await insert(one)
      const claims = await Promise.all(messages.map(() => store.messages.claim(NOW_MS, LEASE_MS)))
      const ids = claims.flatMap((one) => (one === undefined ? [] : [one.message.id]))
      expect(new Set(ids).size).toBe(ids.length)
      expect([...ids, ...(await drain(NOW_MS))].sort()).toEqual(messages.map(({ id }) => id).sort())
    })

    test.each([
      { name: 'a year ahead', jumpMs: 365 * DAY_MS },
      { name: 'a year behind', jumpMs: -365 * DAY_MS },
    ])('no message is lost after a clock that is $name for a moment', async ({ jumpMs }) => {
      const one = messageOf()
      await insert(one)
      expect(await drain(NOW_MS + jumpMs)).toEqual([one.id])
      expect(await drain(NOW_MS)).toEqual([one.id])
    })

    test('a message whose time is later than the longest wait is due', async () => {
      await insert(messageOf({ nextAttemptAtMs: NOW_MS + MESSAGE_WAIT_MS_MAX }))
      const beyond = messageOf({ nextAttemptAtMs: NOW_MS + MESSAGE_WAIT_MS_MAX + 1 })
      await insert(beyond)
      expect(await drain(NOW_MS)).toEqual([beyond.id])
    })

    test('an open message counts as open work by its age, an ended one does not', async () => {
      const { nextAttemptAtMs: _, ...open } = messageOf()
      await insert({ ...open, status: 'failed', endedAtMs: NOW_MS })
      expect(await store.openWork.findOldest()).toEqual(new Map())
      await insert(messageOf({ createdAtMs: NOW_MS - 5 }))
      expect((await store.openWork.findOldest()).get('message')).toBe(NOW_MS - 5)
      expect((await store.openWork.countByAge(NOW_MS, [1_000])).get('message')).toEqual([1, 0])
      expect(await store.openWork.findNextDueMs(NOW_MS - 1)).toBe(NOW_MS)
    })

    test('ended messages are deleted 90 days after their creation, open ones never', async () => {
      // The ids carry the time.
      const id = (counter: number) =>
        idFrom({ seconds: NOW_SECONDS, bucket: 7, counter }) as MessageId
      const { nextAttemptAtMs: _, ...endedMessage } = messageOf({ id: id(1) })
      const open = messageOf({ id: id(2) })
      await insert({ ...endedMessage, status: 'sent', endedAtMs: NOW_MS })
      await insert(open)
      await store.deleteExpired(NOW_MS + 90 * DAY_MS - 1_000)
      expect((await store.messages.list(ACCOUNT, PAGE)).total).toBe(2)
      await store.deleteExpired(NOW_MS + 91 * DAY_MS)
      expect((await store.messages.list(ACCOUNT, PAGE)).items).toEqual([open])
    })
  })
}
