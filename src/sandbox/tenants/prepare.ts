import type { Account, AccountPage } from '../../domain/account.ts'
import type { Clock } from '../../domain/clock.ts'
import { FEE_RATES_DEFAULT } from '../../domain/fee.ts'
import { type AccountId, parseAccountId } from '../../domain/id.ts'
import { PAYMENT_METHODS } from '../../domain/payment-method.ts'
import type { Random } from '../../domain/random.ts'
import { SCOPES } from '../../domain/scope.ts'
import { hashSecret, type Keys } from '../../domain/secret.ts'
import { withSecrets } from '../../operations/create-account.ts'
import { REFRESH_TOKEN_COUNT_MAX } from '../../operations/grant-tokens.ts'
import type { Store } from '../../operations/store.ts'
import { SANDBOX_CONNECTED_ACCOUNTS, SANDBOX_VALUES } from '../well-known.ts'

/** The id of the grant of the preset tokens. With it a start can replace them. */
const GRANT_ID = 'sandbox'

/** An account besides the preset ones, with checked fields. */
export type CheckedAccount = Pick<Account, 'id' | 'name' | 'edition'> & AccountPage

/** Draws credentials that no other tenant accepts. */
export function ownValues(random: Random): typeof SANDBOX_VALUES {
  const hex = (byteCount: number) => Buffer.from(random.bytes(byteCount)).toString('hex')
  const digits = () => String(10_000_000 + random.below(90_000_000))
  const token = (kind: string) => `${kind}.${hex(16)}.${hex(16)}`
  const accountId = digits()
  return {
    accountId,
    usAccountId: String(Number(accountId) + 100_000_000),
    clientId: `1000.${hex(8).toUpperCase()}`,
    clientSecret: hex(20),
    refreshToken: token('1000'),
    accessToken: token('1000'),
    signingKey: hex(32),
    apiKey: token('1003'),
    redirectUris: SANDBOX_VALUES.redirectUris,
  }
}

/**
 * Stores the preset accounts, client and tokens of a sandbox, and updates those that exist. Other rows do not change.
 * Several processes may run it at once. `more`: accounts besides the preset ones, for which the preset token may act
 * too.
 */
export async function prepareSandbox(
  deps: {
    readonly clock: Clock
    readonly random: Random
    readonly keys: Keys
    readonly store: Store
  },
  values: typeof SANDBOX_VALUES,
  more: readonly CheckedAccount[] = [],
): Promise<void> {
  const nowMs = deps.clock.nowMs()
  const indian = parseAccountId(values.accountId) as AccountId
  const american = parseAccountId(values.usAccountId) as AccountId
  const grant = {
    clientId: values.clientId,
    accountIds: [indian, american, ...more.map(({ id }) => id)],
    scopes: SCOPES,
    grantId: GRANT_ID,
  }
  const accountRow = (account: CheckedAccount) =>
    withSecrets(
      deps,
      {
        ...account,
        paymentMethods: PAYMENT_METHODS[account.edition],
        feeRates: FEE_RATES_DEFAULT,
        // The developer's page may have any origin.
        frameOrigins: ['*'],
      },
      // A sandbox's consent page does not ask for the owner key, so this one is not used.
      { signingKey: values.signingKey, apiKey: values.apiKey, ownerKey: values.signingKey },
    )

  await deps.store.transaction(async (tx) => {
    // The client comes first, because this locks its row: processes that start at the same time take turns from here.
    await tx.clients.put(
      {
        id: values.clientId,
        name: 'Demo application',
        secret: { value: hashSecret(values.clientSecret) },
        accountIds: grant.accountIds,
        redirectUris: values.redirectUris.split(',').map((uri) => uri.trim()),
        isMachine: true,
      },
      nowMs,
    )
    await tx.accounts.put(
      accountRow({ id: indian, name: 'Paydesk Test Shop', edition: 'IN' }),
      nowMs,
    )
    await tx.accounts.put(
      accountRow({ id: american, name: 'Paydesk Test Shop (US)', edition: 'US' }),
      nowMs,
    )
    for (const account of more) await tx.accounts.put(accountRow(account), nowMs)
    for (const { id, name } of SANDBOX_CONNECTED_ACCOUNTS) {
      await tx.connectedAccounts.put({
        id: parseAccountId(id) as AccountId,
        accountId: indian,
        name,
        details: {},
        createdAtMs: nowMs,
      })
    }
    await tx.tokens.deleteDirectByGrant(GRANT_ID)
    await tx.tokens.insertRefreshToken(
      hashSecret(values.refreshToken),
      grant,
      nowMs,
      REFRESH_TOKEN_COUNT_MAX,
    )
    await tx.tokens.insertAccessToken(hashSecret(values.accessToken), grant, undefined)
  })
}
