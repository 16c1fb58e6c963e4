/** The console of a live server: an invitation, the ways to sign in, payments, and a refund. */
import { readFileSync } from 'node:fs'
import type { BrowserContext, Page, Route } from 'playwright-core'
import decodeQR from 'qr/decode.js'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { OPERATOR_VIEWS } from '../../src/console/browser/operator-views.ts'
import type { AccountId, PaymentSessionId } from '../../src/domain/id.ts'
import {
  OPERATOR_ROLES,
  type OperatorPermission,
  type OperatorRole,
  operatorHas,
} from '../../src/domain/operator.ts'
import { DECLINES } from '../../src/domain/payment-attempt.ts'
import { offeredCodeSecret } from '../../src/operations/accept-invitation.ts'
import { applyMove } from '../../src/operations/apply-move.ts'
import { createAccount } from '../../src/operations/create-account.ts'
import { createClient } from '../../src/operations/create-client.ts'
import { createToken } from '../../src/operations/create-token.ts'
import { createOperator } from '../../src/operations/invite-operator.ts'
import { codeAt } from '../../src/operations/time-code.ts'
import { type Server, startServer } from '../../src/server/start-server.ts'
import { pressPay, typeCard, waitForSuccess } from '../support/checkout.ts'
import { launchChromium } from '../support/chromium.ts'
import { makePlace, type Place, settingsAt } from '../support/engines.ts'
import {
  CLIENT_ID,
  CLIENT_SECRET,
  startIdentityProvider,
  type TestIdentityProvider,
} from '../support/identity-provider.ts'
import { fillLiveAccount } from '../support/live-account.ts'
import { createTestClock } from '../support/memory-store.ts'
import {
  clearContext,
  DESKTOP,
  examineInSchemes,
  examineOnScreens,
  openPageIn,
  PHONE,
  showOn,
} from '../support/pages.ts'
import { freePort } from '../support/postgres-cluster.ts'
import { call } from '../support/server.ts'
import { type SignedInOperator, signInOperatorOf } from '../support/signed-in.ts'
import { mandateOf, TEST_ACTOR } from '../support/stored-rows.ts'

const PASSWORD = 'correct horse battery staple'
const STEP_MS = 30_000

// The clock starts at the machine's time, because the token's times come from the machine's clock.
const machine = createTestClock(Date.now())
let aheadMs = 0
const clock = { nowMs: () => machine.nowMs() + aheadMs }
let place: Place
let server: Server
let provider: TestIdentityProvider
let browser: Awaited<ReturnType<typeof launchChromium>>
let context: BrowserContext
let accountId: AccountId
let bookShopId: AccountId
let token: string

beforeAll(async () => {
  browser = await launchChromium()
  context = await browser.newContext({ locale: 'en-IN', viewport: null })
  place = await makePlace('file')
  const port = String(await freePort())
  // Browsers allow passkeys at this name, and the provider's address is another site.
  const publicUrl = `http://localhost:${port}`
  provider = await startIdentityProvider(`${publicUrl}/console/sign-in/callback`)
  const settings = settingsAt(place, {
    live: true,
    secretKey: 'cd'.repeat(32),
    port,
    publicUrl,
    oidcIssuer: provider.issuer,
    oidcClientId: CLIENT_ID,
    oidcClientSecret: CLIENT_SECRET,
    oidcRoles: 'payments-team=viewer',
    oidcName: 'Tea Group',
    processor: new URL('../support/approving-processor.ts', import.meta.url).pathname,
  })
  server = await startServer(settings, { clock })
  const deps = { ...server.tenant, actor: TEST_ACTOR }
  accountId = (await createAccount(deps, 'Tea shop', 'IN')).account.id
  bookShopId = (await createAccount(deps, 'Book shop', 'IN')).account.id
  const { client } = await createClient(deps, {
    name: 'App',
    accountIds: [accountId],
    redirectUris: [],
    isMachine: true,
  })
  const tokens = await createToken(deps, client, ['payments.CREATE', 'payments.READ'], [accountId])
  if ('error' in tokens) throw new Error(tokens.description)
  token = tokens.accessToken
})
afterEach(() => clearContext(context))
afterAll(async () => {
  await browser?.close()
  await server?.close()
  await provider?.close()
  place?.remove()
})

const url = (path: string) => `${server.baseUrl}/console${path}`
const heading = (page: Page, name: string | RegExp) => page.getByRole('heading', { level: 1, name })

async function invite(role: OperatorRole, email: string, refundMaxMinor?: bigint) {
  const invitation = await createOperator(
    { ...server.tenant, actor: TEST_ACTOR },
    { name: 'Asha Rao', email, role, accountIds: undefined, refundMaxMinor },
  )
  if (invitation === undefined) throw new Error('the address is taken')
  const secret = offeredCodeSecret(server.tenant, invitation.invitationToken)
  return { email, secret, link: url(`/invitation/${invitation.invitationToken}`) }
}
type Invited = Awaited<ReturnType<typeof invite>>

async function accept(page: Page, { secret }: Invited): Promise<void> {
  await page.getByLabel('Choose a password').fill(PASSWORD)
  await page.getByLabel('Code from the app').fill(codeAt(secret, clock.nowMs()))
  await page.getByRole('button', { name: 'Accept the invitation' }).click()
  await heading(page, 'Your recovery codes').waitFor()
}
async function signIn(page: Page, { email, secret }: Invited, password = PASSWORD): Promise<void> {
  aheadMs += STEP_MS
  await page.getByLabel('E-mail address').fill(email)
  await page.getByLabel('Password').fill(password)
  await page.getByLabel('Code').fill(codeAt(secret, clock.nowMs()))
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
}
/** The merchant's application creates a session. */
async function createSession(amount: number, more: object = {}) {
  const { body, status } = await call(
    server.baseUrl,
    'POST',
    `/paymentsessions?account_id=${accountId}`,
    {
      amount,
      currency: 'INR',
      description: 'Two tins of tea',
      invoice_number: `INV-${amount}`,
      ...more,
    },
    { authorization: `Zoho-oauthtoken ${token}` },
  )
  expect([status, body.message]).toEqual([201, expect.anything()])
  return body.payments_session
}
/** A customer pays a new session by card. Returns the session's id. */
async function pay(amount: number, more: object = {}): Promise<string> {
  const { access_key: key, payments_session_id: id } = await createSession(amount, more)
  const { page } = await openPageIn(context, `${server.baseUrl}/hostedcheckout/${key}`)
  await typeCard(page)
  await pressPay(page)
  await waitForSuccess(page)
  await page.close()
  return id
}

/** Stores a new session whose payment the bank declined. */
async function failPayment(): Promise<void> {
  const { payments_session_id: sessionId } = await createSession(80)
  const attemptId = server.tenant.ids.paymentAttempt(sessionId)
  const instrument = { type: 'netbanking', bankName: 'Bank' } as const
  for (const move of [
    { type: 'start_attempt', attemptId, instrument, attemptLifeMs: 600_000 },
    { type: 'record_decline', attemptId, declineCode: 'insufficient_funds' },
  ] as const) {
    expect(await applyMove(server.tenant, sessionId, move)).toHaveProperty('session')
  }
}

test('an operator accepts the invitation, signs in, refunds a payment and signs out', async () => {
  const { operators } = server.tenant.store
  const manager = await invite('manager', 'asha@example.com')
  await pay(250)
  await failPayment()
  const { complaints, page } = await openPageIn(context, manager.link)
  await heading(page, 'Welcome, Asha Rao').waitFor()
  await examineOnScreens(page, 'operator invitation')
  await accept(page, manager)
  await examineOnScreens(page, 'operator recovery codes')
  await page.getByRole('link', { name: 'I have stored them: sign in' }).click()
  await heading(page, 'Sign in').waitFor()
  await signIn(page, manager, 'a wrong password')
  await page.getByRole('alert').waitFor()
  await examineOnScreens(page, 'operator sign-in refused')
  await signIn(page, manager)

  await heading(page, 'Overview').waitFor()
  await page.getByText('No payments in this period.').waitFor()
  await page.getByRole('combobox', { name: 'Account' }).selectOption({ label: 'Tea shop' })
  const tiles = page.getByRole('main').getByRole('list').first()
  await expect.poll(() => tiles.innerText()).toMatch(/₹250\.00\s+Volume in INR\s+50 %\s+Success/)
  await page.getByRole('rowheader', { name: DECLINES.insufficient_funds.reason }).waitFor()
  await page.getByText('Show as a table').first().click()
  await examineOnScreens(page, 'operator overview')
  await page.getByLabel('Period').selectOption('30 days')
  await page.getByText('Days are in the time zone of the account').waitFor()
  await page.getByText('Show as a table').first().click()
  await page.getByRole('columnheader', { name: 'Start (spans of 1 d)' }).first().waitFor()
  await examineOnScreens(page, 'operator overview of 30 days')
  await page.getByRole('link', { name: 'card', exact: true }).click()
  await heading(page, 'Payments').waitFor()
  expect(await page.getByLabel('Method').inputValue()).toBe('card')
  await page.getByLabel('Method').selectOption('any')
  await page.getByRole('cell', { name: '₹250.00' }).waitFor()
  await examineOnScreens(page, 'operator payments')
  // The clock stands still, so the order of the payments is that of their ids.
  await page.getByRole('row').filter({ hasText: '₹250.00' }).getByRole('link').click()
  await heading(page, /^Payment \d/).waitFor()
  await examineOnScreens(page, 'operator payment')
  await page.getByRole('button', { name: 'Refund', exact: true }).click()
  await page.getByLabel('Amount in INR').fill('100')
  await page.getByRole('button', { name: 'Create refund' }).click()
  await page.getByText('Refund created.').waitFor()
  await page.getByText('₹100.00').first().waitFor()
  const { id: operatorId = '' } = (await operators.findByEmail(manager.email)) ?? {}
  const nowMs = clock.nowMs()
  const times = { createdAtMs: nowMs, seenAtMs: nowMs }
  const other = { tokenHash: 'other', operatorId, browser: 'Safari, iPhone', ...times }
  await server.tenant.store.transaction((tx) => tx.operators.insertSession(other))
  await page.getByRole('button', { name: 'Your access' }).click()
  await page.getByText(/Chrome, Linux/).waitFor()
  await examineOnScreens(page, 'operator own access')
  await page.getByRole('button', { name: 'End the session of Safari, iPhone' }).click()
  await page.getByText('The session has ended.').waitFor()
  await page.getByRole('link', { name: 'Back to the console' }).click()
  await page.getByRole('button', { name: 'Sign out' }).click()
  await heading(page, 'Sign in').waitFor()
  await page.goBack()
  await heading(page, 'Sign in').waitFor()
  expect(complaints).toEqual([])
})

test('a person signs in through the provider, and with a passkey', async () => {
  provider.people.set('asha', {
    name: 'Asha of the Tea Group',
    email: 'asha@tea.example',
    email_verified: true,
    groups: 'payments-team',
  })
  const { complaints, page } = await openPageIn(context, url('/sign-in'))
  await heading(page, 'Sign in').waitFor()
  await examineOnScreens(page, 'operator sign-in with a provider')
  await page.getByRole('link', { name: 'Sign in with Tea Group' }).click()
  await heading(page, 'Overview').waitFor()
  await page.getByRole('button', { name: 'Your access' }).click()
  await heading(page, 'Your access').waitFor()
  // A passkey would outlive the role at the provider.
  expect(await page.getByText('Asha of the Tea Group').count()).toBe(1)
  expect(await page.getByRole('heading', { name: 'Passkeys' }).count()).toBe(0)
  await context.clearCookies()

  const devTools = await context.newCDPSession(page)
  await devTools.send('WebAuthn.enable')
  await devTools.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  })
  const manager = await invite('manager', 'passkey@example.com')
  await page.goto(manager.link)
  await page.getByLabel('Name of the passkey').fill('Phone')
  await page.getByRole('button', { name: 'Use a passkey instead' }).click()
  await heading(page, 'Your passkey is stored').waitFor()
  await page.getByRole('link', { name: 'Sign in' }).click()
  await page.getByRole('button', { name: 'Sign in with a passkey' }).click()
  await heading(page, 'Overview').waitFor()
  await page.getByRole('button', { name: 'Your access' }).click()
  await heading(page, 'Your access').waitFor()
  await page.getByRole('button', { name: 'Add a passkey' }).click()
  await page.getByText('This device already has one of your passkeys.').waitFor()
  await page.getByRole('button', { name: 'Remove Phone' }).click()
  await page.getByText('your only way to sign in').waitFor()
  await examineInSchemes(page, 'operator own access with a passkey')
  await page.getByRole('button', { name: 'Sign out everywhere' }).click()
  await heading(page, 'Sign in').waitFor()
  // Only the sign-in at the provider sent requests to another server.
  expect(complaints.filter((one) => !one.startsWith(provider.issuer))).toEqual([])
})

test('a supporter refunds up to the limit, and a viewer not at all', async () => {
  await pay(300)
  const supporter = await invite('support', 'ravi@example.com', 10_000n)
  const { page } = await openPageIn(context, supporter.link)
  await accept(page, supporter)
  await page.goto(url('/sign-in'))
  await signIn(page, supporter)
  await page.getByRole('combobox', { name: 'Account' }).selectOption({ label: 'Tea shop' })
  await openPayments(page)
  await page.getByRole('table').getByRole('link').first().click()
  await page.getByRole('button', { name: 'Refund', exact: true }).click()
  await page.getByLabel('Amount in INR').fill('100.01')
  await page.getByRole('button', { name: 'Create refund' }).click()
  await page.getByText('This refund is above your limit').waitFor()
  const waitingRefund = page.getByText(/₹100\.01.+ravi@example\.com.+waits for the approval/)
  await waitingRefund.waitFor()
  await examineOnScreens(page, 'operator payment with a waiting refund')
  await page.getByRole('button', { name: 'Refund', exact: true }).click()
  await page.getByLabel('Amount in INR').fill('100')
  await page.getByRole('button', { name: 'Create refund' }).click()
  await page.getByText('Refund created.').waitFor()
  const address = page.url()

  await context.clearCookies()
  const viewer = await invite('viewer', 'meera@example.com')
  await page.goto(viewer.link)
  await accept(page, viewer)
  await page.goto(url('/sign-in'))
  await signIn(page, viewer)
  await heading(page, 'Overview').waitFor()
  // The address has the account, so nobody has to choose it.
  expect(address).toContain(`/console/a/${accountId}/payments/`)
  await page.goto(address)
  await heading(page, /^Payment \d/).waitFor()
  await page.getByText('₹100.00').first().waitFor()
  await waitingRefund.getByRole('link', { name: 'Refund approvals', exact: true }).click()
  await heading(page, 'Refund approvals').waitFor()
  await page.goto(address)
  await heading(page, /^Payment \d/).waitFor()
  expect(await page.getByRole('button', { name: 'Refund' }).count()).toBe(0)

  const stranger = await signInOperatorOf(server, { accountIds: [bookShopId] })
  await context.clearCookies()
  await useSession(stranger)
  await page.goto(address)
  await heading(page, 'You cannot see this account').waitFor()
  await examineOnScreens(page, 'operator foreign account')
  await page.getByRole('combobox', { name: 'Account' }).selectOption({ label: 'Book shop' })
  await page.waitForURL(`**/console/a/${bookShopId}/payments`)
  // An address without an account opens the account that was shown last.
  await page.goto(url('/sessions?status=created'))
  await page.waitForURL(`**/console/a/${bookShopId}/sessions?status=created`)
  await heading(page, 'Sessions').waitFor()
})

test('an account that is chosen before the page is first displayed stays chosen', async () => {
  await useSession(await signInOperatorOf(server))
  const page = await context.newPage()
  await page.addInitScript(() => {
    const observer = new MutationObserver(() => {
      const select = document.querySelector<HTMLSelectElement>(
        'header select:has(> option[value^="6"])',
      )
      const other = [...(select?.options ?? [])].find(({ selected }) => !selected)
      if (other === undefined) return
      observer.disconnect()
      document.documentElement.dataset.choice = other.value
      other.selected = true
      other.parentElement?.dispatchEvent(new Event('change', { bubbles: true }))
    })
    observer.observe(document, { childList: true, subtree: true })
  })
  await page.goto(url(''))
  await page.waitForURL('**/overview')
  await heading(page, 'Overview').waitFor()
  const choice = await page.locator('html').getAttribute('data-choice')
  expect(page.url()).toBe(url(`/a/${choice}/overview`))
  expect(await page.getByRole('combobox', { name: 'Account' }).inputValue()).toBe(choice)
  await page.getByRole('navigation').getByRole('link', { name: 'Payments' }).click()
  await heading(page, 'Payments').waitFor()
  expect(page.url()).toBe(url(`/a/${choice}/payments`))
})

/** Opens the list of payments from the start page. */
async function openPayments(page: Page): Promise<void> {
  await page.getByRole('navigation').getByRole('link', { name: 'Payments' }).click()
  await heading(page, 'Payments').waitFor()
}

/** Gives the browser the session of an operator. */
async function useSession({ cookie }: SignedInOperator): Promise<void> {
  // Chromium stores a secure cookie only for an https: address, but sends it to this machine without TLS too.
  const secureUrl = server.baseUrl.replace('http:', 'https:')
  await context.addCookies([
    { ...cookie, url: secureUrl, secure: true, httpOnly: true, sameSite: 'Strict' },
  ])
}

/** Signs in a new operator at the tea shop. */
async function openConsole(role: OperatorRole, email: string) {
  const invitation = await invite(role, email)
  const result = await openPageIn(context, invitation.link)
  await accept(result.page, invitation)
  await result.page.goto(url('/sign-in'))
  await signIn(result.page, invitation)
  await heading(result.page, 'Overview').waitFor()
  await result.page.getByRole('combobox', { name: 'Account' }).selectOption({ label: 'Tea shop' })
  return result
}

test('an administrator sees where the money is, and replaces the key of an endpoint', async () => {
  const session = await createSession(400)
  await fillLiveAccount(server.tenant, accountId, session.payments_session_id)
  const { complaints, page } = await openConsole('administrator', 'leela@example.com')
  const show = async (view: string) => {
    await page.getByRole('navigation', { name: 'Views' }).getByRole('link', { name: view }).click()
    await heading(page, view).waitFor()
  }
  const openFirst = async (name: RegExp | string) => {
    await page.getByRole('table').first().getByRole('link').first().click()
    await heading(page, name).waitFor()
    await expect.poll(() => page.locator('.loading').count()).toBe(0)
  }
  await show('Disputes')
  await page.getByRole('cell', { name: 'product not received' }).waitFor()
  await examineOnScreens(page, 'operator disputes')
  await openFirst(/^Dispute \d/)
  await examineOnScreens(page, 'operator dispute')
  await page.getByRole('main').getByRole('link', { name: /^\d+$/ }).click()
  await heading(page, /^Payment \d/).waitFor()
  await page.locator('dt:text-is("Dispute") + dd a').waitFor()
  await show('Payouts')
  await rows(page).nth(1).waitFor()
  await examineOnScreens(page, 'operator payouts')
  await openFirst(/^Payout \d/)
  await page.getByText('ACMEPAY1', { exact: true }).waitFor()
  await examineOnScreens(page, 'operator payout')
  await show('Connected accounts')
  await examineOnScreens(page, 'operator connected accounts')
  await openFirst('Asha’s Lamps')
  await page.getByText('a•••@lamps.example').first().waitFor()
  await page.getByText('ACMEPAY2', { exact: true }).waitFor()
  await examineOnScreens(page, 'operator connected account')
  await show('Transfers')
  await page.getByRole('cell', { name: '₹100.00' }).waitFor()
  await examineOnScreens(page, 'operator transfers')
  await openFirst(/^Transfer \d/)
  await examineOnScreens(page, 'operator transfer')
  await show('Virtual accounts')
  await rows(page).nth(1).waitFor()
  await examineOnScreens(page, 'operator virtual accounts')
  await openFirst(/^Virtual account \d/)
  await page.getByRole('cell', { name: 'UTR17' }).waitFor()
  await page.getByRole('button', { name: 'Change', exact: true }).click()
  await page.getByLabel('Largest transfer in INR').fill('900')
  await examineOnScreens(page, 'operator virtual account')
  await page.getByRole('button', { name: 'Save changes' }).click()
  await page.getByText('₹900.00').first().waitFor()
  await page.getByRole('button', { name: 'Close', exact: true }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Close virtual account' }).click()
  await page.getByText('Virtual account closed.').waitFor()

  await show('Ledger')
  await page.getByText('The ledger was never checked.').waitFor()
  await page.getByRole('button', { name: 'Check the ledger' }).click()
  // The payouts of the test have no postings.
  await page.getByText('payout has no matching posting').first().waitFor()
  await page.getByRole('cell', { name: 'merchant' }).waitFor()
  await examineOnScreens(page, 'operator ledger')
  await show('Webhooks')
  await page.getByRole('link', { name: 'Shop server' }).first().waitFor()
  await examineOnScreens(page, 'operator webhooks')
  await page.getByRole('link', { name: 'Shop server' }).first().click()
  await heading(page, 'Shop server').waitFor()
  await examineOnScreens(page, 'operator endpoint')
  await page.getByRole('button', { name: 'New key', exact: true }).click()
  await page
    .getByRole('dialog')
    .getByText(/^whsec_/)
    .waitFor()
  await examineOnScreens(page, 'operator signing key')
  await page.keyboard.press('Escape')
  await page.getByText(/whsec_/).waitFor({ state: 'detached' })
  await openFirst(/^payment\./)
  await page.getByRole('heading', { name: 'Attempt 1' }).waitFor()
  await examineOnScreens(page, 'operator delivery')
  expect(complaints).toEqual([])
})

test('an administrator opens contacts, invites an operator, changes the account, and reads the audit log', async () => {
  const signedIn = await signInOperatorOf(server)
  const { call: callAs, operator } = signedIn
  const buyer = { name: 'Buyer', email: 'buyer@example.com' }
  const customer = await callAs('POST', `/customers?account_id=${accountId}`, buyer)
  await pay(400, { customer_id: customer.body.customer.customer_id })
  await useSession(signedIn)
  const { complaints, page } = await openPageIn(context, url('/payments'))
  await page.getByRole('combobox', { name: 'Account' }).selectOption({ label: 'Tea shop' })
  await page.getByRole('button', { name: 'Export payments' }).click()
  await page.getByLabel('With e-mail addresses').check()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('To', { exact: true }).fill('2020-01-01')
  await dialog.getByLabel('From', { exact: true }).fill('2020-01-02')
  await page.getByRole('button', { name: 'Export as CSV' }).click()
  await page.getByRole('alert').getByText('to_date must not be before from_date.').waitFor()
  await examineOnScreens(page, 'operator export')
  await dialog.getByLabel('From', { exact: true }).fill('')
  await dialog.getByLabel('To', { exact: true }).fill('')
  const saving = page.waitForEvent('download')
  await page.getByRole('button', { name: 'Export as CSV' }).click()
  const file = await saving
  expect(file.suggestedFilename()).toMatch(/^payments-\d{4}-\d\d-\d\d\.csv$/)
  expect(readFileSync(await file.path(), 'utf8')).toMatch(
    /^\uFEFFaccount_id,[\s\S]+,buyer@example\.com,/,
  )
  await page.getByText(/^Exported \d+ rows?\.$/).waitFor()

  await page.getByRole('table').getByRole('link').first().click()
  await page.getByText('•••@').first().waitFor()
  await page.getByRole('button', { name: 'Show contacts' }).click()
  await page.getByRole('dialog').getByText('buyer@example.com').waitFor()
  await examineOnScreens(page, 'operator contacts')
  await page.getByRole('button', { name: 'Close', exact: true }).click()

  const supporter = await signInOperatorOf(server, { role: 'support', refundMaxMinor: 1n })
  const paymentId = page.url().split('/').at(-1)
  const requestPath = `/payments/${paymentId}/refund_approvals?account_id=${accountId}`
  expect((await supporter.call('POST', requestPath, { amount: '350.00' })).status).toBe(201)
  await page.reload()
  await page.getByRole('link', { name: /^Refund approvals [12] waiting$/ }).click()
  await page.getByText(/refunds? waits? for your decision/).waitFor({ state: 'attached' })
  await page.getByRole('cell', { name: '₹350.00', exact: true }).waitFor()
  await examineOnScreens(page, 'operator refund approvals')
  await showOn(page, PHONE)
  await page.getByRole('button', { name: 'Approve the refund of ₹350.00' }).click()
  await page.getByText('Approved: the refund was created.').waitFor()
  await showOn(page, DESKTOP)

  await page.getByRole('link', { name: 'Operators' }).click()
  await heading(page, 'Operators').waitFor()
  await page.getByRole('button', { name: 'Invite', exact: true }).click()
  await page.getByLabel('E-mail address').fill('new@example.com')
  await page.getByLabel('Name').fill('New person')
  await examineOnScreens(page, 'operator invite')
  await page.getByRole('button', { name: 'Create the invitation' }).click()
  await page.getByRole('dialog').getByText('/console/invitation/').waitFor()
  await page.getByRole('button', { name: 'Close', exact: true }).click()
  // A list does not grow below the pointer.
  await page.mouse.move(0, 0)
  await page.getByRole('cell', { name: 'new@example.com', exact: true }).waitFor()
  await examineOnScreens(page, 'operators')
  const own = `Change ${operator.email}`
  expect(await page.getByRole('button', { name: own }).count()).toBe(0)

  await page.getByRole('link', { name: 'Account', exact: true }).click()
  await page.getByLabel('Color of the pay button').fill('#1a56db')
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await page.getByText('Saved.').waitFor()
  await page.getByLabel('API key').check()
  await page.getByRole('button', { name: 'Replace the chosen keys' }).click()
  await page.getByText('They are not shown again').waitFor()
  await examineOnScreens(page, 'operator account')
  await page.getByRole('button', { name: 'Close', exact: true }).click()
  await page.getByRole('button', { name: 'New client', exact: true }).click()
  const form = page.getByRole('dialog')
  await form.getByLabel('Name').fill('Shop server')
  await form.getByRole('button', { name: 'Create', exact: true }).click()
  await form.getByText('Client secret').first().waitFor()
  await form.getByRole('button', { name: 'Close', exact: true }).click()
  await page.getByRole('button', { name: 'New account', exact: true }).click()
  await form.getByLabel('Name').fill('Lamp shop')
  await form.getByLabel('Fee in percent', { exact: true }).fill('200')
  await form.getByRole('button', { name: 'Create', exact: true }).click()
  await form.getByText('fee_rate must be').waitFor()
  await form.getByLabel('Fee in percent', { exact: true }).fill('1.95')
  // The answer is lost, so the person tries again: there is still one account.
  const loseAnswer = async (route: Route) => {
    await route.fetch()
    await route.abort()
  }
  await page.route('**/api/v1/accounts', loseAnswer, { times: 1 })
  await form.getByRole('button', { name: 'Create', exact: true }).click()
  await form.getByRole('alert').waitFor()
  await form.getByRole('button', { name: 'Create', exact: true }).click()
  await form.getByText('Secrets are not shown again').waitFor()
  const { store } = server.tenant
  const creations = await store.auditLog.list({ action: 'account.create' }, 100)
  expect(creations.filter(({ after }) => after.name === 'Lamp shop')).toHaveLength(1)
  await examineInSchemes(page, 'operator new account')
  await form.getByRole('button', { name: 'Close', exact: true }).click()
  await page.getByRole('combobox', { name: 'Account' }).getByText('Lamp shop').waitFor({
    state: 'attached',
  })

  await page.getByRole('link', { name: 'Audit log' }).click()
  await page.getByLabel('Action').selectOption('operator.open_contacts')
  await page.getByRole('cell', { name: operator.email }).first().waitFor()
  await examineOnScreens(page, 'operator audit log')
  await page.getByRole('button', { name: 'Export the audit log', exact: true }).click()
  const today = new Date().toISOString().slice(0, 10)
  await dialog.getByLabel('To, in UTC', { exact: true }).fill(today)
  const logSaving = page.waitForEvent('download')
  await dialog.getByRole('button', { name: 'Export as CSV', exact: true }).click()
  const logFile = await logSaving
  expect(logFile.suggestedFilename()).toBe(`audit-log-${today}.csv`)
  expect(readFileSync(await logFile.path(), 'utf8')).toMatch(/^\uFEFFnumber,time,[^\n]+\r\n\d+,/)
  await showOn(page, PHONE)
  await page
    .getByRole('cell', { name: `account_id: ${accountId}` })
    .first()
    .waitFor()
  // The lost answer is the only error.
  expect(complaints).toEqual(['Failed to load resource: net::ERR_FAILED'])
})

/** Draws the modules of a QR code in an SVG file as pixels. */
function imageOf(svg: string) {
  const modulePixels = 4
  const size = Number(/viewBox="0 0 (\d+)/.exec(svg)?.[1])
  const width = size * modulePixels
  const data = new Uint8Array(width * width).fill(255)
  for (const [, x, y] of svg.matchAll(/M(\d+) (\d+)h1v1h-1z/g)) {
    for (let row = 0; row < modulePixels; row += 1) {
      const start = (Number(y) * modulePixels + row) * width + Number(x) * modulePixels
      data.fill(0, start, start + modulePixels)
    }
  }
  const pixels = Uint8Array.from({ length: width * width * 4 }, (_, at) => data[at >> 2] ?? 255)
  return { width, height: width, data: pixels }
}

/** Presses a button, and the button that confirms it. */
async function confirm(page: Page, name: string, confirmation: string): Promise<void> {
  await page.getByRole('button', { name, exact: true }).click()
  await page.getByRole('dialog').getByRole('button', { name: confirmation }).click()
  await page.getByRole('dialog').waitFor({ state: 'detached' })
}
async function search(page: Page, label: string, value: string): Promise<void> {
  await page.getByRole('search').getByLabel(label).fill(value)
  await page.getByRole('search').getByRole('button', { name: 'Search', exact: true }).click()
}
const rows = (page: Page) => page.getByRole('table').getByRole('row')

test('a manager finds sessions and mandates, and changes links and customers; a viewer changes nothing', async () => {
  const paidId = await pay(320)
  const { payments_session_id: openId } = await createSession(77.5, {
    reference_number: 'ord_live',
  })
  const mandate = mandateOf({ accountId, customerName: 'Asha Rao' })
  await server.tenant.store.transaction((tx) => tx.mandates.insert(mandate))
  const { complaints, page } = await openConsole('manager', 'nila@example.com')

  await page.getByRole('navigation').getByRole('link', { name: 'Sessions' }).click()
  await heading(page, 'Sessions').waitFor()
  for (const text of ['ord_live', 'INV-77.5', openId]) {
    await search(page, 'Search for', text)
    await page.getByText('1 session', { exact: true }).waitFor()
    await page.getByRole('link', { name: openId }).waitFor()
  }
  await search(page, 'Search for', '')
  await page.getByRole('link', { name: paidId }).waitFor()
  await search(page, 'Amount', '320')
  await page.getByText('1 session', { exact: true }).waitFor()
  await page.keyboard.press('Control+k')
  const find = page.getByRole('dialog').getByRole('combobox')
  await find.fill('ord_live')
  await page.getByRole('option', { name: /^session ₹77\.50/ }).waitFor()
  await examineOnScreens(page, 'operator search')
  await find.fill('ledg')
  await page.getByRole('option', { name: 'View Ledger' }).waitFor()
  await page.keyboard.press('Escape')
  await page.keyboard.press('Control+k')
  await find.fill(paidId)
  await page.getByRole('option', { name: /^session ₹320\.00/ }).waitFor()
  await page.keyboard.press('Enter')
  await page.waitForURL(`**/console/a/${accountId}/sessions/${paidId}`)
  await page.goBack()
  await page.getByText('1 session', { exact: true }).waitFor()

  await page.getByRole('button', { name: 'Save this search' }).click()
  await page.getByLabel('Name').fill('Tea for 320')
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await page.getByText('The search was saved.').waitFor()
  await search(page, 'Amount', '')
  await page.getByRole('link', { name: 'Tea for 320' }).click()
  await page.getByText('1 session', { exact: true }).waitFor()
  expect(await page.getByRole('search').getByLabel('Amount').inputValue()).toBe('320')
  await page.getByRole('button', { name: 'Change saved searches' }).click()
  await page.getByLabel('Name').fill('Tea for 320 rupees')
  await page.getByRole('button', { name: 'Rename Tea for 320' }).click()
  await page.getByRole('button', { name: 'Rename Tea for 320 rupees' }).waitFor()
  await examineOnScreens(page, 'operator saved searches')
  await page.keyboard.press('Escape')
  await page.getByRole('link', { name: 'Tea for 320 rupees' }).waitFor()
  await examineOnScreens(page, 'operator sessions')
  await page.getByRole('link', { name: paidId }).click()
  await page.getByText('Attempt 1 succeeded').waitFor()
  await page.getByText('Result from the processor').waitFor()
  await page.getByRole('link', { name: 'Event payment.succeeded' }).waitFor()
  await examineOnScreens(page, 'operator session')
  await page.goto(url(`/sessions/${openId}`))
  await confirm(page, 'Cancel', 'Cancel session')
  await page.getByText('The session was canceled.').waitFor()

  await page.getByRole('navigation').getByRole('link', { name: 'Payment links' }).click()
  await page.getByText('No payment links yet.').waitFor()
  await page.getByRole('button', { name: 'New payment link' }).click()
  await page.getByLabel('Amount').fill('450')
  await page.getByLabel('Description').fill('Tea for a month')
  await page.getByLabel('E-mail address').fill('ravi@shop.example')
  await examineOnScreens(page, 'operator new link')
  await page.getByRole('button', { name: 'Create payment link' }).click()
  await heading(page, /^Payment link \d/).waitFor()
  await page.getByRole('button', { name: 'Change', exact: true }).click()
  await page.getByLabel('Description').fill('Tea for two months')
  await page.getByRole('button', { name: 'Save changes' }).click()
  await page.getByText('Tea for two months', { exact: true }).waitFor()
  await page.getByText('r•••@shop.example', { exact: true }).waitFor()
  await examineOnScreens(page, 'operator link')
  const address = await page.getByRole('link', { name: 'Open page' }).getAttribute('href')
  const downloading = page.waitForEvent('download')
  await page.getByRole('link', { name: 'Download as SVG' }).click()
  const svg = readFileSync(await (await downloading).path(), 'utf8')
  expect(decodeQR(imageOf(svg))).toBe(address)
  await page.getByRole('button', { name: 'Show contacts' }).click()
  await page.getByRole('dialog').getByText('ravi@shop.example', { exact: true }).waitFor()
  await page.keyboard.press('Escape')
  await confirm(page, 'Cancel', 'Cancel payment link')
  await page.getByText('Payment link canceled').waitFor()
  await page.getByRole('navigation').getByRole('link', { name: 'Payment links' }).click()
  await rows(page).nth(1).waitFor()
  await examineOnScreens(page, 'operator links')

  await page.getByRole('navigation').getByRole('link', { name: 'Customers' }).click()
  await page.getByRole('button', { name: 'New customer' }).click()
  await page.getByLabel('Name').fill('Ravi')
  await page.getByLabel('E-mail address').fill('ravi@shop.example')
  await page.getByRole('button', { name: 'Create customer' }).click()
  await heading(page, 'Ravi').waitFor()
  await page.getByRole('button', { name: 'Change', exact: true }).click()
  await page.getByLabel('Name').fill('Ravi Iyer')
  await page.getByRole('button', { name: 'Save changes' }).click()
  await heading(page, 'Ravi Iyer').waitFor()
  const customers = await server.tenant.store.customers.list(accountId, {}, { page: 1, perPage: 9 })
  expect(customers.items[0]).toMatchObject({ name: 'Ravi Iyer', email: 'ravi@shop.example' })
  await examineOnScreens(page, 'operator customer')
  await page.getByRole('navigation').getByRole('link', { name: 'Customers' }).click()
  const customerLink = rows(page).filter({ hasText: 'Ravi Iyer' }).getByRole('link')
  await customerLink.waitFor()
  await examineOnScreens(page, 'operator customers')
  await customerLink.click()
  await heading(page, 'Ravi Iyer').waitFor()
  await confirm(page, 'Delete', 'Delete customer')
  await heading(page, 'Customers').waitFor()

  await page.getByRole('navigation').getByRole('link', { name: 'Mandates' }).click()
  await rows(page).getByRole('link').waitFor()
  await examineOnScreens(page, 'operator mandates')
  await rows(page).getByRole('link').click()
  await page.getByRole('button', { name: 'Cancel', exact: true }).click()
  await page.getByText('can no longer be debited').waitFor()
  await page.keyboard.press('Escape')
  await examineOnScreens(page, 'operator mandate')
  expect(complaints).toEqual([])

  await context.clearCookies()
  const { page: second } = await openConsole('viewer', 'tara@example.com')
  for (const view of ['Sessions', 'Payment links', 'Customers', 'Mandates']) {
    await second.getByRole('navigation').getByRole('link', { name: view }).click()
    await heading(second, view).waitFor()
    await second.locator('.loading').waitFor({ state: 'detached' })
    const names = await second.locator('main').getByRole('button').allTextContents()
    expect([view, names.filter((name) => name !== 'Search')]).toEqual([view, []])
  }
  await second.getByRole('table').getByRole('link').first().click()
  await heading(second, /^Mandate \d/).waitFor()
  for (const name of ['Cancel', 'Show contacts']) {
    expect(await second.getByRole('button', { name }).count()).toBe(0)
  }
})

/** The buttons that change something, each with its view and the permission that it needs. */
const BUTTONS: readonly (readonly [
  view: string,
  button: string,
  permission: OperatorPermission,
])[] = [
  ['payment', 'Refund', 'refund'],
  ['payment', 'Show contacts', 'open_contacts'],
  ['session', 'Cancel', 'cancel_sessions'],
  ['links', 'New payment link', 'change_links'],
  ['links', 'Export payment links', 'export'],
  ['customers', 'New customer', 'change_customers'],
  ['mandate', 'Cancel', 'cancel_mandates'],
  ['virtual-accounts', 'New virtual account', 'change_virtual_accounts'],
  ['refund-approvals', 'Approve the refund', 'approve_refunds'],
  ['ledger', 'Check the ledger', 'check_ledger'],
  ['webhooks', 'New endpoint', 'change_webhooks'],
  ['webhooks', 'Export events', 'export'],
  ['account', 'Close the account', 'manage_account'],
  ['account', 'Change the rates', 'change_fees'],
  ['account', 'New account', 'create_accounts'],
  ['operators', 'Invite', 'manage_operators'],
  ['operators', 'Export operators', 'manage_operators'],
]

test('each role has the views and the buttons of its permissions, and no others', async () => {
  const { store } = server.tenant
  const paidId = await pay(410)
  const [payment] = await store.paymentAttempts.listBySession(paidId as PaymentSessionId)
  const { payments_session_id: openId } = await createSession(78)
  const mandate = mandateOf({ accountId, customerName: 'Asha Rao' })
  await store.transaction((tx) => tx.mandates.insert(mandate))
  const requester = await signInOperatorOf(server, { role: 'support', refundMaxMinor: 0n })
  const ofAccount = `account_id=${accountId}`
  const request = `/payments/${payment?.id}/refund_approvals?${ofAccount}`
  expect((await requester.call('POST', request, { amount: '1.00' })).status).toBe(201)
  const places: Readonly<Record<string, string>> = {
    payment: `payments/${payment?.id}`,
    session: `sessions/${openId}`,
    mandate: `mandates/${mandate.id}`,
  }
  const { page } = await openPageIn(context, url('/sign-in'))
  const secureUrl = server.baseUrl.replace('http:', 'https:')
  const attributes = { url: secureUrl, secure: true, httpOnly: true, sameSite: 'Strict' } as const
  // An administrator of one account has no permission that covers the whole server.
  const roles = OPERATOR_ROLES.map((role) => ({ role, accountIds: undefined }))
  for (const access of [...roles, { role: 'administrator', accountIds: [accountId] } as const]) {
    const name = `${access.role} of ${access.accountIds ?? 'all'}`
    const { cookie } = await signInOperatorOf(server, access)
    await context.addCookies([{ ...cookie, ...attributes }])
    await page.goto(url('/overview'))
    await heading(page, 'Overview').waitFor()
    await page.getByRole('combobox', { name: 'Account' }).selectOption({ label: 'Tea shop' })
    const links = await page
      .locator('nav.views a')
      .evaluateAll((all) => all.map((one) => (one as HTMLAnchorElement).pathname.split('/').at(-1)))
    const expectedPaths = OPERATOR_VIEWS.filter(
      ({ isUnlisted, permission }) => isUnlisted !== true && operatorHas(access, permission),
    ).map(({ path }) => path)
    expect([name, links]).toEqual([name, expectedPaths])
    for (const [view, button, permission] of BUTTONS) {
      const place = places[view] ?? view
      if (page.url() !== url(`/${place}`)) {
        await page.goto(url(`/${place}`))
        await page.locator('main h1').waitFor()
        await expect.poll(() => page.locator('.loading').count(), { timeout: 10_000 }).toBe(0)
      }
      const isExpected = operatorHas(access, permission)
      const buttons = page.getByRole('button', { name: button })
      if (isExpected) await buttons.first().waitFor()
      expect([name, view, button, (await buttons.count()) > 0]).toEqual([
        name,
        view,
        button,
        isExpected,
      ])
    }
  }
})
