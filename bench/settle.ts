/** The benchmark `settle`: the whole life of a payment, until the merchant knows of it. */
import { fileURLToPath } from 'node:url'
import { openEngine } from '../src/server/core.ts'
import type { LimitsOptions } from './against-limits.ts'
import { createLifetime, type Lifetime } from './lifetime.ts'
import { startPaydesk } from './paydesk.ts'
import { emptyPayments } from './payments.ts'
import { type EngineName, makePlace } from './places.ts'
import { printRates, printVerdict } from './print.ts'
import { CONNECTION_COUNT, measureInRounds, ratioOf } from './rounds.ts'
import type { SettleLimitQuestion } from './settle-limit.ts'
import type { SettleAnswer, SettleQuestion } from './settle-load.ts'
import { openQuietCore, storeEndpoints } from './webhook-endpoints.ts'
import { startWorker } from './worker.ts'

/** The expected ratio of Paydesk to a database that writes the same rows without HTTP. */
const EXPECTED = { sqlite: 0.2, postgres: 0.35 } as const

const APPROVING = fileURLToPath(new URL('../test/support/approving-processor.ts', import.meta.url))

/** Measures payments a second on each engine, prints them, answers whether what is expected holds. */
export async function measureSettling(
  lifetime: Lifetime,
  options: LimitsOptions,
): Promise<boolean> {
  const areMet: boolean[] = []
  for (const engine of options.engines) {
    const engineLifetime = await lifetime.keep(createLifetime(), ({ end }) => end())
    areMet.push(await settleOn(engineLifetime, engine, options))
    await engineLifetime.end()
  }
  return !areMet.includes(false)
}

async function settleOn(
  lifetime: Lifetime,
  engineName: EngineName,
  { profileFolder, roundCount, seconds }: LimitsOptions,
): Promise<boolean> {
  // A database each: the server would deliver what the other writes.
  const [place, limitPlace] = [
    await makePlace(lifetime, engineName),
    await makePlace(lifetime, engineName),
  ]
  const profiler =
    profileFolder === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profileFolder}`]
  const args = ['--port', '0', ...place.args, '--processor', APPROVING, '--access-log', 'off']
  const paydesk = await startPaydesk(lifetime, args, profiler)
  const port = await paydesk.listening
  const engine = await lifetime.keep(openEngine(place), ({ close }) => close())

  const askLoad = await startWorker<SettleQuestion, SettleAnswer>(lifetime, 'settle-load.ts')
  const core = await openQuietCore(place.database)
  await storeEndpoints(core, [`http://127.0.0.1:${(await askLoad({})).receiverPort}/webhooks`])
  await core.store.close()
  const askLimit = await startWorker<SettleLimitQuestion, number>(lifetime, 'settle-limit.ts', [
    JSON.stringify(limitPlace.database),
  ])

  const rates = await measureInRounds(
    [
      {
        name: 'paydesk',
        measure: async (forSeconds) => {
          const { paymentsPerSecond } = await askLoad({ load: { port, seconds: forSeconds } })
          return paymentsPerSecond
        },
      },
      {
        name: 'engine, the same rows',
        measure: (forSeconds) => askLimit({ seconds: forSeconds }),
      },
    ],
    roundCount,
    seconds,
    () => emptyPayments(engine),
  )

  const [ours, limit] = rates
  if (ours === undefined || limit === undefined) throw new Error('nothing was measured')
  console.log(
    `\nsettle on ${engineName}: payments from creation to webhook, ${CONNECTION_COUNT} customers, ${roundCount} rounds of ${seconds} s`,
  )
  printRates(rates, limit)
  const ratio = ratioOf(ours, limit)
  const least = EXPECTED[engineName]
  return printVerdict(
    `settle ${engineName}: ${ratio.toFixed(2)} of ${limit.name}`,
    `at least ${least}`,
    ratio >= least,
  )
}
