/** The benchmark `deliver`: webhooks to five endpoints, for payments that were stored before the server started. */

import { makeWebhookKey, WEBHOOK_KEY_BYTES } from '../src/domain/webhook-signature.ts'
import { openCore, openEngine } from '../src/server/core.ts'
import type { Engine } from '../src/store/engine/engine.ts'
import type { SendQuestion } from './bare-sender.ts'
import { startCpuMeter } from './cpu.ts'
import type { Lifetime } from './lifetime.ts'
import type { Options } from './options.ts'
import { startPaydesk } from './paydesk.ts'
import { createWritePayment, emptyPayments } from './payments.ts'
import { type EngineName, type ModeName, makePlace } from './places.ts'
import type { Report } from './report.ts'
import { CONNECTION_COUNT, type Contender, measureInRounds, ratioGoals, tableOf } from './rounds.ts'
import { storeEndpoints } from './webhook-endpoints.ts'
import type { ReceiverAnswer, ReceiverQuestion } from './webhook-receiver.ts'
import { startWorker } from './worker.ts'

const ENDPOINT_COUNT = 5

/** The expected ratio of Paydesk to a client that signs and sends the same webhooks. */
const RATIO_MIN = 0.5

export async function measureDelivering(
  lifetime: Lifetime,
  engineName: EngineName,
  options: Options,
): Promise<Report> {
  const receiver = await startWorker<ReceiverQuestion, ReceiverAnswer>(
    lifetime,
    'webhook-receiver.ts',
  )
  const { ports } = await receiver.ask({ listen: ENDPOINT_COUNT })
  const { count, modes, roundCount, seconds } = options
  const receive = async () => (await receiver.ask({ expect: count * ENDPOINT_COUNT })).perSecond
  const paydeskContenders: Contender[] = []
  const engines: Engine[] = []
  let body: string | undefined
  for (const mode of modes) {
    const benchmark = { options, ports, receive }
    const preparation = await prepareDelivering(lifetime, engineName, mode, benchmark)
    paydeskContenders.push(preparation.contender)
    engines.push(preparation.engine)
    body ??= preparation.body
  }
  if (body === undefined) throw new Error('no mode to measure')
  const bare = await bareSender(lifetime, { ports, receive, body, count })
  const all = await measureInRounds([...paydeskContenders, bare], roundCount, seconds, async () => {
    for (const engine of engines) await emptyPayments(engine)
  })
  const sender = all[paydeskContenders.length]
  if (sender === undefined) throw new Error('nothing was measured')
  return {
    title: `deliver on ${engineName}: ${count} events to each of ${ENDPOINT_COUNT} endpoints, ${roundCount} rounds`,
    table: tableOf(all, sender, 'webhook'),
    goals: ratioGoals(
      `deliver, ${engineName}`,
      all.slice(0, paydeskContenders.length),
      sender,
      RATIO_MIN,
    ),
  }
}

/** The receivers' ports, and a function that waits for all webhooks and returns their number per second. */
type Receivers = { readonly ports: readonly number[]; readonly receive: () => Promise<number> }

/**
 * Prepares a database with endpoints. The contender writes payments and starts a server, which delivers their events.
 */
async function prepareDelivering(
  lifetime: Lifetime,
  engineName: EngineName,
  mode: ModeName,
  { options, ports, receive }: Receivers & { readonly options: Options },
): Promise<{ readonly contender: Contender; readonly engine: Engine; readonly body: string }> {
  const place = await makePlace(lifetime, engineName, mode)
  const core = await openCore(place.settings)
  await lifetime.keep(core, ({ store }) => store.close())
  const engine = await lifetime.keep(openEngine(place.settings), ({ close }) => close())
  const writePayment = await createWritePayment(core, engine)
  await storeEndpoints(
    core,
    ports.map((port) => `http://127.0.0.1:${port}/webhooks`),
  )
  const event = await core.store.webhookEvents.find((await writePayment()).eventId)
  if (event === undefined) throw new Error('a payment without an event')

  const { count, profileFolder } = options
  const measure = async () => {
    await Promise.all(
      Array.from({ length: CONNECTION_COUNT }, async (_, lane) => {
        for (let index = lane; index < count; index += CONNECTION_COUNT) await writePayment()
      }),
    )
    const receiving = receive()
    const args = ['--access-log', 'off']
    const paydesk = await startPaydesk(lifetime, place, { args, profileFolder })
    // The start of the server does not count, because the receivers measure from the first webhook.
    await paydesk.listening
    const costOf = startCpuMeter({ serverPid: paydesk.pid, databasePid: place.databasePid })
    const perSecond = await receiving
    const cost = costOf(count * ENDPOINT_COUNT)
    await paydesk.stop()
    return { perSecond, ...cost }
  }
  return { contender: { name: `paydesk, ${mode}`, measure }, engine, body: event.bodyJson }
}

async function bareSender(
  lifetime: Lifetime,
  { body, count, ports, receive }: Receivers & { readonly body: string; readonly count: number },
): Promise<Contender> {
  const worker = await startWorker<SendQuestion, number>(lifetime, 'bare-sender.ts')
  const key = makeWebhookKey(crypto.getRandomValues(Buffer.alloc(WEBHOOK_KEY_BYTES)))
  return {
    name: 'bare node:http',
    measure: async () => {
      const receiving = receive()
      const costOf = startCpuMeter({ serverPid: worker.pid })
      await worker.ask({ ports, eventCount: count, body, key })
      return { perSecond: await receiving, ...costOf(count * ENDPOINT_COUNT) }
    },
  }
}
