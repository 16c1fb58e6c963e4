import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { visit } from './support/customer.ts'
import { openExampleBank } from './support/example-bank.ts'
import { startProcessorServer } from './support/processor-server.ts'
import { type Receiver, startReceiver } from './support/receiver.ts'
import { findSecrets, textSecret } from './support/secret-search.ts'
import { PAYDESK, startTestServer, type WireAnswer } from './support/server.ts'

/** A span as OTLP's JSON has it. */
type Span = {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly name: string
  readonly kind: number
  readonly attributes: readonly {
    readonly key: string
    readonly value: Readonly<Record<string, unknown>>
  }[]
}

const KEY = `whsec_${Buffer.alloc(32, 1).toString('base64')}`
const CALLER = { traceId: 'aabbccddeeff00112233445566778899', spanId: '1122334455667788' }
const PERSONAL = {
  name: 'Zubeida Quartermaine',
  email: 'zubeida.q@mail.test',
  upiId: 'zubeida.success@paydesk',
  description: 'Portrait of Zubeida',
  phone: '9871236540',
}

let collector: Receiver
let shop: Receiver
let acme: Awaited<ReturnType<typeof startProcessorServer>>
let creation: WireAnswer
let spans: readonly Span[]

beforeAll(async () => {
  collector = await startReceiver()
  shop = await startReceiver()
  acme = await startProcessorServer(openExampleBank())
  const server = await startTestServer('file', {
    processor: acme.url,
    processorKey: KEY,
    telemetryUrl: collector.url,
  })
  await server.call('POST', '/webhooks', {
    name: 'Shop',
    url: `${shop.url}/hooks?secret=hidden-in-the-url`,
    enabled_events: ['payment.succeeded'],
  })
  const customer = {
    name: PERSONAL.name,
    email: PERSONAL.email,
    phone: PERSONAL.phone,
    phone_country_code: 'IN',
  }
  const { customer_id } = (await server.call('POST', '/customers', customer)).body.customer
  const body = { amount: 250, currency: 'INR', description: PERSONAL.description, customer_id }
  const traceparent = `00-${CALLER.traceId}-${CALLER.spanId}-01`
  creation = await server.call('POST', '/paymentsessions', body, { traceparent })
  const { access_key } = creation.body.payments_session
  const form = {
    method: 'upi',
    upi_channel: 'collect',
    upi_id: PERSONAL.upiId,
    email: PERSONAL.email,
    phone: PERSONAL.phone,
  }
  const answer = await visit(server.baseUrl, `/hostedcheckout/${access_key}/pay`, form, true)
  expect([answer.status, answer.text]).toEqual([200, answer.text])
  await shop.waitFor(2)
  await server.close()
  spans = collector.received.flatMap((request) => {
    expect([request.path, request.headers['content-type']]).toEqual([
      '/v1/traces',
      'application/json',
    ])
    const { resourceSpans } = JSON.parse(request.body) as {
      readonly resourceSpans: readonly {
        readonly scopeSpans: readonly { readonly spans: readonly Span[] }[]
      }[]
    }
    return resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((one) => one.spans))
  })
}, 60_000)
afterAll(async () => {
  await Promise.all([collector.close(), shop.close()])
  acme.close()
})

const spanOf = (name: string) => {
  const span = spans.find((one) => one.name === name)
  if (span === undefined)
    throw new Error(`no span ${name}: ${spans.map((one) => one.name).join(', ')}`)
  return span
}
const attribute = ({ attributes }: Span, wantedKey: string) => {
  const value = attributes.find(({ key }) => key === wantedKey)?.value ?? {}
  return Object.values(value)[0]
}
const childrenOf = ({ spanId }: Span) =>
  spans.filter((one) => one.parentSpanId === spanId).map(({ name }) => name)

test('a creation continues the caller’s trace: request, operation, store', () => {
  const request = spanOf('POST /api/v1/paymentsessions')
  expect(request).toMatchObject({ traceId: CALLER.traceId, parentSpanId: CALLER.spanId, kind: 2 })
  expect(attribute(request, 'paydesk.request_id')).toBe(creation.headers.get('x-request-id'))
  expect(attribute(request, 'http.response.status_code')).toBe(201)
  const operation = spanOf('createPaymentSession')
  expect(operation).toMatchObject({ traceId: CALLER.traceId, parentSpanId: request.spanId })
  expect(childrenOf(operation)).toContain('store paymentSessions.insert')
})

test('the trace of a payment has a span for the charge, and the processor gets this span’s traceparent', () => {
  const request = spanOf('POST /hostedcheckout/:access_key/pay')
  const charge = spanOf('processor charge')
  expect(charge).toMatchObject({ traceId: request.traceId, kind: 3 })
  expect(attribute(charge, 'paydesk.outcome')).toBe('approved')
  expect(acme.headers.get('charge')?.traceparent).toBe(`00-${charge.traceId}-${charge.spanId}-01`)
  const storeSpans = spans.filter(
    ({ name, traceId }) => name.startsWith('store ') && traceId === request.traceId,
  )
  expect(storeSpans.map(({ name }) => name)).toContain('store sessionTransaction')
})

test('the span of a delivery has the status of the answer, and the receiver gets no traceparent', () => {
  const delivery = spans.filter(({ name }) => name === 'webhook post').at(-1)
  expect(delivery && attribute(delivery, 'http.response.status_code')).toBe(200)
  expect(shop.received.at(-1)?.headers).not.toHaveProperty('traceparent')
})

test('no span has an instrument, personal data or a secret', () => {
  const secrets = [...Object.entries(PERSONAL), ['url', 'hidden-in-the-url']].map(([what, text]) =>
    textSecret(String(what), String(text)),
  )
  const accessKey = textSecret('access key', creation.body.payments_session.access_key)
  const exportTexts = collector.received.map(({ body }) => ({ where: 'export', text: body }))
  expect(exportTexts.length).toBeGreaterThan(0)
  expect(findSecrets(exportTexts, [...secrets, accessKey])).toEqual([])
})

/** Reports each module of OpenTelemetry that a process loads, also in the bundle of the server. */
const HOOK = `import { registerHooks } from 'node:module'
registerHooks({
  resolve: (specifier, context, next) => {
    if (/open-?telemetry/.test(specifier)) process.stderr.write('LOADED ' + specifier + '\\n')
    return next(specifier, context)
  },
})`

test('a server without the setting loads no module of OpenTelemetry', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'paydesk-telemetry-'))
  const hook = join(folder, 'hook.mjs')
  writeFileSync(hook, HOOK)
  const outputOf = async (...flags: readonly string[]) => {
    const args = ['--import', hook, PAYDESK, 'serve', '--memory', '--port', '0', ...flags]
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] })
    let errors = ''
    child.stderr.on('data', (chunk) => {
      errors += chunk
    })
    await new Promise((resolve) => child.stdout.once('data', resolve))
    const exit = new Promise((resolve) => child.once('close', resolve))
    child.kill('SIGTERM')
    await exit
    return errors
  }
  try {
    expect(await outputOf()).not.toContain('LOADED')
    expect(await outputOf('--telemetry-url', collector.url)).toMatch(/LOADED .*open-?telemetry/)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}, 60_000)
