/** The benchmark `settle`: the whole life of a payment, until the merchant receives the webhook. */
import { openCore, openEngine } from '../src/server/core.ts'
import type { Engine } from '../src/store/engine/engine.ts'
import { startCpuMeter } from './cpu.ts'
import type { Lifetime } from './lifetime.ts'
import type { Options } from './options.ts'
import { startPaydesk } from './paydesk.ts'
import { emptyPayments } from './payments.ts'
import { APPROVING_PROCESSOR, type EngineName, type ModeName, makePlace } from './places.ts'
import type { Report } from './report.ts'
import { CONNECTION_COUNT, type Contender, measureInRounds, ratioGoals, tableOf } from './rounds.ts'
import type { SettleLimitAnswer, SettleLimitQuestion } from './settle-limit.ts'
import type { SettleAnswer, SettleQuestion } from './settle-load.ts'
import { storeEndpoints } from './webhook-endpoints.ts'
import { startWorker, type Worker } from './worker.ts'

/** The expected ratio of Paydesk to a database that writes the same rows without HTTP. */
const RATIO_MIN = 0.5

export async function measureSettling(
  lifetime: Lifetime,
  engineName: EngineName,
  options: Options,
): Promise<Report> {
  const { modes, roundCount, seconds } = options
  const load = await startWorker<SettleQuestion, SettleAnswer>(lifetime, 'settle-load.ts')
  const paydeskContenders: Contender[] = []
  const engines: Engine[] = []
  for (const mode of modes) {
    const start = await startSettling(lifetime, engineName, mode, { options, load })
    paydeskContenders.push(start.contender)
    engines.push(start.engine)
  }
  const all = await measureInRounds(
    [...paydeskContenders, await settleLimit(lifetime, engineName)],
    roundCount,
    seconds,
    async () => {
      for (const engine of engines) await emptyPayments(engine)
    },
  )
  const limit = all[paydeskContenders.length]
  if (limit === undefined) throw new Error('nothing was measured')
  return {
    title: `settle on ${engineName}: payments from creation to webhook, ${CONNECTION_COUNT} customers, ${roundCount} rounds of ${seconds} s`,
    table: tableOf(all, limit, 'payment'),
    goals: ratioGoals(
      `settle, ${engineName}`,
      all.slice(0, paydeskContenders.length),
      limit,
      RATIO_MIN,
    ),
  }
}

async function startSettling(
  lifetime: Lifetime,
  engineName: EngineName,
  mode: ModeName,
  {
    load,
    options,
  }: { readonly load: Worker<SettleQuestion, SettleAnswer>; readonly options: Options },
): Promise<{ readonly contender: Contender; readonly engine: Engine }> {
  const place = await makePlace(lifetime, engineName, mode)
  const args = ['--processor', APPROVING_PROCESSOR, '--access-log', 'off']
  const { profileFolder } = options
  const paydesk = await startPaydesk(lifetime, place, { args, profileFolder })
  const port = await paydesk.listening
  const engine = await lifetime.keep(openEngine(place.settings), ({ close }) => close())
  const core = await openCore(place.settings)
  await storeEndpoints(core, [`http://127.0.0.1:${(await load.ask({})).receiverPort}/webhooks`])
  await core.store.close()
  const processes = { serverPid: paydesk.pid, databasePid: place.databasePid }
  const contender: Contender = {
    name: `paydesk, ${mode}`,
    measure: async (seconds) => {
      const costOf = startCpuMeter(processes)
      const { paymentCount, paymentsPerSecond } = await load.ask({ load: { port, seconds } })
      return { perSecond: paymentsPerSecond, ...costOf(paymentCount) }
    },
  }
  return { contender, engine }
}

/** Writes the same rows without HTTP, in a separate database: otherwise the server would deliver their events. */
async function settleLimit(lifetime: Lifetime, engineName: EngineName): Promise<Contender> {
  const { databasePid, settings } = await makePlace(lifetime, engineName, 'sandbox')
  const worker = await startWorker<SettleLimitQuestion, SettleLimitAnswer>(
    lifetime,
    'settle-limit.ts',
    [JSON.stringify(settings.database)],
  )
  return {
    name: 'engine, the same rows',
    measure: async (seconds) => {
      const costOf = startCpuMeter({ serverPid: worker.pid, databasePid })
      const { paymentCount, paymentsPerSecond } = await worker.ask({ seconds })
      return { perSecond: paymentsPerSecond, ...costOf(paymentCount) }
    },
  }
}
