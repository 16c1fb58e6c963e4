import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { paydesk } from '../../test/support/command-line.ts'
import { visit } from '../../test/support/customer.ts'
import { startTestServer } from '../../test/support/server.ts'

const PROGRAM = fileURLToPath(new URL('processor.py', import.meta.url))
const KEY = `whsec_${Buffer.alloc(32, 7).toString('base64')}`
const NEW_KEY = `whsec_${Buffer.alloc(32, 8).toString('base64')}`

const running = new Set<ChildProcess>()

/** Starts the server on a free port, and returns its URL. */
async function startPython(environment: Readonly<Record<string, string>> = {}): Promise<string> {
  const child = spawn('python3', [PROGRAM], {
    env: { ...process.env, PAYDESK_PROCESSOR_KEY: KEY, PROCESSOR_PORT: '0', ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  running.add(child)
  const [line] = await once(createInterface({ input: child.stdout }), 'line')
  return String(line)
}

let url: string
beforeAll(async () => {
  url = await startPython()
})
afterAll(() => {
  for (const child of running) child.kill('SIGKILL')
})

test('a processor server in Python passes the checks of all its capabilities', async () => {
  const { code, out } = await paydesk(['processor', 'check', url, '--json'], {
    // The server does not have the new key yet: no call fails while a key is replaced.
    PAYDESK_PROCESSOR_KEY: `${NEW_KEY},${KEY}`,
  })
  const { checks, ...report } = JSON.parse(out)
  type Check = { readonly result: string; readonly reason?: string }
  const skippedChecks = checks.filter(({ result }: Check) => result === 'skipped')
  // The server has no optional capability except cancellations.
  for (const { reason } of skippedChecks) expect(reason).toMatch(/^the processor has no /)
  expect(report).toMatchObject({ processor: 'python example', failed: 0, passed: 23 })
  expect(report.skipped).toBe(skippedChecks.length)
  expect(code).toBe(0)
})

test('a wrong key stops the checks before the first one, and the error names the setting', async () => {
  const { code, err } = await paydesk(['processor', 'check', url], {
    PAYDESK_PROCESSOR_KEY: NEW_KEY,
  })
  expect(code).toBe(1)
  expect(err).toContain('status 401: the server refused the signature; check PAYDESK_PROCESSOR_KEY')
})

test('Paydesk refuses a server with an untrusted TLS certificate, and accepts a trusted one', async ({
  onTestFinished,
}) => {
  const folder = mkdtempSync(join(tmpdir(), 'paydesk-python-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const [certificate, key] = [join(folder, 'certificate.pem'), join(folder, 'key.pem')]
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2']
  const names = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1']
  const files = ['-keyout', key, '-out', certificate]
  execFileSync('openssl', ['req', '-x509', ...curve, ...names, ...files], { stdio: 'ignore' })
  const secure = await startPython({
    PROCESSOR_CERTIFICATE: certificate,
    PROCESSOR_CERTIFICATE_KEY: key,
  })
  expect(secure).toMatch(/^https:/)

  const environment = { PAYDESK_PROCESSOR_KEY: KEY }
  // This variable turns off Node's TLS checks, but has no effect on the processor's calls.
  const environmentWithoutTlsCheck = { ...environment, NODE_TLS_REJECT_UNAUTHORIZED: '0' }
  const refusal = await paydesk(['processor', 'check', secure], environmentWithoutTlsCheck)
  expect(refusal.code).toBe(1)
  expect(refusal.err).toContain('The certificate is self-signed')
  const environmentWithCertificate = { ...environment, NODE_EXTRA_CA_CERTS: certificate }
  const report = await paydesk(['processor', 'check', secure], environmentWithCertificate)
  expect(report.out).toMatch(/\n23 passed, 0 failed, \d+ skipped\.\n$/)
})

test.each([
  ['4000000000000002', 'succeeded', 'succeeded'],
  ['4000000000000010', 'created', 'failed'],
])(
  'Paydesk charges the card %s through the server in Python',
  async (number, sessionStatus, status) => {
    const log: string[] = []
    const flags = { processor: url, processorKey: KEY, logLevel: 'debug', accessLog: 'all' }
    const logTo = { write: (line: string) => void log.push(line) }
    const server = await startTestServer('memory', flags, { logTo })
    try {
      const { body } = await server.call('POST', '/paymentsessions', {
        amount: 250,
        currency: 'INR',
      })
      const { access_key: accessKey, payments_session_id: id } = body.payments_session
      await visit(server.baseUrl, `/hostedcheckout/${accessKey}/pay`, {
        attempt: '1',
        method: 'card',
        card_number: number,
        card_expiry: '12/40',
        card_cvv: '123',
        card_name: 'Asha Rao',
      })
      const { body: after } = await server.call('GET', `/paymentsessions/${id}`)
      expect(after.payments_session.status).toBe(sessionStatus)
      expect(after.payments_session.payments).toMatchObject([{ status }])
      expect(log.join('')).toContain('/pay')
      expect(log.join('')).not.toMatch(new RegExp(`${number}|${KEY}|Asha Rao`))
      if (status !== 'succeeded') return
      const [payment] = after.payments_session.payments
      const refund = await server.call('POST', `/payments/${payment.payment_id}/refunds`, {
        amount: 100,
        reason: 'requested_by_customer',
        type: 'initiated_by_merchant',
      })
      const refundId = refund.body.refund.refund_id
      await expect
        .poll(async () => (await server.call('GET', `/refunds/${refundId}`)).body.refund, {
          timeout: 30_000,
        })
        .toMatchObject({ status: 'succeeded', network_reference_number: `py_r${refundId}` })
    } finally {
      await server.close()
    }
  },
)
