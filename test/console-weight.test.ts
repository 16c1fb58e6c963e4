import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readBrowserFile } from '../src/pages/assets.ts'
import { startTestServer, type TestServer } from './support/server.ts'

/** The compressed size limit of the console's script, in bytes. */
const SCRIPT_BYTES_MAX = 60 * 1024

/** The compressed size limit of the script that blocks the first paint, in bytes. */
const THEME_BYTES_MAX = 1_024

let server: TestServer
beforeAll(async () => {
  server = await startTestServer('memory')
})
afterAll(() => server.close())

test('the console’s scripts are at most 60 KiB compressed, and the theme script runs before the first paint', async () => {
  const page = await (await fetch(`${server.baseUrl}/console`)).text()
  const tags = [...page.matchAll(/<script( type="module")? src="(\/assets\/[^"]+)" integrity="/g)]
  expect(tags.map(([, type, path]) => [type, path])).toEqual([
    [undefined, expect.stringMatching(/^\/assets\/console-theme-\w+\.js$/)],
    [' type="module"', expect.stringMatching(/^\/assets\/console-\w+\.js$/)],
  ])
  // It reads the rules of the style sheets.
  expect(page.indexOf('<link rel="stylesheet"')).toBeLessThan(page.indexOf('<script'))
  expect(page.match(/<script/g)).toHaveLength(tags.length)
  const sizes = tags.map(([, , path = '']) => {
    const script = readBrowserFile(path.split('/').at(-1) ?? '')
    return gzipSync(script, { level: 9 }).length
  })
  expect(Math.max(...sizes)).toBeLessThanOrEqual(SCRIPT_BYTES_MAX)
  expect(sizes[0]).toBeLessThanOrEqual(THEME_BYTES_MAX)
})
