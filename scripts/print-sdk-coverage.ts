/**
 * Prints `docs/reference/sdk-coverage.md`: sends the calls of the official SDKs to a sandbox, and checks the answers.
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type {
  Edition,
  Exchange,
  ExchangeRequest,
  JsonValue,
} from '../src/cli/conformance/exchange.ts'
import type { ExchangeResult } from '../src/cli/conformance/exchange-result.ts'
import { runChecks } from '../src/cli/conformance/run-checks.ts'
import { mandateDayAt } from '../src/domain/mandate-terms.ts'
import { systemClock } from '../src/server/clock.ts'
import { readSettings } from '../src/server/settings/read-settings.ts'
import { startServer } from '../src/server/start-server.ts'
import { type ControlStep, checksOf, SDK_STEPS, SDKS, type SdkCall } from './sdk-calls.ts'

/** The two ways in which the SDKs write a body: the one for .NET writes the amounts of splits as texts. */
type Dialect = 'Go' | '.NET'

const DIALECTS: readonly Dialect[] = ['Go', '.NET']
const EDITIONS: readonly Edition[] = ['IN', 'US']

/** The result of a call. `problems`: the failed checks. */
export type CalledSdk = {
  readonly call: SdkCall
  readonly answer: 'yes' | 'not served' | 'wrong'
  readonly problems: readonly string[]
}

/**
 * Sends every call in each dialect, to a separate sandbox for each dialect, and returns the results in the order of
 * `SDK_STEPS`.
 */
export async function callAsSdks(): Promise<readonly CalledSdk[]> {
  const receiver = createServer((_, response) => response.end()).listen(0, '127.0.0.1')
  const server = await startServer(
    readSettings({ memory: true, port: '0', logLevel: 'silent' }, {}),
  )
  try {
    const { port } = receiver.address() as AddressInfo
    const results: ExchangeResult[] = []
    for (const dialect of DIALECTS) {
      const tenant = await newTenant(server.baseUrl, dialect)
      for (const edition of EDITIONS) {
        results.push(...(await play(tenant, edition, dialect, `http://127.0.0.1:${port}/`)))
      }
    }
    return SDK_STEPS.flatMap((step, index) =>
      'control' in step ? [] : [judge(step, index, results)],
    )
  } finally {
    await server.close()
    receiver.close()
  }
}

type Tenant = {
  readonly base_url: string
  readonly access_token: string
  readonly account_id: string
  readonly us_account_id: string
  readonly connected_account_ids: readonly string[]
}

async function newTenant(baseUrl: string, dialect: Dialect): Promise<Tenant> {
  const answer = await fetch(`${baseUrl}/_sandbox/tenants`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name: dialect === '.NET' ? 'net' : dialect.toLowerCase() }),
  })
  const { tenant } = (await answer.json()) as { readonly tenant: Tenant }
  return tenant
}

/** Plays the steps of one edition in one dialect. The id of an exchange is the index of its step. */
async function play(tenant: Tenant, edition: Edition, dialect: Dialect, webhookUrl: string) {
  const exchanges = SDK_STEPS.flatMap((step, index) =>
    step.edition === edition ? [exchangeOf(step, `${index}`, dialect)] : [],
  )
  const names = new Set(
    [...JSON.stringify(exchanges).matchAll(/\{([a-z]\w*)\}/g)].map(([, name]) => name),
  )
  const { exchanges: results } = await runChecks({
    target: {
      kind: 'paydesk',
      url: tenant.base_url,
      token: tenant.access_token,
      accountId: edition === 'IN' ? tenant.account_id : tenant.us_account_id,
    },
    edition,
    exchanges,
    givenValues: {
      // A call without the object that it needs is sent too: its answer shows whether it is served.
      ...Object.fromEntries([...names].map((name) => [name ?? '', '1'])),
      execution_date: mandateDayAt(systemClock.nowMs() + 3 * 24 * 3_600_000),
      webhook_url: webhookUrl,
      shop_id: tenant.connected_account_ids[1] ?? '',
    },
    clock: systemClock,
    signal: new AbortController().signal,
    timeLimitMs: 120_000,
    pauseMs: 0,
    onResult: () => {},
  })
  return results
}

function exchangeOf(step: SdkCall | ControlStep, id: string, dialect: Dialect): Exchange {
  const { saves } = step
  const common = { id, section: '', title: '', ...(saves !== undefined && { saves }) }
  if ('control' in step) {
    const request = { method: 'POST', path: `//_sandbox${step.control}`, body: step.body } as const
    return { ...common, request, checks: [] }
  }
  const { method, path, query } = step
  const body = bodyOf(step, dialect)
  const request: ExchangeRequest = {
    method,
    path,
    ...(query !== undefined && { query }),
    ...(body !== undefined && { body }),
    headers: { 'user-agent': `zoho-payments-${dialect.toLowerCase()}-sdk/1.0.0` },
  }
  return { ...common, request, checks: checksOf(step) }
}

function bodyOf({ body, netBody }: SdkCall, dialect: Dialect): JsonValue | undefined {
  return dialect === '.NET' ? (netBody ?? body) : body
}

/** The path of a call whose object does not exist, because no earlier call created it: its id is 1. */
const UNKNOWN_OBJECT = /\/1(?:\/|$)/

function judge(call: SdkCall, index: number, results: readonly ExchangeResult[]): CalledSdk {
  const own = results.filter(({ exchange }) => exchange.id === `${index}`)
  const isUnserved = own.some(({ request, response }) => {
    const { code, field } = (response?.body ?? {}) as { code?: unknown; field?: unknown }
    const { status } = response ?? {}
    if (status === 404) return code === 'error' || UNKNOWN_OBJECT.test(request.path)
    return (status === 405 && code === 'error') || (status === 400 && field === 'type')
  })
  const problems = own.flatMap(({ checks }) =>
    checks.flatMap(({ id, received, result }) =>
      result === 'conforms' ? [] : [`${id.replace(/^\d+\./, '')}: ${received ?? result}`],
    ),
  )
  const answer = isUnserved ? 'not served' : problems.length > 0 ? 'wrong' : 'yes'
  return { call, answer, problems: [...new Set(problems)] }
}

/** Returns the text of `docs/reference/sdk-coverage.md`. */
export async function printSdkCoverage(printedBy: string): Promise<string> {
  const calls = await callAsSdks()
  const resources = [...new Set(calls.map(({ call }) => call.resource))]
  const countedCalls = calls.filter(({ call }) => call.sdks.length > 0)
  const servedCalls = countedCalls.filter(({ answer }) => answer === 'yes').length
  const sections = resources.map((resource) => {
    const rows = calls.filter(({ call }) => call.resource === resource).map(row)
    return `### ${resource}\n\n| call | purpose | edition | ${SDKS.join(' | ')} | decoded |\n|---|---|---|${'---|'.repeat(SDKS.length)}---|\n${rows.join('\n')}`
  })
  return `# Coverage of the official SDKs

<!-- ${printedBy} -->

The official server SDKs for Python, PHP, Go, Java and .NET can be pointed at Paydesk: [drop-in mode](../guides/drop-in.md).
The SDKs make ${countedCalls.length} calls, and Paydesk answers ${servedCalls} of these calls with an object that the SDKs can decode. This page is printed from a run:
the calls are sent to a new sandbox, with the bodies that the SDKs send, and each answer is compared with the envelope and
the JSON types that the SDKs decode. The bodies are written from the reference of the API. All SDKs leave out fields that are
not set. Only the SDK for .NET sends the amounts in \`transfer_split\` as texts, so a second run in another sandbox sends the bodies of this SDK.

In the last column, *not yet* means that Paydesk answers 404, 405, or 400 for the field \`type\`. The calls without an SDK are only in the reference of the API.
[Coverage](coverage.md) compares all calls of the API with the routes.

${sections.join('\n\n')}
`
}

function row({ answer, call, problems }: CalledSdk): string {
  const { edition, method, path, query, sdks, summary } = call
  const target = `${method} ${path.replaceAll(/\{\w+\}/g, '{id}')}`
  const marks = SDKS.map((one) => (sdks.includes(one) ? 'yes' : ''))
  const words = { yes: 'yes', 'not served': 'not yet', wrong: `no: ${problems.join('; ')}` }[answer]
  const filters =
    query === undefined
      ? ''
      : `, with ${Object.keys(query)
          .map((name) => `\`${name}\``)
          .join(', ')}`
  return `| \`${target}\` | ${summary}${filters} | ${edition} | ${marks.join(' | ')} | ${words} |`
}
