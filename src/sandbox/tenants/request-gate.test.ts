import Fastify from 'fastify'
import { expect, test } from 'vitest'
import { renderError } from '../../api/errors.ts'
import { holdRequests } from './hold-requests.ts'
import { createRequestGate, RequestsUnderWay, SandboxGone } from './request-gate.ts'
import { CopyRefused } from './snapshot.ts'
import { standStill } from './stand-still.ts'
import type { SandboxTenant } from './tenant.ts'

/** Starts work that continues until the test ends it. */
function openWork() {
  const start = Promise.withResolvers<void>()
  const end = Promise.withResolvers<string>()
  const work = () => {
    start.resolve()
    return end.promise
  }
  return { start: start.promise, end: end.resolve, work }
}

test('a job begins after the end of the last running request, and later requests wait for the end of the job', async () => {
  const gate = createRequestGate()
  expect(gate.enter()).toBeUndefined()
  const steps: string[] = []
  const { start, end, work } = openWork()
  const closing = gate.closeFor(work).then((result) => steps.push(result))
  // The gate closes one turn later.
  await Promise.resolve()
  const later = gate.enter()?.then((isInside) => steps.push(`inside: ${isInside}`))
  expect([steps, gate.insideCount()]).toEqual([[], 1])
  gate.leave()
  await start
  expect(gate.insideCount()).toBe(0)
  end('work')
  await Promise.all([closing, later])
  expect(steps.toSorted()).toEqual(['inside: true', 'work'])
  expect(gate.insideCount()).toBe(1)
})

test('jobs run one after another, even after a failed job', async () => {
  const gate = createRequestGate()
  const order: string[] = []
  const failure = gate.closeFor(async () => {
    order.push('first')
    throw new Error('no')
  })
  const second = gate.closeFor(async () => order.push('second'))
  await expect(failure).rejects.toThrow('no')
  await second
  expect(order).toEqual(['first', 'second'])
  expect(gate.enter()).toBeUndefined()
})

test('a job is refused and never starts if a running request does not end, and the gate opens again', async () => {
  const gate = createRequestGate()
  gate.enter()
  let isDone = false
  const work = async () => {
    isDone = true
  }
  await expect(gate.closeFor(work, 1)).rejects.toThrow(RequestsUnderWay)
  expect(isDone).toBe(false)
  expect(gate.enter()).toBeUndefined()
})

test('a request waits at most for its time limit, and never enters a deleted sandbox', async () => {
  const gate = createRequestGate(1)
  const { end, work } = openWork()
  const closing = gate.closeFor(work)
  await Promise.resolve()
  expect(await gate.enter()).toBe(false)
  gate.closeForGood()
  end('done')
  await closing
  expect(await gate.enter()).toBe(false)
  await expect(gate.closeFor(async () => {})).rejects.toThrow(SandboxGone)
})

test('background work that does not end prevents a copy of the sandbox, and continues', async () => {
  const gate = createRequestGate()
  let pauseCount = 0
  const work = {
    pause: () => {
      pauseCount += 1
      return new Promise<never>(() => {})
    },
    resume: () => {
      pauseCount -= 1
    },
  }
  await expect(standStill({ gate, work }, async () => {}, 1)).rejects.toThrow(CopyRefused)
  expect(pauseCount).toBe(0)
  expect(gate.enter()).toBeUndefined()
})

test('a request at a closed gate gets 503 with Retry-After, and an open stream does not count as a running request', async () => {
  const gate = createRequestGate(1)
  const app = Fastify()
  app.setErrorHandler((error, _request, reply) => {
    const { body, headers, status } = renderError(error)
    return reply.code(status).headers(headers).send(body)
  })
  const tenant = { gate, rest: { wake: () => () => {} }, copies: undefined }
  app.addHook('onRequest', (request, _reply, done) => {
    request.tenant = tenant as unknown as SandboxTenant
    done()
  })
  holdRequests(app)
  app.get('/stream', (_request, reply) => {
    reply.hijack()
    reply.raw.writeHead(200, { 'content-type': 'text/event-stream' })
    reply.raw.write('data: 1\n\n')
  })
  app.get('/object', async () => 'object')
  const url = await app.listen({ port: 0, host: '127.0.0.1' })
  const ending = new AbortController()
  expect((await fetch(`${url}/stream`, { signal: ending.signal })).status).toBe(200)
  expect((await fetch(`${url}/object`)).status).toBe(200)
  expect(gate.insideCount()).toBe(0)
  const answer = await gate.closeFor(() => fetch(`${url}/object`))
  expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '1'])
  expect(await answer.json()).toMatchObject({ code: 'error', message: expect.any(String) })
  expect((await fetch(`${url}/object`)).status).toBe(200)
  ending.abort()
  app.server.closeAllConnections()
  await app.close()
})
