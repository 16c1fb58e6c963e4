/** Prints `docs/reference/coverage.md`, which compares the calls of the real API with the routes of Paydesk. */
import { createPaymentSessionRoute } from '../src/api/payment-sessions/routes.ts'
import { API_ROUTES } from '../src/api/routes.ts'
import { PAYDESK_EVENT_TYPES, WEBHOOK_EVENT_TYPES } from '../src/domain/webhook-event.ts'
import { CONTROL_ROUTES } from '../src/sandbox/control/routes.ts'
import { REAL_CALLS, REAL_SESSION_TYPES, type RealCall } from './real-calls.ts'

/** A call of the real API. `isServed` is true if Paydesk has a route for it. */
export type CoveredCall = RealCall & { readonly resource: string; readonly isServed: boolean }

/** Compares the calls of the real API with the routes. */
export function coveredCalls(): readonly CoveredCall[] {
  const servedNames = new Set(API_ROUTES.map(nameOf))
  return Object.entries(REAL_CALLS).flatMap(([resource, calls]) =>
    calls.map((one) => ({
      ...one,
      resource,
      isServed: servedNames.has(`${one.method} ${one.path}`),
    })),
  )
}

/** The routes of Paydesk that the real API does not have. */
export function ownRoutes(): typeof API_ROUTES {
  const real = new Set(coveredCalls().map(({ method, path }) => `${method} ${path}`))
  return API_ROUTES.filter((one) => !real.has(nameOf(one)))
}

/** `POST /payments/{}/refunds`: the name of a route in the list of the real API's calls. */
function nameOf({ method, url }: { readonly method: string; readonly url: string }): string {
  return `${method} ${url.replaceAll(/\{\w+\}/g, '{}')}`
}

/** Returns true if Paydesk creates sessions of a type. Undefined: a session for one payment. */
export function servesSessionType(type: string | undefined): boolean {
  const { variants = {} } = createPaymentSessionRoute
  return type === undefined || Object.hasOwn(variants, type)
}

const yes = (isServed: boolean) => (isServed ? 'yes' : 'not yet')

/** Returns the text of `docs/reference/coverage.md`. */
export function printCoverage(printedBy: string): string {
  const calls = coveredCalls()
  const servedCalls = calls.filter(({ isServed }) => isServed)
  const resources = Object.keys(REAL_CALLS).map((resource) => {
    const rows = calls
      .filter((one) => one.resource === resource)
      .map(
        ({ editions, isServed, method, path, summary }) =>
          `| \`${method} ${path.replaceAll('{}', '{id}')}\` | ${summary} | ${editions} | ${yes(isServed)} |`,
      )
    return `### ${resource}\n\n| call | purpose | edition | served |\n|---|---|---|---|\n${rows.join('\n')}`
  })
  const types = REAL_SESSION_TYPES.map(
    ([type, summary, editions]) =>
      `| ${type === undefined ? 'none' : `\`${type}\``} | ${summary} | ${editions} | ${yes(servesSessionType(type))} |`,
  )
  const events = WEBHOOK_EVENT_TYPES.map((type) => `| \`${type}\` | yes |`)
  const own = ownRoutes().map(({ method, summary, url }) => `| \`${method} ${url}\` | ${summary} |`)
  return `# Coverage of the Zoho Payments API

<!-- ${printedBy} -->

Paydesk serves ${servedCalls.length} of the ${calls.length} calls of the Zoho Payments API v1. This page is printed from the routes; a test
sends a request to each call. The list of calls is from the real API’s reference and the official server SDKs, as of
November 2026. A call that is not served yet answers 404 with the code \`error\`, or 405 if its path serves other methods.
The edition, IN (India) or US, is the country’s version of Zoho Payments: the real API has a call only for accounts
of the editions in the call’s row.

Paydesk is tested against the documented requests and answers, not against Zoho’s servers: behavior that the
reference does not describe can differ. [The decisions](../decisions/README.md) describe those cases. [Conformance](../guides/conformance.md) compares a sandbox of the real service with the contract.

## Calls

${resources.join('\n\n')}

## Kinds of payment sessions

\`type\` in the body of \`POST /paymentsessions\`. For other values the answer is 400 and names the field.

| type | purpose | edition | served |
|---|---|---|---|
${types.join('\n')}

## Webhook events

Paydesk also has its own events, for endpoints that subscribe to them by name: ${PAYDESK_EVENT_TYPES.map((type) => `\`${type}\``).join(', ')}.

| event | sent |
|---|---|
${events.join('\n')}

## Other parts of the real service

| part of the real service | in Paydesk |
|---|---|
| OAuth: consent page, code, refresh and revocation of tokens | yes, without user accounts: [decision](../decisions/0020-oauth-without-user-accounts.md) |
| hosted checkout at \`/hostedcheckout/{access_key}\`, signed redirects | yes |
| the widget \`zpayments.js\` | \`requestPaymentMethod\` for a payment session, and with \`transaction_type: "add"\` for a saved method |
| official server SDKs | yes, [each call is sent and decoded](sdk-coverage.md): [drop-in mode](../guides/drop-in.md) |
| the page of a payment link | yes |
| terminals | a sandbox has two, with [pages](../guides/in-person.md) in the place of devices; in live mode the processor has the terminals |
| mobile SDKs | not yet |
| disputes, settlements, reports | the real API has no calls for them |

## Paydesk’s own

The real API has no such calls. Code that uses them works only with Paydesk.

| call | purpose |
|---|---|
${own.join('\n')}

A sandbox also has the control API below \`/_sandbox\`, with ${CONTROL_ROUTES.length} routes: [control a sandbox](../guides/sandbox.md).
The request header \`Idempotency-Key\` and the answers’ headers \`Link\`, \`X-Request-Id\`, \`Idempotent-Replayed\` and (in a sandbox)
\`X-Paydesk-Warning\` are also Paydesk’s own.
`
}
