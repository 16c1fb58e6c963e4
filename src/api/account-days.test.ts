import { afterAll, beforeAll, expect, test } from 'vitest'
import { dayInIndia, nextMidnightInIndia } from '../../test/support/account-days.ts'
import { type CheckoutServer, startCheckoutServer } from '../../test/support/checkout.ts'
import { ENGINES } from '../../test/support/engines.ts'
import { makePayment } from '../../test/support/taken-payments.ts'

const [engine] = ENGINES
let server: CheckoutServer
beforeAll(async () => {
  if (engine === undefined) throw new Error('there is no engine')
  server = await startCheckoutServer(engine)
})
afterAll(() => server.close())

const HALF_AN_HOUR_MS = 30 * 60_000
const ENCODED = encodeURIComponent('+05:30')

test('the lists of sessions, payments, events, transfers and reversals of an IN account, filtered by a day, include an entry of 00:30 on that day in India', async () => {
  const midnightMs = nextMidnightInIndia(server.tenant.clock.nowMs())
  server.advance(midnightMs + HALF_AN_HOUR_MS - server.tenant.clock.nowMs())
  const paymentId = await makePayment(server, 100)
  const transferAnswer = await server.call('POST', '/transfers', {
    payment_id: paymentId,
    transfer_split: [{ connected_account_id: '23137557', amount: 10 }],
  })
  const transferId = transferAnswer.body.data.splits[0].transfer_id
  await server.call('POST', '/transferreversals', { transfer_id: transferId, reversal_amount: 1 })
  const today = dayInIndia(midnightMs)
  const yesterday = dayInIndia(midnightMs - 1)
  const LISTS = [
    '/paymentsessions?',
    '/payments?',
    '/payments?filter_by=ChargeDate.CustomDate&',
    '/events?',
    '/transfers?',
    '/transferreversals?',
  ]
  const totalOf = async (path: string) =>
    (await server.call('GET', path)).body.page_context.total as number
  for (const list of LISTS) {
    expect([list, await totalOf(`${list}from_date=${today}&to_date=${today}`)]).not.toEqual([
      list,
      0,
    ])
    expect([list, await totalOf(`${list}from_date=${yesterday}&to_date=${yesterday}`)]).toEqual([
      list,
      0,
    ])
    // The same days as times: a list from midnight on has all entries, and a list up to midnight has none.
    const lastSecond = `${yesterday}T23:59:59${ENCODED}`
    expect([list, await totalOf(`${list}from_date=2020-01-01&to_date=${lastSecond}`)]).toEqual([
      list,
      0,
    ])
    const first = `${today}T00:00:00${ENCODED}`
    expect([list, await totalOf(`${list}from_date=${first}&to_date=${today}`)]).not.toEqual([
      list,
      0,
    ])
  }
  for (const [path, prefix] of [
    ['/payments', 'ChargeDate'],
    ['/transfers', 'TransferDate'],
    ['/transferreversals', 'TransferDate'],
  ]) {
    expect([path, await totalOf(`${path}?filter_by=${prefix}.Today`)]).not.toEqual([path, 0])
  }
  server.advance(24 * 60 * 60_000)
  expect(await totalOf('/payments?filter_by=ChargeDate.Today')).toBe(0)
})

test('the documentation of every list states when a day begins', async () => {
  const body = await (await fetch(`${server.baseUrl}/openapi.json`)).json()
  const fields = Object.values(
    body.paths as Record<
      string,
      Record<string, { parameters?: { name: string; description?: string }[] }>
    >,
  ).flatMap((methods) =>
    Object.values(methods).flatMap(({ parameters = [] }) =>
      parameters.filter(({ name }) => ['from_date', 'to_date'].includes(name)),
    ),
  )
  expect(fields.length).toBeGreaterThanOrEqual(10)
  for (const { description } of fields) {
    expect(description).toContain(
      'UTC+05:30 for accounts of the IN edition, in UTC for those of the US edition',
    )
  }
})
