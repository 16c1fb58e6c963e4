import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import {
  type Backlog,
  createBacklog,
  isRefused,
  LIMITS_MS,
  refuseWhenBehind,
  requestKindOf,
} from './overload.ts'

test.each([
  ['POST', '/api/v1/paymentsessions?account_id=1', 'creation'],
  ['POST', '/pay/api/v1/paymentsessions?account_id=1', 'creation'],
  ['POST', '/api/v1/paymentsessions', 'creation'],
  ['POST', '/api/v1/paymentsessions/1/cancel?account_id=1', 'call'],
  ['GET', '/api/v1/paymentsessions/1?account_id=1', 'call'],
  ['POST', '/api/v1/payments/1/refunds?account_id=1', 'call'],
  ['POST', '/hostedcheckout/key/pay', 'customer'],
  ['POST', '/charge/1/key/frame/pay', 'customer'],
  ['GET', '/hostedcheckout/key/return', 'customer'],
  ['GET', '/readyz', 'customer'],
  ['POST', '/oauth/v2/token', 'customer'],
])('%s %s has the kind %s', (method, url, kind) => {
  expect(requestKindOf({ method, url }, '/pay')).toBe(kind)
})

test.each([
  // The delay; true if the queue is standing; and the refused kinds.
  [LIMITS_MS.creationInQueue, true, []],
  [LIMITS_MS.creationInQueue + 1, true, ['creation']],
  [LIMITS_MS.creationInBurst, false, []],
  [LIMITS_MS.call + 1, false, ['creation', 'call']],
  [3_600_000, true, ['creation', 'call']],
] as const)(
  'a delay of %i ms with a standing queue (%s) refuses the kinds %j',
  (behindMs, stands, refusedKinds) => {
    const backlog = { behindMs: () => behindMs, isStanding: () => stands }
    const kinds = ['creation', 'call', 'customer'] as const
    expect(kinds.filter((kind) => isRefused(kind, backlog))).toEqual(refusedKinds)
  },
)

/** Makes a backlog with a clock and ticks that the test controls. */
function givenBacklog() {
  let nowMs = 0
  let tick = () => {}
  const backlog = createBacklog({ nowMs: () => nowMs }, (onTick) => {
    tick = onTick
    return () => {}
  })
  return {
    backlog,
    pass: (milliseconds: number) => {
      nowMs += milliseconds
    },
    tick: () => tick(),
  }
}

test('a blocked event loop counts as delay until its next turn', () => {
  const { backlog, pass, tick } = givenBacklog()
  pass(10)
  expect(backlog.behindMs()).toBe(0)
  pass(2_500)
  expect(backlog.behindMs()).toBe(2_500)
  tick()
  expect(backlog.behindMs()).toBe(0)
})

test('a slow commit counts as delay until it settles, even when it fails', async () => {
  const { backlog, pass, tick } = givenBacklog()
  const commit = Promise.withResolvers<string>()
  const tracking = backlog.track(commit.promise)
  for (let count = 0; count < 300; count += 1) {
    pass(10)
    tick()
  }
  expect(backlog.behindMs()).toBe(3_000)
  commit.reject(new Error('lost'))
  await expect(tracking).rejects.toThrow('lost')
  expect(backlog.behindMs()).toBe(0)
})

test('a queue is standing after half a second in which it was never short, and is not standing when it becomes short', () => {
  const { backlog, pass, tick } = givenBacklog()
  for (let count = 0; count < 5; count += 1) {
    pass(110)
    tick()
  }
  expect(backlog.isStanding()).toBe(true)
  pass(10)
  tick()
  expect(backlog.isStanding()).toBe(false)
})

test('an overloaded server answers 503 with Retry-After immediately, and still serves customers', async () => {
  const backlog: Backlog = {
    behindMs: () => LIMITS_MS.call + 1,
    isStanding: () => true,
    track: (commit) => commit,
    stop: () => {},
  }
  const refusals: string[] = []
  const server = createServer(
    refuseWhenBehind((_request, response) => response.end('served'), {
      backlog,
      basePath: '',
      nextRequestId: () => 'r-1',
      onRefused: (kind) => refusals.push(kind),
    }),
  )
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const serverUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  try {
    for (const path of ['/api/v1/paymentsessions', '/api/v1/payments']) {
      const answer = await fetch(`${serverUrl}${path}`, { method: 'POST', body: '{}' })
      expect(answer.status).toBe(503)
      expect(answer.headers.get('retry-after')).toMatch(/^[123]$/)
      expect(answer.headers.get('x-request-id')).toBe('r-1')
      expect(await answer.json()).toEqual({ code: 'error', message: expect.any(String) })
    }
    for (const path of ['/hostedcheckout/key/pay', '/hostedcheckout/key/return', '/readyz']) {
      expect(await (await fetch(`${serverUrl}${path}`, { method: 'POST', body: '' })).text()).toBe(
        'served',
      )
    }
    expect(refusals).toEqual(['creation', 'call'])
  } finally {
    server.closeAllConnections()
    server.close()
  }
})
