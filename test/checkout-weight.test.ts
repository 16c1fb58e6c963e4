import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readBrowserFile } from '../src/pages/assets.ts'
import { type CheckoutServer, createSession, startCheckoutServer } from './support/checkout.ts'
import { type Shop, startShop } from './support/pages.ts'

/** The compressed size limit of everything that a customer's browser loads, in bytes. */
const PAGE_BYTES_MAX = 35 * 1024

let shop: Shop
let server: CheckoutServer
beforeAll(async () => {
  shop = await startShop()
  server = await startCheckoutServer()
})
afterAll(async () => {
  shop.close()
  await server.close()
})

test.each(['en', 'hi', 'ur'])(
  'document, style and script of the checkout are at most 35 KiB compressed, in the language %s',
  async (language) => {
    const { url } = await createSession(server, shop)
    const document = await (await fetch(`${url}?lang=${language}`)).text()
    const paths = [...document.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map(
      ([, path]) => path ?? '',
    )
    expect(paths.map((path) => path.split('.').at(-1)).sort()).toEqual(['css', 'js'])
    const parts = paths.map((path) => readBrowserFile(path.split('/').at(-1) ?? ''))
    const bytes = [Buffer.from(document), ...parts]
      .map((part) => gzipSync(part, { level: 9 }).length)
      .reduce((sum, one) => sum + one, 0)
    expect(bytes).toBeLessThanOrEqual(PAGE_BYTES_MAX)
  },
)

test('files are served compressed, have their digest in their names, and are cached forever', async () => {
  const { url } = await createSession(server, shop)
  const page = await fetch(url, { headers: { 'accept-encoding': 'gzip' } })
  expect(page.headers.get('content-encoding')).toBe('gzip')
  const [, path = ''] = /src="(\/assets\/[^"]+)"/.exec(await page.text()) ?? []
  const script = await fetch(`${server.baseUrl}${path}`, { headers: { 'accept-encoding': 'gzip' } })
  expect([script.status, script.headers.get('content-encoding')]).toEqual([200, 'gzip'])
  expect(script.headers.get('cache-control')).toContain('immutable')
})
