/**
 * The credentials of a sandbox's preset accounts, the same at each start and on each machine. Live mode has none of
 * them.
 */
export const SANDBOX_VALUES: {
  readonly [Name in
    | 'accountId'
    | 'usAccountId'
    | 'clientId'
    | 'clientSecret'
    | 'refreshToken'
    | 'accessToken'
    | 'signingKey'
    | 'apiKey'
    | 'redirectUris']: string
} = {
  accountId: '23137556',
  usAccountId: '23137600',
  clientId: '1000.SANDBOX',
  clientSecret: 'sandbox_client_secret_0123456789abcdef',
  // The format of the real service's tokens: 1000.<32 hex>.<32 hex>.
  refreshToken: '1000.5061796465736b2073616e64626f7800.7265667265736820746f6b656e000001',
  accessToken: '1000.5061796465736b2073616e64626f7800.61636365737320746f6b656e20000001',
  signingKey: 'sandbox_signing_key_0123456789abcdef',
  apiKey: '1003.5061796465736b2073616e64626f7800.617069206b6579000000000000000001',
  redirectUris:
    'http://localhost:3000/oauth/callback,http://127.0.0.1:3000/oauth/callback,https://example.com/oauth/callback',
}

/**
 * Signs the events that `paydesk webhook listen` forwards to a receiver on the developer's machine. No endpoint has
 * this key: each gets its own.
 */
export const SANDBOX_WEBHOOK_SIGNING_KEY = 'sandbox_webhook_key_0123456789abcdef'

/** The accounts that a sandbox's IN account can transfer to. */
export const SANDBOX_CONNECTED_ACCOUNTS: readonly { readonly id: string; readonly name: string }[] =
  [
    { id: '23137556', name: 'Paydesk Test Shop' },
    { id: '23137557', name: 'Connected account one' },
    { id: '23137558', name: 'Connected account two' },
  ]
