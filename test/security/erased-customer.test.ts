import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { CustomerRecord } from '../../src/domain/customer.ts'
import type { AccountId, CustomerId } from '../../src/domain/id.ts'
import { eraseCustomer } from '../../src/operations/erase-customer.ts'
import { openCore } from '../../src/server/core.ts'
import { startServer } from '../../src/server/start-server.ts'
import { visit } from '../support/customer.ts'
import { makePlace, type Place, settingsAt } from '../support/engines.ts'
import { inProcessCli } from '../support/in-process-cli.ts'
import { advanceSandbox, enrollmentOf, notify } from '../support/mandates.ts'
import { createTestClock, SERVER_TIME_MS } from '../support/memory-store.ts'
import { startReceiver } from '../support/receiver.ts'
import { control } from '../support/sandbox.ts'
import { findSecrets, type Haystack, textSecret } from '../support/secret-search.ts'
import { ACCOUNT_ID, call as callApi, US_ACCOUNT_ID } from '../support/server.ts'
import { TEST_ACTOR } from '../support/stored-rows.ts'
import { dumpOf } from './dump.ts'

/** Unique texts in every field that can have personal data of the customer. */
const WHO = {
  name: 'Zubeida Quartermaine',
  email: 'zubeida.q@mail.test',
  phone: '9871236540',
  meta: 'meta-of-zubeida',
  description: 'Portrait of Zubeida',
  filledName: 'Zubi Filled',
  filledUdf: 'udf-of-zubeida',
  successUrl: 'https://shop.test/thanks-zubeida',
  holder: 'ZUBEIDA Q HOLDER',
  upiId: 'zubeida.success@paydesk',
  refundText: 'refund for Zubeida',
  refundMeta: 'refund-meta-zubeida',
  mandateText: 'Gym of Zubeida',
  noticeText: 'notice to Zubeida',
  linkText: 'Link for Zubeida',
  vaText: 'Deposits of Zubeida',
  street: '7 Zubeida Street',
  town: 'Zubeidabad',
  answer: 'thanks to zubeida.q',
  savedText: 'saved for Zubeida',
} as const
const SECRETS = Object.entries(WHO).map(([what, text]) => textSecret(what, text))
/** Another customer, whose data stays. */
const OTHER = { name: 'Omar Other', email: 'omar@mail.test' }

describe.each(['file', 'postgres'] as const)('an erased customer, on %s', (engine) => {
  let place: Place
  let server: Awaited<ReturnType<typeof startServer>>
  let receiver: Awaited<ReturnType<typeof startReceiver>>
  const ids = { customer: '', us: '', other: '', payment: '' }

  const call = async (method: string, path: string, body?: unknown, key?: string) => {
    const headers: Record<string, string> = key === undefined ? {} : { 'idempotency-key': key }
    const answer = await callApi(server.baseUrl, method, path, body, headers)
    expect([method, path, answer.status < 300, answer.text]).toEqual([
      method,
      path,
      true,
      answer.text,
    ])
    return answer.body
  }
  const us = (path: string) => `${path}?account_id=${US_ACCOUNT_ID}`
  const run = inProcessCli({})
  const flags = () => {
    const { data, databaseUrl } = place.flags
    return data === undefined ? ['--database-url', String(databaseUrl)] : ['--data', String(data)]
  }
  const erase = (...words: readonly string[]) => run('customer', 'erase', ...words, ...flags())
  const everything = async (): Promise<Haystack[]> => {
    const exportResult = await run('export', 'payments', ...flags())
    return [dumpOf(place), { where: 'export of payments', text: exportResult.out }]
  }

  beforeAll(async () => {
    place = await makePlace(engine)
    server = await startServer(settingsAt(place), { clock: createTestClock(SERVER_TIME_MS) })
    receiver = await startReceiver(({ body }) => ({
      status: 200,
      body: body.includes(WHO.upiId) ? WHO.answer : 'thanks',
    }))
    await call('POST', '/webhooks', {
      name: 'Shop',
      url: `${receiver.url}/hooks`,
      enabled_events: ['payment.succeeded', 'mandate.activated', 'refund.succeeded'],
    })
    const person = {
      name: WHO.name,
      email: WHO.email,
      phone: WHO.phone,
      phone_country_code: 'IN',
      meta_data: [{ key: 'note', value: WHO.meta }],
    }
    ids.customer = (await call('POST', '/customers', person, 'customer')).customer.customer_id
    ids.other = (await call('POST', '/customers', OTHER)).customer.customer_id
    await payByForm()
    await payAsGuest()
    await enrollMandate()
    await payLinkAndAccount()
    ids.us = (await call('POST', us('/customers'), person)).customer.customer_id
    await saveAndCharge()
    await advanceSandbox(server, '10m')
  }, 120_000)
  afterAll(async () => {
    await server.close()
    await receiver.close()
    place.remove()
  })

  const form = {
    name: WHO.filledName,
    email: WHO.email,
    phone: WHO.phone,
    udf1: WHO.filledUdf,
    success_url: WHO.successUrl,
    failure_url: WHO.successUrl,
  }
  const sessionOf = (more: object) => ({
    amount: 250,
    currency: 'INR',
    description: WHO.description,
    meta_data: [{ key: 'note', value: WHO.meta }],
    invoice_number: 'INV-77',
    configurations: { hosted_page_parameters: form },
    ...more,
  })
  const pay = async (accessKey: string, more: Readonly<Record<string, string>> = {}) => {
    const form = { method: 'upi', upi_channel: 'collect', upi_id: WHO.upiId, ...more }
    const path = `/hostedcheckout/${accessKey}/pay`
    const answer = await visit(server.baseUrl, path, form, true)
    expect([answer.status, answer.text]).toEqual([200, answer.text])
    await advanceSandbox(server, '10s')
  }

  async function payByForm(): Promise<void> {
    const body = sessionOf({ customer_id: ids.customer })
    const { payments_session: session } = await call('POST', '/paymentsessions', body, 'session')
    await pay(session.access_key, { email: WHO.email, phone: WHO.phone })
    const sessionAnswer = await call('GET', `/paymentsessions/${session.payments_session_id}`)
    ids.payment = sessionAnswer.payments_session.payments[0].payment_id
    const refund = {
      amount: 100,
      reason: 'requested_by_customer',
      type: 'initiated_by_customer',
      description: WHO.refundText,
      meta_data: [{ key: 'note', value: WHO.refundMeta }],
    }
    await call('POST', `/payments/${ids.payment}/refunds`, refund, 'refund')
    await advanceSandbox(server, '1m')
  }

  /** Pays without a customer id, leaves another such session unpaid, and lets the other customer pay. */
  async function payAsGuest(): Promise<void> {
    const { payments_session: session } = await call('POST', '/paymentsessions', sessionOf({}))
    await pay(session.access_key, { email: WHO.email })
    await call('POST', '/paymentsessions', sessionOf({}))
    const others = { customer_id: ids.other, configurations: undefined }
    const sharedSession = await call(
      'POST',
      '/paymentsessions',
      sessionOf({ ...others, description: 'x', meta_data: undefined }),
    )
    // The other customer has the same phone number.
    await pay(sharedSession.payments_session.access_key, {
      upi_id: 'success@paydesk',
      phone: WHO.phone,
    })
  }

  async function enrollMandate(): Promise<void> {
    const body = enrollmentOf(
      ids.customer,
      { description: WHO.mandateText },
      { description: WHO.description },
    )
    const { payments_session: session } = await call('POST', '/paymentsessions', body)
    await pay(session.access_key)
    const sessionAnswer = await call('GET', `/paymentsessions/${session.payments_session_id}`)
    const { mandate_id: mandateId } = sessionAnswer.payments_session
    const caller = {
      baseUrl: server.baseUrl,
      call: (...args: Parameters<typeof callApi> extends [unknown, ...infer Rest] ? Rest : never) =>
        callApi(server.baseUrl, ...args),
    }
    const notice = await notify(caller, mandateId, { description: WHO.noticeText })
    expect([notice.status, notice.text]).toEqual([201, notice.text])
    await advanceSandbox(server, '1h')
  }

  async function payLinkAndAccount(): Promise<void> {
    await call(
      'POST',
      '/paymentlinks',
      {
        amount: 99,
        currency: 'INR',
        description: WHO.linkText,
        email: WHO.email,
        phone: WHO.phone,
        return_url: WHO.successUrl,
        notify_customer: { email: true },
      },
      'link',
    )
    const { virtual_account: account } = await call('POST', '/virtualaccounts', {
      description: WHO.vaText,
      customer_id: ids.customer,
      meta_data: [{ key: 'note', value: WHO.meta }],
    })
    const transfer = await control(server.baseUrl)('POST', '/bank_transfers', {
      account_number: account.account_details?.account_number ?? account.account_number,
      ifsc_code: account.account_details?.ifsc_code ?? account.ifsc_code,
      amount: '75.00',
      payer_name: WHO.holder,
    })
    expect([transfer.status, transfer.text]).toEqual([201, transfer.text])
  }

  async function saveAndCharge(): Promise<void> {
    const newSession = await call('POST', us('/paymentmethodsessions'), {
      customer_id: ids.us,
      description: WHO.savedText,
    })
    const path = `/hostedcheckout/${newSession.payment_method_session.access_key}`
    await visit(server.baseUrl, `${path}/save`, {
      method: 'card',
      number: '1',
      card_number: '4111111111111111',
      card_expiry: '09/40',
      card_cvv: '123',
      card_name: WHO.holder,
      address_line1: WHO.street,
      city: WHO.town,
      country: 'US',
      postal_code: '10001',
    })
    const issuer = /href="(\/sandbox\/save-card\/\d+)"/.exec(
      (await visit(server.baseUrl, path)).text,
    )?.[1]
    expect(issuer).toBeDefined()
    await visit(server.baseUrl, String(issuer), { otp: '123456', decision: 'approve' })
    await advanceSandbox(server, '1m')
    const sessionAnswer = await call(
      'GET',
      us(`/paymentmethodsessions/${newSession.payment_method_session.payment_method_session_id}`),
    )
    const methodId = sessionAnswer.payment_method_session.payment_method.payment_method_id
    const charge = {
      customer_id: ids.us,
      payment_method_id: methodId,
      amount: '49.00',
      currency: 'USD',
      description: WHO.description,
    }
    await call('POST', us('/payments'), charge, 'charge')
    await advanceSandbox(server, '1m')
  }

  test('the search finds the customer everywhere before the erasure', async () => {
    const finds = findSecrets(await everything(), SECRETS)
    for (const what of Object.keys(WHO)) {
      expect(finds, what).toContain(`dump: ${what}`)
    }
    expect(finds).toContain('export of payments: email')
  })

  const MONEY_KINDS = ['sessions', 'payments', 'refunds']
  const rowCountsIn = (out: string) => {
    const { kinds }: { kinds: { kind: string; row_count: number }[] } = JSON.parse(out)
    return kinds
      .filter(({ kind }) => MONEY_KINDS.includes(kind))
      .map(({ kind, row_count }) => `${kind}: ${row_count}`)
  }
  let countsBefore: readonly string[]

  test('a dry run counts the rows and changes nothing', async () => {
    const before = dumpOf(place).text
    const { out } = await erase(ids.customer, '--dry-run', '--json')
    const report = JSON.parse(out)
    expect(report).toMatchObject({ is_dry_run: true, customer_ids: [ids.customer] })
    countsBefore = rowCountsIn(out)
    const kinds = report.kinds.map(({ kind }: { kind: string }) => kind)
    expect(kinds).toEqual(
      expect.arrayContaining([
        'sessions',
        'payments',
        'refunds',
        'mandates',
        'payment_links',
        'events',
      ]),
    )
    expect(dumpOf(place).text).toBe(before)
  })

  test('an open mandate, link or virtual account causes a refusal, and nothing is erased', async () => {
    const before = dumpOf(place).text
    const { refusal } = await erase(ids.customer)
    expect(refusal).toMatch(
      /^Nothing was erased, because of these objects: (?=.*mandate \d+ is open)(?=.*payment link \d+ is open)(?=.*virtual account \d+ is open).*To cancel these objects first, add --cancel\.$/,
    )
    const forecastOf = async (...flags: readonly string[]) =>
      (await erase(ids.customer, '--dry-run', ...flags)).out
    expect(await forecastOf()).toMatch(/^The erasure is not possible yet: mandate \d+ is open\.$/m)
    const withCancel = await forecastOf('--cancel')
    expect(withCancel).toMatch(/^The erasure would first cancel mandate \d+\.$/m)
    expect(withCancel).not.toContain('not possible yet')
    expect(dumpOf(place).text).toBe(before)
  })

  test('after an interrupted erasure the customer still exists, so that the erasure can be run again', async () => {
    const core = await openCore(settingsAt(place))
    const customer = await core.store.customers.find(ids.customer as CustomerId)
    const controller = new AbortController()
    const { processor } = server.tenant
    const erasing = eraseCustomer(
      { ...core, processor, actor: TEST_ACTOR },
      {
        accountId: ACCOUNT_ID as AccountId,
        customers: [customer as CustomerRecord],
        emails: [WHO.email],
        phones: [WHO.phone],
        isDryRun: false,
        cancels: true,
        signal: controller.signal,
        onStep: ({ part }) => part === 'erase' && controller.abort(),
      },
    )
    await expect(erasing).rejects.toThrow(/abort/)
    expect(await core.store.customers.find(ids.customer as CustomerId)).toEqual(customer)
    await core.store.close()
  })

  test('after the erasure no table and no export has a text of the customer, except the phone number that the other customer shares', async () => {
    const { out, refusal } = await erase(ids.customer, '--json')
    expect(refusal).toBe('')
    // Each row is counted once, although the erasure searches the rows several times.
    expect(rowCountsIn(out)).toEqual(countsBefore)
    // `others_count`: the payment of the other customer, who has the same phone number.
    expect(JSON.parse(out)).toMatchObject({ obstacles: [], open_token_count: 0, others_count: 1 })
    const second = await erase(WHO.email, '--account', US_ACCOUNT_ID, '--json')
    expect(second.refusal).toBe('')
    expect(JSON.parse(second.out)).toMatchObject({ customer_ids: [ids.us], open_token_count: 0 })
    // Answers to the webhooks of the cancellation can arrive after the erasure. They are erased by a second run.
    await server.close()
    await erase(ids.customer, '--json')
    const finds = findSecrets(await everything(), SECRETS)
    expect(finds.filter((find) => !find.endsWith(': phone'))).toEqual([])
    expect(dumpOf(place).text.split(WHO.phone)).toHaveLength(3)
  }, 60_000)

  test('a further erasure finds nothing left', async () => {
    const { out } = await erase(ids.customer)
    expect(out).toContain('There was nothing left to erase.')
  })

  test('money, references and other customers stay, and the ledger agrees', async () => {
    const { out } = await run('export', 'payments', ...flags())
    expect(out).toContain('INV-77')
    const check = await run('ledger', 'check', '--json', ...flags())
    expect(JSON.parse(check.out)).toMatchObject({ agrees: true })
    const { text } = dumpOf(place)
    expect(text).toContain(OTHER.name)
    expect(text).toContain(OTHER.email)
  })

  test('the audit log has the customer’s id and the counts of the erased rows', async () => {
    const { out } = await run('audit', 'list', '--action', 'customer.erase', '--json', ...flags())
    const entries = JSON.parse(out)
    expect(entries.length).toBeGreaterThanOrEqual(2)
    expect(entries.at(-1)).toMatchObject({
      object_id: ids.customer,
      after: { erased_rows: { customers: 1 } },
    })
  })

  test('an unknown customer and an address in several accounts are refused', async () => {
    expect((await erase('12345')).refusal).toBe('There is no customer 12345.')
    for (const text of ['', 'Asha', '12345678901234567']) {
      await expect(erase(text)).rejects.toThrow('It must be an id of 1 to 16 digits')
    }
    expect(await erase(WHO.email)).toMatchObject({
      refusal:
        'There are several accounts, and each can have this customer. Name one with --account.',
      refusalCode: 2,
    })
  })
})
