import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { hostname, tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { inProcessCli } from './support/in-process-cli.ts'
import { createDatabase } from './support/postgres-cluster.ts'

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
// biome-ignore lint/suspicious/noExplicitAny: a test reads only the fields that it asserts.
const json = async (...args: readonly string[]): Promise<any> =>
  JSON.parse(await paydesk(...args, '--json'))

test('an operator creates, changes, closes and reopens an account, and reads each change in the audit log', async () => {
  const creation = await json('account', 'create', '--name', 'Lamps', '--edition', 'IN')
  const id: string = creation.account_id
  expect(creation).toMatchObject({
    signing_key: expect.stringMatching(/^[0-9a-f]{64}$/),
    api_key: expect.stringMatching(/^1003\./),
    owner_key: expect.any(String),
  })
  const update = (...flags: readonly string[]) => paydesk('account', 'update', id, ...flags)
  const looks = ['--name', 'Brass lamps', '--brand-color', '#1a56db']
  const others = ['--frame-origin', 'https://shop.example', '--statement-descriptor', 'LAMPS']
  expect(await update(...looks, ...others)).toBe(`Changed account ${id}.\n`)
  expect(await update('--name', 'Brass lamps')).toContain('Nothing was changed')
  expect(await update('--fee-rate', '1.95', '--rates-from', '2020-01-01')).toMatch(
    /--rates-from must be later than today, which is \d{4}-\d{2}-\d{2} in the account’s time zone/,
  )
  expect(await update('--rates-from', '2099-01-01')).toContain('needs --fee-rate or --tax-rate')
  await update('--fee-rate', '1.95', '--rates-from', '2099-01-01')
  await update('--statement-descriptor', 'none')

  const accountJson = await json('account', 'show', id)
  expect(accountJson).toMatchObject({
    account_id: id,
    name: 'Brass lamps',
    status: 'open',
    frame_origins: ['https://shop.example'],
    statement_descriptor: 'Brass lamps',
    brand_color: '#1a56db',
    fee_rate: '2.00',
    // This is midnight in the account's time zone.
    rate_changes: [{ from: '2098-12-31T18:30:00.000Z', fee_rate: '1.95', tax_rate: '18.00' }],
  })
  const table = await paydesk('account', 'show', id)
  expect(table).toContain('https://shop.example')
  expect(table).toMatch(
    /the start +2\.00 % +18\.00 %\n2099-01-01 00:00:00 \+05:30 +1\.95 % +18\.00 %/,
  )

  expect(await paydesk('account', 'close', id)).toBe(
    `Account ${id} is closed. Every server applies this within 20 seconds.\n`,
  )
  expect(await paydesk('account', 'close', id)).toBe(`Account ${id} is already closed.\n`)
  expect(await paydesk('account', 'list')).toMatch(/closed +Brass lamps$/m)
  expect(await paydesk('account', 'reopen', id)).toBe(
    `Account ${id} is open. Every server applies this within 20 seconds.\n`,
  )
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
  for (const secret of [creation.signing_key, creation.api_key, creation.owner_key]) {
    expect(JSON.stringify([log, accountJson, table])).not.toContain(secret)
  }
  expect(await paydesk('audit', 'list', '--action', 'account.close')).toMatch(
    /account\.close +\d+ +status: open → closed, closed_time: none → /,
  )
  expect(await json('audit', 'list', '--to', '2020-01-01')).toEqual([])
})

test('an operator rotates every key of an account and a client, revokes tokens, and reads the audit log without a secret', async () => {
  const account = await json('account', 'create', '--name', 'Keys', '--edition', 'IN')
  const id: string = account.account_id
  const other = await json('account', 'create', '--name', 'Other', '--edition', 'IN')
  const both = ['--account', id, '--account', other.account_id]
  const client = await json('client', 'create', '--name', 'App', ...both, '--machine')
  const clientId: string = client.client_id
  const scope = ['--scope', 'ZohoPay.payments.READ']
  const newToken = (ofAccount: string) =>
    json('token', 'create', '--client', clientId, '--account', ofAccount, ...scope)
  const [one, two, three] = [
    await newToken(id),
    await newToken(id),
    await newToken(other.account_id),
  ]
  const ids = async () =>
    (await json('token', 'list', '--client', clientId))
      .map(({ token_id }: { token_id: string }) => token_id)
      .sort()
  expect(await ids()).toEqual([one.token_id, two.token_id, three.token_id].sort())

  const rotation = await json('account', 'rotate-keys', id, '--key', 'signing', 'api', 'owner')
  expect(rotation).toMatchObject({
    signing_key: expect.stringMatching(/^[0-9a-f]{64}$/),
    api_key: expect.stringMatching(/^1003\./),
    previous_api_key_expires: expect.stringMatching(/Z$/),
  })
  const failedRotation = await paydesk(
    'account',
    'rotate-keys',
    id,
    '--key',
    'api',
    '--overlap',
    '0',
  )
  expect(failedRotation).toMatch(
    /API key +1003\.\S+\nThe previous key stops working within 20 seconds/,
  )
  const accountJson = await json('account', 'show', id)
  expect(accountJson.previous_api_key_expires).toBeUndefined()
  expect(accountJson.previous_owner_key_expires).toBe(rotation.previous_owner_key_expires)
  expect(await paydesk('account', 'show', id)).toMatch(/Old signing key +until /)

  // A token is revoked by its id, by its text, or because its client loses the account.
  expect(await paydesk('token', 'revoke', one.token_id)).toBe(
    `Revoked token ${one.token_id}. Every server refuses it within 20 seconds.\n`,
  )
  expect(await paydesk('token', 'revoke', one.token_id)).toContain('There is no such token')
  expect((await json('token', 'revoke', two.access_token)).token_id).toBe(two.token_id)
  expect(await paydesk('client', 'update', clientId, '--account', id, '--no-machine')).toBe(
    `Changed client ${clientId}. Revoked 1 token.\n`,
  )
  expect(await ids()).toEqual([])
  expect(await json('client', 'show', clientId)).toMatchObject({
    account_ids: [id],
    is_machine: false,
  })
  const four = await newToken(id)
  const secret = await json('client', 'rotate-secret', clientId, '--overlap', '2h')
  expect(secret.previous_secret_expires).toMatch(/Z$/)
  await paydesk('client', 'rotate-secret', clientId, '--overlap', '0')
  expect(await paydesk('audit', 'list', '--limit', '1')).toMatch(
    /previous_secret_expires: [\d-]{10} [\d:]{8} [+-]\d\d:\d\d → none/,
  )
  expect(await paydesk('token', 'revoke', '--client', clientId)).toContain('Revoked 1 token')
  expect(await paydesk('client', 'delete', clientId)).toContain(`Deleted client ${clientId}`)
  expect(await paydesk('client', 'show', clientId)).toContain('There is no client')
  expect(await paydesk('token', 'revoke')).toContain('Name a token or --client')

  const backwards = ['--from', '2026-12-01', '--to', '2026-11-01']
  expect(await paydesk('audit', 'list', ...backwards)).toContain('--to must be after --from')
  const log = await json('audit', 'list', '--limit', '1000')
  expect(log.map(({ action }: { action: string }) => action).slice(0, 9)).toEqual([
    'client.delete',
    'token.revoke',
    'client.rotate_secret',
    'client.rotate_secret',
    'token.create',
    'client.update',
    'token.revoke',
    'token.revoke',
    'account.rotate_keys',
  ])
  const secrets = [account, rotation, client, secret, one, two, three, four].flatMap((object) =>
    ['signing_key', 'api_key', 'owner_key', 'client_secret', 'access_token'].flatMap((name) =>
      object[name] === undefined ? [] : [object[name] as string],
    ),
  )
  expect(secrets).toHaveLength(12)
  const texts = JSON.stringify([
    log,
    accountJson,
    await paydesk('audit', 'list', '--limit', '1000'),
  ])
  for (const one of secrets) expect(texts).not.toContain(one)
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
    { action: 'client.create', object_id: clientId, after: { name: 'App', is_machine: false } },
  ])
  expect([clientId, secret, accessToken]).not.toContain('')
  expect(JSON.stringify(log)).not.toContain(secret)
  expect(JSON.stringify(log)).not.toContain(accessToken)
})

test('a wrong argument ends the command with exit code 2, and an unknown id with exit code 1', async () => {
  const { account_id: id } = await json('account', 'create', '--name', 'Codes', '--edition', 'IN')
  const newClient = () => json('client', 'create', '--name', 'C', '--account', id)
  const { client_id: clientId } = await newClient()
  await newClient()
  const update = ['account', 'update', id]
  for (const [code, words, sentence] of [
    [
      2,
      ['export', 'payments', '--from', '2026-02-30'],
      /^--from must be .*, but it is "2026-02-30"/,
    ],
    [
      2,
      ['export', 'payments', '--from', '2026-02-02', '--to', '2026-02-01'],
      /^--to must be after/,
    ],
    [
      2,
      ['export', 'payments', '--output', join(folder, 'no', 'a.csv')],
      /cannot be written: its folder does not exist/,
    ],
    [2, ['export', 'payments', '--output', folder], /is not a file/],
    [2, [...update, '--fee-rate', '1', '--rates-from', '2020-01-01'], /must be later than today/],
    [2, update, /^Name a setting to change/],
    [2, ['client', 'update', clientId], /^Name a setting to change/],
    [2, ['token', 'create', '--client', clientId, '--scope', 'ZohoPay.x.ALL'], /is not a scope/],
    [2, ['token', 'create', '--scope', 'ZohoPay.payments.READ'], /^There are several clients/],
    [2, ['token', 'revoke'], /^Name a token or --client/],
    [
      2,
      ['audit', 'list', '--from', '2026-02-02', '--to', '2026-02-01'],
      /^--to must be after --from/,
    ],
    [2, ['database', 'rekey'], /PAYDESK_PREVIOUS_SECRET_KEY/],
    [1, ['account', 'close', '123'], /^There is no account 123\./],
    [
      1,
      ['export', 'payments', '--account', '123'],
      /^There is no account 123\..* account list .*--data/,
    ],
    [1, ['client', 'rotate-secret', '1000.X'], /^There is no client 1000\.X\./],
    [1, ['token', 'revoke', 'tok_aaaaaaaaaaaa'], /^There is no such token/],
  ] as const) {
    const { out, refusal, refusalCode } = await run(
      ...words,
      '--live',
      '--data',
      join(folder, 'live.db'),
    )
    expect([words.join(' '), refusalCode, out]).toEqual([words.join(' '), code, ''])
    expect(refusal).toMatch(sentence)
  }
  await expect(run('account', 'close', 'abc')).rejects.toThrow(/An account id is a whole number/)
  const missing = await run('audit', 'list', '--live', '--data', join(folder, 'no.db'))
  expect([missing.refusalCode, missing.refusal]).toEqual([2, expect.stringMatching(/no data file/)])
})

test('a command without --live does not turn a new database into that of a sandbox, on either engine', async () => {
  const fresh = join(folder, 'fresh.db')
  writeFileSync(fresh, '')
  const databaseUrl = await createDatabase(inject('postgresUrl'))
  const create = ['account', 'create', '--name', 'Shop', '--edition', 'IN']
  for (const [flags, sentence] of [
    [['--data', join(folder, 'none.db')], /^There is no data file .*none\.db.* add --live/],
    [['--data', fresh], /^The database is empty: .* add --live/],
    [['--database-url', databaseUrl], /^The database is empty: .* add --live/],
  ] as const) {
    for (const words of [create, ['account', 'list'], ['audit', 'list']]) {
      const { out, refusal } = await run(...words, ...flags)
      expect([words, flags, out, refusal]).toEqual([
        words,
        flags,
        '',
        expect.stringMatching(sentence),
      ])
    }
    const reading = await run('account', 'list', ...flags, '--live')
    expect(reading.refusal).toMatch(/^(?:There is no data file|The database is empty)/)
  }
  expect(existsSync(join(folder, 'none.db'))).toBe(false)
  const creation = await run(...create, '--live', '--database-url', databaseUrl)
  expect(creation.out).toMatch(/^Account id +\d+\n/)
  expect(creation.out).toMatch(/\nThe three keys are not shown again: store them now\.\n$/)
})

test('a tip names a command that works on the same database', async () => {
  const file = join(folder, 'live.db')
  const accounts = new RegExp(` account list --live --data ${file}$`)
  expect(await paydesk('account', 'close', '123')).toMatch(accounts)
  expect(await paydesk('export', 'payments', '--account', '123')).toMatch(accounts)
  expect(await paydesk('operator', 'disable', 'nobody')).toMatch(
    new RegExp(` operator list --live --data ${file}$`),
  )
})

test('an update of an operator shows the limits of refunds', async () => {
  const { account_id: id } = await json('account', 'create', '--name', 'Limits', '--edition', 'IN')
  const email = 'limits@shop.example'
  const person = ['--name', 'Asha', '--email', email, '--role', 'support'] as const
  await json('operator', 'create', ...person)
  const update = (...flags: readonly string[]) => paydesk('operator', 'update', email, ...flags)
  expect(await update('--name', 'Asha Rao')).toMatch(/^Refund limit +none$/m)
  const limits = ['--refund-max', '500', '--account-refund-max', `${id}=0`] as const
  const output = await update(...limits)
  expect(output).toMatch(/^Refund limit +500 minor units$/m)
  expect(output).toMatch(new RegExp(`^Refund limit, account ${id} +0 minor units$`, 'm'))
})

test('no change in the audit log is empty: a rotation without dates names the key, and an update to the same values is no change', async () => {
  const { account_id: id } = await json('account', 'create', '--name', 'Same', '--edition', 'IN')
  const client = ['client', 'create', '--name', 'Same', '--account', id] as const
  const { client_id: clientId } = await json(...client)
  const newest = async () => (await json('audit', 'list', '--limit', '1'))[0]
  await paydesk('client', 'rotate-secret', clientId, '--overlap', '0')
  expect(await newest()).toMatchObject({ before: {}, after: { rotated_keys: ['client_secret'] } })
  expect(await paydesk('audit', 'list', '--limit', '1')).toMatch(
    /rotated_keys: \["client_secret"\]/,
  )
  await paydesk('account', 'rotate-keys', id, '--key', 'owner', '--overlap', '0')
  expect(await newest()).toMatchObject({ before: {}, after: { rotated_keys: ['owner'] } })
  const { number } = await newest()
  expect(await paydesk('client', 'update', clientId, '--name', 'Same')).toBe(
    `Client ${clientId} already has these settings. Nothing was changed.\n`,
  )
  expect((await newest()).number).toBe(number)
  const log = await json('audit', 'list', '--limit', '1000')
  for (const entry of log) {
    expect(Object.keys({ ...entry.before, ...entry.after }), entry.action).not.toEqual([])
  }
})

test('the audit log records an export, and no export that was refused', async () => {
  const { account_id: id } = await json('account', 'create', '--name', 'Out', '--edition', 'IN')
  const exports = () => json('audit', 'list', '--action', 'database.export')
  const before = (await exports()).length
  await paydesk('export', 'refunds', '--from', '2026-02-30')
  expect(await exports()).toHaveLength(before)
  const file = join(folder, 'refunds.csv')
  const period = ['--from', '2026-11-01', '--to', '2026-12-01'] as const
  await paydesk('export', 'refunds', ...period, '--account', id, '--output', file)
  await paydesk('export', 'payments')
  const [second, first] = await exports()
  expect(first).toMatchObject({
    actor: { kind: 'os_user' },
    object_id: 'refunds',
    before: {},
    after: { accounts: [id], from: '2026-11-01', to: '2026-12-01', format: 'csv', output: file },
  })
  expect(second).toMatchObject({
    object_id: 'payments',
    after: { accounts: 'all', from: 'the first row', output: 'standard output' },
  })
})

test('every time in a table has one form, with its zone', async () => {
  const { account_id: id } = await json('account', 'create', '--name', 'Times', '--edition', 'IN')
  const { client_id: clientId } = await json('client', 'create', '--name', 'T', '--account', id)
  const rotation = await paydesk('account', 'rotate-keys', id, '--key', 'signing', 'api', 'owner')
  await paydesk('client', 'rotate-secret', clientId)
  await paydesk('account', 'close', id)
  await paydesk('account', 'update', id, '--fee-rate', '1', '--rates-from', '2099-01-01')
  const scope = ['--client', clientId, '--scope', 'ZohoPay.payments.READ'] as const
  await paydesk('token', 'create', ...scope)
  const tables = [
    rotation,
    await paydesk('account', 'show', id),
    await paydesk('client', 'show', clientId),
    await paydesk('token', 'list', '--client', clientId),
    await paydesk('id', 'decode', '173000002314883'),
  ]
  for (const table of tables) {
    const times = table.match(/\d{4}-\d{2}-\d{2}.*?\d{2}:\d{2}[^\s,]*(?: [+-]\d{2}:\d{2})?/g) ?? []
    expect(times.length, table).toBeGreaterThan(0)
    for (const time of times) {
      expect(time).toMatch(/^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2} [+-]\d{2}:\d{2}$/)
    }
  }
  expect(tables[1]).toMatch(/Old signing key +until \d{4}/)
})

test('old rows are counted and deleted by one command, which the audit log records', async () => {
  const { account_id: id } = await json('account', 'create', '--name', 'Old', '--edition', 'IN')
  const database = new DatabaseSync(join(folder, 'live.db'))
  const longAgoMs = Date.UTC(2025, 1, 1)
  // Ids of 1 February 2025, in three buckets.
  const insert = database.prepare(
    `insert into payment_sessions (bucket, id, account_id, status, currency, amount_minor, created_at_ms,
       expires_at_ms, attempt_count_max, echoed_json)
     values (?, (2678400 * 256 + ?) * 16384, ?, 'created', 'INR', 100, ?, ?, 3, '{}')`,
  )
  for (const bucket of [0, 7, 255]) {
    insert.run(bucket, bucket, Number(id), longAgoMs, longAgoMs + 900_000)
  }
  const count = () =>
    Number(database.prepare('select count(*) as n from payment_sessions').get()?.n)
  const prune = (...flags: readonly string[]) =>
    paydesk('prune', '--keep-unpaid-sessions', '30d', ...flags)

  expect(await paydesk('prune', '--keep-events', '6d')).toContain(
    '--keep-events must be a number of days from 7d to 9999d, or forever, but it is "6d".',
  )
  expect(await paydesk('prune')).toMatch(/^unpaid sessions +forever +0$/m)
  expect(await prune('--dry-run')).toMatch(/^unpaid sessions +30d +3$[\s\S]*Nothing was deleted/m)
  expect(count()).toBe(3)
  expect(await json('prune', '--keep-unpaid-sessions', '30d')).toMatchObject({
    is_dry_run: false,
    kinds: [{ kind: 'unpaid_sessions', keep: '30d', row_count: 3 }, {}, {}],
  })
  expect(count()).toBe(0)
  database.close()
  const [newest] = await json('audit', 'list', '--action', 'database.prune')
  expect(newest).toMatchObject({
    after: { keep_unpaid_sessions: '30d', keep_events: 'forever', keep_delivery_attempts: '30d' },
  })
})
