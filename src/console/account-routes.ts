import { httpAnswerFrom, ok } from '../api/answer.ts'
import { answerOnce } from '../api/answer-once.ts'
import { ApiError } from '../api/errors.ts'
import { Problem } from '../api/read-fields.ts'
import { renderOne } from '../api/render-envelope.ts'
import { isPageUrl, isStatementDescriptor } from '../domain/account.ts'
import { accountDayStartMs } from '../domain/account-day.ts'
import { KEY_OVERLAP_MS, KEY_OVERLAP_MS_MAX } from '../domain/account-keys.ts'
import { isBrandColor } from '../domain/brand-color.ts'
import { parseDuration } from '../domain/duration.ts'
import { FEE_CHANGE_COUNT_MAX, parsePercent } from '../domain/fee.ts'
import { readLogo } from '../domain/logo.ts'
import { isOrigin } from '../domain/origin.ts'
import { isPlainText } from '../domain/text.ts'
import { closeAccount, reopenAccount } from '../operations/close-account.ts'
import { rotateLockedKeys } from '../operations/rotate-account-keys.ts'
import { type AccountChange, updateAccount } from '../operations/update-account.ts'
import { accountFields, accountKeyFields } from '../wire/account.ts'
import {
  AccountAnswer,
  AccountUpdateBody,
  FeeRatesBody,
  NO_SETTING,
  RotatedKeysAnswer,
  RotateKeysBody,
} from './account-schemas.ts'
import { type AccountContext, accountRoute, bodyFieldsOf } from './console-route.ts'

const tag = 'Accounts'
/** The maximum number of changes of one account a minute. */
const CHANGES_PER_MINUTE = 30

/** Makes the rule of a setting that the text `none` removes. */
const settingOf =
  (isValid: (text: string) => boolean, must: string) =>
  (text: string): { readonly value: string | undefined } | Problem => {
    if (text === NO_SETTING) return { value: undefined }
    return isValid(text) ? { value: text } : new Problem(must)
  }

const readUpdate = bodyFieldsOf(AccountUpdateBody, {
  name: (text) => (isPlainText(text) ? text : new Problem('must not be blank')),
  statement_descriptor: settingOf(
    isStatementDescriptor,
    'must be one line of 1 to 22 characters, or the word none',
  ),
  frame_origins: {
    each: (text) =>
      isOrigin(text)
        ? text
        : new Problem('must be an origin: scheme, host and port, without a slash at the end'),
  },
  brand_color: settingOf(isBrandColor, 'must be a color such as #1a56db, or the word none'),
  terms_url: settingOf(isPageUrl, 'must be a complete http or https URL, or the word none'),
  privacy_url: settingOf(isPageUrl, 'must be a complete http or https URL, or the word none'),
  logo: (text) => {
    if (text === NO_SETTING) return { value: undefined }
    const logo = readLogo(Buffer.from(text, 'base64'))
    return 'refused' in logo ? new Problem('must be a PNG, JPEG or WebP image') : { value: logo }
  },
})

/** Reads a percentage such as `1.95`, in basis points. */
export const readPercent = (text: string): number | Problem =>
  parsePercent(text) ?? new Problem('must be a percentage from 0 to 100 with up to two decimals')

const readFeeRates = bodyFieldsOf(FeeRatesBody, {
  fee_rate: readPercent,
  tax_rate: readPercent,
  from: (text) => {
    const date = new Date(`${text}T00:00:00Z`)
    // `Date` turns a day that does not exist, such as 30 February, into another day.
    const isDay = Number.isFinite(date.getTime()) && date.toISOString().startsWith(text)
    return isDay ? date : new Problem('must be a day such as 2027-01-01')
  },
})

const readRotation = bodyFieldsOf(RotateKeysBody, {
  overlap: (text) => {
    const overlapMs = parseDuration(text)
    return overlapMs === undefined || overlapMs > KEY_OVERLAP_MS_MAX
      ? new Problem('must be a duration such as 2h or 7d, at most 30d')
      : overlapMs
  },
})

const readAccount = accountRoute({
  method: 'GET',
  url: '/account',
  operationId: 'readAccount',
  tag,
  summary: 'Read the settings of the account',
  description: 'Returns the settings of the account, without its keys.',
  answers: { 200: AccountAnswer },
  handle: async (call) => ok(await renderAccount(call)),
})

const updateRoute = accountRoute({
  method: 'PUT',
  url: '/account',
  operationId: 'updateAccount',
  tag,
  summary: 'Change the settings of the account',
  description: 'Changes the given settings. Every server applies the changes within 20 seconds.',
  ratePerMinute: CHANGES_PER_MINUTE,
  body: AccountUpdateBody,
  readBody: readUpdate,
  answers: { 200: AccountAnswer },
  handle: async (call) => {
    const { body } = call
    await update(call, {
      ...(body.name !== undefined && { name: body.name }),
      ...(body.statement_descriptor && { statementDescriptor: body.statement_descriptor.value }),
      ...(body.frame_origins !== undefined && { frameOrigins: body.frame_origins }),
      ...(body.brand_color && { brandColor: body.brand_color.value }),
      ...(body.terms_url && { termsUrl: body.terms_url.value }),
      ...(body.privacy_url && { privacyUrl: body.privacy_url.value }),
      ...(body.powered_by !== undefined && { hidesPoweredBy: !body.powered_by }),
      ...(body.logo && { logoFile: body.logo.value?.file }),
      ...(body.logo?.value && { logo: body.logo.value }),
    })
    return ok(await renderAccount(call))
  },
})

const changeFeeRates = accountRoute({
  method: 'PUT',
  url: '/account/fee_rates',
  operationId: 'changeFeeRates',
  tag,
  summary: 'Change the fee rates of the account',
  description: 'The fees of past payments do not change.',
  ratePerMinute: CHANGES_PER_MINUTE,
  body: FeeRatesBody,
  readBody: readFeeRates,
  answers: { 200: AccountAnswer },
  handle: async (call) => {
    const { fee_rate: feeRateBps, from, tax_rate: taxRateBps } = call.body
    const day = from && {
      year: from.getUTCFullYear(),
      month: from.getUTCMonth(),
      day: from.getUTCDate(),
    }
    const fromMs = day && accountDayStartMs(call.account.edition, day)
    await update(call, { feeRates: { feeRateBps, taxRateBps, fromMs } })
    return ok(await renderAccount(call))
  },
})

const rotateKeys = accountRoute({
  method: 'POST',
  url: '/account/keys',
  operationId: 'rotateAccountKeys',
  tag,
  summary: 'Replace keys of the account',
  description: 'The new keys are shown only once. During the overlap the replaced keys stay valid.',
  ratePerMinute: CHANGES_PER_MINUTE,
  body: RotateKeysBody,
  readBody: readRotation,
  answers: { 200: RotatedKeysAnswer },
  handle: async (call) => {
    const { account, body, idempotent, tenant } = call
    const rotation = { names: body.keys, overlapMs: body.overlap ?? KEY_OVERLAP_MS }
    const once = await answerOnce(tenant, idempotent, {
      lock: (tx) => tx.accounts.lockKeys(account.id),
      missing: unknownAccount,
      change: (tx, before) =>
        rotateLockedKeys(tx, asActor(call), { id: account.id, before }, rotation),
      render: ({ keys, secrets: { api, owner, signing } }) => ({
        status: 200,
        body: renderOne('keys', {
          signing_key: signing,
          api_key: api,
          owner_key: owner,
          ...accountKeyFields(keys, tenant.clock.nowMs()),
        }),
        resourceId: account.id,
      }),
    })
    return httpAnswerFrom(once)
  },
})

const closeRoute = accountRoute({
  method: 'POST',
  url: '/account/close',
  operationId: 'closeAccount',
  tag,
  summary: 'Close the account',
  description:
    'After at most 20 seconds the API refuses new sessions of the account. Customers can still pay open sessions.',
  ratePerMinute: CHANGES_PER_MINUTE,
  answers: { 200: AccountAnswer },
  handle: async (call) => {
    await closeAccount(asActor(call), call.account.id)
    return ok(await renderAccount(call))
  },
})

const reopenRoute = accountRoute({
  method: 'POST',
  url: '/account/reopen',
  operationId: 'reopenAccount',
  tag,
  summary: 'Reopen the account',
  description: 'Opens a closed account for new payment sessions.',
  ratePerMinute: CHANGES_PER_MINUTE,
  answers: { 200: AccountAnswer },
  handle: async (call) => {
    await reopenAccount(asActor(call), call.account.id)
    return ok(await renderAccount(call))
  },
})

/** The routes of the settings of one account. */
export const ACCOUNT_ROUTES = [
  readAccount,
  updateRoute,
  changeFeeRates,
  rotateKeys,
  closeRoute,
  reopenRoute,
]

function asActor({ actor, tenant }: AccountContext) {
  return { ...tenant, actor: actor() }
}

async function update(call: AccountContext, change: AccountChange): Promise<void> {
  const result = await updateAccount(asActor(call), call.account.id, change)
  if (result === undefined) throw unknownAccount()
  if (!('refused' in result)) return
  throw new ApiError(
    'invalid_parameter',
    'from',
    result.refused === 'rates_in_the_past'
      ? 'The first day in "from" must be later than today: the fees of past payments do not change.'
      : `An account can have at most ${FEE_CHANGE_COUNT_MAX} changes of its rates.`,
  )
}

/** Reads the account again, because a change of this request outdates the request's account. */
async function renderAccount({ account: { id }, tenant }: AccountContext): Promise<string> {
  const { accounts } = tenant.store
  const [account, keys] = await Promise.all([accounts.find(id), accounts.findKeys(id)])
  if (account === undefined || keys === undefined) throw unknownAccount()
  return renderOne('account', {
    ...accountFields(account),
    ...accountKeyFields(keys, tenant.clock.nowMs()),
  })
}

function unknownAccount(): ApiError {
  return new ApiError('resource_does_not_exist', 'account_id', 'There is no such account.')
}
