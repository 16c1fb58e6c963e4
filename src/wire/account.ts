import { type Account, statementDescriptorOf } from '../domain/account.ts'
import { type AccountKeys, previousAt, type StoredKey } from '../domain/account-keys.ts'
import { type FeeRates, percentOf } from '../domain/fee.ts'

/** Makes the object of a merchant account, for operators. It has no secrets. Paydesk only. */
export function accountFields(account: Account) {
  const { closedAtMs } = account
  return {
    account_id: account.id,
    name: account.name,
    edition: account.edition,
    status: closedAtMs === undefined ? 'open' : 'closed',
    closed_time: closedAtMs === undefined ? undefined : new Date(closedAtMs).toISOString(),
    payment_methods: account.paymentMethods,
    ...ratesFields(account.feeRates),
    rate_changes: account.feeChanges?.map((change) => ({
      from: new Date(change.fromMs).toISOString(),
      ...ratesFields(change),
    })),
    frame_origins: account.frameOrigins,
    statement_descriptor: statementDescriptorOf(account),
    brand_color: account.brandColor,
    logo: account.logoFile,
    terms_url: account.termsUrl,
    privacy_url: account.privacyUrl,
    payout_schedule: account.payoutSchedule,
    bank_account_last_four_digits: account.bankAccount?.lastFourDigits,
    powered_by: account.hidesPoweredBy !== true,
  }
}

/**
 * Makes the object of an account's keys: the ends of the overlaps in which previous keys are valid.
 * No secrets.
 */
export function accountKeyFields({ api, owner, signing }: AccountKeys, nowMs: number) {
  const end = (key: StoredKey) => {
    const previous = previousAt(key, nowMs)
    return previous && new Date(previous.untilMs).toISOString()
  }
  return {
    previous_signing_key_expires: end(signing),
    previous_api_key_expires: end(api),
    previous_owner_key_expires: end(owner),
  }
}

function ratesFields({ feeRateBps, taxRateBps }: FeeRates) {
  return { fee_rate: percentOf(feeRateBps), tax_rate: percentOf(taxRateBps) }
}
