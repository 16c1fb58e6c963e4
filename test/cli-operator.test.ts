import { mkdtempSync, rmSync } from 'node:fs'
import { hostname, tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { inProcessCli } from './support/in-process-cli.ts'

const SECRET_KEY = 'ab'.repeat(32)
const run = inProcessCli({ PAYDESK_SECRET_KEY: SECRET_KEY })
let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'paydesk-operator-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Runs a command on the live database of this file, and returns its output. */
async function paydesk(...args: readonly string[]): Promise<string> {
  const { out, refusal } = await run(...args, '--live', '--data', join(folder, 'live.db'))
  return `${out}${refusal}`
}
// biome-ignore lint/suspicious/noExplicitAny: a test reads what it asserts.
const json = async (...args: readonly string[]): Promise<any> =>
  JSON.parse(await paydesk(...args, '--json'))

test('an operator creates, changes, closes and reopens an account, and reads each change in the audit log', async () => {
  const created = await json('account', 'create', '--name', 'Lamps', '--edition', 'IN')
  const id: string = created.account_id
  expect(created).toMatchObject({
    signing_key: expect.stringMatching(/^[0-9a-f]{64}$/),
    api_key: expect.stringMatching(/^1003\./),
    owner_key: expect.any(String),
  })
  const update = (...flags: readonly string[]) => paydesk('account', 'update', id, ...flags)
  const looks = ['--name', 'Brass lamps', '--brand-color', '#1a56db']
  const others = ['--frame-origin', 'https://shop.example', '--statement-descriptor', 'LAMPS']
  expect(await update(...looks, ...others)).toBe(`Changed account ${id}.\n`)
  expect(await update('--name', 'Brass lamps')).toContain('nothing was changed')
  expect(await update('--fee-rate', '1.95', '--rates-from', '2020-01-01')).toMatch(
    /--rates-from must be a day after today/,
  )
  await update('--fee-rate', '1.95', '--rates-from', '2099-01-01')
  await update('--statement-descriptor', 'none')

  const shown = await json('account', 'show', id)
  expect(shown).toMatchObject({
    account_id: id,
    name: 'Brass lamps',
    status: 'open',
    frame_origins: ['https://shop.example'],
    statement_descriptor: 'Brass lamps',
    brand_color: '#1a56db',
    fee_rate: '2.00',
    // Midnight of the account's time zone.
    rate_changes: [{ from: '2098-12-31T18:30:00.000Z', fee_rate: '1.95', tax_rate: '18.00' }],
  })
  const table = await paydesk('account', 'show', id)
  expect(table).toContain('https://shop.example')
  expect(table).toMatch(/the start +2\.00 % +18\.00 %/)

  expect(await paydesk('account', 'close', id)).toBe(`Account ${id} is closed.\n`)
  expect(await paydesk('account', 'close', id)).toBe(`Account ${id} is closed already.\n`)
  expect(await paydesk('account', 'list')).toContain('Brass lamps  (closed)')
  expect(await paydesk('account', 'reopen', id)).toBe(`Account ${id} is open.\n`)
  expect(await paydesk('account', 'show', '123')).toContain('There is no account 123')

  const log = await json('audit', 'list', '--object', id)
  expect(log.map(({ action }: { action: string }) => action)).toEqual([
    'account.reopen',
    'account.close',
    'account.update',
    'account.update',
    'account.update',
    'account.create',
  ])
  const user = `${userInfo().username}@${hostname()}`
  expect(log[0].actor.kind).toBe('os_user')
  expect(log[0].actor.name.startsWith(user)).toBe(true)
  for (const secret of [created.signing_key, created.api_key, created.owner_key]) {
    expect(JSON.stringify([log, shown, table])).not.toContain(secret)
  }
  expect(await paydesk('audit', 'list', '--action', 'account.close')).toMatch(
    /account\.close +\d+ +status: open → closed, closed_time: none → /,
  )
  expect(await json('audit', 'list', '--to', '2020-01-01')).toEqual([])
})

test('the audit log records clients and tokens, without their secrets', async () => {
  const [{ account_id: id }] = await json('account', 'list')
  const client = await paydesk('client', 'create', '--name', 'App', '--account', id)
  const [, clientId = ''] = /Client id +(\S+)/.exec(client) ?? []
  const [, secret = ''] = /Client secret +(\S+)/.exec(client) ?? []
  const token = await paydesk('token', 'create', '--scope', 'ZohoPay.payments.READ')
  const [, accessToken = ''] = /Access token +(\S+)/.exec(token) ?? []
  const log = await json('audit', 'list', '--limit', '2')
  expect(log).toMatchObject([
    { action: 'token.create', after: { client_id: clientId, account_ids: [id] } },
    { action: 'client.create', object_id: clientId, after: { name: 'App', machine: false } },
  ])
  expect([clientId, secret, accessToken]).not.toContain('')
  expect(JSON.stringify(log)).not.toContain(secret)
  expect(JSON.stringify(log)).not.toContain(accessToken)
})
