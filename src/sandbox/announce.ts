import type { Static } from 'typebox'
import type { SandboxFacts } from './control/schemas.ts'
import { SANDBOX_CONNECTED_ACCOUNTS, type SANDBOX_VALUES } from './well-known.ts'

/** The address that the command line calls without a flag. */
const DEFAULT_BASE_URL = 'http://127.0.0.1:4242'

/**
 * Returns the addresses and credentials of a sandbox, by their names on the wire. With several processes there is no
 * console: it would show only a part of the calls.
 */
export function sandboxFacts(
  baseUrl: string,
  values: typeof SANDBOX_VALUES,
  hasConsole = true,
): Static<typeof SandboxFacts> {
  return {
    base_url: baseUrl,
    docs_url: `${baseUrl}/docs`,
    demo_url: `${baseUrl}/demo`,
    ...(hasConsole && { console_url: `${baseUrl}/console` }),
    account_id: values.accountId,
    us_account_id: values.usAccountId,
    connected_account_ids: SANDBOX_CONNECTED_ACCOUNTS.map(({ id }) => id),
    client_id: values.clientId,
    client_secret: values.clientSecret,
    refresh_token: values.refreshToken,
    access_token: values.accessToken,
    signing_key: values.signingKey,
    api_key: values.apiKey,
  }
}

/** Writes the text that a sandbox prints at its start. Its curl command works unchanged. */
export function announceSandbox(
  baseUrl: string,
  values: typeof SANDBOX_VALUES,
  database: string,
  hasConsole = true,
): string {
  const facts = sandboxFacts(baseUrl, values, hasConsole)
  const consoleLine =
    facts.console_url === undefined
      ? ''
      : `\n  Console         ${facts.console_url}  (shows and changes everything)`
  return `
  Paydesk sandbox: everything is real except the money

  Base URL        ${facts.base_url}  (open it: the first steps)
  Demo shop       ${facts.demo_url}  (a payment in two clicks)${consoleLine}
  Docs            ${facts.docs_url}  (description: ${baseUrl}/openapi.json)
  Database        ${database}

  Account         ${facts.account_id}  IN, rupees; transfers to ${facts.connected_account_ids.join(', ')}
  Account         ${facts.us_account_id}  US, any currency
  Access token    ${facts.access_token}  (never expires)
  Client id       ${facts.client_id}
  Client secret   ${facts.client_secret}
  Refresh token   ${facts.refresh_token}
  Signing key     ${facts.signing_key}
  API key         ${facts.api_key}

  Your first payment session:

${indented(createSessionCommand(facts, 'answer'))}

  The same, but print only the address of the checkout page:

${indented(createSessionCommand(facts, 'link'))}

  Pay with the card 4111 1111 1111 1111, any future expiry, any CVV, and the code 123456; more in docs/reference/sandbox.md

  In the terminal, or with --open in the browser:

  npx paydesk session create --amount 1499.90${urlFlag(baseUrl)}
  npx paydesk session pay <payments_session_id>${urlFlag(baseUrl)}

  Stop with Ctrl+C.
`
}

/**
 * Writes a complete curl command that creates a session. The command prints the answer, or only the address of the
 * checkout page, which is in the answer's `Link` header.
 */
export function createSessionCommand(
  facts: Pick<Static<typeof SandboxFacts>, 'base_url' | 'account_id' | 'access_token'>,
  prints: 'answer' | 'link',
): string {
  const { access_token: token, account_id: accountId, base_url: baseUrl } = facts
  const [flags, filter] =
    prints === 'answer'
      ? ['', '']
      : ['-s -o /dev/null -D - ', String.raw` | sed -n 's/^link: <\(.*\)>.*/\1/p'`]
  return `curl ${flags}'${baseUrl}/api/v1/paymentsessions?account_id=${accountId}' \\
  -H 'Authorization: Zoho-oauthtoken ${token}' \\
  -H 'content-type: application/json' \\
  -d '{"amount": 100.5, "currency": "INR", "description": "Order 12345"}'${filter}`
}

/** Writes the flag with which the command line calls this server. Empty: it calls this server without a flag. */
function urlFlag(baseUrl: string): string {
  return baseUrl === DEFAULT_BASE_URL ? '' : ` --url ${baseUrl}`
}

function indented(text: string): string {
  return text.replaceAll(/^/gm, '  ')
}
