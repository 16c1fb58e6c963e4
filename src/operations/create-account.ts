import type { Account, AccountPage } from '../domain/account.ts'
import type { AccountKeyName } from '../domain/account-key-name.ts'
import { FEE_RATES_DEFAULT } from '../domain/fee.ts'
import { type AccountId, parseAccountId } from '../domain/id.ts'
import type { Logo } from '../domain/logo.ts'
import { type Edition, PAYMENT_METHODS } from '../domain/payment-method.ts'
import type { Random } from '../domain/random.ts'
import type { Keys } from '../domain/secret.ts'
import { accountFields } from '../wire/account.ts'
import { drawAccountSecret, storedSecret } from './account-secrets.ts'
import type { AccountInsert, Store, Transaction } from './store.ts'
import { storeWithFreeId } from './store-drawn.ts'
import { type AuditDeps, writeAuditEntry } from './write-audit-entry.ts'

type Deps = AuditDeps & {
  readonly random: Random
  readonly keys: Keys
}

/** The secrets of a new account. None can be read later. */
type AccountSecrets = Readonly<Record<`${AccountKeyName}Key`, string>>

type NewAccount = { readonly account: Account; readonly secrets: AccountSecrets }

/** The settings of a new account. Absent ones have their default. */
type AccountSettings = Partial<
  Pick<Account, 'paymentMethods' | 'frameOrigins' | 'statementDescriptor' | 'feeRates'> &
    AccountPage & { readonly logo: Logo }
>

/** Makes an account with new secrets and a new id of 11 digits. */
export function createAccount(
  deps: Deps & { readonly store: Pick<Store, 'transaction'> },
  name: string,
  edition: Edition,
  settings: AccountSettings = {},
): Promise<NewAccount> {
  return deps.store.transaction((tx) => createAccountIn(tx, deps, { ...settings, name, edition }))
}

/** Does the same as `createAccount` in a transaction. */
export async function createAccountIn(
  tx: Pick<Transaction, 'accounts' | 'auditLog'>,
  deps: Deps,
  { logo, ...settings }: AccountSettings & Pick<Account, 'edition' | 'name'>,
): Promise<NewAccount> {
  const nowMs = deps.clock.nowMs()
  const secrets: AccountSecrets = {
    signingKey: drawAccountSecret(deps.random, 'signing'),
    apiKey: drawAccountSecret(deps.random, 'api'),
    ownerKey: drawAccountSecret(deps.random, 'owner'),
  }
  const draw = (): Account => ({
    id: drawAccountId(deps.random),
    paymentMethods: PAYMENT_METHODS[settings.edition],
    feeRates: FEE_RATES_DEFAULT,
    frameOrigins: [],
    ...settings,
  })
  const account = await storeWithFreeId(draw, (newAccount) =>
    tx.accounts.insert(withSecrets(deps, newAccount, secrets), nowMs),
  )
  if (logo !== undefined) await tx.accounts.putLogo(logo, nowMs)
  const after = accountFields(account)
  await writeAuditEntry(tx, deps, { action: 'account.create', objectId: account.id, after })
  return { account, secrets }
}

/** Draws the id of an account or a connected account: 11 digits. */
export function drawAccountId({ below }: Random): AccountId {
  return parseAccountId(String(60_000_000_000 + below(10_000_000_000))) as AccountId
}

/** Makes an account's row with the stored forms of its secrets. */
export function withSecrets(
  deps: Pick<Deps, 'random' | 'keys'>,
  account: Account,
  { apiKey, ownerKey, signingKey }: AccountSecrets,
): AccountInsert {
  return {
    ...account,
    keys: {
      signing: { value: storedSecret(deps, 'signing', signingKey) },
      api: { value: storedSecret(deps, 'api', apiKey) },
      owner: { value: storedSecret(deps, 'owner', ownerKey) },
    },
  }
}
