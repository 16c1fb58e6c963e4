/** The examples of the guides work. Only ports, paths and ids are changed. */

import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { signPaymentLinkReturn, signRedirect } from '../src/domain/signature.ts'
import { SANDBOX_VALUES } from '../src/sandbox/well-known.ts'
import { systemClock } from '../src/server/clock.ts'
import { startTestServer, type TestServer } from './support/server.ts'
import { skipWithout } from './support/system-tools.ts'

const run = promisify(execFile)
const GUIDES = new URL('../docs/guides/', import.meta.url)
const VERIFICATION = new URL('../src/client/webhooks.ts', import.meta.url).href
const SIGNATURES = new URL('../src/client/signatures.ts', import.meta.url).href

const CLIENT = new URL('../src/client/index.ts', import.meta.url).href

const TESTING = new URL('../src/testing/index.ts', import.meta.url).href

const KEY = SANDBOX_VALUES.signingKey

/** The code blocks of a guide in one language, in order. */
function blocks(guide: string, language: string): readonly string[] {
  const text = readFileSync(new URL(guide, GUIDES), 'utf8')
  return [...text.matchAll(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, 'g'))].map(
    ([, code = '']) => code,
  )
}

/** Returns an unused port. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}

let server: TestServer
let folder: string
beforeAll(async () => {
  server = await startTestServer('memory', {}, { clock: systemClock })
  folder = mkdtempSync(join(tmpdir(), 'paydesk-guides-'))
})
afterAll(async () => {
  await server.close()
  rmSync(folder, { recursive: true, force: true })
})

/** Runs shell lines of a guide against this server. Returns their output. */
async function shell(lines: string, replacements: Readonly<Record<string, string>> = {}) {
  const localText = Object.entries(replacements).reduce(
    (text, [from, to]) => text.replaceAll(from, to),
    lines.replaceAll('http://127.0.0.1:4242', server.baseUrl),
  )
  const { stdout } = await run('bash', ['-euc', localText.replaceAll('curl ', 'curl -sS ')])
  return stdout
}

/** Makes a successful payment in the sandbox. Returns its id. */
async function payment(): Promise<string> {
  const answer = await fetch(`${server.baseUrl}/_sandbox/sessions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      session: { amount: '1500.00' },
      attempts: [{ method: 'upi', outcome: 'succeeded' }],
    }),
  })
  const { payments_session: session } = await answer.json()
  return session.payments[0].payment_id
}

test('the receiver in the guide to webhooks accepts a real event, and refuses any other request with the reason', async () => {
  const port = await freePort()
  const [receiver = ''] = blocks('webhooks.md', 'js')
  const file = join(folder, 'receiver.mjs')
  writeFileSync(
    file,
    receiver
      .replace("'paydesk/webhooks'", `'${VERIFICATION}'`)
      .replace('process.env.PAYDESK_WEBHOOK_KEY', 'process.env.PAYDESK_WEBHOOK_KEY ?? ""')
      .replace('listen(3000', `listen(${port}`),
  )
  /** Starts the receiver and waits until it listens. It is restarted with the key of the registration. */
  const start = async (key: string) => {
    const child = spawn(process.execPath, [file], {
      env: { ...process.env, PAYDESK_WEBHOOK_KEY: key },
    })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk) => {
        output += chunk
      })
    }
    await expect
      .poll(
        () =>
          fetch(`http://127.0.0.1:${port}`, { method: 'POST' }).then(
            () => true,
            () => false,
          ),
        {
          timeout: 30_000,
        },
      )
      .toBe(true)
    return { output: () => output, end: () => child.kill('SIGKILL') && once(child, 'exit') }
  }

  const before = await start('')
  const [register = ''] = blocks('webhooks.md', 'sh')
  const registration = JSON.parse(
    await shell(register, { 'http://127.0.0.1:3000': `http://127.0.0.1:${port}` }),
  )
  expect(registration).toMatchObject({ code: 0, webhook: { status: 'active' } })
  await before.end()

  const after = await start(registration.webhook.signing_key)
  try {
    await payment()
    await expect.poll(after.output, { timeout: 30_000 }).toContain('payment.succeeded')
    expect(after.output()).toContain("amount: '1500.00'")
    await fetch(`http://127.0.0.1:${port}`, { method: 'POST', body: '{}' })
    await expect.poll(after.output, { timeout: 30_000 }).toContain('header')
  } finally {
    await after.end()
  }
})

const REDIRECT = { payments_session_id: '7', payment_session_status: 'failed', amount: '100.50' }
const LINK_RETURN = { payment_link_id: '7', payment_id: '8', amount: '100.50', status: 'succeeded' }

test.each([
  {
    guide: 'checkout.md',
    what: 'redirect',
    values: { ...REDIRECT, signature: signRedirect(REDIRECT, KEY) },
    output: 'Session 7, 100.50',
  },
  {
    guide: 'payment-links.md',
    what: 'return from a link',
    values: { ...LINK_RETURN, signature: signPaymentLinkReturn(LINK_RETURN, KEY) },
    output: 'Link 7, 100.50',
  },
])(
  'the shop in $guide accepts a genuine $what, and logs the reason of every refusal',
  async ({ guide, output, values }) => {
    const port = await freePort()
    const [shop = ''] = blocks(guide, 'js')
    const file = join(folder, 'shop.mjs')
    writeFileSync(
      file,
      shop
        .replace("'paydesk/signatures'", `'${SIGNATURES}'`)
        .replace("'express'", `'${import.meta.resolve('express')}'`)
        .replace(
          "listen(3000, '127.0.0.1')",
          `listen(${port}, '127.0.0.1', () => console.log('ready'))`,
        ),
    )
    const child = spawn(process.execPath, [file], {
      env: { ...process.env, PAYDESK_SIGNING_KEY: KEY },
    })
    try {
      let errors = ''
      child.stderr.on('data', (chunk) => {
        errors += chunk
      })
      await once(child.stdout, 'data')
      const url = `http://127.0.0.1:${port}/paid?${new URLSearchParams(values)}`
      const genuine = await fetch(url)
      expect([genuine.status, await genuine.text()]).toEqual([200, output])
      expect((await fetch(url.replace('100.50', '1.00'))).status).toBe(400)
      expect((await fetch(`${url}&amount=1.00`)).status).toBe(400)
      await expect
        .poll(() => errors, { timeout: 30_000 })
        .toMatch(/^signature_mismatch .*\nparameter_ambiguous amount /)
    } finally {
      child.kill('SIGKILL')
      await once(child, 'exit')
    }
  },
)

test.each(['checkout.md', 'payment-links.md', 'webhooks.md'])(
  'the Python code in %s verifies a signature',
  async (guide) => {
    for (const code of blocks(guide, 'python')) {
      const file = join(folder, `${guide}.py`)
      writeFileSync(file, code)
      const { stdout } = await run('python3', [file])
      expect(stdout.trim()).toBe('True')
    }
  },
)

test('the requests in the first steps work in sequence', async () => {
  const [, create = '', list = '', retry = '', token = ''] = blocks('../start.md', 'sh')
  const answers = await shell([create, list, retry, retry, token].join('\necho\n'))
  const [creation, sessionList, firstTry, again, grant] = answers
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  const { access_key: _, ...session } = creation.payments_session
  expect(sessionList.payments_sessions).toEqual([expect.objectContaining(session)])
  expect(again).toEqual(firstTry)
  expect(grant).toMatchObject({ token_type: 'Bearer', expires_in: 3600 })
})

test('the requests in the guide to money create refunds and transfers', async () => {
  const [values = '', refund = '', transfer = '', reversal = ''] = blocks('money.md', 'sh')
  const paymentId = await payment()
  const refundAnswer = JSON.parse(await shell(values + refund, { '{payment_id}': paymentId }))
  expect(refundAnswer).toMatchObject({ code: 0, refund: { amount: '100.50', status: 'initiated' } })

  const transferAnswer = JSON.parse(await shell(values + transfer, { '{payment_id}': paymentId }))
  expect(transferAnswer).toMatchObject({ code: 0, data: { status: 'success' } })

  const { transfer_id: transferId } = transferAnswer.data.splits[0]
  const reversalAnswer = JSON.parse(await shell(values + reversal, { '{transfer_id}': transferId }))
  expect(reversalAnswer).toMatchObject({
    code: 0,
    transfer_reversal: { transfer_id: transferId, transfer_reversal_amount: '15.00' },
  })
})

test('the requests and the program in the guide to customers work', async () => {
  const [values = '', creation = '', session = '', list = ''] = blocks('customers.md', 'sh')
  const { customer } = JSON.parse(await shell(values + creation))
  expect(customer).toMatchObject({ phone: '9876543210', dialing_code: '+91' })
  const ids = { '{customer_id}': customer.customer_id }
  const { payments_session: newSession } = JSON.parse(await shell(values + session, ids))
  const page = await fetch(`${server.baseUrl}/hostedcheckout/${newSession.access_key}`)
  expect(await page.text()).toContain('value="asha@example.com"')
  await fetch(`${server.baseUrl}/_sandbox/sessions/${newSession.payments_session_id}/attempts`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ attempts: [{ method: 'upi', outcome: 'succeeded' }] }),
  })
  const { payments } = JSON.parse(await shell(values + list, ids))
  expect(payments).toHaveLength(1)

  const [program = ''] = blocks('customers.md', 'ts')
  const file = join(folder, 'customers.ts')
  writeFileSync(file, program.replace('paydesk/client', CLIENT))
  const { stdout } = await run(process.execPath, [file], {
    env: { PAYDESK_API_URL: server.baseUrl, PAYDESK_API_TOKEN: SANDBOX_VALUES.accessToken },
  })
  expect(stdout).toBe(`${payments[0].payment_id} 1499.90 succeeded\n`)
  const { status } = await server.call('GET', `/customers/${customer.customer_id}`)
  expect(status).toBe(404)
})

test('the requests and the program in the guide to in-person payments work', async () => {
  const [values = '', creation = ''] = blocks('in-person.md', 'sh')
  const { payments_session: session } = JSON.parse(await shell(values + creation))
  expect(session).toMatchObject({ session_status: 'in_progress', amount: '250.00' })
  const [program = ''] = blocks('in-person.md', 'ts')
  const file = join(folder, 'in-person.ts')
  writeFileSync(file, program.replace('paydesk/client', CLIENT))
  const { stdout } = await run(process.execPath, [file], {
    env: { PAYDESK_API_URL: server.baseUrl, PAYDESK_API_TOKEN: SANDBOX_VALUES.accessToken },
  })
  expect(stdout).toBe('in_progress\n')
})

test('the request and the program in the guide to mandates enroll a customer and debit the mandate', async () => {
  const [values = '', creation = ''] = blocks('mandates.md', 'sh')
  expect(JSON.parse(await shell(values + creation))).toMatchObject({ code: 0 })
  const [program = ''] = blocks('mandates.md', 'ts')
  const file = join(folder, 'mandates.ts')
  writeFileSync(file, program.replace('paydesk/client', CLIENT))
  const { stdout } = await run(process.execPath, [file], {
    env: { PAYDESK_API_URL: server.baseUrl, PAYDESK_API_TOKEN: SANDBOX_VALUES.accessToken },
  })
  expect(stdout).toBe('succeeded\n')
})

test('the request in the guide to disputes lists the disputed payments', async () => {
  const id = await payment()
  await fetch(`${server.baseUrl}/_sandbox/payments/${id}/dispute`, { method: 'POST' })
  const [values = '', , list = ''] = blocks('disputes.md', 'sh')
  const { payments } = JSON.parse(await shell(values + list))
  expect(payments).toMatchObject([{ payment_id: id, status: 'disputed' }])
})

test('the requests in the guide to payment links create, retrieve, change and cancel a link', async () => {
  const [create = '', retrieve = '', change = ''] = blocks('payment-links.md', 'sh')
  const [values = ''] = create.split(/(?=curl)/)
  const creation = JSON.parse(await shell(create))
  expect(creation).toMatchObject({
    code: 0,
    payment_links: { status: 'active', amount: '1499.90' },
  })
  const { payment_link_id: id, url } = creation.payment_links
  expect((await fetch(url)).status).toBe(200)
  const ids = { '{payment_link_id}': id }
  expect(JSON.parse(await shell(values + retrieve, ids)).payment_links.url).toBe(url)
  const answers = await shell(values + change.replaceAll('curl', 'echo; curl'), ids)
  expect(
    answers
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).payment_links),
  ).toMatchObject([
    { description: 'Order 8841, corrected', status: 'active' },
    { status: 'canceled' },
  ])
  expect((await fetch(url)).status).toBe(410)
})

test('the program in the guide to payment links creates a link', async () => {
  const [program = ''] = blocks('payment-links.md', 'ts')
  const file = join(folder, 'create-link.ts')
  writeFileSync(
    file,
    program.replace('paydesk/client', CLIENT).replace('http://127.0.0.1:4242', server.baseUrl),
  )
  const { stdout } = await run(process.execPath, [file])
  expect(stdout.trim()).toMatch(/\/paymentlink\/[0-9a-f]{52}$/)
  expect((await fetch(stdout.trim())).status).toBe(200)
})

test('the README links to every guide', () => {
  const readme = readFileSync(fileURLToPath(new URL('../README.md', import.meta.url)), 'utf8')
  const guides = readdirSync(fileURLToPath(new URL('../docs/guides', import.meta.url)))
  expect(guides.filter((guide) => !readme.includes(`docs/guides/${guide}`))).toEqual([])
})

/** The programs of the guide to languages: the file's name, and the command that runs it. */
const PROGRAMS = {
  sh: ['create.sh', 'bash'],
  js: ['create.mjs', process.execPath],
  python: ['create.py', 'python3'],
  php: ['create.php', 'php'],
  go: ['create.go', 'go', 'run'],
  java: ['CreateSession.java', 'java'],
  ruby: ['create.rb', 'ruby'],
} as const

for (const [language, [file, command, ...args]] of Object.entries(PROGRAMS)) {
  test(`the program in the guide to languages creates a session unchanged: ${language}`, async (context) => {
    if (command !== process.execPath) skipWithout(context, command)
    const [code = ''] = blocks('languages.md', language)
    writeFileSync(join(folder, file), code.replaceAll('http://127.0.0.1:4242', server.baseUrl))
    const { stdout } = await run(command, [...args, file], { cwd: folder })
    expect(stdout.trim()).toMatch(new RegExp(`^${server.baseUrl}/hostedcheckout/[\\w-]+$`))
    expect((await fetch(stdout.trim())).status).toBe(200)
  })
}

test('the calls in the guide to payouts show a paid payout, and the balance', async () => {
  const [setUp = '', , calls = ''] = blocks('payouts.md', 'sh')
  await payment()
  const advance = await fetch(`${server.baseUrl}/_sandbox/clock/advance`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ by: '8d' }),
  })
  expect(advance.status).toBe(200)
  const answers = await shell(`${setUp}\n${calls}`)
  expect(answers).toMatch(
    /"payouts":\[\{"payout_id":"\d+","amount":"[\d.]+","currency":"INR","status":"paid"/,
  )
  expect(answers).toContain('"balances":[{"currency":"INR","available":"0.00"')
})

test('the commands of the guide to virtual accounts open an account, pay it, change it and close it', async () => {
  const [setup = '', create = '', transfer = '', list = '', change = '', close = ''] = blocks(
    'virtual-accounts.md',
    'sh',
  )
  const call = async (lines: string, replacements = {}) =>
    JSON.parse(await shell(`${setup}\n${lines}`, replacements))
  const { virtual_account: account } = await call(create)
  const { account_number, virtual_account_id: id } = account
  expect(account).toMatchObject({ minimum_amount: 100, status: 'active' })
  const { payment } = await call(transfer, { '{account_number}': account_number })
  expect(payment).toMatchObject({ amount: '250.50', status: 'succeeded', virtual_account_id: id })
  const path = { '{virtual_account_id}': id }
  expect((await call(list, path)).payments).toMatchObject([{ payment_id: payment.payment_id }])
  expect((await call(change, path)).virtual_account).toMatchObject({
    maximum_amount: 25000,
    amount_paid: 250.5,
  })
  expect((await call(close, path)).virtual_account.status).toBe('closed')
})

test('the test in the guide to virtual accounts sees a payment, and the end of the account', async () => {
  const [code = ''] = blocks('virtual-accounts.md', 'js')
  const file = join(folder, 'virtual-account.mjs')
  writeFileSync(file, code.replace("'paydesk/testing'", `'${TESTING}'`))
  const { stdout } = await run(process.execPath, [file])
  expect(stdout).toBe('succeeded true\nclosed\n')
})

test('the commands of the guide to saved methods save a method, charge it and delete it', async () => {
  const [setup = '', customer = '', session = '', save = '', charge = '', remove = ''] = blocks(
    'saved-methods.md',
    'sh',
  )
  const ask = async (lines: string, replacements = {}) =>
    JSON.parse(await shell(`${setup}\n${lines}`, replacements))
  const ids = { '{customer_id}': (await ask(customer)).customer.customer_id }
  expect((await ask(session, ids)).payment_method_session.access_key).toMatch(/^B/)
  const { payment_method: method } = await ask(save, ids)
  expect(method).toMatchObject({ type: 'card', status: 'active' })
  const both = { ...ids, '{payment_method_id}': method.payment_method_id }
  expect((await ask(charge, both)).payment).toMatchObject({ amount: '49.00', status: 'succeeded' })
  expect(await ask(remove, both)).toEqual({ code: 0, message: 'success' })
})

test('the test in the guide to saved methods sees a charge that fails', async () => {
  const [code = ''] = blocks('saved-methods.md', 'js')
  const file = join(folder, 'saved-method.mjs')
  writeFileSync(file, code.replace("'paydesk/testing'", `'${TESTING}'`))
  const { stdout } = await run(process.execPath, [file])
  expect(stdout).toBe('active failed\n')
})
