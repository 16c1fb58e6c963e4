/** Chromium checks the certificates of the drop-in mode. The authority is imported as a developer would do it. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { AUTHORITY_FILE, openAuthority } from '../../src/sandbox/drop-in/certificate-authority.ts'
import { makeServerIdentity } from '../../src/sandbox/drop-in/certificates.ts'
import { createRandom } from '../../src/server/random.ts'
import { launchChromium } from '../support/chromium.ts'
import { findProgram } from '../support/system-tools.ts'

const random = createRandom()
const FOREIGN_HOST = 'shop.example'

let folder: string
let browser: Browser
const servers: Server[] = []

beforeAll(async () => {
  const certutil = findProgram('certutil') ?? ''
  folder = mkdtempSync(join(tmpdir(), 'paydesk-trust-'))
  const authority = openAuthority(join(folder, 'ca'), random, Date.now())
  expect(readFileSync(join(folder, 'ca', AUTHORITY_FILE), 'utf8')).toContain('PRIVATE KEY')
  const own = await serve(makeServerIdentity(authority, random, Date.now()))
  const foreign = await serve(
    makeServerIdentity(authority, random, Date.now(), { dns: [FOREIGN_HOST], addresses: [] }),
  )

  const database = join(folder, '.pki', 'nssdb')
  mkdirSync(database, { recursive: true })
  const nss = (...args: string[]) =>
    execFileSync(certutil, ['-d', `sql:${database}`, ...args], { stdio: 'ignore' })
  nss('-N', '--empty-password')
  nss('-A', '-n', authority.name, '-t', 'C,,', '-i', authority.certificateFile)
  browser = await launchChromium(
    [`--host-resolver-rules=MAP ${FOREIGN_HOST} 127.0.0.1:${foreign}, MAP * 127.0.0.1:${own}`],
    { HOME: folder },
  )
})
afterAll(async () => {
  await browser?.close()
  for (const server of servers) server.close()
  rmSync(folder, { recursive: true, force: true })
})

async function serve(identity: ReturnType<typeof makeServerIdentity>): Promise<number> {
  const server = createServer(
    { key: identity.key.export({ type: 'pkcs8', format: 'pem' }), cert: identity.certificate },
    (_request, response) => response.end('reached'),
  )
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}

async function visit(url: string): Promise<string> {
  const context = await browser.newContext()
  const page = await context.newPage()
  try {
    return (await (await page.goto(url))?.text()) ?? ''
  } catch (error) {
    return /net::(\w+)/.exec((error as Error).message)?.[1] ?? String(error)
  } finally {
    await context.close()
  }
}

test.each(['payments.zoho.in', 'accounts.zoho.com', 'static.zohocdn.com'])(
  'a browser that trusts the authority accepts its certificate for %s',
  async (host) => {
    expect(await visit(`https://${host}/`)).toBe('reached')
  },
)

test('a browser that trusts the authority refuses its certificate for another host', async () => {
  expect(await visit(`https://${FOREIGN_HOST}/`)).toBe('ERR_CERT_INVALID')
})
