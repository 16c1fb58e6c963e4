/**
 * The rules by which the official Go SDK decodes answers. It refuses an answer in which a known field has another JSON
 * type. It ignores unknown fields, and all fields are optional.
 *
 * Source: models of the official Go SDK `zoho-payments-go-sdk` (seen 2026-11-28).
 */

type JsonType = 'array' | 'boolean' | 'integer' | 'null' | 'number' | 'object' | 'string'

/** The keys of the envelopes that the SDK knows, and those of Paydesk's own lists of the same objects. */
const ENVELOPES: ReadonlySet<string> = new Set([
  'payments_session',
  'payments_sessions',
  'payment',
  'payments',
  'refund',
  'refunds',
  'customer',
  'customers',
  'payment_links',
  'virtual_account',
  'virtual_accounts',
  'payment_method',
  'payment_method_session',
  'mandate',
  'mandates',
  'mandate_notification',
  'page_context',
])

const TEXT: readonly JsonType[] = ['string', 'null']
const WHOLE: readonly JsonType[] = ['integer', 'null']
const MONEY: readonly JsonType[] = ['string', 'integer', 'number', 'null']

/** The accepted JSON types by field. Ids have a separate rule. */
const FIELD_TYPES: ReadonlyMap<string, readonly JsonType[]> = new Map([
  ...fields(
    TEXT,
    `access_key account_holder_name address_line1 address_line2 address_line_check amount_rule account_holder_type account_number account_type bank_name
     beneficiary_name brand card_holder_name channel city country created_by currency cvc_check customer_email customer_name customer_phone
     customer_status debit_rule description dialing_code email expires_at expiry_month expiry_year failure_category
     failure_code failure_reason fraud_alert frequency funding ifsc_code invoice_number key last_four_digits last_modified
     last_modified_by message mode name network_reference_number next_action notification_status
     payer_account_no payer_ifsc_code payer_name payment_type phone
     phone_country_code postal_code postal_code_check reason receipt_email reference_number return_url routing_number
     source state statement_descriptor status tip transaction_reference_number transaction_type type upi_id url value
     virtual_account_number wallet_name`,
  ),
  ...fields(
    WHOLE,
    `code created_time date debit_day end_date execution_date expiry_time last_modified_time
     max_retry_count notification_date page per_page start_date total total_pages`,
  ),
  ...fields(
    MONEY,
    `amount amount_captured amount_paid amount_refunded balance default_currency_amount fee_amount
     mandate_amount maximum_amount minimum_amount net_amount notification_amount net_tax_amount total_fee_amount`,
  ),
  ...fields(['integer', 'number', 'null'], 'exchange_rate'),
  ...fields(['boolean', 'null'], 'has_more_page'),
  ...fields(
    ['object', 'null'],
    `ach_debit bank_transfer billing_address card card_checks configurations hosted_checkout_parameters hosted_page_parameters
     net_banking notify_customer page_context payment_method upi wallet`,
  ),
  ...fields(
    ['array', 'null'],
    'allowed_payment_methods customers meta_data payment_methods payments',
  ),
])

/** In `notify_customer` these two fields are switches, not addresses. */
const NOTIFICATIONS: ReadonlySet<string> = new Set(['notify_customer.email', 'notify_customer.sms'])

function fields(types: readonly JsonType[], names: string) {
  return names.split(/\s+/).map((name) => [name, types] as const)
}

/** Returns the accepted JSON types of a field. Undefined: the SDK does not know the field. */
function acceptedTypes(name: string, parent: string): readonly JsonType[] | undefined {
  if (NOTIFICATIONS.has(`${parent}.${name}`)) return ['boolean', 'null']
  // The SDK's session has no `mandate_details`, whose days are texts as in the request.
  if (parent === 'mandate_details') return undefined
  return name.endsWith('_id') ? TEXT : FIELD_TYPES.get(name)
}

/** Returns the fields of a successful answer that the SDK cannot decode. Empty: it decodes the answer. */
export function goProblemsOf(answer: unknown): readonly string[] {
  if (typeof answer !== 'object' || answer === null) return ['the answer is not an object']
  return Object.entries(answer).flatMap(([name, value]) => {
    if (name === 'code' || name === 'message') return fieldProblems(name, value, '', name)
    return ENVELOPES.has(name) ? valueProblems(value, name, name) : []
  })
}

function valueProblems(value: unknown, name: string, path: string): readonly string[] {
  if (Array.isArray(value)) {
    return value.flatMap((item, index) => valueProblems(item, name, `${path}[${index}]`))
  }
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, one]) =>
    fieldProblems(key, one, name, `${path}.${key}`),
  )
}

function fieldProblems(
  name: string,
  value: unknown,
  parent: string,
  path: string,
): readonly string[] {
  const goTypes = acceptedTypes(name, parent)
  const type = typeOf(value)
  if (goTypes !== undefined && !goTypes.includes(type)) return [`${path} is ${type}`]
  const isMoney = goTypes === MONEY && typeof value === 'string'
  if (isMoney && !/^-?\d+(\.\d+)?$/.test(value)) return [`${path} is not a decimal number`]
  return valueProblems(value, name, path)
}

function typeOf(value: unknown): JsonType {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  if (typeof value === 'number') return Number.isSafeInteger(value) ? 'integer' : 'number'
  return typeof value as 'boolean' | 'object' | 'string'
}

/** The keywords of a JSON schema that decide its types. */
type Schema = {
  readonly type?: string
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly anyOf?: readonly Schema[]
  readonly items?: Schema
  readonly properties?: { readonly [name: string]: Schema }
}

/** Returns the fields of an answer's schema whose values the SDK could not decode. */
export function goProblemsOfSchema(schema: unknown): readonly string[] {
  const { properties = {} } = schema as Schema
  return Object.entries(properties).flatMap(([name, property]) => {
    if (name === 'code' || name === 'message') return schemaFieldProblems(name, property, '', name)
    return ENVELOPES.has(name) ? schemaProblems(property, name, name) : []
  })
}

function schemaProblems(schema: Schema, name: string, path: string): readonly string[] {
  return [
    ...(schema.anyOf ?? []).flatMap((one) => schemaProblems(one, name, path)),
    ...(schema.items === undefined ? [] : schemaProblems(schema.items, name, `${path}[]`)),
    ...Object.entries(schema.properties ?? {}).flatMap(([key, property]) =>
      schemaFieldProblems(key, property, name, `${path}.${key}`),
    ),
  ]
}

function schemaFieldProblems(
  name: string,
  schema: Schema,
  parent: string,
  path: string,
): readonly string[] {
  const goTypes = acceptedTypes(name, parent)
  const refusedTypes = goTypes && schemaTypes(schema).filter((type) => !goTypes.includes(type))
  return [
    ...(refusedTypes ?? []).map((type) => `${path} can be ${type}`),
    ...schemaProblems(schema, name, path),
  ]
}

function schemaTypes(schema: Schema): readonly JsonType[] {
  if (schema.anyOf !== undefined) return schema.anyOf.flatMap(schemaTypes)
  if (schema.enum !== undefined) return [...new Set(schema.enum.map(typeOf))]
  if (schema.const !== undefined) return [typeOf(schema.const)]
  return schema.type === undefined ? [] : [schema.type as JsonType]
}
