/** The checks of the contract, as data: requests, and the facts that their answers must show. */

/**
 * A JSON value. A text may have placeholders such as `{customer_id}` for values that the person or an earlier answer
 * gave.
 */
export type JsonValue =
  | string
  | number
  | boolean
  | null
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue }

/** The name of a JSON type. `integer`: a number without a fraction. */
export type JsonType =
  | 'array'
  | 'boolean'
  | 'integer'
  | 'null'
  | 'number'
  | 'object'
  | 'string'
  | 'absent'

/**
 * The confidence in a fact about the real API: `H` documented or shown by two official programs, `M` one official hint
 * or several users, `L` a guess. `ours`: Paydesk’s own behavior, which the real API need not have.
 */
export type Confidence = 'H' | 'M' | 'L' | 'ours'

/** The expected part of an answer. `at` is a path such as `payments.0.payment_id`; the empty path is the whole body. */
export type Expectation =
  | { readonly status: readonly number[] }
  | { readonly contentType: string }
  | { readonly at: string; readonly equals: JsonValue }
  | { readonly at: string; readonly oneOf: readonly JsonValue[] }
  /** `form` says in words what the regular expression `matches`. */
  | { readonly at: string; readonly matches: string; readonly form: string }
  /** Each present field has one of its types. */
  | { readonly at: string; readonly types: Readonly<Record<string, readonly JsonType[]>> }
  /** The object has all keys of `required`, and no other keys except those of `optional`. */
  | {
      readonly at: string
      readonly required: readonly string[]
      readonly optional: readonly string[]
    }
  /** The keys of the object that are in this list have this order. */
  | { readonly at: string; readonly order: readonly string[] }
  /** `at` minus `minus` is this number. */
  | { readonly at: string; readonly minus: string; readonly difference: number }
  /** The unit of a time: 10 digits are seconds, 13 milliseconds. */
  | { readonly at: string; readonly digits: number }
  | { readonly at: string; readonly lengthMax: number }

/** One fact that an answer must show. */
export type Check = {
  /** Unique within its exchange. */
  readonly id: string
  readonly confidence: Confidence
  /** A sentence. */
  readonly statement: string
  readonly expect: Expectation
}

/** The edition of an account. */
export type Edition = 'IN' | 'US'

/** A request. The path lies below `/api/v1`, unless it begins with `//`: then below the server's address. */
export type ExchangeRequest = {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  readonly path: string
  readonly query?: Readonly<Record<string, string>>
  /** A text is sent unchanged, any other value as JSON. The content type is JSON in both cases. */
  readonly body?: JsonValue
  readonly headers?: Readonly<Record<string, string>>
  /**
   * `none`: no token is sent; `wrong`: a token that was never issued; `bearer`: the account's token with the scheme
   * Bearer. Default: this token with the scheme of the API.
   */
  readonly token?: 'none' | 'wrong' | 'bearer'
  /** True: the query has no `account_id`. */
  readonly hasNoAccount?: boolean
}

/** The request that removes what an exchange has made. */
export type Cleanup = {
  readonly method: 'POST' | 'PUT' | 'DELETE'
  readonly path: string
  /** True: only Paydesk has this call. The real service keeps the object. */
  readonly isPaydeskOnly?: boolean
  /** Names the object to a person, such as `customer {customer_id}`. */
  readonly object: string
}

/** One request, and the checks of its answer. */
export type Exchange = {
  /** Unique. The full id of a check is `exchange.check`. */
  readonly id: string
  /** The part of the contract, such as `Payment links`. */
  readonly section: string
  readonly title: string
  /** Default: both. */
  readonly editions?: readonly Edition[]
  readonly request: ExchangeRequest
  /** The values that a success saves for later requests: the path of each in the answer, by the value's name. */
  readonly saves?: Readonly<Record<string, string>>
  readonly cleanup?: Cleanup
  /** True: the objects were not made by this run, so the report shows only the form of their texts. */
  readonly hasForeignObjects?: boolean
  /** True: some versions of Paydesk do not serve the call yet. Their answer says so, and the checks are skipped. */
  readonly isPlanned?: boolean
  /** The wait before the request. Only a run that may be slow sends such a request. */
  readonly waitSeconds?: number
  readonly checks: readonly Check[]
}

/** Makes a check. */
export function check(
  id: string,
  confidence: Confidence,
  statement: string,
  expect: Expectation,
): Check {
  return { id, confidence, statement, expect }
}

/** Makes the checks of a success with the object under this key. */
export function success(
  status: number,
  key: string,
  statusConfidence: Confidence = 'M',
): readonly Check[] {
  return [
    check('status', statusConfidence, `The answer has the status ${status}.`, { status: [status] }),
    check('envelope', 'H', `The envelope is code 0, message “success” and the key ${key}.`, {
      at: '',
      required: ['code', 'message', key],
      optional: key === 'data' ? [] : ['page_context'],
    }),
    check('code', 'H', 'code is the number 0.', { at: 'code', equals: 0 }),
    check('message', 'H', 'message is “success”.', { at: 'message', equals: 'success' }),
  ]
}

/** Makes the checks of a refusal. */
export function refusal(
  status: number,
  code: string,
  confidence: Confidence,
  statusConfidence: Confidence = 'H',
): readonly Check[] {
  return [
    check('status', statusConfidence, `The refusal has the status ${status}.`, {
      status: [status],
    }),
    check('types', 'H', 'code and message of an error are texts.', {
      at: '',
      types: { code: ['string'], message: ['string'] },
    }),
    check('code', confidence, `The error’s code is “${code}”.`, { at: 'code', equals: code }),
  ]
}

/** Adds values that an exchange saves. */
export function withSaves(exchange: Exchange, saves: Readonly<Record<string, string>>): Exchange {
  return { ...exchange, saves: { ...exchange.saves, ...saves } }
}

/** Limits an exchange to accounts of one edition. */
export function onlyIn(edition: Edition, exchange: Exchange): Exchange {
  return { ...exchange, editions: [edition] }
}

/** Makes a table of types from lists of field names by their type, such as `{ string: 'name email' }`. */
export function types(
  columns: Readonly<Partial<Record<JsonType, string>>>,
): Readonly<Record<string, readonly JsonType[]>> {
  return Object.fromEntries(
    Object.entries(columns).flatMap(([type, names]) =>
      names.split(/\s+/).map((name) => [name, [type as JsonType]]),
    ),
  )
}

/** Splits a text at its spaces into names. */
export function words(text: string): readonly string[] {
  return text.trim().split(/\s+/)
}
