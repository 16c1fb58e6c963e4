/** The verifiers without Node: bundled for browsers, run with Web APIs alone. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createContext, runInContext } from 'node:vm'
import { build } from 'vite'
import { beforeAll, expect, test } from 'vitest'
import { signRedirect, signWidgetPayment } from '../src/domain/signature.ts'
import { signWebhook } from '../src/domain/webhook-signature.ts'

const KEY = 'whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8='
const VALUES = {
  payments_session_id: '251234567890123',
  payment_session_status: 'succeeded',
  amount: '100.50',
  udf1: 'cart 17',
}
const SIGNED = { ...VALUES, signature: signRedirect(VALUES, KEY) }
const QUERY = `?${new URLSearchParams(SIGNED)}`

/** The globals of an edge runtime for verifiers. */
const WEB = { crypto, TextEncoder, TextDecoder, URL, URLSearchParams, atob }

let code: string
beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), 'paydesk-bundle-'))
  const entry = join(folder, 'entry.js')
  const files = ['signatures', 'webhooks'].map((name) =>
    fileURLToPath(new URL(`../src/client/${name}.ts`, import.meta.url)),
  )
  writeFileSync(entry, files.map((file) => `export * from ${JSON.stringify(file)}`).join('\n'))
  const output = await build({
    configFile: false,
    root: folder,
    logLevel: 'silent',
    build: {
      write: false,
      lib: { entry, formats: ['iife'], name: 'verification', fileName: 'verification' },
    },
  }).finally(() => rmSync(folder, { recursive: true }))
  const [result] = [output].flat()
  if (result === undefined || !('output' in result)) throw new Error('Vite has built nothing')
  const [chunk] = result.output
  code = chunk.code
  // Vite replaces modules of Node by empty ones.
  expect(chunk.moduleIds.filter((id) => /node:|browser-external/.test(id))).toEqual([])
  expect(chunk.imports).toEqual([])
})

/** Runs an expression in a realm that has Web APIs and nothing of Node. */
const run = (expression: string, more: object = {}): unknown =>
  runInContext(`${code}; ${expression}`, createContext({ ...WEB, ...more }))

test('a bundle for browsers verifies redirects and widget payments with crypto.subtle', async () => {
  const read = 'verification.readSignedRedirectAsync(query, key)'
  const redirect = await run(read, { query: QUERY, key: KEY })
  expect(redirect).toMatchObject({ amount: '100.50', udf: { udf1: 'cart 17' } })
  expect(await run(read, { query: `${QUERY}&amount=1`, key: KEY })).toBeUndefined()
  expect(await run(read, { query: QUERY, key: `${KEY}x` })).toBeUndefined()

  const ids = { payment_id: '251234567890456', payment_session_id: '251234567890123' }
  const payment = { ...ids, signature: signWidgetPayment(ids, KEY) }
  const verify = 'verification.verifyWidgetPaymentAsync(payment, key)'
  expect(await run(verify, { payment, key: KEY })).toBe(true)
  expect(await run(verify, { payment: { ...payment, payment_id: '1' }, key: KEY })).toBe(false)
})

test('a bundle for browsers verifies webhooks with crypto.subtle', async () => {
  const event = { event_id: 7, event_type: 'payment.succeeded', event_object: {} }
  const body = JSON.stringify(event)
  const atMs = 1_795_386_600_123
  const headers = signWebhook({ body, eventId: '7', atMs, keys: [KEY] })
  const verify = 'verification.verifyWebhookAsync(body, headers, key, { nowMs })'
  const input = { body, headers, key: KEY, nowMs: atMs }
  expect(await run(verify, input)).toEqual(event)
  const verification = run(verify, { ...input, body: body.replace('7', '8') })
  await expect(verification).rejects.toMatchObject({ code: 'wrong_key' })
})

test('without node:crypto the synchronous functions throw errors that name their replacements', () => {
  const verify = 'verification.verifyRedirect(query, key)'
  expect(() => run(verify, { query: QUERY, key: KEY })).toThrow(/ends in Async/)
})
