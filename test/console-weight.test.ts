import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readBrowserFile } from '../src/pages/assets.ts'
import { startTestServer, type TestServer } from './support/server.ts'

/** The compressed size limit of the console's script, in bytes. */
const SCRIPT_BYTES_MAX = 60 * 1024

/** The compressed size limit of all scripts of the live console together, in bytes. */
const LIVE_BYTES_MAX = 120 * 1024

/** The compressed size limit of the script that blocks the first paint, in bytes. */
const THEME_BYTES_MAX = 1_024

let server: TestServer
beforeAll(async () => {
  server = await startTestServer('memory')
})
afterAll(() => server.close())

test('the console’s script is at most 60 KiB compressed, and the theme script runs before the first paint', async () => {
  const page = await (await fetch(`${server.baseUrl}/console`)).text()
  const tags = [...page.matchAll(/<script( type="module")? src="(\/assets\/[^"]+)" integrity="/g)]
  expect(tags.map(([, type, path]) => [type, path])).toEqual([
    [undefined, expect.stringMatching(/^\/assets\/console-theme-\w+\.js$/)],
    [' type="module"', expect.stringMatching(/^\/assets\/console-\w+\.js$/)],
  ])
  // The theme script reads the rules of the style sheets, so the browser must have them first.
  expect(page.indexOf('<link rel="stylesheet"')).toBeLessThan(page.indexOf('<script'))
  expect(page.match(/<script/g)).toHaveLength(tags.length)
  const sizes = tags.map(([, , path = '']) => {
    const script = readBrowserFile(path.split('/').at(-1) ?? '')
    return gzipSync(script, { level: 9 }).length
  })
  expect(Math.max(...sizes)).toBeLessThanOrEqual(SCRIPT_BYTES_MAX)
  expect(sizes[0]).toBeLessThanOrEqual(THEME_BYTES_MAX)
})

test('the live console’s scripts are at most 120 KiB compressed together, and split by view', () => {
  const manifest: Readonly<Record<string, { readonly file: string }>> = JSON.parse(
    readBrowserFile('manifest.json').toString('utf8'),
  )
  const sizes = Object.entries(manifest)
    .filter(([name]) => /^operator.*\.js$/.test(name) || name === 'console-theme.js')
    .map(
      ([name, { file }]) => [name, gzipSync(readBrowserFile(file), { level: 9 }).length] as const,
    )
  expect(sizes.reduce((sum, [, size]) => sum + size, 0)).toBeLessThanOrEqual(LIVE_BYTES_MAX)
  expect(sizes.map(([name]) => name)).toEqual(
    expect.arrayContaining(['operator.js', expect.stringMatching(/^operator-operator-payments-/)]),
  )
})
