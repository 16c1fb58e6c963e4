import type { BrowserContext, Page } from 'playwright-core'
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import { systemClock } from '../../src/server/clock.ts'
import {
  checkoutWorld,
  choose,
  confirmByOtp,
  createSession,
  payByCard,
  pressOnPanel,
  pressPay,
  retrieve,
  typeCard,
  waitForDecline,
  waitForSuccess,
} from '../support/checkout.ts'
import { clearContext, onEachSize, openPageIn, SIZES } from '../support/pages.ts'
import { US_ACCOUNT_ID } from '../support/server.ts'

const world = checkoutWorld({}, systemClock)

/** Advances the server's clock. The open page shows the result of work that becomes due. */
const later = (seconds: number) => async () => world.server.advance(seconds * 1000)

const upiId = async (page: Page, id: string) => {
  await choose(page, 'upi')
  await page.locator('input[value=collect]').check()
  await page.locator('#upi_id').fill(id)
  await pressPay(page)
  await page.getByText('Approve the payment in your UPI app').waitFor()
}
const upiLink = async (page: Page) => {
  await choose(page, 'upi')
  await pressPay(page)
  await page.locator('.qr, .apps').waitFor()
}
const onBankPage = async (page: Page, bank: string, answer: 'Approve' | 'Refuse') => {
  await choose(page, 'netbanking')
  await page.getByLabel(bank).check()
  await pressPay(page)
  await page.waitForURL('**/sandbox/bank/**')
  await page.getByRole('button', { name: answer }).click()
}
const onWalletPage = async (page: Page, wallet: string, otp: string) => {
  await choose(page, 'wallet')
  await page.getByLabel(wallet).check()
  await pressPay(page)
  await page.waitForURL('**/sandbox/wallet/**')
  await confirmByOtp(page, otp)
}
const transfer = async (page: Page, label: string) => {
  await choose(page, 'bank_transfer')
  await pressPay(page)
  await page.getByText('Exact amount').waitFor()
  await pressOnPanel(page, label)
}
const ach = async (page: Page, account: string) => {
  await choose(page, 'ach_debit')
  await page.locator('#ach_name').fill('Asha Rao')
  await page.locator('#ach_routing').fill('110000000')
  await page.locator('#ach_account').fill(account)
  await pressPay(page)
}

/** The customer's actions and the result: `paid`, or the decline code. */
type Row = [
  what: string,
  expected: string,
  pay: (page: Page) => Promise<void>,
  session?: Readonly<Record<string, unknown>>,
  afterwards?: () => Promise<void>,
]

const INDIAN: Row[] = [
  ['card, correct OTP', 'paid', (page) => payByCard(page)],
  ['card, wrong OTP', 'authentication_failed', (page) => payByCard(page, undefined, '000000')],
  [
    'card, canceled at the issuer’s page',
    'authentication_failed',
    async (page) => {
      await typeCard(page)
      await pressPay(page)
      // The checkout page has a button to cancel as well.
      await page.waitForURL('**/sandbox/3d-secure/**')
      await page.getByRole('button', { name: 'Cancel' }).click()
    },
  ],
  ['card, name Failure', 'authentication_failed', (page) => payByCard(page, 'Failure')],
  ['card, no money', 'insufficient_funds', (page) => payByCard(page, 'Insufficient Funds')],
  ['card, not honored', 'do_not_honour', (page) => payByCard(page, 'do not honour')],
  ['card, expired', 'expired_card', (page) => payByCard(page, 'Expired Card')],
  ['card, wrong security code', 'incorrect_cvv', (page) => payByCard(page, 'Incorrect CVV')],
  [
    'card, approved later',
    'paid',
    async (page) => {
      await payByCard(page, 'Pending Success')
      await page.getByText('Waiting for your bank').waitFor()
    },
    {},
    later(10),
  ],
  [
    'card, declined later',
    'card_declined',
    async (page) => {
      await payByCard(page, 'Pending Failure')
      await page.getByText('Waiting for your bank').waitFor()
    },
    {},
    later(10),
  ],
  [
    'card, no answer, but approved',
    'paid',
    async (page) => {
      await typeCard(page, 'Timeout')
      await pressPay(page)
      await page.getByText('Waiting for your bank').waitFor()
    },
    {},
    later(4),
  ],
  [
    'RuPay',
    'paid',
    async (page) => {
      await typeCard(page, 'Asha Rao', '6071489876543212')
      await pressPay(page)
      await confirmByOtp(page)
    },
  ],
  ['UPI by QR code or app, 222', 'paid', upiLink, { amount: 222 }, later(3)],
  ['UPI by QR code or app, 500', 'paid', upiLink, { amount: 500 }, later(3)],
  ['UPI by QR code or app, 500.01', 'upi_declined', upiLink, { amount: 500.01 }, later(3)],
  ['UPI by QR code or app, 1000.01', 'paid', upiLink, { amount: 1000.01 }, later(3)],
  ['UPI ID, approved', 'paid', (page) => upiId(page, 'success@paydesk'), { amount: 700 }, later(3)],
  ['UPI ID, declined', 'upi_declined', (page) => upiId(page, 'failure@paydesk'), {}, later(3)],
  ['UPI ID, no approval', 'upi_timeout', (page) => upiId(page, 'pending@paydesk'), {}, later(301)],
  ['net banking, approved', 'paid', (page) => onBankPage(page, 'Success Test Bank', 'Approve')],
  [
    'net banking, refused',
    'bank_declined',
    (page) => onBankPage(page, 'Success Test Bank', 'Refuse'),
  ],
  [
    'net banking, failing bank',
    'bank_declined',
    (page) => onBankPage(page, 'Failure Test Bank', 'Approve'),
  ],
  [
    'net banking, approved later',
    'paid',
    async (page) => {
      await onBankPage(page, 'Pending Test Bank', 'Approve')
      await page.getByText('Waiting for your bank').waitFor()
    },
    {},
    later(10),
  ],
  ['wallet, correct OTP', 'paid', (page) => onWalletPage(page, 'Success Wallet', '123456')],
  ['wallet, wrong OTP', 'wallet_declined', (page) => onWalletPage(page, 'Success Wallet', '1')],
  ['wallet, declined', 'wallet_declined', (page) => onWalletPage(page, 'Failure Wallet', '123456')],
  ['bank transfer, exact amount', 'paid', (page) => transfer(page, 'Pay exactly')],
  ['bank transfer, too little', 'transfer_short', (page) => transfer(page, 'Pay short')],
  ['bank transfer, too much', 'transfer_over', (page) => transfer(page, 'Pay over')],
  ['bank transfer, too late', 'transfer_late', (page) => transfer(page, 'Pay late')],
]
const AMERICAN: Row[] = [
  ['US card', 'paid', (page) => payByCard(page)],
  ['US card, no money', 'insufficient_funds', (page) => payByCard(page, 'Insufficient Funds')],
  ['ACH', 'paid', (page) => ach(page, '000123456789'), {}, later(10)],
  ['ACH, no money', 'insufficient_funds', (page) => ach(page, '000111111116'), {}, later(10)],
  ['ACH, account closed', 'bank_declined', (page) => ach(page, '000111111113')],
]

/**
 * The rows that pay on each size: each method, and UPI's QR code and apps, which depend on the device. Two of them are
 * declined, so that both sizes show a decline. The other rows differ in the processor's answer only, so they pay on the
 * phone alone.
 */
const ON_EACH_SIZE: ReadonlySet<string> = new Set([
  'card, correct OTP',
  'card, canceled at the issuer’s page',
  'UPI by QR code or app, 222',
  'UPI by QR code or app, 500.01',
  'UPI ID, approved',
  'net banking, approved',
  'wallet, correct OTP',
  'bank transfer, exact amount',
  'US card',
  'ACH',
])

describe.each(SIZES)('on a %s', (size, options) => {
  const isOnThisSize = ([what]: Row) => size === 'phone' || ON_EACH_SIZE.has(what)
  let context: BrowserContext
  beforeAll(async () => {
    // Animations of a waiting page cost CPU time, and no outcome depends on them.
    context = await world.browser.newContext({ ...options, reducedMotion: 'reduce' })
  })
  afterEach(() => clearContext(context))

  test.each(INDIAN.filter(isOnThisSize))(
    'a payment by %s ends as %s',
    async (_what, expected, pay, session = {}, afterwards) => {
      await expectOutcome(context, expected, pay, session, afterwards)
    },
  )
  test.each(AMERICAN.filter(isOnThisSize))(
    'a payment by %s ends as %s',
    async (_what, expected, pay, session = {}, afterwards) => {
      const body = { amount: 25, currency: 'USD', ...session }
      await expectOutcome(context, expected, pay, body, afterwards, US_ACCOUNT_ID)
    },
  )
})

async function expectOutcome(
  context: BrowserContext,
  expected: string,
  pay: Row[2],
  body: Readonly<Record<string, unknown>>,
  afterwards: Row[4],
  accountId?: string,
): Promise<void> {
  const session = await createSession(world.server, world.shop, body, accountId)
  const { complaints, page } = await openPageIn(context, `${session.url}?lang=en`, [
    world.shop.origin,
  ])
  await pay(page)
  await afterwards?.()
  if (expected === 'paid') await waitForSuccess(page)
  else await onEachSize(page, async () => expect(await waitForDecline(page)).toBe(expected))

  const { payments, status } = await retrieve(world.server, session, accountId)
  expect([status, payments.map((payment) => payment.status)]).toEqual(
    expected === 'paid' ? ['succeeded', ['succeeded']] : ['created', ['failed']],
  )
  expect(complaints).toEqual([])
}
