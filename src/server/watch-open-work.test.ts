import { expect, test } from 'vitest'
import type { OpenWork } from '../operations/store.ts'
import { createOpenWorkWatch, readOldestSeconds } from './watch-open-work.ts'

const NOW_MS = Date.UTC(2026, 10, 22)

function watchOf(madeAtMs: Partial<Record<OpenWork, number>>) {
  const lines: unknown[] = []
  const tenant = {
    clock: { nowMs: () => NOW_MS },
    store: {
      openWork: {
        findOldest: async () => new Map(Object.entries(madeAtMs) as [OpenWork, number][]),
      },
    },
  }
  const look = createOpenWorkWatch({
    logger: { warn: (fields: unknown) => lines.push(fields) },
    tenant,
  })
  return { lines, look, tenant }
}

test('each check reads the ages of the oldest open attempt, refund, delivery and message', async () => {
  const { lines, look, tenant } = watchOf({ attempt: NOW_MS - 90_000, refund: NOW_MS + 5_000 })
  await look()
  const ages = await readOldestSeconds(tenant)
  expect(Object.fromEntries(ages)).toEqual({ attempt: 90, refund: 0, delivery: 0, message: 0 })
  expect(lines).toEqual([])
})

test('open work older than ten minutes is logged, and logged again after every ten checks', async () => {
  const { lines, look } = watchOf({ refund: NOW_MS - 601_000 })
  for (let count = 0; count < 11; count += 1) await look()
  const line = {
    attemptSeconds: 0,
    refundSeconds: 601,
    deliverySeconds: 0,
    messageSeconds: 0,
  }
  expect(lines).toEqual([line, line])
})
