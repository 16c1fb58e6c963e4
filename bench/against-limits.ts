/** The benchmarks `create` and `retrieve`: Paydesk against the limits of its parts. */

import type { PaymentSessionId } from '../src/domain/id.ts'
import { createPublicIds, HIDDEN_FROM_MIN } from '../src/domain/public-id.ts'
import { deriveKeys } from '../src/domain/secret.ts'
import { openCore, openEngine } from '../src/server/core.ts'
import type { Engine } from '../src/store/engine/engine.ts'
import { startCpuMeter } from './cpu.ts'
import type { LimitAnswer, LimitQuestion } from './engine-limits.ts'
import type { Lifetime } from './lifetime.ts'
import type { Load, LoadResult } from './load.ts'
import type { Options } from './options.ts'
import { startPaydesk } from './paydesk.ts'
import { createWritePayment } from './payments.ts'
import { type EngineName, type ModeName, makePlace, type Place } from './places.ts'
import type { Goal, Report } from './report.ts'
import {
  CONNECTION_COUNT,
  type Contender,
  cpuMicrosOf,
  measureInRounds,
  ratioOf,
  type Series,
  tableOf,
} from './rounds.ts'
import { BATCH_ROW_COUNT, emptySessions, fillSessions } from './rows.ts'
import {
  ask,
  bytesOf,
  CREATE_REQUEST,
  retrieveRequest,
  type SampleAnswer,
  type SampleRequest,
} from './sample.ts'
import { startWorker, type Worker } from './worker.ts'

export type Subject = 'create' | 'retrieve'

/** The goals of a mode: the maximum CPU time of a request, and the minimum share of the bare server's throughput. */
type Goals = { readonly cpuMicrosMax?: number; readonly ratioMin?: number }

const EXPECTED: Readonly<
  Record<Subject, Readonly<Record<EngineName, Readonly<Record<ModeName, Goals>>>>>
> = {
  create: {
    sqlite: { live: { cpuMicrosMax: 65, ratioMin: 0.45 }, sandbox: { cpuMicrosMax: 75 } },
    postgres: { live: { cpuMicrosMax: 110, ratioMin: 0.4 }, sandbox: {} },
  },
  retrieve: {
    sqlite: { live: { ratioMin: 0.8 }, sandbox: { ratioMin: 0.8 } },
    postgres: { live: { ratioMin: 0.6 }, sandbox: { ratioMin: 0.6 } },
  },
}

const SESSION_COUNT = 10_000
const PAID_COUNT = 1_000

/**
 * The number of requests before each measurement. While a server is idle, V8 shrinks its heap and drops compiled
 * code; without these requests a create cost a third more CPU time.
 */
const AWAKE_REQUEST_COUNT = 4_000

type PaydeskContender = Contender & { readonly mode: ModeName }

export async function compareWithLimits(
  lifetime: Lifetime,
  subject: Subject,
  engineName: EngineName,
  options: Options,
): Promise<Report> {
  const applyLoad = await startWorker<Load, LoadResult>(lifetime, 'load.ts')
  const paydeskContenders: PaydeskContender[] = []
  const engines: Engine[] = []
  const limits: Contender[] = []
  let answer: SampleAnswer | undefined
  for (const mode of options.modes) {
    const place = await makePlace(lifetime, engineName, mode)
    const paydesk = await startPaydesk(lifetime, place, options)
    const server: MeasuredServer = {
      serverPid: paydesk.pid,
      databasePid: place.databasePid,
      port: await paydesk.listening,
    }
    const engine = await lifetime.keep(openEngine(place.settings), ({ close }) => close())
    engines.push(engine)
    const newIds = subject === 'retrieve' ? await fillSessions(engine, SESSION_COUNT) : []
    const requests =
      subject === 'create' ? [CREATE_REQUEST] : publicIdsOf(place, newIds).map(retrieveRequest)
    answer ??= await ask(server.port, firstOf(requests))
    paydeskContenders.push({ ...underLoad(`paydesk, ${mode}`, applyLoad, server, requests), mode })
    if (subject === 'retrieve') {
      const retrieveRequests = (await writePaidSessions(place, engine)).map(retrieveRequest)
      paydeskContenders.push({
        ...underLoad(`paydesk, ${mode}, paid`, applyLoad, server, retrieveRequests),
        mode,
      })
    }
    if (limits.length === 0) limits.push(...(await engineLimits(lifetime, place, subject, newIds)))
  }
  if (answer === undefined) throw new Error('no mode to measure')

  const bare = await serverAnswering(lifetime, 'bare-server.ts', answer)
  const fastify = await serverAnswering(lifetime, 'fastify-server.ts', answer)
  const sample = subject === 'create' ? CREATE_REQUEST : retrieveRequest('1')
  const contenders = [
    ...paydeskContenders,
    underLoad('bare node:http', applyLoad, bare, [sample]),
    underLoad('fastify', applyLoad, fastify, [sample]),
    ...limits,
  ]
  const { roundCount, seconds } = options
  const all = await measureInRounds(contenders, roundCount, seconds, async () => {
    // Rows of one contender must not slow down the next.
    if (subject === 'create') for (const engine of engines) await emptySessions(engine)
  })
  return reportOf(subject, engineName, options, { ours: paydeskContenders, all })
}

type MeasuredServer = {
  readonly port: number
  readonly serverPid: number
  readonly databasePid?: number | undefined
}

/** The run fails if an answer does not have the status of a success: 201 for a POST, 200 for a GET. */
function underLoad(
  name: string,
  applyLoad: Worker<Load, LoadResult>,
  server: MeasuredServer,
  requests: readonly SampleRequest[],
): Contender {
  const texts = requests.map(bytesOf)
  const status = firstOf(requests).method === 'POST' ? 201 : 200
  return {
    name,
    measure: async (forSeconds) => {
      const load = { port: server.port, requests: texts, status, seconds: forSeconds }
      await applyLoad.ask({ ...load, requestCountMax: AWAKE_REQUEST_COUNT })
      const costOf = startCpuMeter(server)
      const { answerCount, seconds } = await applyLoad.ask(load)
      return { perSecond: answerCount / seconds, ...costOf(answerCount) }
    },
  }
}

/** Starts a server that answers every request with the same bytes. */
async function serverAnswering(
  lifetime: Lifetime,
  file: string,
  answer: SampleAnswer,
): Promise<MeasuredServer> {
  const worker = await startWorker<SampleAnswer, number>(lifetime, file)
  return { port: await worker.ask(answer), serverPid: worker.pid }
}

/** The database without HTTP, with many rows and with one row in each commit or round trip. */
async function engineLimits(
  lifetime: Lifetime,
  { databasePid, settings }: Place,
  subject: Subject,
  ids: readonly PaymentSessionId[],
): Promise<readonly Contender[]> {
  const worker = await startWorker<LimitQuestion, LimitAnswer>(lifetime, 'engine-limits.ts', [
    JSON.stringify(settings.database),
  ])
  const limit = (name: string, limitQuestion: LimitQuestion['limit']): Contender => ({
    name,
    measure: async (seconds) => {
      const costOf = startCpuMeter({ serverPid: worker.pid, databasePid })
      const { perSecond, rowCount } = await worker.ask({ limit: limitQuestion, ids, seconds })
      return { perSecond, ...costOf(rowCount) }
    },
  })
  const unit = subject === 'create' ? 'commit' : 'read'
  return [
    limit(`engine, ${BATCH_ROW_COUNT} rows a ${unit}`, `${subject}_many`),
    limit(`engine, one row a ${unit}`, `${subject}_one`),
  ]
}

function publicIdsOf({ settings }: Place, ids: readonly PaymentSessionId[]): readonly string[] {
  const publicIds = createPublicIds(deriveKeys(settings.secretKey).publicId, HIDDEN_FROM_MIN)
  return ids.map((id) => publicIds.publicIdOf(id))
}

async function writePaidSessions({ settings }: Place, engine: Engine): Promise<readonly string[]> {
  const core = await openCore(settings)
  const writePayment = await createWritePayment(core, engine)
  const ids: string[] = []
  while (ids.length < PAID_COUNT) {
    const writtenPayments = await Promise.all(
      Array.from({ length: CONNECTION_COUNT }, writePayment),
    )
    ids.push(...writtenPayments.map(({ paymentSessionId }) => paymentSessionId))
  }
  await core.store.close()
  return ids
}

/** Makes the report of the contenders. `ours` come first. */
function reportOf(
  subject: Subject,
  engine: EngineName,
  { roundCount, seconds }: Options,
  { all, ours }: { readonly all: readonly Series[]; readonly ours: readonly PaydeskContender[] },
): Report {
  const bare = all[ours.length]
  if (bare === undefined) throw new Error('nothing was measured')
  const goals = ours.flatMap(({ mode }, index): readonly Goal[] => {
    const series = all[index]
    if (series === undefined) return []
    const { cpuMicrosMax, ratioMin } = EXPECTED[subject][engine][mode]
    const subjectAndEngine = `${subject}, ${engine}, ${series.name}`
    const micros = cpuMicrosOf(series)
    const ratio = ratioOf(series, bare)
    const cpuGoal = cpuMicrosMax !== undefined && {
      measured: `${subjectAndEngine}: ${micros.toFixed(1)} µs CPU`,
      limit: `at most ${cpuMicrosMax} µs`,
      isMet: micros <= cpuMicrosMax,
    }
    const ratioGoal = ratioMin !== undefined && {
      measured: `${subjectAndEngine}: ${ratio.toFixed(2)} of ${bare.name}`,
      limit: `at least ${ratioMin}`,
      isMet: ratio >= ratioMin,
    }
    return [cpuGoal, ratioGoal].filter((goal) => goal !== false)
  })
  return {
    title: `${subject} on ${engine}: ${CONNECTION_COUNT} connections, ${roundCount} rounds of ${seconds} s`,
    table: tableOf(all, bare, 'request'),
    goals,
  }
}

function firstOf(requests: readonly SampleRequest[]): SampleRequest {
  const [first] = requests
  if (first === undefined) throw new Error('no request to send')
  return first
}
