import type { FastifyReply } from 'fastify'
import type { Account } from '../../domain/account.ts'
import { dataElement, sendDocument } from '../../pages/document.ts'
import { Html, html } from '../../pages/html.ts'
import type { PaymentLinkPageProps } from '../components/payment-link-page.tsx'
import { LANGUAGES } from '../language.ts'
import type { MessageKey, Messages } from '../messages/en.ts'
import { type CheckoutFiles, footer, RELOAD_SECONDS, stylesOf } from '../render-checkout.ts'
import { text } from '../text.ts'
import type { PaymentLinkState, PaymentLinkView } from './view.ts'

/** The HTTP status of the page for each state. 410: the link never works again, or its account is closed. */
const STATUSES: Record<PaymentLinkState, 200 | 410> = {
  active: 200,
  processing: 200,
  paid: 200,
  expired: 410,
  canceled: 410,
}

/** Sends the page of a payment link. */
export function sendPaymentLink(
  reply: FastifyReply,
  { assets, renderPaymentLink }: CheckoutFiles,
  account: Account,
  view: PaymentLinkView,
): FastifyReply {
  const { messages } = LANGUAGES[view.language]
  const props: PaymentLinkPageProps = { view, messages }
  return sendDocument(
    reply,
    {
      title: text(messages, 'pageTitle', { merchant: view.merchant }),
      language: view.language,
      direction: view.direction,
      styles: stylesOf(assets, account, reply.server.basePath),
      scripts: [assets.find('checkout.js')],
      body: html`<div id="app">${new Html(renderPaymentLink(props))}</div>${footer(view, account)}${dataElement('props', { ...props, messages: pageMessages(messages) })}`,
      ...(view.state === 'processing' && {
        refreshWithoutScript: {
          seconds: RELOAD_SECONDS,
          url: `${view.path}?lang=${view.language}`,
        },
      }),
    },
    STATUSES[view.state],
  )
}

/** The messages of the checkout that this page shows too. */
const SHARED_MESSAGES: readonly MessageKey[] = [
  'testMode',
  'pay',
  'copy',
  'copied',
  'copyWhat',
  'moneyReturns',
  'moneyStuck',
  'notCharged',
  'receiptId',
]
/** The messages of a payment link's checkout. */
const CHECKOUT_MESSAGE = /^link(?:Cancel$|Failed|Again|Return)/

function pageMessages(messages: Messages): Partial<Messages> {
  return Object.fromEntries(
    Object.entries(messages).filter(
      ([key]) =>
        SHARED_MESSAGES.some((name) => name === key) ||
        (key.startsWith('link') && !CHECKOUT_MESSAGE.test(key)),
    ),
  )
}
