import { parsedAs } from '../api/parsed.ts'
import { line } from '../api/schemas.ts'
import { Type } from '../api/type.ts'
import { ACCOUNT_KEY_NAMES } from '../domain/account-key-name.ts'
import type { Logo } from '../domain/logo.ts'

/** The text that removes a setting. */
export const NO_SETTING = 'none'

/**
 * The longest logo in a body, in characters of Base64: an image of 44 KiB. `paydesk account update` takes larger ones.
 */
const LOGO_TEXT_LENGTH_MAX = Math.ceil((44 * 1024) / 3) * 4
const FRAME_ORIGIN_COUNT_MAX = 50

/** A setting. Undefined removes it. */
type Setting<Value> = { readonly value: Value | undefined }
const setting = (lengthMax: number, description: string) =>
  Type.Optional(
    parsedAs<Setting<string>>()(
      Type.String({ minLength: 1, maxLength: lengthMax, description, 'x-expected': description }),
    ),
  )

/** The body of a change. Absent fields do not change; the text `none` removes a setting. */
export const AccountUpdateBody = Type.Object({
  name: Type.Optional(parsedAs<string>()(line(200, 1))),
  statement_descriptor: setting(60, 'one line of 1 to 22 characters, or the word none'),
  frame_origins: Type.Optional(
    Type.Array(parsedAs<string>()(line(300, 1)), { maxItems: FRAME_ORIGIN_COUNT_MAX }),
  ),
  brand_color: setting(7, 'a color such as #1a56db, or the word none'),
  terms_url: setting(500, 'a complete http or https URL, or the word none'),
  privacy_url: setting(500, 'a complete http or https URL, or the word none'),
  powered_by: Type.Optional(Type.Boolean({ 'x-expected': 'true or false' })),
  logo: Type.Optional(
    parsedAs<Setting<Logo>>()(
      Type.String({
        minLength: 1,
        maxLength: LOGO_TEXT_LENGTH_MAX,
        description: 'A PNG, JPEG or WebP image in Base64, or `none`.',
        'x-expected': 'an image of at most 44 KiB in Base64, or the word none',
      }),
    ),
  ),
})

const percent = parsedAs<number>()(
  Type.String({
    pattern: '^\\d{1,3}(\\.\\d{1,2})?$',
    'x-expected': 'a percentage from 0 to 100 with up to two decimals',
  }),
)

/** The body of a change of fee rates. */
export const FeeRatesBody = Type.Object({
  fee_rate: percent,
  tax_rate: percent,
  from: Type.Optional(
    parsedAs<Date>()(
      Type.String({
        pattern: '^\\d{4}-\\d{2}-\\d{2}$',
        description: 'The first day, in the account’s time zone. Absent: from now on.',
        'x-expected': 'a day such as 2027-01-01',
      }),
    ),
  ),
})

/** The body of a replacement of keys. */
export const RotateKeysBody = Type.Object({
  keys: Type.Array(Type.Enum([...ACCOUNT_KEY_NAMES]), { minItems: 1, uniqueItems: true }),
  overlap: Type.Optional(
    parsedAs<number>()(
      Type.String({
        maxLength: 10,
        description: 'How long the replaced keys stay valid. Default: 24h.',
        'x-expected': 'a duration such as 2h or 7d, at most 30d',
      }),
    ),
  ),
})

const optionalTime = Type.Optional(Type.String({ description: 'ISO 8601, in UTC.' }))
const rates = { fee_rate: Type.String(), tax_rate: Type.String() }
const keyEnds = {
  previous_signing_key_expires: optionalTime,
  previous_api_key_expires: optionalTime,
  previous_owner_key_expires: optionalTime,
}

const envelope = { code: Type.Literal(0), message: Type.Literal('success') }

/** The answer with the settings of an account. */
export const AccountAnswer = Type.Object({
  ...envelope,
  account: Type.Object({
    account_id: Type.String(),
    name: Type.String(),
    edition: Type.Enum(['IN', 'US']),
    status: Type.Enum(['open', 'closed']),
    closed_time: optionalTime,
    payment_methods: Type.Array(Type.String()),
    ...rates,
    rate_changes: Type.Optional(Type.Array(Type.Object({ from: Type.String(), ...rates }))),
    frame_origins: Type.Array(Type.String()),
    statement_descriptor: Type.String(),
    brand_color: Type.Optional(Type.String()),
    logo: Type.Optional(Type.String()),
    terms_url: Type.Optional(Type.String()),
    privacy_url: Type.Optional(Type.String()),
    powered_by: Type.Boolean(),
    ...keyEnds,
  }),
})

/** The answer with new keys. They are shown only once. */
export const RotatedKeysAnswer = Type.Object({
  ...envelope,
  keys: Type.Object({
    signing_key: Type.Optional(Type.String()),
    api_key: Type.Optional(Type.String()),
    owner_key: Type.Optional(Type.String()),
    ...keyEnds,
  }),
})
