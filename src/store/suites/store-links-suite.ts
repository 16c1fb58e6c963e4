import { beforeAll, describe, expect, test } from 'vitest'
import {
  account,
  attemptOf,
  draw,
  linkOf,
  messageOf,
  NOW_MS,
  type OpenEngine,
  OTHER_ACCOUNT,
  session,
  useStore,
  withOutcome,
} from '../../../test/support/stored-rows.ts'
import { type AccountId, bucketOf, type PaymentAttemptId } from '../../domain/id.ts'
import type { PaymentAttempt } from '../../domain/payment-attempt.ts'
import {
  PAYMENT_LINK_PAYMENT_COUNT_MAX,
  type PaymentLink,
  paymentLinkStatusAt,
} from '../../domain/payment-link.ts'
import type { PaymentLinkFilter } from '../../operations/store.ts'

const DAY_MS = 24 * 60 * 60_000

/** Payment links, as tests that every engine passes. */
export function linkTests(open: OpenEngine): void {
  describe('payment links', () => {
    const db = useStore(open)
    const store = (...links: readonly PaymentLink[]) =>
      db.store.transaction(async (tx) => {
        const record: boolean[] = []
        for (const link of links) record.push(await tx.paymentLinks.insert(link))
        return record
      })

    test('a link is read back unchanged after its insert and after each update', async () => {
      const whole = linkOf(OTHER_ACCOUNT, {
        email: 'asha@shop.test',
        phone: '+91 90000 00001',
        phoneCountryCode: 'IN',
        referenceId: 'INV-8841',
        returnUrl: 'https://shop.test/back?o=8841',
        notifyCustomer: { email: true },
        configurationsJson: '{"allowed_payment_methods":["upi"]}',
        newestSessionId: draw(7),
      })
      const plain = linkOf(OTHER_ACCOUNT)
      expect(await store(whole, plain)).toEqual([true, true])
      for (const one of [whole, plain]) {
        expect(await db.store.paymentLinks.find(one.id)).toEqual(one)
      }
      const begunLink: PaymentLink = {
        ...plain,
        newestSessionId: draw(7),
        currentSessionId: draw(7),
      }
      const { currentSessionId: _, ...endedLink } = begunLink
      const paidLink: PaymentLink = { ...endedLink, status: 'paid', paidAttemptId: draw(7) }
      for (const one of [{ ...plain, description: 'Order 1', phone: '1' }, begunLink, paidLink]) {
        await db.store.transaction((tx) => tx.paymentLinks.update(one))
        const read = await db.store.transaction((tx) => tx.paymentLinks.lock(one.id))
        expect(read).toEqual(one)
      }
      expect(await db.store.paymentLinks.find(draw(7))).toBeUndefined()
    })

    test('the addresses of links and of their messages move to another server, and others stay', async () => {
      const url = 'http://127.0.0.1:4242/paymentlink/key'
      const elsewhere = 'http://127.0.0.1:42421/paymentlink/key'
      const [own, other] = [
        linkOf(OTHER_ACCOUNT, { url }),
        linkOf(OTHER_ACCOUNT, { url: elsewhere }),
      ]
      const content = {
        kind: 'payment_link',
        amount: '1.00',
        currency: 'INR',
        merchantName: 'Shop',
        edition: 'IN',
        description: 'Order',
        validUntil: '2026-12-22',
        url,
      } as const
      const message = messageOf({ accountId: OTHER_ACCOUNT, content, subjectId: own.id })
      await db.store.transaction(async (tx) => {
        await tx.paymentLinks.insert(own)
        await tx.paymentLinks.insert(other)
        await tx.messages.insert(message)
        await tx.paymentLinks.moveAddresses('http://127.0.0.1:4242', 'http://127.0.0.1:5000')
      })
      const newUrl = 'http://127.0.0.1:5000/paymentlink/key'
      expect((await db.store.paymentLinks.find(own.id))?.url).toBe(newUrl)
      expect((await db.store.paymentLinks.find(other.id))?.url).toBe(elsewhere)
      expect((await db.store.messages.find(message.id))?.content).toEqual({
        ...content,
        url: newUrl,
      })
    })

    test('a duplicate id is reported, and the first link stays', async () => {
      const first = linkOf(OTHER_ACCOUNT)
      expect(await store(first, { ...first, description: 'Another' })).toEqual([true, false])
      expect(await db.store.paymentLinks.find(first.id)).toEqual(first)
    })

    test.each<[string, Partial<PaymentLink>]>([
      ['paid without a payment', { status: 'paid' }],
      ['active with a successful payment', { paidAttemptId: draw(7) }],
      [
        'canceled with a payment at the processor',
        { status: 'canceled', currentSessionId: draw(7) },
      ],
      ['without an amount', { amount: { amountMinor: 0n, currency: 'INR' } }],
    ])('no link is %s', async (_, more) => {
      await expect(store(linkOf(OTHER_ACCOUNT, more))).rejects.toThrow()
    })

    test('the second of two transactions on one link sees the writes of the first', async () => {
      const link = linkOf(OTHER_ACCOUNT, { description: '' })
      await store(link)
      await Promise.all(
        Array.from({ length: 10 }, () =>
          db.store.transaction(async (tx) => {
            const before = await tx.paymentLinks.lock(link.id)
            if (before === undefined) throw new Error('gone')
            await tx.paymentLinks.update({ ...before, description: `${before.description}x` })
          }),
        ),
      )
      expect((await db.store.paymentLinks.find(link.id))?.description).toBe('x'.repeat(10))
    })

    test('if a link has more payments than their list may contain, the list contains the newest ones', async () => {
      const link = linkOf(OTHER_ACCOUNT)
      const attempts: PaymentAttempt[] = []
      await db.store.transaction(async (tx) => {
        await tx.paymentLinks.insert(link)
        for (let index = 0; index <= PAYMENT_LINK_PAYMENT_COUNT_MAX; index += 1) {
          const createdAtMs = NOW_MS + index
          const one = session({ paymentLinkId: link.id, createdAtMs }, bucketOf(link.id))
          const attempt = withOutcome(attemptOf(one, 1, { createdAtMs }), {
            status: 'failed',
            declineCode: 'card_declined',
          })
          await tx.paymentSessions.insertOne(one)
          await tx.paymentAttempts.insert(attempt)
          attempts.push(attempt)
        }
      })
      const linkAttempts = await db.store.paymentAttempts.listByLink(link.id)
      expect(linkAttempts.map(({ id }) => id)).toEqual(
        attempts
          .slice(1)
          .map(({ id }) => id)
          .toReversed(),
      )
    })

    test('the sessions and payments of a link are listed, the newest first', async () => {
      const [link, other] = [linkOf(OTHER_ACCOUNT), linkOf(OTHER_ACCOUNT)]
      const sessionAt = (index: number, paymentLinkId = link.id) =>
        session({ paymentLinkId, createdAtMs: NOW_MS + index }, bucketOf(paymentLinkId))
      const [first, second, third] = [sessionAt(1), sessionAt(2), sessionAt(3)]
      const attempts = [
        withOutcome(attemptOf(first, 1, { createdAtMs: NOW_MS + 4 }), {
          status: 'failed',
          declineCode: 'card_declined',
        }),
        attemptOf(second, 1, { createdAtMs: NOW_MS + 5 }),
      ]
      await db.store.transaction(async (tx) => {
        await tx.paymentLinks.insert(link)
        await tx.paymentLinks.insert(other)
        for (const one of [first, second, third, sessionAt(4, other.id)]) {
          expect(await tx.paymentSessions.insertOne(one)).toBe(true)
        }
        expect(await tx.paymentSessions.insertOne(first)).toBe(false)
        await tx.paymentSessions.update({
          ...second,
          status: 'in_progress',
          attemptCount: 1,
          currentAttemptId: attempts[1]?.id,
        })
        for (const attempt of attempts) await tx.paymentAttempts.insert(attempt)
        expect(await tx.paymentSessions.listOpenByLink(link.id)).toEqual([third, first])
        expect(await tx.paymentAttempts.listByLink(link.id)).toEqual(attempts.toReversed())
      })
      expect(await db.store.paymentSessions.find(first.id)).toEqual(first)
      const sessions = await db.store.paymentSessions.listByLink(link.id, 2)
      expect(sessions.map(({ id }) => id)).toEqual([third.id, second.id])
      expect(await db.store.paymentAttempts.listByLink(link.id)).toEqual(attempts.toReversed())
      expect(await db.store.paymentAttempts.listByLink(other.id)).toEqual([])
    })
  })

  describe('links whose time has passed', () => {
    const db = useStore(open)

    test('only an active link without a payment at the processor is due, the longest overdue first', async () => {
      const at = (days: number, more: Partial<PaymentLink> = {}) =>
        linkOf(OTHER_ACCOUNT, { expiresAtMs: NOW_MS + days * DAY_MS, ...more })
      const [early, late] = [at(1), at(2)]
      const others = [
        at(3),
        at(1, { status: 'canceled' }),
        at(1, { status: 'expired' }),
        at(1, { status: 'paid', paidAttemptId: draw(7) }),
        at(1, { currentSessionId: draw(7) }),
      ]
      await db.store.transaction(async (tx) => {
        for (const one of [late, ...others, early]) await tx.paymentLinks.insert(one)
      })
      const dueAt = (atMs: number, countMax = 10) =>
        db.store.transaction((tx) => tx.paymentLinks.lockDue(atMs, countMax))
      expect(await db.store.paymentLinks.hasDue(early.expiresAtMs - 1)).toBe(false)
      expect(await db.store.paymentLinks.hasDue(early.expiresAtMs)).toBe(true)
      expect(await dueAt(early.expiresAtMs)).toEqual([early])
      expect(await dueAt(late.expiresAtMs)).toEqual([early, late])
      expect(await dueAt(late.expiresAtMs, 1)).toEqual([early])
      expect(await db.store.openWork.findNextDueMs(NOW_MS)).toBe(early.expiresAtMs)

      await db.store.transaction((tx) => tx.paymentLinks.update({ ...early, status: 'expired' }))
      expect(await dueAt(late.expiresAtMs)).toEqual([late])
    })
  })

  describe('a list of payment links', () => {
    const db = useStore(open)
    const LISTED = '60000000003' as AccountId
    const statuses = ['active', 'paid', 'expired', 'canceled'] as const
    // Two of each minute, in different buckets, so that their ids are not in the order of their times.
    const links = Array.from({ length: 40 }, (_, index) => {
      const status = statuses[index % 4] ?? 'active'
      return linkOf(
        LISTED,
        {
          status,
          createdAtMs: NOW_MS + Math.floor(index / 2) * 60_000,
          // Some active links have expired, and their events are not written yet.
          expiresAtMs: NOW_MS + (index % 8 === 0 ? DAY_MS : 5 * DAY_MS),
          ...(index === 16 && { currentSessionId: draw(84) }),
          ...(status === 'paid' && { paidAttemptId: draw<PaymentAttemptId>(7) }),
          ...(index % 5 === 0 && { referenceId: 'INV-5' }),
          ...(index % 3 === 0 && { email: 'asha@shop.test', phone: '+91 90000-00001' }),
          // A reference that is another link's phone number.
          ...(index === 7 && { referenceId: '9000000001', phone: '9000000001' }),
        },
        100 - index,
      )
    })
    const nowMs = NOW_MS + 2 * DAY_MS
    const newestFirst = links.toSorted(
      (a, b) => b.createdAtMs - a.createdAtMs || Number(b.id) - Number(a.id),
    )
    beforeAll(() =>
      db.store.transaction(async (tx) => {
        await tx.accounts.insert(account(LISTED), NOW_MS)
        for (const link of links) await tx.paymentLinks.insert(link)
        await tx.paymentLinks.insert(linkOf(OTHER_ACCOUNT, { referenceId: 'INV-5' }))
      }),
    )

    const statusIs = (wantedStatus: string) => (one: PaymentLink) =>
      paymentLinkStatusAt(one, nowMs) === wantedStatus
    const hasPhone = ({ phone, referenceId }: PaymentLink) =>
      phone !== undefined || referenceId === '9000000001'
    const byId = links[12] as PaymentLink
    test.each<[string, PaymentLinkFilter, (link: PaymentLink) => boolean]>([
      ['nothing', {}, () => true],
      ...statuses.map((status): [string, PaymentLinkFilter, (link: PaymentLink) => boolean] => [
        `the status ${status}`,
        { status },
        statusIs(status),
      ]),
      ['a reference', { referenceId: 'INV-5' }, ({ referenceId }) => referenceId === 'INV-5'],
      [
        'a reference and a status',
        { referenceId: 'INV-5', status: 'expired' },
        (one) => one.referenceId === 'INV-5' && statusIs('expired')(one),
      ],
      ['an earliest time', { createdFromMs: NOW_MS + 60_000 }, (one) => one.createdAtMs > NOW_MS],
      ['a latest time', { createdToMs: NOW_MS + 60_000 }, (one) => one.createdAtMs === NOW_MS],
      ['an e-mail address', { searchText: 'asha@shop.test' }, ({ email }) => email !== undefined],
      ['a phone number', { searchText: '9000000001', searchPhone: '9000000001' }, hasPhone],
      [
        'an id',
        { searchText: byId.id, searchId: byId.id, searchPhone: byId.id },
        (one) => one === byId,
      ],
      ['a reference as a text', { searchText: 'INV-5' }, (one) => one.referenceId === 'INV-5'],
      [
        'all fields together',
        {
          searchText: 'asha@shop.test',
          referenceId: 'INV-5',
          status: 'expired',
          createdFromMs: NOW_MS,
          createdToMs: NOW_MS + 60 * 60_000,
        },
        (one) => one.email !== undefined && one.referenceId === 'INV-5' && statusIs('expired')(one),
      ],
    ])('is narrowed by %s, with each link once, the newest first', async (_, filter, isListed) => {
      const expected = newestFirst.filter(isListed)
      expect(expected.length).toBeGreaterThan(0)
      const page = { page: 1, perPage: 50 }
      const list = await db.store.paymentLinks.list(LISTED, filter, page, nowMs)
      expect(list.items).toEqual(expected)
      expect(list).toMatchObject({ total: expected.length, hasMore: false, isTotalCut: false })
    })

    test('has pages', async () => {
      const page = await db.store.paymentLinks.list(LISTED, {}, { page: 2, perPage: 15 }, nowMs)
      expect(page.items).toEqual(newestFirst.slice(15, 30))
      expect(page).toMatchObject({ total: 40, hasMore: true })
    })
  })
}
