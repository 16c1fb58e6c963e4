/** Random lives of a payment link: customers, the merchant, the processor and the worker, one after another and together. */
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { PaymentLinkId, PaymentSessionId } from '../../src/domain/id.ts'
import type { Ids } from '../../src/domain/ids.ts'
import { type PaymentLink, paymentLinkStatusAt } from '../../src/domain/payment-link.ts'
import { statusAt } from '../../src/domain/payment-session.ts'
import { deriveKeys } from '../../src/domain/secret.ts'
import { applyMove } from '../../src/operations/apply-move.ts'
import { cancelPaymentLink } from '../../src/operations/cancel-payment-link.ts'
import {
  expirePaymentLinkNow,
  expirePaymentLinks,
} from '../../src/operations/expire-payment-links.ts'
import { moveLink } from '../../src/operations/move-payment-link.ts'
import { openPaymentLink } from '../../src/operations/open-payment-link.ts'
import type { Store } from '../../src/operations/store.ts'
import { createRandom } from '../../src/server/random.ts'
import type { TestClock } from '../support/memory-store.ts'
import { openSimulatedStore, runCountOf } from '../support/simulated-store.ts'
import { ACCOUNT, account, linkOf } from '../support/stored-rows.ts'

const random = createRandom()
const keys = deriveKeys(new Uint8Array(32).fill(1))
let clock: TestClock
let ids: Ids
let store: Store
beforeAll(async () => {
  const place = await openSimulatedStore()
  clock = place.clock
  ids = place.ids
  store = place.store
  await store.transaction((tx) => tx.accounts.insert(account(ACCOUNT), clock.nowMs()))
})
afterAll(() => store.close())

const deps = () => ({ store, clock, ids, keys, random, mode: 'sandbox' as const })
/** A link with the sessions that customers have opened. */
type Life = { readonly id: PaymentLinkId; readonly sessions: PaymentSessionId[] }
type Step = readonly [name: string, pick: number]

const withLink = (
  life: Life,
  work: (
    tx: Parameters<Parameters<Store['transaction']>[0]>[0],
    link: PaymentLink,
  ) => Promise<unknown>,
) =>
  store.transaction(async (tx) => {
    const link = await tx.paymentLinks.lock(life.id)
    return link && work(tx, link)
  })
const sessionOf = ({ sessions }: Life, pick: number) =>
  sessions[pick % Math.max(1, sessions.length)]
async function attemptOf(life: Life, pick: number) {
  const attempts = await store.paymentAttempts.listByLink(life.id)
  return attempts[pick % Math.max(1, attempts.length)]
}

const STEPS: Record<string, (life: Life, pick: number) => Promise<unknown>> = {
  open: async (life) => {
    const result = await openPaymentLink(deps(), life.id)
    if (result !== undefined && 'session' in result) life.sessions.push(result.session.id)
  },
  update: (life) =>
    withLink(life, (tx, link) => moveLink(tx, deps(), link, { type: 'update', change: {} })),
  cancel: (life) => withLink(life, (tx, link) => cancelPaymentLink(tx, deps(), link)),
  'expire now': (life) => expirePaymentLinkNow(deps(), life.id),
  worker: () => expirePaymentLinks(deps()),
  wait: async (_, pick) => clock.advance(1 + (pick % 20) * 60_000),
  pay: async (life, pick) => {
    const id = sessionOf(life, pick)
    if (id === undefined) return
    await applyMove(deps(), id, {
      type: 'start_attempt',
      attemptId: ids.paymentAttempt(id),
      attemptLifeMs: 600_000,
      instrument: { type: 'netbanking', bankName: 'Bank' },
    })
  },
  // An approval can be repeated, be late, or be of a declined attempt.
  approve: async (life, pick) => {
    const attempt = await attemptOf(life, pick)
    if (attempt === undefined) return
    const { id: attemptId, paymentSessionId } = attempt
    const move = { type: 'record_approval', attemptId, processorReference: 'p' } as const
    await applyMove(deps(), paymentSessionId, move)
  },
  decline: async (life, pick) => {
    const attempt = await attemptOf(life, pick)
    if (attempt === undefined) return
    const { id: attemptId, paymentSessionId } = attempt
    const move = { type: 'record_decline', attemptId, declineCode: 'bank_declined' } as const
    await applyMove(deps(), paymentSessionId, move)
  },
}

/** Compares the link with its sessions, payments, refunds and events. Throws for every forbidden state. */
async function audit({ id, sessions }: Life): Promise<void> {
  const link = await store.paymentLinks.find(id)
  if (link === undefined) throw new Error('the link is gone')
  const nowMs = clock.nowMs()
  const attempts = await store.paymentAttempts.listByLink(id)
  const successes = attempts.filter(({ status }) => status === 'succeeded')
  expect(successes.length, 'successes').toBe(link.status === 'paid' ? 1 : 0)
  expect(successes[0]?.id).toBe(link.paidAttemptId)
  const open = attempts.filter(({ status }) => status === 'initiated' || status === 'pending')
  expect(open.length, 'payments at the processor').toBeLessThanOrEqual(1)
  expect(open[0]?.paymentSessionId).toBe(link.currentSessionId)
  if (link.status === 'paid' || link.status === 'canceled') {
    for (const sessionId of sessions) {
      const session = await store.paymentSessions.find(sessionId)
      expect(session && statusAt(session, nowMs), 'an open session').not.toBe('created')
    }
  }
  for (const attempt of attempts.filter(({ status }) => status === 'refunded')) {
    const refunds = await store.refunds.listByPayment(attempt.id)
    expect(refunds.map(({ type }) => type)).toEqual(['initiated_by_system'])
  }
  const subject = { kind: 'payment_link', id } as const
  const { items } = await store.webhookEvents.list(ACCOUNT, { subject }, { page: 1, perPage: 9 })
  const endEvents = link.status === 'active' ? [] : [`payment_link.${link.status}`]
  expect(items.map(({ type }) => type)).toEqual(endEvents)
  const status = paymentLinkStatusAt(link, nowMs)
  for (const { bodyJson } of items) {
    const { payment_links: link } = JSON.parse(bodyJson).event_object
    expect([link.payment_link_id, link.status]).toEqual([id, status])
  }
}

const step = fc.tuple(fc.constantFrom(...Object.keys(STEPS), 'open', 'pay', 'pay'), fc.nat(50))
test('no order of events pays a link twice, loses its money, or reports it twice', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(step, { minLength: 1, maxLength: 3 }), { minLength: 3, maxLength: 25 }),
      async (rounds: readonly (readonly Step[])[]) => {
        const nowMs = clock.nowMs()
        const link = linkOf(ACCOUNT, { createdAtMs: nowMs, expiresAtMs: nowMs + 2 * 60 * 60_000 })
        await store.transaction((tx) => tx.paymentLinks.insert(link))
        const life: Life = { id: link.id, sessions: [] }
        await STEPS.open?.(life, 0)
        for (const round of rounds) {
          // The steps of a round happen at the same time.
          await Promise.all(round.map(([name, pick]) => STEPS[name]?.(life, pick)))
          await audit(life)
        }
      },
    ),
    { numRuns: runCountOf(60) },
  )
  expect((await store.ledger.check()).discrepancies).toEqual([])
})
