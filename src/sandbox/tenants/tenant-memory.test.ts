/** The memory of tenants and snapshots: idle tenants release it, and requests beyond the budget are refused. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Control, control } from '../../../test/support/sandbox.ts'
import { startTestServer, type TestServer } from '../../../test/support/server.ts'
import { systemClock } from '../../server/clock.ts'

const PAID = { attempts: [{ method: 'upi', outcome: 'succeeded' }] }

describe('an idle tenant', () => {
  let server: TestServer
  let sandbox: Control
  beforeAll(async () => {
    server = await startTestServer('memory', { tenantIdle: '1' }, { clock: systemClock })
    sandbox = control(server.baseUrl)
  })
  afterAll(() => server.close())
  const findTenant = async (name: string) =>
    (await sandbox('GET', '/tenants')).body.tenants.find(
      (one: { name: string }) => one.name === name,
    )
  const rests = (name: string) =>
    expect.poll(async () => (await findTenant(name)).is_resting, { timeout: 30_000 }).toBe(true)

  test('frees memory, and keeps all of its data', async () => {
    const newTenant = (await sandbox('POST', '/tenants', { name: 'idle', seed: 'idle' })).body
      .tenant
    const tenant = control(newTenant.base_url)
    await tenant('POST', '/sessions', PAID)
    const path = `/api/paymentsessions?account_id=${newTenant.account_id}`
    const before = await tenant('GET', path)
    expect(before.body.page_context.total).toBe(1)
    const { is_resting: isResting, memory_bytes: bytes } = await findTenant('idle')
    expect([isResting, bytes > 1_000_000]).toEqual([false, true])
    await rests('idle')
    expect((await findTenant('idle')).memory_bytes).toBeLessThan(bytes / 3)

    expect((await tenant('GET', path)).text).toBe(before.text)
    expect((await findTenant('idle')).is_resting).toBe(false)
    expect((await tenant('GET', '/ledger')).body.ledger.agrees).toBe(true)
    expect((await tenant('POST', '/sessions', PAID)).status).toBe(201)
  })

  test('can be reset, copied and deleted', async () => {
    const newTenant = (await sandbox('POST', '/tenants', { name: 'asleep' })).body.tenant
    const tenant = control(newTenant.base_url)
    await tenant('POST', '/sessions', PAID)
    await rests('asleep')
    const forkAnswer = await tenant('POST', '/fork')
    expect(forkAnswer.status).toBe(201)
    const fork = control(forkAnswer.body.tenant.base_url)
    const path = `/api/paymentsessions?account_id=${newTenant.account_id}`
    expect((await fork('GET', path)).body.page_context.total).toBe(1)
    await rests('asleep')
    expect((await tenant('POST', '/reset')).status).toBe(200)
    expect((await tenant('GET', path)).body.page_context.total).toBe(0)
    await rests('asleep')
    expect((await sandbox('DELETE', '/tenants/asleep')).status).toBe(200)
  })

  test('stays in memory while a page is open', async () => {
    const tenant = (await sandbox('POST', '/tenants', { name: 'watched' })).body.tenant
    await sandbox('POST', '/tenants', { name: 'other' })
    const ending = new AbortController()
    const stream = await fetch(`${tenant.base_url}/_sandbox/requests/stream`, {
      signal: ending.signal,
    })
    expect(stream.status).toBe(200)
    await rests('other')
    expect((await findTenant('watched')).is_resting).toBe(false)
    ending.abort()
    await rests('watched')
  })
})

test('tenants and snapshots above the memory limit are refused, and the error names data to delete', async () => {
  const server = await startTestServer('memory', { tenantMemory: '16' })
  const sandbox = control(server.baseUrl)
  const big = (await sandbox('POST', '/tenants', { name: 'big' })).body.tenant
  for (let count = 0; count < 3; count += 1) await control(big.base_url)('POST', '/sessions', PAID)
  expect((await sandbox('POST', '/snapshots', { name: 'kept' })).status).toBe(201)
  let last = await sandbox('POST', '/tenants')
  for (let count = 0; last.status === 201 && count < 400; count += 1) {
    last = await sandbox('POST', '/tenants')
  }
  const { tenants } = (await sandbox('GET', '/tenants')).body
  // Idle tenants rest first, so more tenants fit than can be awake together.
  expect(tenants.length).toBeGreaterThan(30)
  const total = tenants.reduce(
    (sum: number, { memory_bytes: bytes = 0 }: { memory_bytes?: number }) => sum + bytes,
    0,
  )
  expect(total).toBeLessThan(16 * 1_048_576)
  expect([last.status, last.body.code]).toEqual([409, 'error'])
  expect(last.body.message).toMatch(
    /^Tenants and snapshots take \d+\.\d MiB, and this request would exceed their budget: 16\.0 MiB\. Raise --tenant-memory\. Or delete some: (?:DELETE \/_sandbox\/(?:tenants|snapshots)\/[\w-]+ \(\d+\.\d MiB\), ){5}and \d+ smaller ones\.$/,
  )
  for (const path of ['/fork', '/snapshots']) {
    const refusal = await control(big.base_url)('POST', path, { name: 'more' })
    expect([path, refusal.status]).toEqual([path, 409])
  }
  for (const [, path = ''] of last.body.message.matchAll(/DELETE \/_sandbox(\S+)/g)) {
    expect([path, (await sandbox('DELETE', path)).status]).toEqual([path, 200])
  }
  expect((await sandbox('DELETE', '/snapshots/kept')).status).toBe(200)
  for (const { name } of tenants.slice(1, 11)) await sandbox('DELETE', `/tenants/${name}`)
  expect((await sandbox('POST', '/tenants')).status).toBe(201)
  await server.close()
})
