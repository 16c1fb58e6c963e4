/** The benchmark `deliver`: webhooks to five endpoints, of payments that were made while no server ran. */

import { makeWebhookKey, WEBHOOK_KEY_BYTES } from '../src/domain/webhook-signature.ts'
import { openEngine } from '../src/server/core.ts'
import type { LimitsOptions } from './against-limits.ts'
import type { SendQuestion } from './bare-sender.ts'
import { createLifetime, type Lifetime } from './lifetime.ts'
import { startPaydesk } from './paydesk.ts'
import { createWritePayment, emptyPayments } from './payments.ts'
import { type EngineName, makePlace } from './places.ts'
import { printRates, printVerdict } from './print.ts'
import { CONNECTION_COUNT, measureInRounds, ratioOf } from './rounds.ts'
import { openQuietCore, storeEndpoints } from './webhook-endpoints.ts'
import type { ReceiverAnswer, ReceiverQuestion } from './webhook-receiver.ts'
import { startWorker } from './worker.ts'

const EVENT_COUNT = 4_000
const ENDPOINT_COUNT = 5

/** The expected ratio of Paydesk to a client that signs and sends the same. */
const EXPECTED = { sqlite: 0.15, postgres: 0.08 } as const

/** Measures deliveries a second on each engine, prints them, answers whether what is expected holds. */
export async function measureDelivering(
  lifetime: Lifetime,
  options: LimitsOptions,
): Promise<boolean> {
  const areMet: boolean[] = []
  for (const engine of options.engines) {
    const engineLifetime = await lifetime.keep(createLifetime(), ({ end }) => end())
    areMet.push(await deliverOn(engineLifetime, engine, options))
    await engineLifetime.end()
  }
  return !areMet.includes(false)
}

async function deliverOn(
  lifetime: Lifetime,
  engineName: EngineName,
  { profileFolder, roundCount, seconds }: LimitsOptions,
): Promise<boolean> {
  const place = await makePlace(lifetime, engineName)
  const core = await openQuietCore(place.database)
  await lifetime.keep(core, ({ store }) => store.close())
  const engine = await lifetime.keep(openEngine(place), ({ close }) => close())
  const writePayment = await createWritePayment(core, engine)
  const askReceiver = await startWorker<ReceiverQuestion, ReceiverAnswer>(
    lifetime,
    'webhook-receiver.ts',
  )
  const { ports } = await askReceiver({ listen: ENDPOINT_COUNT })
  const urls = ports.map((port) => `http://127.0.0.1:${port}/webhooks`)
  const endpoints = await storeEndpoints(core, urls)
  const send = await startWorker<SendQuestion, number>(lifetime, 'bare-sender.ts')
  const key = makeWebhookKey(core.random.bytes(WEBHOOK_KEY_BYTES))
  const event = await core.store.webhookEvents.find(await writePayment())
  if (event === undefined) throw new Error('a payment without an event')

  const received = () => askReceiver({ expect: EVENT_COUNT * ENDPOINT_COUNT })
  const profiler =
    profileFolder === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profileFolder}`]
  const measurePaydesk = async () => {
    await Promise.all(
      Array.from({ length: CONNECTION_COUNT }, async (_, lane) => {
        for (let count = lane; count < EVENT_COUNT; count += CONNECTION_COUNT) await writePayment()
      }),
    )
    const receiving = received()
    const args = ['--port', '0', ...place.args, '--access-log', 'off']
    const paydesk = await startPaydesk(lifetime, args, profiler)
    const { perSecond } = await receiving
    await paydesk.stop()
    return perSecond
  }
  const measureSender = async () => {
    const receiving = received()
    await send({ ports, eventCount: EVENT_COUNT, body: event.bodyJson, key })
    return (await receiving).perSecond
  }
  const rates = await measureInRounds(
    [
      { name: 'paydesk', measure: measurePaydesk },
      { name: 'bare node:http', measure: measureSender },
    ],
    roundCount,
    seconds,
    () => emptyPayments(engine),
  )

  const [ours, bare] = rates
  if (ours === undefined || bare === undefined) throw new Error('nothing was measured')
  console.log(
    `\ndeliver on ${engineName}: ${EVENT_COUNT} events to each of ${endpoints.length} endpoints, ${roundCount} rounds`,
  )
  printRates(rates, bare)
  const ratio = ratioOf(ours, bare)
  const least = EXPECTED[engineName]
  return printVerdict(
    `deliver ${engineName}: ${ratio.toFixed(2)} of ${bare.name}`,
    `at least ${least}`,
    ratio >= least,
  )
}
