/** Actions of merchants with payment links, for tests of their pages. */
import { createHmac } from 'node:crypto'
import { expect } from 'vitest'
import type { AccountId, PaymentLinkId } from '../../src/domain/id.ts'
import type { PaymentLink, PaymentLinkMove } from '../../src/domain/payment-link.ts'
import { drawPaymentLinkKey } from '../../src/domain/payment-link-key.ts'
import { cancelPaymentLink } from '../../src/operations/cancel-payment-link.ts'
import { expirePaymentLinkNow } from '../../src/operations/expire-payment-links.ts'
import { moveLink } from '../../src/operations/move-payment-link.ts'
import type { Transaction } from '../../src/operations/store.ts'
import { SANDBOX_VALUES } from '../../src/sandbox/well-known.ts'
import { paymentLinkFields } from '../../src/wire/payment-link.ts'
import { ACCOUNT_ID, type TestServer } from './server.ts'

/** A payment link, and the address of its page. */
export type CreatedLink = {
  readonly id: PaymentLinkId
  readonly url: string
  readonly path: string
}

const DAY_MS = 24 * 60 * 60_000

/** Creates a payment link. */
export async function createLink(
  { baseUrl, tenant }: Pick<TestServer, 'baseUrl' | 'tenant'>,
  more: Partial<PaymentLink> = {},
): Promise<CreatedLink> {
  const { clock, ids, random, store } = tenant
  const { linkKey } = store.publicIds
  const { id, key } = drawPaymentLinkKey(() => ids.paymentLink(7), random, linkKey)
  const link: PaymentLink = {
    id,
    accountId: ACCOUNT_ID as AccountId,
    amount: { amountMinor: 149_990n, currency: 'INR' },
    status: 'active',
    description: 'Order 8841: two books and a lamp',
    referenceId: 'INV-8841',
    email: 'asha@example.com',
    phone: '9000000001',
    url: `${baseUrl}/paymentlink/${key}`,
    createdAtMs: clock.nowMs(),
    expiresAtMs: clock.nowMs() + 30 * DAY_MS,
    ...more,
  }
  expect(await store.transaction((tx) => tx.paymentLinks.insert(link))).toBe(true)
  return { id, url: link.url, path: new URL(link.url).pathname }
}

/** Returns a payment link as the API shows it. */
export async function retrieveLink({ tenant }: Pick<TestServer, 'tenant'>, { id }: CreatedLink) {
  const { clock, store } = tenant
  const link = await store.paymentLinks.find(id)
  const account = link && (await store.accounts.find(link.accountId))
  if (link === undefined || account === undefined) throw new Error(`no payment link ${id}`)
  const payments = await store.paymentAttempts.listByLink(id)
  const { payments: linkPayments = [], ...fields } = paymentLinkFields(
    { account, link, payments },
    clock.nowMs(),
  )
  return { ...fields, payments: linkPayments }
}

async function change(
  { tenant }: Pick<TestServer, 'tenant'>,
  { id }: CreatedLink,
  work: (tx: Transaction, link: PaymentLink) => Promise<object>,
): Promise<void> {
  const result = await tenant.store.transaction(async (tx) => {
    const link = await tx.paymentLinks.lock(id)
    return link && work(tx, link)
  })
  expect(result).toHaveProperty('id', id)
}

/** Updates a payment link. */
export const updateLink = (
  server: Pick<TestServer, 'tenant'>,
  link: CreatedLink,
  to: Extract<PaymentLinkMove, { type: 'update' }>['change'],
): Promise<void> =>
  change(server, link, (tx, before) =>
    moveLink(tx, server.tenant, before, { type: 'update', change: to }),
  )

/** Cancels a payment link. */
export const cancelLink = (server: Pick<TestServer, 'tenant'>, link: CreatedLink): Promise<void> =>
  change(server, link, (tx, before) => cancelPaymentLink(tx, server.tenant, before))

/** Lets a payment link expire now. */
export async function expireLink(
  { tenant }: Pick<TestServer, 'tenant'>,
  { id }: CreatedLink,
): Promise<void> {
  expect(await expirePaymentLinkNow(tenant, id)).toHaveProperty('id', id)
}

/** Computes the signature of a payment link's return by the documented formula, without code of the program. */
export function expectedLinkSignature(url: string): string {
  const { searchParams } = new URL(url)
  const names = ['payment_link_id', 'payment_id', 'amount', 'status', 'payment_link_reference']
  return createHmac('sha256', SANDBOX_VALUES.signingKey)
    .update(names.map((name) => searchParams.get(name) ?? '').join('.'))
    .digest('hex')
}
