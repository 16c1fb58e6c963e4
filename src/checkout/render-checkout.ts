import type { FastifyReply } from 'fastify'
import type { Account } from '../domain/account.ts'
import { LANGUAGE_NAMES } from '../domain/language.ts'
import type { Assets } from '../pages/assets.ts'
import { dataElement, type PageDocument, sendDocument } from '../pages/document.ts'
import { Html, html } from '../pages/html.ts'
import type { PageProps } from './components/checkout-page.tsx'
import { ICON_PATHS } from './components/icon-paths.ts'
import type { PaymentLinkPageProps } from './components/payment-link-page.tsx'
import { LANGUAGES, type Language } from './language.ts'
import type { MessageKey, Messages } from './messages/en.ts'
import type { OpenedCheckout } from './open-checkout.ts'
import type { PayForm } from './read-pay-form.ts'
import { RETURN_AFTER_SECONDS } from './return-delay.ts'
import { text } from './text.ts'
import type { CheckoutView } from './view.ts'

/** The interval at which a page without JavaScript reloads, in seconds. */
export const RELOAD_SECONDS = 5

/** The built files of the checkout page. */
export type CheckoutFiles = {
  readonly assets: Assets
  readonly renderPage: (props: PageProps) => string
  readonly renderPaymentLink: (props: PaymentLinkPageProps) => string
}

/** Loads the module that renders the page. Throws AssetsMissing. */
export async function loadCheckoutFiles(assets: Assets): Promise<CheckoutFiles> {
  const module = await assets.importModule('render-page.js')
  const { renderPage, renderPaymentLink } = module as typeof import('./components/render-page.tsx')
  return { assets, renderPage, renderPaymentLink }
}

/** Sends the checkout page, with status 422 if the form has problems. */
export function sendCheckout(
  reply: FastifyReply,
  { assets, renderPage }: CheckoutFiles,
  { account, frameOrigins }: OpenedCheckout,
  page: Omit<PageProps, 'messages'>,
): FastifyReply {
  const { view } = page
  const { messages } = LANGUAGES[view.language]
  const props: PageProps = { ...page, messages }
  const refresh = refreshOf(view, page.isLeaving)
  const document: PageDocument = {
    title: text(messages, 'pageTitle', { merchant: view.merchant }),
    language: view.language,
    direction: view.direction,
    styles: stylesOf(assets, account, reply.server.basePath),
    scripts: [assets.find('checkout.js')],
    body: html`<div id="app">${new Html(renderPage(props))}</div>${footer(view, account)}${dataElement('props', { ...props, messages: pageMessages(messages, view) })}`,
    ...(refresh !== undefined && { refreshWithoutScript: refresh }),
    ...(frameOrigins !== undefined && { frameAncestors: frameOrigins }),
  }
  const hasProblems = Object.keys(page.problems).length > 0
  return sendDocument(reply, document, hasProblems ? 422 : 200)
}

/** Returns the style sheets of a customer's page. */
export function stylesOf(
  assets: Assets,
  { brandColor }: Account,
  basePath: string,
): PageDocument['styles'] {
  const sheet = assets.find('checkout.css')
  if (brandColor === undefined) return [sheet]
  return [sheet, { path: `${basePath}/assets/accent-${brandColor.slice(1)}.css` }]
}

/**
 * The reasons why the checkout is not shown or a form was not carried out. Each has a title and a text in every
 * language.
 */
export type Notice = 'unknown' | 'bad' | 'busy' | 'outage' | 'fault'

/** Messages that only the server writes, so the page's script does not get them. */
const SERVER_MESSAGES: readonly MessageKey[] = [
  'badTitle',
  'busyTitle',
  'faultTitle',
  'frameFailedText',
  'frameFailedTitle',
  'outageTitle',
  'pageTitle',
  'poweredBy',
  'privacy',
  'terms',
  'unknownTitle',
]

/** The messages of ACH forms, which sessions in rupees never show. */
const ACH_MESSAGE = /^(?:ach|errorAch)/
/** The messages of payment links, which other sessions never show. */
const LINK_MESSAGE = /^link/
/** The messages of the page that saves a payment method. Its script needs none. */
const SAVE_MESSAGE = /^(?:save|errorCountry|errorAddress)/

function pageMessages(messages: Messages, { linkPath, methods }: CheckoutView): Partial<Messages> {
  const takesAch = methods.includes('ach_debit')
  const entries = Object.entries(messages) as [MessageKey, string][]
  return Object.fromEntries(
    entries.filter(
      ([key]) =>
        !SERVER_MESSAGES.includes(key) &&
        !SAVE_MESSAGE.test(key) &&
        (takesAch || !ACH_MESSAGE.test(key)) &&
        (linkPath !== undefined || !LINK_MESSAGE.test(key)),
    ),
  )
}

/** Draws the icon of a notice like the icons of the page, but on the server, because a notice has no script. */
const icon = (...paths: readonly string[]): Html =>
  html`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true">${paths.map((d) => html`<path d="${d}"/>`)}</svg>`
const ALERT = icon(...ICON_PATHS.alert)
const CLOCK = icon(...ICON_PATHS.clock)

/** A page with a notice. */
export type NoticePage = {
  readonly notice: Notice
  readonly language: Language
  readonly status: number
  /** Undefined: no page may embed this one. */
  readonly frameOrigins?: readonly string[] | undefined
  /** True: the notice replaces the page that saves a payment method. */
  readonly isSave?: boolean | undefined
}

const SAVE_NOTICES: Partial<Record<MessageKey, MessageKey>> = {
  unknownTitle: 'saveUnknownTitle',
  unknownText: 'saveUnknownText',
  badText: 'saveBadText',
  outageTitle: 'saveOutageTitle',
  outageText: 'saveOutageText',
  faultText: 'saveFaultText',
}

/** Sends a page with a notice in place of the checkout. */
export function sendNotice(
  reply: FastifyReply,
  assets: Assets,
  { frameOrigins, isSave = false, language, notice, status }: NoticePage,
): FastifyReply {
  const { direction, messages } = LANGUAGES[language]
  const keyOf = (key: MessageKey) => (isSave ? (SAVE_NOTICES[key] ?? key) : key)
  const title = text(messages, keyOf(`${notice}Title`))
  const isWarning = notice === 'busy' || notice === 'outage'
  return sendDocument(
    reply,
    {
      title,
      language,
      direction,
      styles: [assets.find('checkout.css')],
      body: html`<div class="page notice-page"><main class="card"><section class="state ${isWarning ? 'open' : 'bad'}">
        <div class="heading">${isWarning ? CLOCK : ALERT}<h1>${title}</h1></div><p>${text(messages, keyOf(`${notice}Text`))}</p>
        </section></main></div>${frameOrigins === undefined ? html`<footer class="foot">${languages(language)}</footer>` : undefined}`,
      frameAncestors: frameOrigins ?? [],
    },
    status,
  )
}

/** Returns the form's initial values. */
export function firstForm(view: CheckoutView): PayForm {
  const { isPhone, methods, prefill } = view
  return {
    method: methods[0] ?? '',
    upi_channel: isPhone ? 'intent' : 'qr',
    ...(prefill.name !== undefined && { card_name: prefill.name, ach_name: prefill.name }),
    ...(prefill.email !== undefined && { email: prefill.email }),
    ...(prefill.phone !== undefined && { phone: prefill.phone }),
    ...formBefore(view),
  }
}

function formBefore({ attempt, banks, methods, wallets }: CheckoutView): PayForm {
  const instrument = attempt?.instrument
  if (instrument === undefined || instrument.type === 'terminal') return {}
  if (!methods.includes(instrument.type)) return {}
  const codeOf = (choices: CheckoutView['banks'], name: string) =>
    choices.find((one) => one.name === name)?.code ?? ''
  const method = instrument.type
  switch (method) {
    case 'card':
      return { method, card_name: instrument.holderName }
    case 'upi':
      return {
        method,
        upi_channel: instrument.channel,
        ...(instrument.upiId !== undefined && { upi_id: instrument.upiId }),
      }
    case 'netbanking':
      return { method, bank: codeOf(banks, instrument.bankName) }
    case 'wallet':
      return { method, wallet: codeOf(wallets, instrument.walletName) }
    case 'bank_transfer':
      return { method }
    case 'ach_debit':
      return {
        method,
        ach_name: instrument.accountHolderName,
        ach_routing: instrument.routingNumber,
        ach_type: instrument.accountType,
      }
  }
}

function refreshOf({ language, path, returnUrl, state }: CheckoutView, isLeaving: boolean) {
  switch (state) {
    case 'ready':
      return undefined
    case 'action':
    case 'pending':
      return { seconds: RELOAD_SECONDS, url: `${path}?lang=${language}` }
    default: {
      const seconds = isLeaving
        ? 0
        : RETURN_AFTER_SECONDS[state === 'succeeded' ? 'succeeded' : 'other']
      return returnUrl === undefined ? undefined : { seconds, url: returnUrl }
    }
  }
}

/** Renders the foot of a page. */
export function footer(
  { language, path }: { readonly language: Language; readonly path: string },
  account: Account,
): Html {
  const { hidesPoweredBy, privacyUrl, termsUrl } = account
  const { messages } = LANGUAGES[language]
  const links = (
    [
      ['terms', termsUrl],
      ['privacy', privacyUrl],
    ] as const
  ).map(([key, url]) =>
    url === undefined
      ? html``
      : html`<li><a href="${url}" target="_blank" rel="noopener noreferrer">${text(messages, key)}</a></li>`,
  )
  return html`<footer class="foot">${languages(language, path)}<ul>${links}${
    hidesPoweredBy ? undefined : html`<li>${text(messages, 'poweredBy', { name: 'Paydesk' })}</li>`
  }</ul></footer>`
}

/** `path` is empty for a notice, whose links keep the address of the request. */
function languages(present: Language, path = ''): Html {
  const { messages } = LANGUAGES[present]
  return html`<nav aria-label="${text(messages, 'language')}"><ul>${(
    Object.keys(LANGUAGES) as Language[]
  ).map((language) => {
    const name = LANGUAGE_NAMES[language]
    return language === present
      ? html`<li><span lang="${language}" aria-current="true">${name}</span></li>`
      : html`<li><a lang="${language}" hreflang="${language}" href="${path}?lang=${language}">${name}</a></li>`
  })}</ul></nav>`
}
