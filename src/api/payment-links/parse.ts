import type { Account } from '../../domain/account.ts'
import {
  type AccountDay,
  accountDayAt,
  accountDayStartMs,
  readDayOrTime,
} from '../../domain/account-day.ts'
import { type PaymentLinkId, parseId } from '../../domain/id.ts'
import type { MessageChannel } from '../../domain/message.ts'
import { type Currency, formatMoney } from '../../domain/money.ts'
import {
  type NotifyCustomer,
  PAYMENT_LINK_LIFE,
  PAYMENT_LINK_STATUSES,
  type PaymentLink,
  type PaymentLinkChange,
} from '../../domain/payment-link.ts'
import { paymentLinkEndMs } from '../../domain/payment-link-end.ts'
import type { Edition } from '../../domain/payment-method.ts'
import { readPhone } from '../../domain/phone.ts'
import { PAYMENT_LINK_RETURN_PARAMETERS } from '../../domain/return-parameters.ts'
import type { Mode } from '../../domain/scope.ts'
import type { PaymentLinkRequest } from '../../operations/create-payment-link.ts'
import type { PaymentLinkFilter } from '../../operations/store.ts'
import { ApiError } from '../errors.ts'
import { LIST_RULES } from '../list-spans.ts'
import type { ValueOf } from '../parsed.ts'
import { currencyIn, METHODS_RULE, readCurrency, returnUrlProblem } from '../payment-fields.ts'
import { PHONE_RULES } from '../phone-fields.ts'
import { readMoney } from '../read-amount.ts'
import { timesBetween } from '../read-days.ts'
import { compileFieldsWith, kindOf, Problem } from '../read-fields.ts'
import type { JsonObject, JsonValue } from '../read-json.ts'
import { type RequestedPage, readPage } from '../read-page.ts'
import {
  LINK_STATUS_WORDS,
  PaymentLinkCreateBody,
  PaymentLinkListQuery,
  PaymentLinkNotifyBody,
  PaymentLinkUpdateBody,
} from './schemas.ts'

/** The facts for the rules of a request. */
export type LinkContext = {
  readonly account: Pick<Account, 'id' | 'edition' | 'paymentMethods'>
  readonly mode: Mode
  readonly nowMs: number
  readonly messageChannels: readonly MessageChannel[]
}

type RuleContext = LinkContext & { readonly currency: Currency }
/** The facts of an update: the link has been locked. */
type UpdateContext = LinkContext & { readonly link: PaymentLink }

type Recipient = {
  readonly email?: string | undefined
  readonly phone?: string | undefined
}

const readCreateFields = compileFieldsWith<RuleContext>()(PaymentLinkCreateBody, {
  amount: (value, { currency }) => readMoney(value, currency),
  currency: readCurrency,
  phone: PHONE_RULES.phone,
  phone_country_code: PHONE_RULES.phone_country_code,
  expires_at: readLastDay,
  return_url: urlProblem,
  notify_customer: { check: checkNotification },
  configurations: { fields: { allowed_payment_methods: METHODS_RULE } },
})

const readUpdateFields = compileFieldsWith<UpdateContext>()(PaymentLinkUpdateBody, {
  amount: (value, { link: { amount } }) => {
    const reading = readMoney(value, amount.currency)
    if (reading instanceof Problem || reading.amountMinor === amount.amountMinor) return reading
    return new Problem(
      `must be left out: the amount of a link cannot change from ${formatMoney(amount)}, but it is ${kindOf(value)}`,
    )
  },
  currency: (text, { link: { amount } }) =>
    text === amount.currency
      ? undefined
      : new Problem(
          `must be left out: the currency of a link cannot change from ${amount.currency}, but it is ${kindOf(text)}`,
        ),
  phone: (text) => (text === '' ? undefined : PHONE_RULES.phone(text)),
  phone_country_code: (country, context, { phone = context.link.phone }) =>
    PHONE_RULES.phone_country_code(country, context, { phone: phone === '' ? undefined : phone }),
  expires_at: readLastDay,
  return_url: (text, context) => (text === '' ? undefined : urlProblem(text, context)),
  notify_customer: {
    check: (notify, context, { email = context.link.email, phone = context.link.phone }) =>
      checkNotification(notify, context, { email, phone }),
  },
  configurations: { fields: { allowed_payment_methods: METHODS_RULE } },
})

function urlProblem(text: string, { mode }: { readonly mode: Mode }): Problem | undefined {
  return returnUrlProblem(text, mode, PAYMENT_LINK_RETURN_PARAMETERS)
}

const DAY_TEXT = /^\d{4}-\d{2}-\d{2}$/

/** Reads the last day of a link. Returns the first millisecond after it. */
function readLastDay(
  text: string,
  { account: { edition }, nowMs }: Pick<LinkContext, 'account' | 'nowMs'>,
): number | Problem {
  const today = accountDayAt(edition, nowMs)
  const latest = { ...today, year: today.year + PAYMENT_LINK_LIFE.yearsMax }
  const span = DAY_TEXT.test(text) ? readDayOrTime(text, edition) : undefined
  if (
    span !== undefined &&
    span.startMs >= accountDayStartMs(edition, today) &&
    span.startMs <= accountDayStartMs(edition, latest)
  ) {
    return span.endMs
  }
  const shownDate = DAY_TEXT.test(text) ? text : kindOf(text)
  return new Problem(
    `must be a date from today (${showDay(today)}) to ${showDay(latest)}, such as ${showDay(today)}, but it is ${shownDate}`,
  )
}

function showDay({ day, month, year }: AccountDay): string {
  return [year, month + 1, day].map((part) => String(part).padStart(2, '0')).join('-')
}

/**
 * Throws ApiError if the link cannot be sent to the customer by a requested channel. The error names the channel's
 * field in `notify_customer`.
 */
function checkNotification(
  notify: NotifyCustomer,
  { account, messageChannels }: LinkContext,
  { email = '', phone = '' }: Recipient,
): undefined {
  const refuse = (name: MessageChannel, reason: string) => {
    const field = `notify_customer.${name}`
    throw new ApiError('invalid_parameter', field, `${field} must be false or left out: ${reason}.`)
  }
  const noMessenger = 'this server has no messenger for such messages'
  if (notify.email === true) {
    if (email === '') refuse('email', 'the link has no email')
    if (!messageChannels.includes('email')) refuse('email', noMessenger)
  }
  if (notify.sms === true) {
    if (phone === '') refuse('sms', 'the link has no phone')
    if (account.edition !== 'IN')
      refuse('sms', 'only accounts of the IN edition send text messages')
    if (!messageChannels.includes('sms')) refuse('sms', noMessenger)
  }
}

/** Reads a create request's body. Throws ApiError for the first wrong field. */
export function parsePaymentLinkCreate(body: JsonValue, context: LinkContext): PaymentLinkRequest {
  const fields = readCreateFields(body, { ...context, currency: currencyIn(body) })
  const { account, nowMs } = context
  return {
    accountId: account.id,
    amount: fields.amount,
    description: fields.description,
    ...optionalFields(fields),
    expiresAtMs: fields.expires_at ?? paymentLinkEndMs(account.edition, nowMs),
  }
}

/**
 * Reads the body of an update of a locked link. Throws ApiError for the first wrong field, or if it has no field that
 * can change.
 */
export function parsePaymentLinkUpdate(body: JsonValue, context: UpdateContext): PaymentLinkChange {
  const fields = readUpdateFields(body, context)
  const { amount: _, currency: __, ...changeable } = fields
  if (Object.keys(changeable).length === 0) {
    const names = Object.keys(PaymentLinkUpdateBody.properties).slice(2).join(', ')
    throw new ApiError(
      'missing_parameter',
      undefined,
      `The request body must have at least one of ${names}.`,
    )
  }
  return {
    ...(fields.description !== undefined && { description: fields.description }),
    ...optionalFields(fields),
    ...(losesCountry(fields, context.link) && { phoneCountryCode: '' }),
  }
}

/** Returns true if the new phone number of a link has another dialing code than the stored country. */
function losesCountry(
  { phone, phone_country_code: country }: OptionalFields,
  { phoneCountryCode }: PaymentLink,
): boolean {
  if (phone === undefined || phone === '' || country !== undefined) return false
  const [phoneReading, ofCountry] = [
    readPhone(phone, phoneCountryCode),
    readPhone('1', phoneCountryCode),
  ]
  const code = 'refused' in phoneReading ? undefined : phoneReading.dialingCode
  return !('refused' in ofCountry) && ofCountry.dialingCode !== code
}

type OptionalFields = Omit<
  ValueOf<typeof PaymentLinkUpdateBody>,
  'amount' | 'currency' | 'description'
>

function optionalFields(fields: OptionalFields): PaymentLinkChange {
  const {
    configurations,
    email,
    expires_at: expiresAtMs,
    notify_customer: notifyCustomer,
    phone,
    phone_country_code: phoneCountryCode,
    reference_id: referenceId,
    return_url: returnUrl,
  } = fields
  return {
    ...(email !== undefined && { email }),
    ...(phone !== undefined && { phone }),
    ...(phoneCountryCode !== undefined && { phoneCountryCode }),
    ...(expiresAtMs !== undefined && { expiresAtMs }),
    ...(referenceId !== undefined && { referenceId }),
    ...(returnUrl !== undefined && { returnUrl }),
    ...(notifyCustomer !== undefined && { notifyCustomer }),
    ...(configurations !== undefined && { configurationsJson: JSON.stringify(configurations) }),
  }
}

const readNotifyFields = compileFieldsWith<UpdateContext>()(PaymentLinkNotifyBody, {
  notify_customer: {
    check: (notify, context) => checkNotification(notify, context, context.link),
  },
})

/**
 * Reads the body of a request to send a locked link again. Throws ApiError for the first wrong field, or if neither the
 * body nor the link names a channel.
 */
export function parsePaymentLinkNotify(body: JsonValue, context: UpdateContext): NotifyCustomer {
  const fields = readNotifyFields(body, context)
  const { notify_customer: notify = context.link.notifyCustomer } = fields
  if (notify?.email === true || notify?.sms === true) {
    // An update may have removed the address since the link got its channels.
    checkNotification(notify, context, context.link)
    return notify
  }
  throw new ApiError(
    'missing_parameter',
    'notify_customer',
    'notify_customer must have a channel, such as {"email": true}, because the link has none.',
  )
}

const readListFields = compileFieldsWith<{ readonly edition: Edition }>()(
  PaymentLinkListQuery,
  {
    page: LIST_RULES.page,
    per_page: LIST_RULES.per_page,
    from_date: LIST_RULES.from_date,
    to_date: LIST_RULES.to_date,
    status: (word) =>
      LINK_STATUS_WORDS.get(word) ??
      PAYMENT_LINK_STATUSES.find((status) => status === word) ??
      new Problem(`must be a status, but it is ${kindOf(word)}`),
  },
  'The query',
)

/** Reads a list request's query. Throws ApiError for the first wrong parameter. */
export function parsePaymentLinkList(
  query: JsonObject,
  edition: Edition,
): { readonly filter: PaymentLinkFilter; readonly page: RequestedPage } {
  const fields = readListFields(query, { edition })
  // Days come first: if several parameters are wrong, the error names the first one in the documentation's order.
  const times = timesBetween(fields)
  const { reference_id: referenceId, search_text: searchText, status } = fields
  const searchId = searchText === undefined ? undefined : parseId<PaymentLinkId>(searchText)
  const phone = searchText === undefined ? undefined : readPhone(searchText)
  return {
    page: readPage(fields),
    filter: {
      ...(status !== undefined && { status }),
      ...(referenceId !== undefined && { referenceId }),
      ...(searchText !== undefined && { searchText }),
      ...(searchId !== undefined && { searchId }),
      ...(phone !== undefined && !('refused' in phone) && { searchPhone: phone.digits }),
      ...times,
    },
  }
}
