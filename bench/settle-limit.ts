/** The limit of `settle`: all rows of the same payments, in one process and without HTTP. */

import { afterAttempt } from '../src/domain/webhook-delivery.ts'
import { openEngine } from '../src/server/core.ts'
import type { Settings } from '../src/server/settings/read-settings.ts'
import { createWritePayment, emptyPayments } from './payments.ts'
import { CONNECTION_COUNT } from './rounds.ts'
import { openQuietCore, storeEndpoints } from './webhook-endpoints.ts'
import { answerParent } from './worker.ts'

/** For how long to write. Answered by whole payments a second. */
export type SettleLimitQuestion = { readonly seconds: number }

const database = JSON.parse(process.argv[2] ?? '') as Settings['database']
const core = await openQuietCore(database)
const engine = await openEngine({ database })
const writePayment = await createWritePayment(core, engine)
// Nothing is sent there: an endpoint is what makes an event have a delivery.
const [endpoint] = await storeEndpoints(core, ['http://127.0.0.1:9/'])

answerParent(async ({ seconds }: SettleLimitQuestion) => {
  await emptyPayments(engine)
  const startedAtMs = performance.now()
  let paymentCount = 0
  await Promise.all(
    Array.from({ length: CONNECTION_COUNT }, async () => {
      while (performance.now() - startedAtMs < seconds * 1000) {
        await settle()
        paymentCount += 1
      }
    }),
  )
  return (paymentCount * 1000) / (performance.now() - startedAtMs)
})

/** Writes what the whole life of a payment writes, but for the time that a claim moves. */
async function settle(): Promise<void> {
  const eventId = await writePayment()
  if (endpoint === undefined) throw new Error('no endpoint')
  const startedAtMs = core.clock.nowMs()
  const attempt = { startedAtMs, httpStatus: 200 }
  const recorded = await core.store.webhookDeliveries.recordAttempt({
    eventId,
    endpointId: endpoint.id,
    decide: (delivery) => afterAttempt(delivery, { ...attempt, endedAtMs: startedAtMs }, [], 0),
    attempt: { ...attempt, durationMs: 0, responseBody: '' },
  })
  if (recorded?.status !== 'delivered') throw new Error('a delivery was not recorded')
}
