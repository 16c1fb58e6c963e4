/** The examples of the guides to the client and to testing work. Only addresses are changed. */
import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect } from 'vitest'
import { SANDBOX_VALUES } from '../../src/sandbox/well-known.ts'
import { test } from '../../src/testing/vitest.ts'

const run = promisify(execFile)
const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** Returns the code blocks of a guide in a language. */
function blocks(guide: string, language: string): readonly string[] {
  const text = readFileSync(join(ROOT, 'docs/guides', guide), 'utf8')
  const result = text.matchAll(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, 'g'))
  return [...result].map(([, code = '']) => code)
}

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'paydesk-guides-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function runBlock(name: string, code: string): Promise<string> {
  writeFileSync(join(folder, name), code)
  const args = ['--import', join(ROOT, 'scripts/use-sources.ts'), name]
  return (await run(process.execPath, args, { cwd: folder })).stdout
}

test('the sample in the guide to the client creates a session and lists payments', async ({
  sandbox,
}) => {
  const [first = ''] = blocks('client.md', 'ts')
  await sandbox.trigger.session({ attempts: [{ method: 'upi', outcome: 'succeeded' }] })
  expect(sandbox.accessToken).toBe(SANDBOX_VALUES.accessToken)
  const code = first.replace('http://127.0.0.1:4242', sandbox.baseUrl)
  const [checkout = '', payment] = (await runBlock('client.mts', code)).split('\n')
  expect((await fetch(checkout)).status).toBe(200)
  expect(payment).toMatch(/^\d+ 100\.00$/)
})

test('the sample in the guide to testing starts and stops a sandbox', async () => {
  const [, code = ''] = blocks('testing.md', 'js')
  expect(await runBlock('testing.mjs', code)).toMatch(/^http:\/\/127\.0\.0\.1:\d+ \d{8} 1000\./)
})
