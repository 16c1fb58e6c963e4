import type { Account } from '../../domain/account.ts'
import { type AccountId, type CustomerId, type PaymentSessionId, parseId } from '../../domain/id.ts'
import { type Currency, formatMoney, type Money } from '../../domain/money.ts'
import type { Edition } from '../../domain/payment-method.ts'
import {
  ATTEMPT_COUNT_MAX,
  EXPIRES_IN_SECONDS,
  PAYMENT_SESSION_STATUSES,
} from '../../domain/payment-session.ts'
import { REQUESTED_SESSION_TYPES } from '../../domain/payment-session-type.ts'
import { comparablePhone } from '../../domain/phone.ts'
import { RETURN_PARAMETERS } from '../../domain/return-parameters.ts'
import type { Mode } from '../../domain/scope.ts'
import type { PaymentSessionRequest } from '../../operations/draw-payment-session.ts'
import type { PaymentSessionFilter } from '../../operations/store.ts'
import { readConnectedAccount } from '../connected-accounts/read-connected-accounts.ts'
import { AMOUNT_RULES } from '../list-amount.ts'
import { LIST_RULES } from '../list-spans.ts'
import { META_DATA_RULE, metaDataOf } from '../meta-data-fields.ts'
import type { ValueOf } from '../parsed.ts'
import { currencyIn, METHODS_RULE, readCurrency, returnUrlProblem } from '../payment-fields.ts'
import { PHONE_RULES } from '../phone-fields.ts'
import { readMoney } from '../read-amount.ts'
import { timesBetween } from '../read-days.ts'
import { compileFieldsWith, decimalText, kindOf, Problem, type RulesOf } from '../read-fields.ts'
import type { JsonObject, JsonValue } from '../read-json.ts'
import { type RequestedPage, readPage } from '../read-page.ts'
import {
  type HostedPageParameters,
  PaymentSessionCreateBody,
  PaymentSessionListQuery,
  SESSION_STATUS_WORDS,
} from './schemas.ts'

type CreateContext = {
  readonly account: Pick<Account, 'id' | 'edition' | 'paymentMethods'>
  readonly mode: Mode
  /** Those accounts in the request that are connected accounts of the merchant. */
  readonly connectedAccounts: ReadonlySet<AccountId>
  /** Undefined: the request names no customer of the account. */
  readonly customerId?: CustomerId | undefined
}

/** The context with the currency of the body. The schema has the currency after the amount, whose rule needs it. */
type RuleContext = CreateContext & { readonly currency: Currency }

type UrlContext = { readonly mode: Mode }

const urlProblem = (text: string, { mode }: UrlContext) =>
  returnUrlProblem(text, mode, RETURN_PARAMETERS)

const HOSTED_RULES: {
  readonly fields: RulesOf<(typeof HostedPageParameters)['properties'], UrlContext>
} = {
  fields: {
    success_url: urlProblem,
    failure_url: urlProblem,
    phone: PHONE_RULES.phone,
    phone_country_code: PHONE_RULES.phone_country_code,
  },
}

/** The rules of the parameters of the hosted page. The object with the parameters has two names. */
export const HOSTED_PARAMETER_RULES = {
  hosted_page_parameters: HOSTED_RULES,
  hosted_checkout_parameters: {
    fields: HOSTED_RULES.fields,
    check: (
      _parameters: unknown,
      _context: unknown,
      { hosted_page_parameters: other }: { readonly hosted_page_parameters?: unknown },
    ) =>
      other === undefined
        ? undefined
        : new Problem('is another name of hosted_page_parameters: send one of the two'),
  },
}

const readCreateFields = compileFieldsWith<RuleContext>()(PaymentSessionCreateBody, {
  // Each type is a separate operation. A request with another type must not become an ordinary
  // session.
  type: (text) =>
    new Problem(
      `must be absent or one of ${REQUESTED_SESSION_TYPES.join(', ')}, but it is ${kindOf(text)}`,
    ),

  amount: (value, { currency }) => readMoney(value, currency),

  currency: readCurrency,

  meta_data: META_DATA_RULE,

  customer_id: (value, { customerId }) =>
    decimalText(value) === customerId
      ? customerId
      : new Problem(
          'must be the id of a customer of this account, but the account has no customer with this id',
          'resource_does_not_exist',
        ),

  transfer_details: {
    each: {
      fields: {
        connected_account_id: (id, { connectedAccounts }) =>
          readConnectedAccount(id, connectedAccounts),
        amount: (value, { currency }) => readMoney(value, currency),
      },
    },
    check: (details, _context, { amount }) =>
      amount === undefined ? undefined : totalProblem(details, amount),
  },

  configurations: {
    fields: {
      allowed_payment_methods: METHODS_RULE,
      ...HOSTED_PARAMETER_RULES,
    },
  },
})

function totalProblem(
  details: readonly { readonly amount: Money }[],
  { amountMinor, currency }: Money,
): Problem | undefined {
  const totalMinor = details.reduce((sum, { amount }) => sum + amount.amountMinor, 0n)
  return totalMinor <= amountMinor
    ? undefined
    : new Problem(
        `must add up to at most the amount ${formatMoney({ amountMinor, currency })}, but add up to ${formatMoney({ amountMinor: totalMinor, currency })}`,
      )
}

/** Reads a create request's body. Throws ApiError for the first wrong field. */
export function parsePaymentSessionCreate(
  body: JsonValue,
  context: CreateContext,
): PaymentSessionRequest {
  const fields = readCreateFields(body, { ...context, currency: currencyIn(body) })
  const {
    configurations,
    customer_id: customerId,
    invoice_number: invoiceNumber,
    max_retry_count: retryCountMax,
    reference_number: referenceNumber,
    transfer_details: transferDetails,
  } = fields
  return {
    accountId: context.account.id,
    amount: fields.amount,
    expiresInSeconds: fields.expires_in ?? EXPIRES_IN_SECONDS.default,
    attemptCountMax: retryCountMax ?? ATTEMPT_COUNT_MAX.default,
    ...(invoiceNumber !== undefined && { invoiceNumber }),
    ...(referenceNumber !== undefined && { referenceNumber }),
    ...(customerId !== undefined && { customerId }),
    // In the order of the reference's samples, not in the request's order.
    echoedJson: JSON.stringify({
      meta_data: metaDataOf(fields.meta_data),
      description: fields.description,
      invoice_number: invoiceNumber,
      reference_number: referenceNumber,
      max_retry_count: retryCountMax,
    }),
    ...(configurations !== undefined && {
      configurationsJson: JSON.stringify(configurationsOut(configurations)),
    }),
    ...(transferDetails !== undefined && {
      transferDetailsJson: JSON.stringify(
        transferDetails.map(({ amount, connected_account_id }) => ({
          connected_account_id,
          amount_minor: String(amount.amountMinor),
        })),
      ),
    }),
  }
}

type Configurations = NonNullable<ValueOf<typeof PaymentSessionCreateBody>['configurations']>

/** Returns `configurations` for answers, in the order of the reference's samples. */
export function configurationsOut(configurations: Configurations) {
  const { hosted_checkout_parameters: checkout, hosted_page_parameters: page } = configurations
  return {
    allowed_payment_methods: configurations.allowed_payment_methods,
    hosted_page_parameters: page && hostedPageFields(page),
    hosted_checkout_parameters: checkout && hostedPageFields(checkout),
  }
}

/** Returns the parameters in the order of the reference's samples. JSON omits undefined values. */
function hostedPageFields(parameters: ValueOf<typeof HostedPageParameters>) {
  return {
    phone_country_code: parameters.phone_country_code,
    phone: parameters.phone,
    name: parameters.name,
    email: parameters.email,
    description: parameters.description,
    success_url: parameters.success_url,
    failure_url: parameters.failure_url,
    udf1: parameters.udf1,
    udf2: parameters.udf2,
    udf3: parameters.udf3,
    udf4: parameters.udf4,
    udf5: parameters.udf5,
  }
}

const readListFields = compileFieldsWith<{ readonly edition: Edition }>()(
  PaymentSessionListQuery,
  {
    page: LIST_RULES.page,
    per_page: LIST_RULES.per_page,
    from_date: LIST_RULES.from_date,
    to_date: LIST_RULES.to_date,
    status: (word) =>
      SESSION_STATUS_WORDS.get(word) ??
      PAYMENT_SESSION_STATUSES.find((status) => status === word) ??
      new Problem(`must be a status, but it is ${kindOf(word)}`),
    ...AMOUNT_RULES,
  },
  'The query',
)

/** Reads a list request's query. Throws ApiError for the first wrong parameter. */
export function parsePaymentSessionList(
  query: JsonObject,
  edition: Edition,
): {
  readonly filter: PaymentSessionFilter
  readonly page: RequestedPage
} {
  const fields = readListFields(query, { edition })
  // Days come first: if several parameters are wrong, the error names the first one in the documentation's order.
  const times = timesBetween(fields)
  const { amount, search_text: searchText, status } = fields
  const { invoice_number: invoiceNumber, reference_number: referenceNumber } = fields
  const searchId = searchText === undefined ? undefined : parseId<PaymentSessionId>(searchText)
  return {
    page: readPage(fields),
    filter: {
      ...(status !== undefined && { status }),
      ...(referenceNumber !== undefined && { referenceNumber }),
      ...(invoiceNumber !== undefined && { invoiceNumber }),
      ...(amount !== undefined && { amount }),
      ...(searchText !== undefined && { searchText: comparablePhone(searchText) }),
      ...(searchId !== undefined && { searchId }),
      ...times,
    },
  }
}
