import { resolve } from 'node:path'
import { parseCustomerCreate } from '../../api/customers/parse.ts'
import { ApiError } from '../../api/errors.ts'
import { parsePaymentSessionCreate } from '../../api/payment-sessions/parse.ts'
import { type JsonValue, readJson } from '../../api/read-json.ts'
import { refuseUnknownFields } from '../../api/unknown-fields.ts'
import { parseWebhookCreate } from '../../api/webhooks/parse.ts'
import type { TriggeredSession } from '../../client/control-types.ts'
import { isPageUrl } from '../../domain/account.ts'
import { isBrandColor } from '../../domain/brand-color.ts'
import type { CustomerFields } from '../../domain/customer.ts'
import { type AccountId, type CustomerId, parseAccountId, parseId } from '../../domain/id.ts'
import type { Logo } from '../../domain/logo.ts'
import { PAYMENT_METHODS } from '../../domain/payment-method.ts'
import { isPlainText } from '../../domain/text.ts'
import { isBlankKey } from '../../domain/webhook-key.ts'
import { readLogoFile } from '../../server/read-logo-file.ts'
import type { WebhookTargets } from '../../webhooks/address-guard.ts'
import { readFault } from '../faults/fault-fields.ts'
import type { CheckedAccount } from '../tenants/prepare.ts'
import type { SANDBOX_VALUES } from '../well-known.ts'
import type { ReadyAccount, SandboxContents } from './contents.ts'
import { AccountFields, EndpointFields, ReadyCustomerFields } from './schemas.ts'
import { readTriggerSession } from './trigger-fields.ts'

/**
 * The contents cannot be used. The message is a sentence that names the field, such as `sandbox.faults[0].target`.
 */
export class ContentsUnusable extends Error {}

/** The facts that the check of the contents needs. */
export type CheckDeps = {
  /** The folder of the settings file. */
  readonly folder: string
  readonly values: Pick<typeof SANDBOX_VALUES, 'accountId' | 'usAccountId'>
  readonly webhookTargets: WebhookTargets
}

/** Contents that passed all checks that need no database. */
export type CheckedContents = {
  readonly accounts: readonly FileAccount[]
  readonly customers: readonly CheckedCustomer[]
  readonly endpoints: readonly CheckedEndpoint[]
  readonly faults: NonNullable<SandboxContents['faults']>
  readonly sessions: NonNullable<SandboxContents['sessions']>
}

/** A customer of the file. */
export type CheckedCustomer = { readonly accountId: AccountId; readonly fields: CustomerFields }

/** An endpoint of the file. `signingKey` undefined: it gets a new key. */
export type CheckedEndpoint = {
  readonly request: ReturnType<typeof parseWebhookCreate>
  readonly signingKey?: string
}

/**
 * Checks the contents that a settings file describes, with the readers of the API and the control API. Throws
 * ContentsUnusable for the first mistake.
 */
export function checkContents(
  deps: CheckDeps,
  { accounts = [], customers = [], endpoints = [], faults = [], sessions = [] }: SandboxContents,
): CheckedContents {
  const contents: CheckedContents = {
    faults,
    sessions,
    accounts: accounts.map((account, index) =>
      withPlace(`accounts[${index}]`, () => checkAccount(account, deps.folder)),
    ),
    customers: customers.map((customer, index) =>
      withPlace(`customers[${index}]`, () => checkCustomer(deps, customer)),
    ),
    endpoints: endpoints.map((endpoint, index) =>
      withPlace(`endpoints[${index}]`, () => checkEndpoint(deps, endpoint)),
    ),
  }
  for (const [index, fault] of faults.entries()) {
    // The time has no effect, because the rule is only checked.
    withPlace(`faults[${index}]`, () => readFault(jsonOf(fault), 0))
  }
  for (const [index, session] of sessions.entries()) {
    checkSession(deps, `sessions[${index}]`, session)
  }
  return contents
}

type ReadyCustomer = NonNullable<SandboxContents['customers']>[number]

function checkCustomer(
  { values }: CheckDeps,
  { account_id: account = values.accountId, ...fields }: ReadyCustomer,
): CheckedCustomer {
  const accountId = parseAccountId(String(account))
  if (accountId === undefined) throw invalid('account_id', 'must be an account of this sandbox.')
  const body = jsonOf(fields)
  refuseUnknownFields(ReadyCustomerFields, body)
  return { accountId, fields: parseCustomerCreate(body) }
}

const SIGNING_KEY_LENGTH_MIN = 8

type ReadyEndpoint = NonNullable<SandboxContents['endpoints']>[number]

function checkEndpoint(
  { values, webhookTargets }: CheckDeps,
  { account_id: account = values.accountId, signing_key: key, ...fields }: ReadyEndpoint,
): CheckedEndpoint {
  const accountId = parseAccountId(String(account))
  if (accountId === undefined) throw invalid('account_id', 'must be an account of this sandbox.')
  if (key !== undefined && !isText(key, isUsableKey)) {
    throw invalid('signing_key', `must be a text of at least ${SIGNING_KEY_LENGTH_MIN} characters.`)
  }
  const body = jsonOf(fields)
  refuseUnknownFields(EndpointFields, body)
  const request = parseWebhookCreate(body, accountId, webhookTargets)
  return { request, ...(key !== undefined && { signingKey: key }) }
}

function isUsableKey(key: string): boolean {
  return key.length >= SIGNING_KEY_LENGTH_MIN && !isBlankKey(key)
}

function checkSession({ values }: CheckDeps, place: string, play: TriggeredSession): void {
  const { accountId: text = values.accountId } = withPlace(place, () =>
    readTriggerSession(jsonOf(play)),
  )
  const id = parseAccountId(text)
  if (id === undefined || (id !== values.accountId && id !== values.usAccountId)) {
    throw unusable(place, 'account_id', 'account_id must be one of the sandbox’s preset accounts.')
  }
  const edition = id === values.usAccountId ? 'US' : 'IN'
  const { customer_id: customer } = play.session ?? {}
  const fields = { amount: '100.00', currency: edition === 'US' ? 'USD' : 'INR', ...play.session }
  const accounts = (play.session?.transfer_details ?? []).flatMap(
    ({ connected_account_id: one }): AccountId | readonly AccountId[] =>
      parseAccountId(String(one)) ?? [],
  )
  withPlace(`${place}.session`, () =>
    parsePaymentSessionCreate(jsonOf(fields), {
      account: { id, edition, paymentMethods: PAYMENT_METHODS[edition] },
      // Connected accounts and customers are in the database, so the request is checked again when
      // the session is created.
      connectedAccounts: new Set(accounts),
      customerId: customer === undefined ? undefined : parseId<CustomerId>(String(customer)),
      mode: 'sandbox',
    }),
  )
}

/** An account of the file, and its logo to store. */
export type FileAccount = { readonly account: CheckedAccount; readonly logo?: Logo }

/** The fields come from a file, so each can have any type. Throws ApiError. */
function checkAccount(account: ReadyAccount, folder: string): FileAccount {
  refuseUnknownFields(AccountFields, jsonOf(account))
  const { account_id: text, edition, name, powered_by: poweredBy } = account
  const id = typeof text === 'string' ? parseAccountId(text) : undefined
  if (id === undefined) throw invalid('account_id', 'must be a text of digits.')
  if (!isPlainText(name)) throw invalid('name', 'must have 1 to 200 characters on one line.')
  if (edition !== 'IN' && edition !== 'US') throw invalid('edition', 'must be IN or US.')
  if (poweredBy !== undefined && typeof poweredBy !== 'boolean') {
    throw invalid('powered_by', 'must be true or false.')
  }
  const { brand_color: brandColor, privacy_url: privacyUrl, terms_url: termsUrl } = account
  const aColor = 'must be a color such as #1a56db.'
  if (brandColor !== undefined && !isText(brandColor, isBrandColor)) {
    throw invalid('brand_color', aColor)
  }
  const aUrl = 'must be a complete http or https URL without a password.'
  if (termsUrl !== undefined && !isText(termsUrl, isPageUrl)) throw invalid('terms_url', aUrl)
  if (privacyUrl !== undefined && !isText(privacyUrl, isPageUrl)) throw invalid('privacy_url', aUrl)
  const logo = account.logo === undefined ? undefined : logoIn(folder, account.logo)
  return {
    account: {
      id,
      name,
      edition,
      ...(brandColor !== undefined && { brandColor }),
      ...(termsUrl !== undefined && { termsUrl }),
      ...(privacyUrl !== undefined && { privacyUrl }),
      ...(poweredBy === false && { hidesPoweredBy: true }),
      ...(logo !== undefined && { logoFile: logo.file }),
    },
    ...(logo !== undefined && { logo }),
  }
}

function isText(value: unknown, isValid: (text: string) => boolean): boolean {
  return typeof value === 'string' && isValid(value)
}

function logoIn(folder: string, path: unknown): Logo {
  if (typeof path !== 'string') throw invalid('logo', 'must be the path of a file.')
  let logo: ReturnType<typeof readLogoFile>
  try {
    logo = readLogoFile(resolve(folder, path))
  } catch {
    throw invalid('logo', 'cannot be read: the path starts at the folder of the settings file.')
  }
  if ('refused' in logo) throw invalid('logo', `cannot be used. ${logo.refused}`)
  return logo
}

function invalid(field: string, text: string): ApiError {
  return new ApiError('invalid_parameter', field, `${field} ${text}`)
}

/** Runs a check whose error names a field of one object of the file. */
export function withPlace<Value>(place: string, check: () => Value): Value {
  try {
    return check()
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    throw unusable(place, error.field, error.message)
  }
}

/** Makes the error for a field of one object of the file. `message`: the API's message. */
export function unusable(
  place: string,
  field: string | undefined,
  message: string,
): ContentsUnusable {
  if (field === undefined) return new ContentsUnusable(`sandbox.${place}: ${message}`)
  // Most messages begin with the field.
  const text = message.startsWith(`${field} `) ? message : `${field}: ${message}`
  return new ContentsUnusable(`sandbox.${place}.${text}`)
}

/** Converts a value of the file as a request would carry it. */
export function jsonOf(value: object): JsonValue {
  return readJson(Buffer.from(JSON.stringify(value))).value
}
