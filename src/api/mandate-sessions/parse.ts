import type { Account } from '../../domain/account.ts'
import { parseDay } from '../../domain/account-day.ts'
import type { CustomerId } from '../../domain/id.ts'
import {
  debitDayMax,
  defaultStartDay,
  type EnrollmentAmountRefusal,
  type EnrollmentCharge,
  enrollmentChargeOf,
  lastEndDay,
  MANDATE_AMOUNTS,
  MANDATE_CURRENCY,
  type MandateFrequency,
} from '../../domain/mandate-terms.ts'
import { formatMoney, type Money } from '../../domain/money.ts'
import { EXPIRES_IN_SECONDS } from '../../domain/payment-session.ts'
import type { MandateEnrollmentFacts } from '../../domain/payment-session-type.ts'
import type { Mode } from '../../domain/scope.ts'
import type { PaymentSessionRequest } from '../../operations/draw-payment-session.ts'
import { ApiError } from '../errors.ts'
import { META_DATA_RULE, metaDataOf } from '../meta-data-fields.ts'
import type { ValueOf } from '../parsed.ts'
import { readCurrency } from '../payment-fields.ts'
import { configurationsOut, HOSTED_PARAMETER_RULES } from '../payment-sessions/parse.ts'
import { readMoney } from '../read-amount.ts'
import { compileFieldsWith, decimalText, isObject, kindOf, Problem } from '../read-fields.ts'
import { JsonNumber, type JsonValue } from '../read-json.ts'
import { MandateEnrollmentBody, MandateExecutionBody } from './schemas.ts'

const ATTEMPT_COUNT_DEFAULT = 3

/** The facts for the rules of both requests: for an enrollment, and for a debit's session. */
export type MandateSessionContext = {
  readonly account: Pick<Account, 'id' | 'edition'>
  readonly mode: Mode
  /** The account's day. */
  readonly today: string
  /** Undefined: the account has no customer with the requested id. */
  readonly customerId: CustomerId | undefined
}

/** The context with the parts of the body on which earlier and later fields depend. */
type EnrollmentContext = MandateSessionContext & {
  readonly startOn: string | undefined
  readonly hasMaxAmount: boolean
  /** Undefined: the amount is wrong, which its own rule reports. */
  readonly charge: EnrollmentCharge | undefined
}

const readCustomer = (
  value: string | number | JsonNumber,
  { customerId }: MandateSessionContext,
): CustomerId | Problem =>
  decimalText(value) === customerId
    ? customerId
    : new Problem(
        'must be the id of a customer of this account, but the account has no customer with this id',
        'resource_does_not_exist',
      )

const { authorizationMinor, firstDebitMinMinor, maxMinor } = MANDATE_AMOUNTS
const rupees = (amountMinor: bigint) => formatMoney({ amountMinor, currency: MANDATE_CURRENCY })

const AMOUNT_PROBLEMS: Record<EnrollmentAmountRefusal, string> = {
  below_first_debit: `must be at least ${rupees(firstDebitMinMinor)} for a mandate that starts today: it is the first debit`,
  first_debit_before_start: 'must be 1.00 for a mandate that starts later',
  neither_charge: `must be 1.00 to authorize a mandate that starts later, or at least ${rupees(firstDebitMinMinor)} as its first debit today`,
}

function readFromZero(value: string | number | JsonNumber): Money | Problem {
  const isZero = /^0+(?:\.0+)?$/.test(decimalText(value))
  return isZero
    ? { amountMinor: 0n, currency: MANDATE_CURRENCY }
    : readMoney(value, MANDATE_CURRENCY)
}

function readEnrollmentAmount(
  value: string | number | JsonNumber,
  { startOn, today }: EnrollmentContext,
): Money | Problem {
  const money = readFromZero(value)
  if (money instanceof Problem) return money
  const charge = enrollmentChargeOf(money.amountMinor, startOn, today)
  return 'refused' in charge
    ? new Problem(`${AMOUNT_PROBLEMS[charge.refused]}, but it is ${kindOf(value)}`)
    : { amountMinor: charge.amountMinor, currency: MANDATE_CURRENCY }
}

const notADay = (text: string) =>
  new Problem(`must be a date, such as 2026-12-05, but it is ${kindOf(text)}`)

/** Each rule gets the fields before its own. */
const DETAILS_RULES = {
  fields: {
    payment_method_type: (text: string) =>
      text === 'upi'
        ? undefined
        : new Problem(
            `must be upi: no other method has mandates, but it is ${kindOf(text)}`,
            'payment_method_type_not_supported',
          ),
    amount_rule: (rule: string, { hasMaxAmount }: EnrollmentContext) => {
      if (rule !== 'variable' || hasMaxAmount) return undefined
      throw new ApiError(
        'missing_parameter',
        'mandate_details.max_amount',
        'mandate_details.max_amount is missing: it is required for the amount_rule variable.',
      )
    },
    max_amount: (
      value: string | number | JsonNumber,
      { charge }: EnrollmentContext,
      { amount_rule: rule }: { readonly amount_rule?: string },
    ) => {
      const money = readMoney(value, MANDATE_CURRENCY)
      if (money instanceof Problem) return money
      if (money.amountMinor < authorizationMinor || money.amountMinor > maxMinor) {
        return new Problem(
          `must be from ${rupees(authorizationMinor)} to ${rupees(maxMinor)}, but it is ${formatMoney(money)}`,
        )
      }
      const isBelow = charge !== undefined && charge.amountMinor > money.amountMinor
      return rule === 'variable' && isBelow
        ? new Problem(
            `must be at least the amount ${rupees(charge.amountMinor)}, but it is ${formatMoney(money)}`,
          )
        : money
    },
    start_date: (text: string, { today }: EnrollmentContext) => {
      if (parseDay(text) === undefined) return notADay(text)
      return text >= today
        ? undefined
        : new Problem(`must be today or later, by the calendar of UTC+05:30, but it is ${text}`)
    },
    end_date: (text: string, { charge, startOn, today }: EnrollmentContext) => {
      if (parseDay(text) === undefined) return notADay(text)
      const first = startOn ?? defaultStartDay(charge?.kind ?? 'authorization', today)
      const last = lastEndDay(first)
      return text > first && text <= last
        ? undefined
        : new Problem(
            `must be after the start_date ${first} and at most ${last}, but it is ${text}`,
          )
    },
    debit_day: (
      day: number,
      _context: EnrollmentContext,
      { frequency = 'monthly' }: { readonly frequency?: MandateFrequency },
    ) => {
      const dayMax = debitDayMax(frequency)
      if (dayMax === undefined) {
        return new Problem(`must be absent: mandates with the frequency ${frequency} have none`)
      }
      return day <= dayMax
        ? undefined
        : new Problem(
            `must be from 1 (Monday) to 7 for the frequency ${frequency}, but it is ${day}`,
          )
    },
    debit_rule: (
      _rule: string,
      _context: EnrollmentContext,
      { debit_day: day }: { readonly debit_day?: number | undefined },
    ) => (day === undefined ? new Problem('must be absent without a debit_day') : undefined),
  },
}

const readEnrollmentFields = compileFieldsWith<EnrollmentContext>()(MandateEnrollmentBody, {
  amount: readEnrollmentAmount,
  currency: readCurrency,
  customer_id: readCustomer,
  mandate_details: DETAILS_RULES,
  meta_data: META_DATA_RULE,
  configurations: { fields: HOSTED_PARAMETER_RULES },
})

const readExecutionFields = compileFieldsWith<MandateSessionContext>()(MandateExecutionBody, {
  amount: (value) => readMoney(value, MANDATE_CURRENCY),
  currency: readCurrency,
  customer_id: readCustomer,
  meta_data: META_DATA_RULE,
})

/** Reads the parts of an unchecked body on which rules of other fields depend. */
function contextOf(body: JsonValue, context: MandateSessionContext): EnrollmentContext {
  const fields = isObject(body) ? body : {}
  const { mandate_details: requestDetails = null } = fields
  const details = isObject(requestDetails) ? requestDetails : {}
  const { max_amount: maxAmount, start_date: start } = details
  const startOn = typeof start === 'string' && parseDay(start) !== undefined ? start : undefined
  const { amount } = fields
  const isScalar =
    typeof amount === 'string' || typeof amount === 'number' || amount instanceof JsonNumber
  const money = isScalar ? readFromZero(amount) : undefined
  const charge =
    money === undefined || money instanceof Problem
      ? undefined
      : enrollmentChargeOf(money.amountMinor, startOn, context.today)
  return {
    ...context,
    startOn,
    hasMaxAmount: maxAmount !== undefined && maxAmount !== null && maxAmount !== '',
    charge: charge === undefined || 'refused' in charge ? undefined : charge,
  }
}

/** Reads the body of a request for an enrollment. Throws ApiError for the first wrong field. */
export function parseMandateEnrollment(
  body: JsonValue,
  context: MandateSessionContext,
): PaymentSessionRequest {
  const enrollment = contextOf(body, context)
  const fields = readEnrollmentFields(body, enrollment)
  const { configurations, mandate_details: details } = fields
  const { charge, today } = enrollment
  if (charge === undefined) throw new Error('the amount was not checked')
  return {
    ...requestOf(fields, context),
    typeFacts: factsOf(details, charge, today),
    ...(configurations !== undefined && {
      configurationsJson: JSON.stringify(configurationsOut(configurations)),
    }),
  }
}

function factsOf(
  details: ValueOf<typeof MandateEnrollmentBody>['mandate_details'],
  { kind }: EnrollmentCharge,
  today: string,
): MandateEnrollmentFacts {
  const { debit_day: debitDay, debit_rule: debitRule = 'on', end_date: endOn } = details
  return {
    type: 'mandate_enrollment',
    charge: kind,
    amountRule: details.amount_rule,
    frequency: details.frequency,
    description: details.description,
    startOn: details.start_date ?? defaultStartDay(kind, today),
    ...(details.max_amount !== undefined && {
      maxAmountMinor: String(details.max_amount.amountMinor),
    }),
    ...(endOn !== undefined && { endOn }),
    ...(debitDay !== undefined && { debitDay, debitRule }),
  }
}

/** Reads the body of a request for a debit's session. Throws ApiError for the first wrong field. */
export function parseMandateExecution(
  body: JsonValue,
  context: MandateSessionContext,
): PaymentSessionRequest {
  const fields = readExecutionFields(body, context)
  return {
    ...requestOf(fields, context),
    typeFacts: { type: 'mandate_execution' },
  }
}

type Fields = Pick<
  ValueOf<typeof MandateExecutionBody>,
  'amount' | 'customer_id' | 'description' | 'max_retry_count' | 'meta_data'
> & { readonly invoice_number?: string | undefined }

function requestOf(
  {
    amount,
    customer_id: customerId,
    description,
    invoice_number: invoiceNumber,
    max_retry_count: retryCountMax,
    meta_data: metaData,
  }: Fields,
  { account }: MandateSessionContext,
): PaymentSessionRequest {
  return {
    accountId: account.id,
    amount,
    customerId,
    expiresInSeconds: EXPIRES_IN_SECONDS.default,
    attemptCountMax: retryCountMax ?? ATTEMPT_COUNT_DEFAULT,
    ...(invoiceNumber !== undefined && { invoiceNumber }),
    // In the order of the reference's samples, not in the request's order.
    echoedJson: JSON.stringify({
      meta_data: metaDataOf(metaData),
      description,
      invoice_number: invoiceNumber,
      max_retry_count: retryCountMax,
    }),
  }
}
