import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Account } from '../../domain/account.ts'
import { type PaymentAttemptId, parseId } from '../../domain/id.ts'
import type { InstrumentFacts } from '../../domain/instrument.ts'
import { formatMoney } from '../../domain/money.ts'
import { isOrigin } from '../../domain/origin.ts'
import type { Tenant } from '../../operations/tenant.ts'
import type { Assets } from '../../pages/assets.ts'
import { sendDocument } from '../../pages/document.ts'
import { formOf, isFromOwnPage } from '../../pages/form.ts'
import { type Html, html } from '../../pages/html.ts'
import type { SandboxCharge } from '../../processors/sandbox-charge.ts'
import { SANDBOX_OTP } from '../../processors/sandbox-instruments.ts'

type Deps = { readonly assets: Assets }

/** The pages to which a customer is sent, by the last part of their path. */
const PAGES = {
  '3d-secure': { to: 'issuer', title: 'Confirm your payment', asks: 'otp', brand: 'Test Bank' },
  bank: { to: 'bank', title: 'Approve the payment', asks: 'consent', brand: 'net banking' },
  wallet: { to: 'wallet', title: 'Pay from your wallet', asks: 'otp', brand: 'wallet' },
} as const
type PageName = keyof typeof PAGES

const hidden = { schema: { hide: true } }

/**
 * Registers the test issuer's 3-D Secure page and those of the test banks and wallets. They stand for
 * other companies' pages: they look like nobody's, and send the customer back when they are done.
 */
export function registerPayerPages(app: FastifyInstance, deps: Deps): void {
  for (const name of Object.keys(PAGES) as PageName[]) {
    const path = `/sandbox/${name}/:attempt_id`
    app.get(path, hidden, async (request, reply) => {
      const found = await find(request, name)
      return found === undefined ? sendGone(reply) : sendAsking(reply, name, found)
    })
    app.post(path, hidden, async (request, reply) => {
      const found = await find(request, name)
      if (found === undefined || !isFromOwnPage(request)) return sendGone(reply)
      const form = formOf(request)
      const otp = (form.get('otp') ?? '').trim()
      const isRefused = form.get('decision') === 'refuse'
      if (PAGES[name].asks === 'otp' && !isRefused && otp === '') {
        return sendAsking(reply, name, found, 'Enter the 6 digits of the code.')
      }
      const consents = !isRefused && (PAGES[name].asks === 'consent' || otp === SANDBOX_OTP)
      await request.tenant.sandboxProcessor?.decide(
        found.attemptId,
        consents ? 'consent' : 'refuse',
      )
      return reply.redirect(found.returnUrl, 303)
    })
  }

  async function find(request: FastifyRequest, name: PageName): Promise<SandboxCharge | undefined> {
    const { attempt_id: text } = request.params as { attempt_id: string }
    const id = parseId<PaymentAttemptId>(text)
    const charge = id && (await request.tenant.sandboxProcessor?.findSandboxCharge(id))
    const { action } = charge ?? {}
    return action?.kind === 'redirect' && action.to === PAGES[name].to ? charge : undefined
  }

  async function sendAsking(
    reply: FastifyReply,
    name: PageName,
    charge: SandboxCharge,
    problem?: string,
  ): Promise<FastifyReply> {
    // Decided already, by the way back or by the panel: the page has nothing to ask any more.
    if (charge.decided !== undefined) return reply.redirect(charge.returnUrl, 303)
    const merchant = await findMerchant(reply.request.tenant, charge.attemptId)
    return send(
      reply,
      PAGES[name].title,
      renderAsking(name, charge, merchant?.name ?? 'the merchant', problem),
      problem === undefined ? 200 : 422,
      new URL(charge.returnUrl).origin,
    )
  }

  const sendGone = (reply: FastifyReply) =>
    send(
      reply,
      'Nothing to confirm',
      html`<h1>Nothing to confirm</h1><p>There is no such payment. Go back to the shop.</p>`,
      404,
    )

  function send(
    reply: FastifyReply,
    title: string,
    body: Html,
    status: number,
    formTarget?: string,
  ): FastifyReply {
    return sendDocument(
      reply,
      {
        title,
        language: 'en',
        styles: [deps.assets.find('payer.css')],
        body: html`<main>${body}<p class="note">A page of the sandbox. It stands for the page of a bank or a wallet.</p></main>`,
        // In the widget it is shown in the merchant's page.
        frameAncestors: ['*'],
        formTargets: formTarget === undefined || !isOrigin(formTarget) ? [] : [formTarget],
      },
      status,
    )
  }
}

/** Finds the account that is paid by an attempt. */
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
      <div><dt>Amount</dt><dd>${amount.currency} ${formatMoney(amount)}</dd></div>
      ${instrument.type === 'card' ? html`<div><dt>Card</dt><dd>ending ${instrument.lastFourDigits}</dd></div>` : undefined}
    </dl>
    <form method="post" novalidate>
      ${
        asks === 'otp'
          ? html`<label for="otp">One-time code</label>
            <input id="otp" name="otp" inputmode="numeric" autocomplete="one-time-code" maxlength="6" aria-describedby="otp-hint${problem === undefined ? '' : ' otp-problem'}"${problem === undefined ? undefined : html` aria-invalid="true"`}>
            <p id="otp-hint" class="hint">In this sandbox it is ${SANDBOX_OTP}. Another code is refused.</p>
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
