import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { CheckoutView } from '../../src/checkout/view.ts'
import { TEST_PANEL } from '../../src/sandbox/payer/test-panel.ts'
import { SANDBOX_VALUES } from '../../src/sandbox/well-known.ts'
import { type PageAnswer, visit } from '../support/customer.ts'
import { makePlace, type Place } from '../support/engines.ts'
import {
  codeSecret,
  findSecrets,
  type Haystack,
  numberSecret,
  type Secret,
  textSecret,
} from '../support/secret-search.ts'
import {
  ACCOUNT_ID,
  call,
  type SpawnedServer,
  spawnServer,
  US_ACCOUNT_ID,
} from '../support/server.ts'
import { dumpOf } from './dump.ts'
import {
  ACH_ACCOUNTS,
  CORPORATE,
  inDigitsOf,
  MASTERCARD,
  MISTYPED_CARD,
  NO_TEST_CARD,
  PAYMENTS,
  type Payment,
  RUPAY,
  type Step,
  VISA,
} from './payments.ts'
import { type WatchedWebhooks, watchWebhooks, withoutDurations } from './watch-webhooks.ts'

/**
 * The planted numbers: they are in the session's description, which is shown and stored, so the search must find them.
 */
const PLANTED = { number: '5012345678901234', code: '731' }
const DESCRIPTION = `Order of card 5012 3456-7890 1234, code ${PLANTED.code}`

const CARD_DATA = [
  ...[VISA, MASTERCARD, RUPAY, CORPORATE, NO_TEST_CARD, MISTYPED_CARD].map(numberSecret),
  ...PAYMENTS.flatMap(({ form }) => (form.card_cvv === undefined ? [] : codeSecret(form.card_cvv))),
]
const ACCOUNT_NUMBERS = ACH_ACCOUNTS.map(numberSecret)
const { accessToken, apiKey, clientSecret, refreshToken, signingKey } = SANDBOX_VALUES
const SANDBOX_SECRETS = Object.entries({
  accessToken,
  apiKey,
  clientSecret,
  refreshToken,
  signingKey,
  secretKey: 'paydesk sandbox: no secret at all',
}).map(([what, text]) => textSecret(what, text))
const PLANTED_SECRETS = [numberSecret(PLANTED.number), codeSecret(PLANTED.code)]
/** The planted key: it is in the description of a webhook endpoint, which is stored unchanged. */
const PLANTED_KEY = `whsec_${Buffer.from('a key that is planted to be found').toString('base64')}`
/** The secrets of a webhook key: its text form and its bytes. */
const keySecrets = (key: string): readonly Secret[] => {
  const base64 = key.replace('whsec_', '')
  const hex = new RegExp(Buffer.from(base64, 'base64').toString('hex'), 'i')
  const bytes = { what: `bytes of ${key}`, isIn: ({ text }: Haystack) => hex.test(text) }
  return [textSecret(`webhook key ${key}`, base64), bytes]
}

const OTPS: Partial<Record<Step, string>> = { otp: '123456', 'wrong otp': '000000', 'no otp': '' }
/** The time limit for a payment's decision: the slowest test instruments take ten seconds. */
const DECISION_MS_MAX = 60_000

/** Pays by every method, and records every received body. */
async function payInEveryWay(baseUrl: string) {
  const bodies: Haystack[] = []
  let formCount = 0
  /** The number of answers with the test panel, which lists the test cards on every page. */
  let panelCount = 0
  const panel = JSON.stringify(TEST_PANEL)

  const keep = (where: string, text: string) => {
    panelCount += text.includes(panel) ? 1 : 0
    bodies.push({ where, text: text.replaceAll(panel, '') })
  }

  async function pay(payment: Payment): Promise<string> {
    const { asScript, form, isRefused, steps, what } = payment
    const { accessKey, accountId, id, text } = await createSession(baseUrl, payment)
    keep(`${what}: create`, text)
    const path = `/hostedcheckout/${accessKey}`

    const go = async (target: string, sentForm?: Payment['form'], byScript?: boolean) => {
      const answer = await visit(baseUrl, target, sentForm, byScript)
      const where = `${what}: ${sentForm === undefined ? 'GET' : 'POST'} ${target.replace(accessKey, '')}`
      keep(where, `${answer.location}\n${answer.text}`)
      return answer
    }
    const view = async () =>
      (JSON.parse((await go(`${path}/state`)).text) as { view: CheckoutView }).view
    const end = async (answer: PageAnswer) => {
      if (answer.status === 422) {
        expect([what, (await view()).state]).toEqual([what, 'ready'])
        return asScript ? Object.keys(JSON.parse(answer.text).problems).join() : payment.ends
      }
      if (isRefused) return 'accepted'
      const { action } = await view()
      if (action?.kind === 'upi_link') await go(`${path}/qr.svg`)
      for (const step of steps) {
        if (step.startsWith('panel ')) await go(`${path}/sandbox`, { act: step.slice(6) })
        else if (action?.kind === 'redirect') await answerPayerPage(go, action.url, step)
      }
      return waitForEnd(view)
    }

    await go(`${path}?lang=en`)
    formCount += 1
    const lastPage = await end(await go(`${path}/pay?lang=en`, form, asScript))
    await go(`${path}?lang=hi`)
    const retrieval = await call(baseUrl, 'GET', `/paymentsessions/${id}?account_id=${accountId}`)
    keep(`${what}: retrieve`, retrieval.text)
    return lastPage
  }

  const outcomes = await Promise.all(
    PAYMENTS.map(async (payment) => [payment.what, payment.asScript, await pay(payment)] as const),
  )
  keep('metrics', (await visit(baseUrl, '/metrics')).text)
  return { bodies, formCount, outcomes, panelCount }
}

/** Performs one action on a page of the issuer, the bank or the wallet, and follows its redirect. */
async function answerPayerPage(
  go: (path: string, form?: Payment['form']) => Promise<PageAnswer>,
  url: string,
  step: Step,
): Promise<void> {
  await go(url)
  const decision = step === 'refuse' ? 'refuse' : 'approve'
  const answer = await go(url, { decision, ...(OTPS[step] !== undefined && { otp: OTPS[step] }) })
  if (answer.location !== undefined) await go(answer.location)
}

/** Waits until a payment is decided and returns its status. */
async function waitForEnd(look: () => Promise<CheckoutView>): Promise<string> {
  for (const startedAtMs = Date.now(); ; ) {
    const view = await look()
    if (view.state === 'succeeded') return 'succeeded'
    if (view.lastFailure !== undefined) return view.lastFailure
    if (view.state === 'ready') return 'nothing was tried'
    if (Date.now() - startedAtMs > DECISION_MS_MAX) return `${view.state} still`
    await new Promise((resolve) => setTimeout(resolve, 500))
  }
}

async function createSession(
  baseUrl: string,
  { amount, currency }: Pick<Payment, 'amount' | 'currency'>,
) {
  const accountId = currency === 'INR' ? ACCOUNT_ID : US_ACCOUNT_ID
  const answer = await call(baseUrl, 'POST', `/paymentsessions?account_id=${accountId}`, {
    amount,
    currency,
    description: DESCRIPTION,
    configurations: {
      hosted_page_parameters: {
        success_url: 'https://shop.example/thanks',
        failure_url: 'https://shop.example/sorry',
      },
    },
  })
  const { access_key: accessKey, payments_session_id: id } = answer.body.payments_session
  return { accountId, accessKey: accessKey as string, id: id as string, text: answer.text }
}

/** The database's files on the disk. */
function filesOf({ flags: { data } }: Place, when: string): Haystack[] {
  return ['', '-wal', '-shm']
    .map((ending) => `${data}${ending}`)
    .filter((path) => existsSync(path))
    .map((path) => ({
      where: `${path.slice(path.lastIndexOf('/') + 1)}, ${when}`,
      text: readFileSync(path, 'utf8'),
      isBinary: true,
    }))
}

/** The sandbox's log of requests, webhooks and processor calls. */
async function requestLog(baseUrl: string): Promise<readonly LoggedRequest[]> {
  const answer = await fetch(`${baseUrl}/_sandbox/requests?limit=1000`)
  return ((await answer.json()) as { requests: LoggedRequest[] }).requests
}
type LoggedRequest = { readonly id: string; readonly path: string; readonly kind: string }

/**
 * An exchange without the parts that can equal a searched security code by chance: counts, lengths, durations, and
 * random values.
 */
function logHaystack({ id, ...rest }: LoggedRequest): Haystack {
  const NUMBERS = /"(?:duration_ms|content-length|x-request-id)":(?:"[^"]*"|\d+)/g
  const CHANCE = /webhook-signature(?:":"|: )[^"']*|Zoho-oauthtoken [\w.]+/g
  const text = JSON.stringify(rest).replaceAll(NUMBERS, '').replaceAll(CHANCE, '')
  return { where: `request ${id}`, text }
}

/** The forms that the test sends to save a method. The second one is refused. */
const SAVED_FORMS: readonly Readonly<Record<string, string>>[] = [
  {
    method: 'card',
    card_number: VISA,
    card_expiry: '09/40',
    card_cvv: '123',
    card_name: 'Ben Ode',
  },
  {
    method: 'card',
    card_number: NO_TEST_CARD,
    card_expiry: '09/40',
    card_cvv: '123',
    card_name: VISA,
  },
  {
    method: 'ach_debit',
    ach_name: 'Ben Ode',
    ach_routing: '110000000',
    ach_account: ACH_ACCOUNTS[0] ?? '',
  },
]

/** The panel of the page that saves a method. It lists the test instruments. */
const SAVE_PANEL = /<aside class="panel .*?<\/aside>/s

/** Sends each form, and charges the methods that were saved. Returns everything that the server answered. */
async function saveInEveryWay(baseUrl: string) {
  const bodies: Haystack[] = []
  const methodIds: string[] = []
  let panelCount = 0
  const ask = async (method: string, path: string, body?: unknown) => {
    const answer = await call(baseUrl, method, `${path}?account_id=${US_ACCOUNT_ID}`, body)
    bodies.push({ where: `saved: ${path}`, text: answer.text })
    return answer.body
  }
  const look = async (path: string, form?: Readonly<Record<string, string>>) => {
    const answer = await visit(baseUrl, path, form)
    panelCount += SAVE_PANEL.test(answer.text) ? 1 : 0
    bodies.push({ where: 'saved: page', text: answer.text.replace(SAVE_PANEL, '') })
    return answer
  }
  for (const form of SAVED_FORMS) {
    const { customer } = await ask('POST', '/customers', { name: 'Ben', email: 'ben@shop.test' })
    const { customer_id } = customer
    const newSession = await ask('POST', '/paymentmethodsessions', { customer_id })
    const { access_key, payment_method_session_id: id } = newSession.payment_method_session
    const path = `/hostedcheckout/${access_key}`
    await look(`${path}/save`, { ...form, number: '1', country: 'US', postal_code: '10001' })
    const issuer = /href="(\/sandbox\/save-card\/\d+)"/.exec((await look(path)).text)?.[1]
    if (issuer !== undefined) {
      const { location = '' } = await look(issuer, { otp: '123456', decision: 'approve' })
      await look(location.replace(baseUrl, ''))
    }
    const { payment_method_session: session } = await ask('GET', `/paymentmethodsessions/${id}`)
    const methodId = session.payment_method?.payment_method_id
    if (methodId === undefined) continue
    methodIds.push(methodId)
    await ask('GET', `/paymentmethods/${methodId}`)
    const charge = { customer_id, payment_method_id: methodId, amount: '49.00', currency: 'USD' }
    await ask('POST', '/payments', charge)
  }
  return { bodies, methodIds, panelCount }
}

describe.each(['file', 'postgres'] as const)('after payments by every method, on %s', (engine) => {
  let place: Place
  let server: SpawnedServer
  let payments: Awaited<ReturnType<typeof payInEveryWay>>
  let saves: Awaited<ReturnType<typeof saveInEveryWay>>
  let database: Haystack[]
  let log: string
  let output = ''
  let watches: readonly WatchedWebhooks[] = []
  let webhooks: Haystack[]
  let webhookLog: Haystack[]
  let requests: readonly LoggedRequest[]

  beforeAll(async () => {
    place = await makePlace(engine)
    const { data, databaseUrl } = place.flags
    server = await spawnServer([
      ...(data === undefined ? ['--database-url', String(databaseUrl)] : ['--data', String(data)]),
      '--log-level',
      'debug',
      '--access-log',
      'all',
      '--processor-timeout',
      '1',
    ])
    // The output after the first line, which lists the sandbox's credentials.
    server.process.stdout?.on('data', (chunk) => {
      output += chunk
    })
    watches = await Promise.all(
      [ACCOUNT_ID, US_ACCOUNT_ID].map((accountId) =>
        watchWebhooks(server.baseUrl, accountId, PLANTED_KEY, `Thanks for: ${DESCRIPTION}`),
      ),
    )
    payments = await payInEveryWay(server.baseUrl)
    saves = await saveInEveryWay(server.baseUrl)
    const reports = await Promise.all(watches.map((one) => one.collect()))
    webhooks = reports.flatMap(({ requests }) => requests)
    webhookLog = reports.flatMap(({ log: ofAccount }) => ofAccount)
    requests = await requestLog(server.baseUrl)
    const whileServing = filesOf(place, 'while serving')
    server.process.kill('SIGTERM')
    await once(server.process, 'close')
    const dump = withoutDurations(dumpOf(place))
    database = [...whileServing, ...filesOf(place, 'after the end'), dump]
    log = server.errors()
  }, 240_000)
  afterAll(async () => {
    for (const one of watches) await one.close()
    server.process.kill('SIGKILL')
    place.remove()
  })

  /**
   * Everything except the requests. Durations are removed, because they can equal a searched security code by chance.
   */
  const everything = (): Haystack[] => [
    ...database,
    ...payments.bodies,
    ...saves.bodies,
    ...webhooks,
    ...webhookLog,
    { where: 'log', text: log.replaceAll(/"milliseconds":[\d.]+/g, '') },
    { where: 'output', text: output },
    ...requests.map(logHaystack),
  ]

  test('each payment has the outcome that its row expects', () => {
    expect(payments.outcomes).toEqual(
      PAYMENTS.map(({ asScript, ends, what }) => [what, asScript, ends]),
    )
  })

  test('no stored or sent text contains a card number or a security code', () => {
    expect(findSecrets(everything(), CARD_DATA)).toEqual([])
  })

  test('no stored or sent text contains an account number', () => {
    expect(findSecrets(everything(), ACCOUNT_NUMBERS)).toEqual([])
  })

  test('a card and an account were saved, and no stored or sent text contains their tokens', () => {
    expect(saves.methodIds).toHaveLength(2)
    const tokens = saves.methodIds.map((id) => textSecret('token', `sandbox_${id}`))
    expect(findSecrets(everything(), tokens)).toEqual([])
  })

  test('no stored or sent text contains a secret of the sandbox', () => {
    expect(findSecrets(everything(), SANDBOX_SECRETS)).toEqual([])
  })

  test('only the answer that created a webhook endpoint contains its signing key', () => {
    const keys = watches.flatMap((one) => one.keys)
    expect(new Set(keys).size).toBe(4)
    expect(findSecrets(everything(), keys.flatMap(keySecrets))).toEqual([])
    const [plantedSecret] = keySecrets(PLANTED_KEY)
    const places = ['dump', `endpoint of ${ACCOUNT_ID}`, `endpoint of ${US_ACCOUNT_ID}`]
    if (engine === 'file') places.push('paydesk.db, after the end')
    expect(findSecrets(everything(), keySecrets(PLANTED_KEY))).toEqual(
      expect.arrayContaining(places.map((where) => `${where}: ${plantedSecret?.what}`)),
    )
  })

  test('the same search finds planted numbers in every searched place', () => {
    const finds = findSecrets(everything(), PLANTED_SECRETS)
    const pages = [...new Set(PAYMENTS.map(({ what }) => what))].flatMap((what) =>
      ['create', 'GET /hostedcheckout/?lang=en', 'GET /hostedcheckout/?lang=hi', 'retrieve'].map(
        (page) => `${what}: ${page}`,
      ),
    )
    const ofWebhooks = [ACCOUNT_ID, US_ACCOUNT_ID].flatMap((accountId) => [
      `webhook of ${accountId}`,
      `log of ${accountId}: delivery`,
    ])
    const all = ['dump', ...pages, ...ofWebhooks].flatMap((where) =>
      PLANTED_SECRETS.map(({ what }) => `${where}: ${what}`),
    )
    expect(finds).toEqual(expect.arrayContaining(all))
    const [number] = PLANTED_SECRETS
    if (engine === 'file') expect(finds).toContain(`paydesk.db, after the end: ${number?.what}`)
    // The panels show test instruments, so they are removed before the search. They must have been present.
    expect(payments.panelCount).toBeGreaterThan(PAYMENTS.length)
    expect(saves.panelCount).toBeGreaterThan(0)
  })

  test('the searched webhooks include every ended payment', () => {
    const reportedCount = PAYMENTS.filter(({ isRefused }) => !isRefused).length
    const types = webhooks.map(({ text }) => /"event_type":"(payment\.\w+)"/.exec(text)?.[1])
    const endEvents = types.filter(
      (type) => type === 'payment.succeeded' || type === 'payment.failed',
    )
    // The webhooks also include the charge of the saved card.
    expect(endEvents).toHaveLength(reportedCount + 1)
    expect(webhookLog.length).toBeGreaterThan(reportedCount)
  })

  test('the searched requests include every form, call and webhook', () => {
    const forms = requests.filter(({ path }) => /\/pay(?:\?|$)/.test(path))
    expect(forms).toHaveLength(payments.formCount)
    expect(new Set(requests.map(({ kind }) => kind))).toEqual(
      new Set(['api', 'processor', 'webhook']),
    )
    const [number] = PLANTED_SECRETS
    expect(findSecrets(requests.map(logHaystack), [number as Secret])).not.toEqual([])
  })

  test('the searched log contains a line for every form', () => {
    const lines = log
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>)
    const forms = lines.filter(({ route }) => String(route).endsWith('/:access_key/pay'))
    expect(forms).toHaveLength(payments.formCount)
  })
})

const NUMBER = '4111111111111111'
const WRITINGS: readonly [how: string, text: string, what: string][] = [
  ['without separators', `x${NUMBER}y`, NUMBER],
  ['in groups of four', 'a 4111 1111 1111 1111 b', NUMBER],
  ['with hyphens', '4111-1111-1111-1111', NUMBER],
  ['in a form', 'card_number=4111+1111+1111+1111&x', NUMBER],
  ['in an address', '?n=4111%201111%201111%201111', NUMBER],
  ['in Hindi digits', inDigitsOf('०', NUMBER), NUMBER],
  ['in Urdu digits', inDigitsOf('۰', NUMBER), NUMBER],
  ['in hex', Buffer.from(`{"number":"${NUMBER}"}`).toString('hex'), NUMBER],
  ...['', '1', '12'].map((before): [string, string, string] => [
    `in base64 after ${before.length} bytes`,
    Buffer.from(`${before}${NUMBER}.`).toString('base64url'),
    NUMBER,
  ]),
  ['as JSON', '{"cvv":"907"}', '907'],
  ['as JSON in JSON', '{\\"cvv\\":\\"907\\"}', '907'],
  ['as a number', '{"code":907,', '907'],
  ['in a form', 'card_cvv=907&', '907'],
  ['in an address', '%22cvv%22%3A%22907%22', '907'],
  ['in base64', Buffer.from('{"card":1,"cvv":"907"}').toString('base64'), '907'],
  ['in a column of a dump', "VALUES (1, '907', NULL)", '907'],
  ['in a copied row', '1\t907\t\\N', '907'],
  ['in prose', 'the code is 907.', '907'],
]

test.each(WRITINGS)('the search finds digits in the form %s: %s', (_how, text, what) => {
  const secret = what.length === 3 ? codeSecret(what) : numberSecret(what)
  expect(findSecrets([{ where: 'here', text }], [secret])).toHaveLength(1)
})

test('the search does not mistake other digits for a code', () => {
  const key = `${'x'.repeat(20)}-907-${'y'.repeat(20)}`
  const text = `{"at":1795000907123,"n":9.907,"id":"a907","ms":907.5,"key":"${key}"}`
  expect(findSecrets([{ where: 'here', text }], [codeSecret('907')])).toEqual([])
})
