import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Account } from '../../domain/account.ts'
import { type PaymentAttemptId, type PaymentMethodId, parseId } from '../../domain/id.ts'
import type { InstrumentFacts } from '../../domain/instrument.ts'
import { isOrigin } from '../../domain/origin.ts'
import { showMoney } from '../../domain/show-money.ts'
import { OUTAGE_RETRY_SECONDS, StoreUnavailable } from '../../operations/store.ts'
import type { Tenant } from '../../operations/tenant.ts'
import type { Assets } from '../../pages/assets.ts'
import { sendDocument } from '../../pages/document.ts'
import { formOf, isFromOwnPage } from '../../pages/form.ts'
import { type Html, html } from '../../pages/html.ts'
import { TEST_MODE } from '../../pages/test-mode.ts'
import type { SandboxCharge, SandboxSave } from '../../processors/sandbox-charge.ts'
import { SANDBOX_OTP } from '../../processors/sandbox-instruments.ts'

type Deps = {
  readonly assets: Assets
  /** Receives each outage that a customer saw. */
  readonly onFault: (request: FastifyRequest, error: unknown) => void
}

/** The pages of banks and wallets, by the last part of their path. */
const PAGES = {
  '3d-secure': { to: 'issuer', title: 'Confirm your payment', asks: 'otp', brand: 'Test Bank' },
  bank: { to: 'bank', title: 'Approve the payment', asks: 'consent', brand: 'net banking' },
  wallet: { to: 'wallet', title: 'Pay from your wallet', asks: 'otp', brand: 'wallet' },
} as const
type PayerPage = {
  readonly title: string
  readonly body: Html
  readonly status: number
  /** The origin to which the page's form may redirect besides its own. */
  readonly formTarget?: string
}
type PageName = keyof typeof PAGES

const hiddenRoute = { schema: { hide: true } }

const OUTAGE: PayerPage = {
  title: 'Temporarily unavailable',
  body: html`<h1>Temporarily unavailable</h1><p>Reload this page in a minute. Nothing was confirmed or declined.</p>`,
  status: 503,
}
const GONE_PAGE: PayerPage = {
  title: 'Nothing to confirm',
  body: html`<h1>Nothing to confirm</h1><p>Nothing at this address waits for your confirmation. Go back to the shop.</p>`,
  status: 404,
}

/**
 * Registers the test issuer's 3-D Secure page and the pages of the test banks and wallets. They simulate the pages of
 * other companies, so they have a neutral look. At the end they redirect the customer back.
 */
export async function registerPayerPages(app: FastifyInstance, deps: Deps): Promise<void> {
  await app.register(async (pages) => {
    pages.setErrorHandler((error, request, reply) => {
      if (!(error instanceof StoreUnavailable)) throw error
      deps.onFault(request, error)
      reply.header('retry-after', OUTAGE_RETRY_SECONDS)
      return send(deps.assets, reply, OUTAGE)
    })
    for (const name of Object.keys(PAGES) as PageName[]) registerPage(pages, deps.assets, name)
    registerSaveCard(pages, deps.assets)
  })
}

function registerPage(pages: FastifyInstance, assets: Assets, name: PageName): void {
  const path = `/sandbox/${name}/:attempt_id`
  const ask = async (reply: FastifyReply, charge: SandboxCharge, problem?: string) =>
    // A charge that was already decided, on this page or by the sandbox panel, sends the customer back.
    charge.decision === undefined
      ? send(assets, reply, await askingPage(reply.request.tenant, name, charge, problem))
      : reply.redirect(charge.returnUrl, 303)

  pages.get(path, hiddenRoute, async (request, reply) => {
    const charge = await findCharge(request, name)
    return charge === undefined ? send(assets, reply, GONE_PAGE) : ask(reply, charge)
  })
  pages.post(path, hiddenRoute, async (request, reply) => {
    const charge = await findCharge(request, name)
    if (charge === undefined || !isFromOwnPage(request)) return send(assets, reply, GONE_PAGE)
    const form = formOf(request)
    const otp = (form.get('otp') ?? '').trim()
    const isRefused = form.get('decision') === 'refuse'
    if (PAGES[name].asks === 'otp' && !isRefused && otp === '') {
      return ask(reply, charge, 'Enter the 6-digit code.')
    }
    const consents = !isRefused && (PAGES[name].asks === 'consent' || otp === SANDBOX_OTP)
    await request.tenant.sandboxProcessor?.decide(charge.attemptId, consents ? 'consent' : 'refuse')
    return reply.redirect(charge.returnUrl, 303)
  })
}

/** Registers the test issuer's page on which a customer confirms that a card is saved. */
function registerSaveCard(pages: FastifyInstance, assets: Assets): void {
  const path = '/sandbox/save-card/:payment_method_id'
  const findSave = async (request: FastifyRequest) => {
    const id = parseId<PaymentMethodId>(
      (request.params as { payment_method_id: string }).payment_method_id,
    )
    const save = id && (await request.tenant.sandboxProcessor?.findSandboxSave(id))
    return save?.outcomeOnConsent === undefined ? undefined : save
  }
  const ask = async (reply: FastifyReply, save: SandboxSave, problem?: string) => {
    if (save.decision !== undefined) return reply.redirect(save.returnUrl, 303)
    const { store } = reply.request.tenant
    const method = await store.paymentMethods.find(save.paymentMethodId)
    const merchant = method && (await store.accounts.find(method.accountId))
    return send(assets, reply, {
      title: 'Save your card',
      body: html`<p class="brand"><span aria-hidden="true"></span>Test Bank</p><h1>Save your card</h1>
        <dl><div><dt>For</dt><dd>${merchant?.name ?? 'the merchant'}</dd></div>
        <div><dt>Card</dt><dd>ending ${save.instrument.lastFourDigits}</dd></div></dl>${renderOtpForm(problem)}`,
      status: problem === undefined ? 200 : 422,
      formTarget: new URL(save.returnUrl).origin,
    })
  }
  pages.get(path, hiddenRoute, async (request, reply) => {
    const save = await findSave(request)
    return save === undefined ? send(assets, reply, GONE_PAGE) : ask(reply, save)
  })
  pages.post(path, hiddenRoute, async (request, reply) => {
    const save = await findSave(request)
    if (save === undefined || !isFromOwnPage(request)) return send(assets, reply, GONE_PAGE)
    const form = formOf(request)
    const otp = (form.get('otp') ?? '').trim()
    const isRefused = form.get('decision') === 'refuse'
    if (!isRefused && otp === '') return ask(reply, save, 'Enter the 6-digit code.')
    const consents = !isRefused && otp === SANDBOX_OTP
    await request.tenant.sandboxProcessor?.decideSave(
      save.paymentMethodId,
      consents ? 'consent' : 'refuse',
    )
    return reply.redirect(save.returnUrl, 303)
  })
}

function renderOtpForm(problem: string | undefined): Html {
  return html`<form method="post" novalidate><label for="otp">One-time code</label>
    <input id="otp" name="otp" inputmode="numeric" autocomplete="one-time-code" maxlength="6" aria-describedby="otp-hint${problem === undefined ? '' : ' otp-problem'}"${problem === undefined ? undefined : html` aria-invalid="true"`}>
    <p id="otp-hint" class="hint">The sandbox code is ${SANDBOX_OTP}. Any other code is declined.</p>
    ${problem === undefined ? undefined : html`<p id="otp-problem" class="problem" role="alert">${problem}</p>`}
    <button name="decision" value="approve" class="primary">Confirm</button>
    <button name="decision" value="refuse" class="quiet">Cancel</button></form>`
}

/**
 * Finds the charge whose customer was sent to a page. It may already be decided. Undefined: there is none, or its page
 * is another one.
 */
async function findCharge(
  request: FastifyRequest,
  name: PageName,
): Promise<SandboxCharge | undefined> {
  const { attempt_id: text } = request.params as { attempt_id: string }
  const id = parseId<PaymentAttemptId>(text)
  const charge = id && (await request.tenant.sandboxProcessor?.findSandboxCharge(id))
  const { action } = charge ?? {}
  return action?.kind === 'redirect' && action.to === PAGES[name].to ? charge : undefined
}

async function askingPage(
  tenant: Tenant,
  name: PageName,
  charge: SandboxCharge,
  problem: string | undefined,
): Promise<PayerPage> {
  const merchant = await findMerchant(tenant, charge.attemptId)
  return {
    title: PAGES[name].title,
    body: renderAsking(name, charge, merchant?.name ?? 'the merchant', problem),
    status: problem === undefined ? 200 : 422,
    formTarget: new URL(charge.returnUrl).origin,
  }
}

function send(
  assets: Assets,
  reply: FastifyReply,
  { body, formTarget, status, title }: PayerPage,
): FastifyReply {
  return sendDocument(
    reply,
    {
      title,
      language: 'en',
      styles: [assets.find('payer.css')],
      body: html`<main>${body}<p class="note"><span class="tag">${TEST_MODE}</span> This page simulates a bank or a wallet.</p></main>`,
      // The widget shows it inside the merchant's page.
      frameAncestors: ['*'],
      formTargets: formTarget === undefined || !isOrigin(formTarget) ? [] : [formTarget],
    },
    status,
  )
}

async function findMerchant({ store }: Tenant, id: PaymentAttemptId): Promise<Account | undefined> {
  const attempt = await store.paymentAttempts.find(id)
  const session = attempt && (await store.paymentSessions.find(attempt.paymentSessionId))
  return session && store.accounts.find(session.accountId)
}

function renderAsking(
  name: PageName,
  { amount, instrument }: SandboxCharge,
  merchant: string,
  problem: string | undefined,
): Html {
  const { asks, brand, title } = PAGES[name]
  return html`
    <p class="brand"><span aria-hidden="true"></span>${payerOf(instrument) ?? brand}</p>
    <h1>${title}</h1>
    <dl>
      <div><dt>To</dt><dd>${merchant}</dd></div>
      <div><dt>Amount</dt><dd>${showMoney(amount)}</dd></div>
      ${instrument.type === 'card' ? html`<div><dt>Card</dt><dd>ending ${instrument.lastFourDigits}</dd></div>` : undefined}
    </dl>
    <form method="post" novalidate>
      ${
        asks === 'otp'
          ? html`<label for="otp">One-time code</label>
            <input id="otp" name="otp" inputmode="numeric" autocomplete="one-time-code" maxlength="6" aria-describedby="otp-hint${problem === undefined ? '' : ' otp-problem'}"${problem === undefined ? undefined : html` aria-invalid="true"`}>
            <p id="otp-hint" class="hint">The sandbox code is ${SANDBOX_OTP}. Any other code is declined.</p>
            ${problem === undefined ? undefined : html`<p id="otp-problem" class="problem" role="alert">${problem}</p>`}`
          : undefined
      }
      <button name="decision" value="approve" class="primary">${asks === 'otp' ? 'Confirm' : 'Approve'}</button>
      <button name="decision" value="refuse" class="quiet">${asks === 'otp' ? 'Cancel' : 'Refuse'}</button>
    </form>`
}

function payerOf(instrument: InstrumentFacts): string | undefined {
  switch (instrument.type) {
    case 'netbanking':
      return instrument.bankName
    case 'wallet':
      return instrument.walletName
    default:
      return undefined
  }
}
