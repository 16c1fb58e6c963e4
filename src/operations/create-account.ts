import type { Account } from '../domain/account.ts'
import { FEE_RATES_DEFAULT } from '../domain/fee.ts'
import { type AccountId, parseAccountId } from '../domain/id.ts'
import { type Edition, PAYMENT_METHODS } from '../domain/payment-method.ts'
import { hashSecret, type Keys, SEAL_NONCE_BYTES, seal } from '../domain/secret.ts'
import { makeToken } from './authorize-client.ts'
import type { AccountInsert, Clock, Random, Store } from './ports.ts'

type Deps = {
  readonly clock: Clock
  readonly random: Random
  readonly keys: Keys
  readonly store: Pick<Store, 'transaction'>
}

/** The secrets of an account. This is the only time that all of them can be read. */
export type AccountSecrets = {
  /** Signs redirects and widget answers; the merchant checks them with it. */
  readonly signingKey: string
  /** Lets the merchant's pages open the widget. */
  readonly apiKey: string
  /** Lets the account's owner answer a consent page in live mode. */
  readonly ownerKey: string
}

const DRAW_COUNT_MAX = 8

/** Makes an account with new secrets and a new id of 11 digits. */
export async function createAccount(
  deps: Deps,
  name: string,
  edition: Edition,
  more: Partial<Pick<Account, 'paymentMethods' | 'frameOrigins' | 'brandColor'>> = {},
): Promise<{ readonly account: Account; readonly secrets: AccountSecrets }> {
  const secrets: AccountSecrets = {
    signingKey: Buffer.from(deps.random.bytes(32)).toString('hex'),
    apiKey: makeToken(deps.random).replace('1000', '1003'),
    ownerKey: Buffer.from(deps.random.bytes(24)).toString('base64url'),
  }
  for (let drawCount = 0; drawCount < DRAW_COUNT_MAX; drawCount += 1) {
    const id = parseAccountId(
      String(60_000_000_000 + deps.random.below(10_000_000_000)),
    ) as AccountId
    const account: Account = {
      id,
      name,
      edition,
      paymentMethods: PAYMENT_METHODS[edition],
      feeRates: FEE_RATES_DEFAULT,
      frameOrigins: [],
      ...more,
    }
    const isStored = await deps.store.transaction((tx) =>
      tx.insertAccount(withSecrets(deps, account, secrets), deps.clock.nowMs()),
    )
    if (isStored) return { account, secrets }
  }
  throw new Error(`${DRAW_COUNT_MAX} account ids in a row were taken`)
}

/** Gives an account's row: what is stored of its secrets. */
export function withSecrets(
  { random, keys }: Pick<Deps, 'random' | 'keys'>,
  account: Account,
  { signingKey, apiKey, ownerKey }: AccountSecrets,
): AccountInsert {
  return {
    ...account,
    signingKeySealed: seal(signingKey, keys.sealing, random.bytes(SEAL_NONCE_BYTES)),
    apiKeyHash: hashSecret(apiKey),
    ownerKeyHash: hashSecret(ownerKey),
  }
}
