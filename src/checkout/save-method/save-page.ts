import { CARD_BRAND_NAMES } from '../../domain/card-brand.ts'
import { COUNTRY_CODES } from '../../domain/country.ts'
import type { Language } from '../../domain/language.ts'
import type { MethodSessionStatus } from '../../domain/payment-method-session.ts'
import type { SavedPaymentMethod } from '../../domain/saved-payment-method.ts'
import { type Html, html } from '../../pages/html.ts'
import type { MessageKey, Messages } from '../messages/en.ts'
import { text } from '../text.ts'
import type { PanelInstrument } from '../view.ts'
import type { SaveField, SaveForm, SaveMethod, SaveProblems } from './read-save-form.ts'

/** The content of the page on which a customer saves a payment method. */
export type SavePage = {
  readonly action: string
  readonly language: Language
  readonly messages: Messages
  readonly merchant: string
  readonly description: string | undefined
  readonly isTest: boolean
  readonly status: MethodSessionStatus
  readonly method: SavedPaymentMethod | undefined
  /** The number of the next save. */
  readonly number: number
  readonly methods: readonly SaveMethod[]
  readonly form: SaveForm
  readonly problems: SaveProblems
  /** True: the customer already has the maximum number of saved methods. */
  readonly isFull: boolean
  readonly isFramed: boolean
  /** Undefined: there is no panel. */
  readonly savable: readonly PanelInstrument[] | undefined
}

/** Renders the page. It is a plain form, which works without any script. */
export function renderSavePage(page: SavePage): Html {
  const { description, isFramed, isTest, merchant, messages } = page
  return html`<div class="page${isFramed ? ' framed' : ''}">
    <header class="summary">
      <div class="merchant"><span class="tile" aria-hidden="true">${[...merchant.trim()][0]?.toUpperCase()}</span>
        <p>${merchant}</p>
        ${isFramed ? html`<button type="button" class="close needs-script" id="close" aria-label="${text(messages, 'close')}">×</button>` : undefined}
      </div>
      <h1 class="title">${text(messages, 'saveTitle')}</h1>
      ${description === undefined ? undefined : html`<p class="soft">${description}</p>`}
      ${isTest ? html`<p class="tag">${text(messages, 'testMode')}</p>` : undefined}
    </header>
    <main class="card">${renderState(page)}</main>
    ${renderPanel(page)}
  </div>`
}

/** The strip is for developers, so it is only in English. */
function renderPanel({ isFull, methods, savable, status }: SavePage): Html | undefined {
  if (savable === undefined || isFull || status !== 'created') return undefined
  return html`<aside class="panel needs-script" lang="en" dir="ltr" aria-label="Sandbox panel"><details>
    <summary>Sandbox: test instruments</summary>
    ${methods.map(
      (method) =>
        html`<section><h3>${PANEL_GROUPS[method]}</h3><ul>${savable
          .filter((one) => one.method === method)
          .map(
            ({ fill, label, outcome }) =>
              html`<li><button type="button" data-fill="${JSON.stringify(fill)}">${label}<small>${outcome}</small></button></li>`,
          )}</ul></section>`,
    )}</details></aside>`
}

/** A page in another language has no English messages. */
const PANEL_GROUPS: Readonly<Record<SaveMethod, string>> = {
  card: 'Card',
  ach_debit: 'US bank account',
}

function renderState(page: SavePage): Html {
  const { isFull, merchant, messages, method, status } = page
  switch (status) {
    case 'succeeded':
      return renderSavedMethod(page)
    case 'in_progress':
      return method?.action?.kind === 'redirect'
        ? renderNotice(messages, 'issuerTitle', 'saveIssuerText', {
            link: { url: method.action.url, key: 'issuerContinue' },
          })
        : renderNotice(messages, 'saveWaitTitle', 'saveWaitText', {})
    case 'expired':
      return renderNotice(messages, 'saveExpiredTitle', 'saveEndedText', { values: { merchant } })
    case 'failed':
      return renderNotice(messages, 'saveFailedTitle', 'saveEndedText', { values: { merchant } })
    case 'created':
      return isFull
        ? renderNotice(messages, 'saveFailedTitle', 'saveFullText', { values: { merchant } })
        : renderForm(page)
  }
}

function renderNotice(
  messages: Messages,
  title: MessageKey,
  sentence: MessageKey,
  more: {
    readonly values?: { readonly merchant: string }
    readonly link?: { readonly url: string; readonly key: MessageKey }
  },
): Html {
  const { link, values } = more
  return html`<section class="state open"><div class="heading"><h2 tabindex="-1">${text(messages, title)}</h2></div>
    <p>${text(messages, sentence, values)}</p>
    ${link === undefined ? undefined : html`<a class="primary" id="continue" href="${link.url}">${text(messages, link.key)}</a>`}
  </section>`
}

function renderSavedMethod({ merchant, messages, method }: SavePage): Html {
  const facts = method?.instrument
  const name =
    facts?.type === 'card'
      ? text(messages, 'cardEnding', {
          brand: CARD_BRAND_NAMES[facts.brand] ?? text(messages, 'methodCard'),
          digits: facts.lastFourDigits,
        })
      : text(messages, 'bankEnding', { digits: facts?.lastFourDigits ?? '' })
  const sentence = method?.status === 'processing' ? 'saveVerifying' : 'saveDoneText'
  return html`<section class="state good"><div class="heading"><h2 tabindex="-1">${text(messages, 'saveDoneTitle')}</h2></div>
    <p><strong>${name}</strong></p><p>${text(messages, sentence, { merchant })}</p>
    <p class="soft">${text(messages, 'mayClose')}</p></section>`
}

function renderForm(page: SavePage): Html {
  const { action, form, messages, methods, number, problems } = page
  const isRefused = page.method?.status === 'refused'
  const [only] = methods
  const method = form.method ?? only
  return html`${isRefused ? html`<p class="notice" role="alert">${text(messages, 'saveRefused')}</p>` : undefined}
  <p class="soft">${text(messages, 'saveText', { merchant: page.merchant })}</p>
  <form method="post" action="${action}" class="pay" novalidate>
    <input type="hidden" name="number" value="${number}">
    ${
      methods.length === 1 && only !== undefined
        ? html`<div class="only"><input type="hidden" name="method" value="${only}"><h2>${text(messages, LABELS[only])}</h2>${FIELDS[only](page)}</div>`
        : html`<fieldset class="methods"><legend><h2>${text(messages, 'saveChoose')}</h2></legend>
          ${renderProblem(page, 'method', problems)}
          ${methods.map(
            (
              one,
            ) => html`<div class="method"><label class="row"><input type="radio" name="method" value="${one}"${one === method ? html` checked` : undefined}>
              <span class="what">${text(messages, LABELS[one])}</span></label>
              <div class="opening"><div class="fields">${FIELDS[one](page)}</div></div></div>`,
          )}</fieldset>`
    }
    <fieldset class="address"><legend><h2>${text(messages, 'saveAddress')}</h2></legend>
      ${renderCountry(page)}
      ${renderField(page, 'address_line1', 'saveLine1', { autocomplete: 'billing address-line1', maxlength: 200 })}
      <div class="pair">
        ${renderField(page, 'city', 'saveCity', { autocomplete: 'billing address-level2', maxlength: 100 })}
        ${renderField(page, 'state', 'saveState', { autocomplete: 'billing address-level1', maxlength: 100 })}
      </div>
      ${renderField(page, 'postal_code', 'savePostalCode', { autocomplete: 'billing postal-code', maxlength: 20 })}
    </fieldset>
    <button type="submit" class="primary">${text(messages, 'save')}</button>
  </form>`
}

const LABELS = { card: 'methodCard', ach_debit: 'methodAch' } as const
const FIELDS: Readonly<Record<SaveMethod, (page: SavePage) => Html>> = {
  card: renderCard,
  ach_debit: renderAccount,
}

function renderCard(page: SavePage): Html {
  return html`${renderField(page, 'card_number', 'cardNumber', { inputmode: 'numeric', autocomplete: 'cc-number', maxlength: 40, dir: 'ltr' })}
    <div class="pair">
      ${renderField(page, 'card_expiry', 'cardExpiry', { inputmode: 'numeric', autocomplete: 'cc-exp', maxlength: 9, dir: 'ltr', placeholder: text(page.messages, 'cardExpiryHint') })}
      ${renderField(page, 'card_cvv', 'cardCvv', { type: 'password', inputmode: 'numeric', autocomplete: 'cc-csc', maxlength: 4, dir: 'ltr' })}
    </div>
    ${renderField(page, 'card_name', 'cardName', { autocomplete: 'cc-name', maxlength: 100 })}`
}

function renderAccount(page: SavePage): Html {
  const { form, merchant, messages } = page
  const types = [
    ['checking', 'achChecking'],
    ['savings', 'achSavings'],
  ] as const
  return html`${renderField(page, 'ach_name', 'achName', { autocomplete: 'name', maxlength: 100 })}
    ${renderField(page, 'ach_routing', 'achRouting', { inputmode: 'numeric', autocomplete: 'off', maxlength: 11, dir: 'ltr' })}
    ${renderField(page, 'ach_account', 'achAccount', { inputmode: 'numeric', autocomplete: 'off', maxlength: 24, dir: 'ltr' })}
    <fieldset class="channels"><legend>${text(messages, 'achType')}</legend>${types.map(
      ([value, label]) =>
        html`<label class="row small"><input type="radio" name="ach_type" value="${value}"${(form.ach_type ?? 'checking') === value ? html` checked` : undefined}><span>${text(messages, label)}</span></label>`,
    )}</fieldset>
    <p class="soft">${text(messages, 'saveMandate', { merchant })}</p>`
}

function renderField(
  { form, messages, problems }: SavePage,
  name: SaveField,
  label: MessageKey,
  attributes: Readonly<Record<string, string | number>>,
): Html {
  const problem = problems[name]
  const others = Object.entries({ type: 'text', dir: 'auto', ...attributes })
  return html`<div class="field"><label for="${name}">${text(messages, label)}</label><div class="input">
    <input id="${name}" name="${name}" value="${form[name] ?? ''}"${others.map(([key, value]) => html` ${key}="${value}"`)}${problem === undefined ? undefined : html` aria-invalid="true" aria-describedby="${name}-problem"`}></div>
    ${problem === undefined ? undefined : html`<p class="problem" id="${name}-problem">${text(messages, problem.key, problem.values)}</p>`}</div>`
}

function renderProblem(
  { messages }: Pick<SavePage, 'messages'>,
  name: SaveField,
  problems: SaveProblems,
): Html | undefined {
  const problem = problems[name]
  return problem && html`<p class="problem">${text(messages, problem.key, problem.values)}</p>`
}

function renderCountry({ form, language, messages, problems }: SavePage): Html {
  const names = new Intl.DisplayNames(language, { type: 'region' })
  const options = [...COUNTRY_CODES]
    .map((code) => ({ code, name: names.of(code) ?? code }))
    .sort((a, b) => a.name.localeCompare(b.name, language))
  const chosenCountry = form.country ?? 'US'
  const problem = problems.country
  return html`<div class="field"><label for="country">${text(messages, 'saveCountry')}</label><div class="input">
    <select id="country" name="country" autocomplete="billing country">${options.map(
      ({ code, name }) =>
        html`<option value="${code}"${code === chosenCountry ? html` selected` : undefined}>${name}</option>`,
    )}</select></div>${problem === undefined ? undefined : html`<p class="problem">${text(messages, problem.key)}</p>`}</div>`
}
