import { accountDayStartMs, parseDay } from '../../domain/account-day.ts'
import type { BankTransferStatus } from '../../domain/bank-transfer.ts'
import { type CustomerId, parseId } from '../../domain/id.ts'
import { formatMoney, type Money } from '../../domain/money.ts'
import {
  VIRTUAL_ACCOUNT_CURRENCY,
  type VirtualAccount,
  type VirtualAccountChanges,
} from '../../domain/virtual-account.ts'
import type { VirtualAccountRequest } from '../../operations/create-virtual-account.ts'
import type { BankTransferFilter, VirtualAccountFilter } from '../../operations/store.ts'
import { ApiError } from '../errors.ts'
import { META_DATA_RULE, metaDataOf } from '../meta-data-fields.ts'
import type { ValueOf } from '../parsed.ts'
import { readMoney } from '../read-amount.ts'
import { compileFields, compileFieldsWith, decimalText, kindOf, Problem } from '../read-fields.ts'
import type { JsonNumber, JsonObject, JsonValue } from '../read-json.ts'
import { PAGE_RULES, type RequestedPage, readPage } from '../read-page.ts'
import {
  type TRANSFER_STATUS_WORDS,
  VirtualAccountChangeBody,
  VirtualAccountCreateBody,
  VirtualAccountListQuery,
  VirtualAccountPaymentsQuery,
} from './schemas.ts'

type Amount = string | number | JsonNumber

const DAY_MS = 24 * 60 * 60_000

/** Requires a day that has not ended in the account's calendar. */
function dayProblem(text: string, { nowMs }: { readonly nowMs: number }): Problem | undefined {
  const day = parseDay(text)
  if (day === undefined) {
    return new Problem(`must be a date, such as 2027-10-25, but it is ${kindOf(text)}`)
  }
  return accountDayStartMs('IN', day) + DAY_MS > nowMs
    ? undefined
    : new Problem(`must be today or later, by the calendar of UTC+05:30, but it is ${text}`)
}

const readRupees = (value: Amount) => readMoney(value, VIRTUAL_ACCOUNT_CURRENCY)

function limitsProblem(minimumMinor: bigint | undefined, maximum: Money): Problem | undefined {
  if (minimumMinor === undefined || maximum.amountMinor >= minimumMinor) return undefined
  const minimum = formatMoney({ amountMinor: minimumMinor, currency: VIRTUAL_ACCOUNT_CURRENCY })
  return new Problem(
    `must be at least the minimum_amount ${minimum}, but it is ${formatMoney(maximum)}`,
  )
}

type CreateContext = {
  readonly nowMs: number
  /** Undefined: the request names no customer of the account. */
  readonly customerId: CustomerId | undefined
}

const readCreateFields = compileFieldsWith<CreateContext>()(VirtualAccountCreateBody, {
  customer_id: (value, { customerId }) =>
    decimalText(value) === customerId
      ? customerId
      : new Problem(
          'must be the id of a customer of this account, but the account has no customer with this id',
          'resource_does_not_exist',
        ),
  minimum_amount: readRupees,
  maximum_amount: (value, _context, { minimum_amount: minimum }) => {
    const maximum = readRupees(value)
    if (maximum instanceof Problem) return maximum
    return limitsProblem(minimum?.amountMinor, maximum) ?? maximum
  },
  expires_at: dayProblem,
  meta_data: META_DATA_RULE,
})

/** Reads a create request's body. Throws ApiError for the first wrong field. */
export function parseVirtualAccountCreate(
  body: JsonValue,
  context: CreateContext,
): VirtualAccountRequest {
  const fields = readCreateFields(body, context)
  const { customer_id: customerId, description } = fields
  return {
    ...changesOf(fields),
    description,
    ...(customerId !== undefined && { customerId }),
  }
}

type ChangeContext = { readonly nowMs: number; readonly account: VirtualAccount }

const readChangeFields = compileFieldsWith<ChangeContext>()(VirtualAccountChangeBody, {
  customer_id: (value, { account }) =>
    decimalText(value) === account.customerId
      ? undefined
      : new Problem('must be absent or the current customer: it cannot change'),
  // The rule of the maximum compares both amounts.
  minimum_amount: readRupees,
  maximum_amount: (value, { account }, { minimum_amount: minimum }) => {
    const maximum = readRupees(value)
    if (maximum instanceof Problem) return maximum
    return limitsProblem(minimum?.amountMinor ?? account.minimumMinor, maximum) ?? maximum
  },
  expires_at: dayProblem,
  meta_data: META_DATA_RULE,
})

/**
 * Reads the body of a change. Throws ApiError for the first wrong field, or if it has no field that can change. Both
 * limits are checked with the values that they have after the change.
 */
export function parseVirtualAccountChange(
  body: JsonValue,
  context: ChangeContext,
): VirtualAccountChanges {
  const fields = readChangeFields(body, context)
  const { maximum_amount: maximum, minimum_amount: minimum } = fields
  const { maximumMinor } = context.account
  if (minimum !== undefined && maximum === undefined && maximumMinor !== undefined) {
    const storedMaximum = { amountMinor: maximumMinor, currency: VIRTUAL_ACCOUNT_CURRENCY } as const
    if (minimum.amountMinor > maximumMinor) {
      throw new ApiError(
        'invalid_parameter',
        'minimum_amount',
        `minimum_amount must be at most the maximum_amount ${formatMoney(storedMaximum)}, but it is ${formatMoney(minimum)}.`,
      )
    }
  }
  const changes = changesOf(fields)
  if (Object.keys(changes).length > 0) return changes
  const { customer_id: _, ...changeable } = VirtualAccountChangeBody.properties
  throw new ApiError(
    'missing_parameter',
    undefined,
    `The request body must have at least one of ${Object.keys(changeable).join(', ')}; null and an empty text leave a field as it is.`,
  )
}

type ChangedFields = Omit<ValueOf<typeof VirtualAccountChangeBody>, 'customer_id'>

function changesOf(fields: ChangedFields): VirtualAccountChanges {
  const metaData = metaDataOf(fields.meta_data)
  return {
    ...(fields.description !== undefined && { description: fields.description }),
    ...(fields.minimum_amount !== undefined && { minimumMinor: fields.minimum_amount.amountMinor }),
    ...(fields.maximum_amount !== undefined && { maximumMinor: fields.maximum_amount.amountMinor }),
    ...(fields.expires_at !== undefined && { expiresOn: fields.expires_at }),
    ...(fields.reference_number !== undefined && { referenceNumber: fields.reference_number }),
    ...(metaData !== undefined && { metaDataJson: JSON.stringify(metaData) }),
  }
}

const readListFields = compileFields(VirtualAccountListQuery, PAGE_RULES, 'The query')

/**
 * Reads the query of a list of virtual accounts. `nothing`: it names a customer that cannot exist. Throws ApiError for
 * the first wrong parameter.
 */
export function parseVirtualAccountList(query: JsonObject): {
  readonly filter: VirtualAccountFilter | 'nothing'
  readonly page: RequestedPage
} {
  const fields = readListFields(query, undefined)
  const page = readPage(fields)
  const {
    account_number: accountNumber,
    customer_id: text,
    reference_number: referenceNumber,
  } = fields
  const customerId = text === undefined ? undefined : parseId<CustomerId>(text)
  if (text !== undefined && customerId === undefined) return { filter: 'nothing', page }
  const status = fields.status && STATUSES[fields.status]
  return {
    page,
    filter: {
      ...(status !== undefined && { status }),
      ...(customerId !== undefined && { customerId }),
      ...(referenceNumber !== undefined && { referenceNumber }),
      ...(accountNumber !== undefined && { accountNumber }),
    },
  }
}

const STATUSES = {
  active: 'active',
  closed: 'closed',
  'Status.Active': 'active',
  'Status.Closed': 'closed',
} as const

const readPaymentsFields = compileFields(VirtualAccountPaymentsQuery, PAGE_RULES, 'The query')

const PAYMENT_STATUSES: Record<(typeof TRANSFER_STATUS_WORDS)[number], BankTransferStatus | 'all'> =
  {
    'Status.All': 'all',
    'Status.Succeeded': 'succeeded',
    'Status.Failed': 'failed',
    'Status.Refunded': 'refunded',
    'Status.Disputed': 'disputed',
    all: 'all',
    succeeded: 'succeeded',
    success: 'succeeded',
    failed: 'failed',
    refunded: 'refunded',
    disputed: 'disputed',
  }

/** Reads the query of a list of a virtual account's payments. Throws ApiError for the first wrong parameter. */
export function parseVirtualAccountPayments(query: JsonObject): {
  readonly filter: BankTransferFilter
  readonly page: RequestedPage
} {
  const fields = readPaymentsFields(query, undefined)
  const page = readPage(fields)
  const status = PAYMENT_STATUSES[fields.status ?? 'Status.All']
  return {
    page,
    filter: {
      ...(status !== 'all' && { status }),
      ...(fields.sort_column === 'amount' && { order: 'amount' }),
      ...(fields.sort_order === 'A' && { isAscending: true }),
    },
  }
}
