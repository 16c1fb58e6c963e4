/** The reference's sample requests, for a sandbox's token and account. */
import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { text } from 'node:stream/consumers'
import { SANDBOX_VALUES } from '../src/sandbox/well-known.ts'

const { accountId, accessToken } = SANDBOX_VALUES

/**
 * The body of the reference's create sample.
 *
 * Source: Zoho Payments API reference, payment session page IN (seen 2026-11-22).
 */
export const SAMPLE_CREATE_BODY = JSON.stringify({
  amount: 100.5,
  currency: 'INR',
  expires_in: 900,
  transfer_details: [
    { connected_account_id: 23137556, amount: 10 },
    { connected_account_id: 23137556, amount: 20.5 },
  ],
  meta_data: [{ key: 'Key1', value: 'Value1' }],
  description: 'Payment for Order #12345',
  invoice_number: 'INV-12345',
  reference_number: 'reference_123',
  max_retry_count: 3,
  configurations: {
    allowed_payment_methods: ['upi', 'card'],
    hosted_page_parameters: {
      phone_country_code: 'IN',
      phone: '9876543210',
      name: 'Charles',
      email: 'xxx@abc.com',
      description: 'Payment for Order #12345',
      success_url: 'https://example.com/success',
      failure_url: 'https://example.com/failure',
      udf1: 'example_udf_1',
      udf2: 'example_udf_2',
      udf3: 'example_udf_3',
      udf4: 'example_udf_4',
      udf5: 'example_udf_5',
    },
  },
})

/** A request. Without other headers it has the sandbox's token. */
export type SampleRequest = {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly body?: string
}

export const CREATE_REQUEST: SampleRequest = {
  method: 'POST',
  path: `/api/v1/paymentsessions?account_id=${accountId}`,
  body: SAMPLE_CREATE_BODY,
}

/** The reference's retrieve sample, for one session. */
export function retrieveRequest(paymentSessionId: string): SampleRequest {
  return {
    method: 'GET',
    path: `/api/v1/paymentsessions/${paymentSessionId}?account_id=${accountId}`,
  }
}

function headersOf({ body }: SampleRequest): Record<string, string> {
  return {
    authorization: `Zoho-oauthtoken ${accessToken}`,
    ...(body !== undefined && { 'content-type': 'application/json' }),
  }
}

/** Returns the bytes of a request with the sandbox's token. */
export function bytesOf(request: SampleRequest): string {
  return writeRequest(request, headersOf(request))
}

/** Returns the bytes of a request with any headers. */
export function writeRequest(
  { body = '', method, path }: SampleRequest,
  headersToAdd: Readonly<Record<string, string>>,
): string {
  const headers = {
    host: '127.0.0.1',
    ...headersToAdd,
    ...(body !== '' && { 'content-length': Buffer.byteLength(body) }),
  }
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
  return [`${method} ${path} HTTP/1.1`, ...lines, '', body].join('\r\n')
}

/** An answer that a bare server repeats. */
export type SampleAnswer = {
  readonly status: number
  /** Without the headers that Node's server adds. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

const HEADERS_OF_NODE = new Set(['connection', 'date', 'keep-alive'])

/** Sends a request once. Throws when there is no answer. */
export async function ask(port: number, sample: SampleRequest): Promise<SampleAnswer> {
  const { method, path, body } = sample
  // This does not use fetch, which fails after five minutes: the ledger check of a large database can take longer.
  const call = request({ host: '127.0.0.1', port, method, path, headers: headersOf(sample) })
  call.end(body)
  const [response] = (await once(call, 'response')) as [IncomingMessage]
  return {
    status: response.statusCode ?? 0,
    headers: Object.fromEntries(
      Object.entries(response.headers)
        .filter(([name]) => !HEADERS_OF_NODE.has(name))
        .map(([name, value]) => [name, String(value)]),
    ),
    body: await text(response),
  }
}
