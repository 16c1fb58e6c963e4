/** The limit of `settle`: writes all rows of the same payments in one process, without HTTP. */

import { afterAttempt } from '../src/domain/webhook-delivery.ts'
import { openCore, openEngine } from '../src/server/core.ts'
import { readSettings, type Settings } from '../src/server/settings/read-settings.ts'
import { createWritePayment, emptyPayments } from './payments.ts'
import { CONNECTION_COUNT } from './rounds.ts'
import { storeEndpoints } from './webhook-endpoints.ts'
import { answerParent } from './worker.ts'

export type SettleLimitQuestion = { readonly seconds: number }

export type SettleLimitAnswer = {
  readonly paymentCount: number
  readonly paymentsPerSecond: number
}

const database = JSON.parse(process.argv[2] ?? '') as Settings['database']
const core = await openCore({ ...readSettings({ memory: true, logLevel: 'error' }, {}), database })
const engine = await openEngine({ database })
const writePayment = await createWritePayment(core, engine)
// No webhook is sent to this URL. The endpoint exists so that each event has a delivery.
const [endpoint] = await storeEndpoints(core, ['http://127.0.0.1:9/'])

answerParent(async ({ seconds }: SettleLimitQuestion): Promise<SettleLimitAnswer> => {
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
  const takenMs = performance.now() - startedAtMs
  return { paymentCount, paymentsPerSecond: (paymentCount * 1000) / takenMs }
})

/** Writes everything that the whole life of a payment writes, except the new due time of a claimed delivery. */
async function settle(): Promise<void> {
  const { eventId } = await writePayment()
  if (endpoint === undefined) throw new Error('no endpoint')
  const startedAtMs = core.clock.nowMs()
  const attempt = { startedAtMs, httpStatus: 200 }
  const recordedDelivery = await core.store.webhookDeliveries.recordAttempt({
    eventId,
    endpointId: endpoint.id,
    decide: (delivery) => afterAttempt(delivery, { ...attempt, endedAtMs: startedAtMs }, [], 0),
    attempt: { ...attempt, durationMs: 0, responseBody: '' },
  })
  if (recordedDelivery?.status !== 'delivered') throw new Error('a delivery was not recorded')
}
