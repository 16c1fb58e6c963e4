import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { BROWSER_FOLDER } from '../src/pages/assets.ts'
import { startTestServer, type TestServer } from './support/server.ts'

/** The compressed size limit of the console's script, in bytes. */
const SCRIPT_BYTES_MAX = 60 * 1024

let server: TestServer
beforeAll(async () => {
  server = await startTestServer('memory')
})
afterAll(() => server.close())

test('the console’s script is at most 60 KiB packed', async () => {
  const page = await (await fetch(`${server.baseUrl}/console`)).text()
  const paths = [...page.matchAll(/src="(\/assets\/[^"]+)"/g)].map(([, path]) => path ?? '')
  expect(paths).toEqual([expect.stringMatching(/^\/assets\/console-\w+\.js$/)])
  const script = readFileSync(`${BROWSER_FOLDER}${paths[0]?.split('/').at(-1)}`)
  expect(gzipSync(script, { level: 9 }).length).toBeLessThanOrEqual(SCRIPT_BYTES_MAX)
})
