/** A server that is killed between the approval of a refund and the refund at the processor: the money moves once. */
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { AccountId, PaymentAttemptId } from '../../src/domain/id.ts'
import { createAccount } from '../../src/operations/create-account.ts'
import { type Server, startServer } from '../../src/server/start-server.ts'
import { makePlace, type Place, settingsAt } from '../support/engines.ts'
import { storeSession, takePayment } from '../support/live-account.ts'
import { spawnServer } from '../support/server.ts'
import { type SignedInOperator, signInOperatorOf } from '../support/signed-in.ts'
import { TEST_ACTOR } from '../support/stored-rows.ts'

/** The moments of the kill: around the commit of the approval, and before and after the processor books the refund. */
const KILLS = ['at the commit', 'before the booking', 'after the booking'] as const
/** The maximum time between the approval and a kill around its commit, in milliseconds. */
const KILL_AFTER_MS_MAX = 40
/** Longer than the claim of a killed server, and shorter than the idle time of an operator. */
const CLAIMS_END_MS = 10 * 60_000
/** The time limit for the refunds of the last server. A limit, not an expectation. */
const REFUNDED_MS_MAX = 30_000
const SECRET_KEY = 'ab'.repeat(32)

/** A processor that books refunds in a file, and kills its own process at the moment that another file names. */
const processorText = (folder: string) => `
import { appendFileSync, existsSync, readFileSync } from 'node:fs'
const killAt = (moment) => {
  const file = ${JSON.stringify(join(folder, 'kill'))}
  if (existsSync(file) && readFileSync(file, 'utf8') === moment) process.kill(process.pid, 'SIGKILL')
}
const refusal = async () => ({ kind: 'declined', declineCode: 'card_declined' })
export default {
  name: 'books refunds',
  charge: refusal,
  findCharge: refusal,
  refund: async ({ refundId }) => {
    killAt('before the booking')
    appendFileSync(${JSON.stringify(join(folder, 'books'))}, refundId + '\\n')
    killAt('after the booking')
    return { kind: 'succeeded' }
  },
}`

/** A payment with a request for its refund, which waits for a second person. */
type Request = { readonly paymentId: PaymentAttemptId; readonly approvalId: string }

describe.each(['file', 'postgres'] as const)('on %s', (engine) => {
  let folder: string
  let place: Place
  let accountId: AccountId

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'paydesk-killed-approval-'))
    writeFileSync(join(folder, 'processor.mjs'), processorText(folder))
    place = await makePlace(engine)
  })
  afterEach(() => {
    place.remove()
    rmSync(folder, { recursive: true, force: true })
  })

  const start = (clock?: { readonly nowMs: () => number }) =>
    startServer(
      settingsAt(place, {
        live: true,
        secretKey: SECRET_KEY,
        processor: join(folder, 'processor.mjs'),
      }),
      clock && { clock },
    )
  const spawn = () => {
    const { data, databaseUrl } = place.flags
    const database = data === undefined ? ['--database-url', databaseUrl] : ['--data', data]
    const processor = ['--processor', join(folder, 'processor.mjs')]
    return spawnServer(['--live', ...database.map(String), ...processor, '--log-level', 'silent'], {
      PAYDESK_SECRET_KEY: SECRET_KEY,
    })
  }

  /** Stores a payment of 400.00, and requests its refund. */
  async function requestRefund(server: Server, first: SignedInOperator): Promise<Request> {
    const amount = { amountMinor: 40_000n, currency: 'INR' } as const
    const { id } = await storeSession(server.tenant, accountId, { amount })
    const paymentId = await takePayment(server.tenant, id)
    const path = `/payments/${paymentId}/refund_approvals?account_id=${accountId}`
    const answer = await first.call('POST', path, { amount: '400.00' })
    expect(answer.status).toBe(201)
    return { paymentId, approvalId: answer.body.refund_approval.refund_approval_id }
  }

  async function prepare() {
    const server = await start()
    accountId = (await createAccount({ ...server.tenant, actor: TEST_ACTOR }, 'Tea shop', 'IN'))
      .account.id
    const first = await signInOperatorOf(server, { role: 'support', refundMaxMinor: 0n })
    // The calls of the second person go to the server whose address `approveAt` sets.
    const place = { ...server }
    const second = await signInOperatorOf(place, { role: 'manager' })
    const requests: Request[] = []
    for (const _ of KILLS) requests.push(await requestRefund(server, first))
    await server.close()
    const approveAt = (baseUrl: string, { approvalId }: Request) => {
      Object.assign(place, { baseUrl })
      const path = `/refund_approvals/${approvalId}/approve?account_id=${accountId}`
      return second.call('POST', path, undefined, { 'idempotency-key': approvalId })
    }
    return { approveAt, first, requests, second }
  }

  test('an approved refund is made once, whenever the server is killed', async () => {
    const { approveAt, first, requests, second } = await prepare()
    for (const [index, moment] of KILLS.entries()) {
      writeFileSync(join(folder, 'kill'), moment)
      const server = await spawn()
      const end = once(server.process, 'exit')
      const approval = approveAt(server.baseUrl, requests[index] as Request).catch(() => undefined)
      if (moment === 'at the commit') {
        setTimeout(() => server.process.kill('SIGKILL'), Math.random() * KILL_AFTER_MS_MAX)
      }
      const [code, signal] = await end
      expect([moment, code, signal]).toEqual([moment, null, 'SIGKILL'])
      await approval
    }
    rmSync(join(folder, 'kill'))

    const last = await start({ nowMs: () => Date.now() + CLAIMS_END_MS })
    try {
      const { auditLog, paymentAttempts, refunds } = last.tenant.store
      const bookedIds = new Set<string>()
      for (const request of requests) {
        // The person repeats the request, whose answer may have been lost.
        const answer = await approveAt(last.baseUrl, request)
        expect([answer.status, answer.body]).toMatchObject([
          200,
          { refund_approval: { status: 'approved', decided_by: second.operator.email } },
        ])
        const refundsNow = () => refunds.listByPayment(request.paymentId)
        await expect
          .poll(async () => (await refundsNow()).map(({ status }) => status), {
            timeout: REFUNDED_MS_MAX,
            interval: 50,
          })
          .toEqual(['succeeded'])
        const [refund] = await refundsNow()
        const { refund_id: refundId } = answer.body.refund_approval
        expect([refund?.id, refund?.amount.amountMinor]).toEqual([refundId, 40_000n])
        bookedIds.add(refundId)
        const payment = await paymentAttempts.find(request.paymentId)
        expect(payment).toMatchObject({ money: { refundedMinor: 40_000n, refundingMinor: 0n } })
        const log = await auditLog.list({ objectId: request.approvalId }, 5)
        expect(log.map(({ action, actor }) => [action, actor.name.split(' ')[0]])).toEqual([
          ['refund_approval.approve', second.operator.id],
          ['refund_approval.create', first.operator.id],
        ])
      }
      // The processor refunds once for an id. The call after the lost answer has the id of the first one.
      const calls = readFileSync(join(folder, 'books'), 'utf8').trim().split('\n')
      expect(new Set(calls)).toEqual(bookedIds)
      expect(calls.length).toBeGreaterThan(KILLS.length)
    } finally {
      await last.close()
    }
  })
})
