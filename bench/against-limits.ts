/** The benchmarks `create` and `retrieve`: Paydesk against the limits of what it is made of. */

import { createPublicIds, HIDDEN_FROM_MIN } from '../src/domain/public-id.ts'
import { deriveKeys } from '../src/domain/secret.ts'
import { openEngine } from '../src/server/core.ts'
import { readSettings } from '../src/server/settings/read-settings.ts'
import type { LimitQuestion } from './engine-limits.ts'
import { createLifetime, type Lifetime } from './lifetime.ts'
import type { Load, LoadResult } from './load.ts'
import { startPaydesk } from './paydesk.ts'
import { type EngineName, makePlace } from './places.ts'
import { printRates, printVerdict } from './print.ts'
import { CONNECTION_COUNT, type Contender, measureInRounds, ratioOf } from './rounds.ts'
import { BATCH_ROW_COUNT, emptySessions, fillSessions } from './rows.ts'
import {
  ask,
  bytesOf,
  CREATE_REQUEST,
  retrieveRequest,
  type SampleAnswer,
  type SampleRequest,
} from './sample.ts'
import { startWorker } from './worker.ts'

/** The two benchmarks. */
export type Subject = 'create' | 'retrieve'

/** The engines, the number of rounds, and the seconds of each load. */
export type LimitsOptions = {
  readonly engines: readonly EngineName[]
  readonly roundCount: number
  readonly seconds: number
  /** The folder for a CPU profile of Paydesk's process, which slows it down. Undefined: no profile. */
  readonly profileFolder: string | undefined
}

/** The expected ratio of Paydesk to the bare server. */
const EXPECTED = {
  create: { sqlite: 0.55, postgres: 0.45 },
  retrieve: { sqlite: 0.6, postgres: 0.5 },
} as const

/** The number of sessions to retrieve. */
const SESSION_COUNT = 10_000

/** Measures one of the two on each engine, prints it, and answers whether what is expected holds. */
export async function compareWithLimits(
  lifetime: Lifetime,
  subject: Subject,
  options: LimitsOptions,
): Promise<boolean> {
  const areMet: boolean[] = []
  for (const engine of options.engines) {
    const engineLifetime = await lifetime.keep(createLifetime(), ({ end }) => end())
    areMet.push(await compareOn(engineLifetime, engine, subject, options))
    await engineLifetime.end()
  }
  return !areMet.includes(false)
}

async function compareOn(
  lifetime: Lifetime,
  engineName: EngineName,
  subject: Subject,
  { roundCount, seconds, profileFolder }: LimitsOptions,
): Promise<boolean> {
  const place = await makePlace(lifetime, engineName)
  const profiler =
    profileFolder === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profileFolder}`]
  const paydesk = await startPaydesk(lifetime, ['--port', '0', ...place.args], profiler)
  const port = await paydesk.listening
  const engine = await lifetime.keep(openEngine(place), ({ close }) => close())

  const { secretKey } = readSettings({}, {})
  const publicIds = createPublicIds(deriveKeys(secretKey).publicId, HIDDEN_FROM_MIN)
  const ids = subject === 'retrieve' ? await fillSessions(engine, SESSION_COUNT) : []
  const requests =
    subject === 'retrieve'
      ? ids.map((id) => retrieveRequest(publicIds.publicOf(id)))
      : [CREATE_REQUEST]
  const askLimit = await startWorker<LimitQuestion, number>(lifetime, 'engine-limits.ts', [
    JSON.stringify(place.database),
  ])
  const limit = (name: string, asked: LimitQuestion['limit']): Contender => ({
    name,
    measure: (forSeconds) => askLimit({ limit: asked, ids, seconds: forSeconds }),
  })

  const contenders = [
    ...(await serversAnswering(lifetime, port, requests)),
    ...(subject === 'create'
      ? [
          limit(`engine, ${BATCH_ROW_COUNT} rows a commit`, 'create_many'),
          limit('engine, one row a commit', 'create_one'),
        ]
      : [
          limit(`engine, ${BATCH_ROW_COUNT} rows a read`, 'retrieve_many'),
          limit('engine, one row a read', 'retrieve_one'),
        ]),
  ]
  const rates = await measureInRounds(contenders, roundCount, seconds, async () => {
    // Rows of one contender must not slow down the next.
    if (subject === 'create') await emptySessions(engine)
  })

  const [ours, bare] = rates
  if (ours === undefined || bare === undefined) throw new Error('nothing was measured')
  console.log(
    `\n${subject} on ${engineName}: ${CONNECTION_COUNT} connections, ${roundCount} rounds of ${seconds} s`,
  )
  printRates(rates, bare)
  const ratio = ratioOf(ours, bare)
  const least = EXPECTED[subject][engineName]
  return printVerdict(
    `${subject} ${engineName}: ${ratio.toFixed(2)} of ${bare.name}`,
    `at least ${least}`,
    ratio >= least,
  )
}

/** Paydesk, and what answers the same bytes: the bare server, and Fastify. */
async function serversAnswering(
  lifetime: Lifetime,
  paydeskPort: number,
  requests: readonly SampleRequest[],
): Promise<readonly Contender[]> {
  const [first] = requests
  if (first === undefined) throw new Error('no request to send')
  const answer = await ask(paydeskPort, first)
  const status = first.method === 'POST' ? 201 : 200
  const texts = requests.map(bytesOf)

  const applyLoad = await startWorker<Load, LoadResult>(lifetime, 'load.ts')
  const serve = async (file: string) =>
    (await startWorker<SampleAnswer, number>(lifetime, file))(answer)
  const contender = (name: string, port: number): Contender => ({
    name,
    measure: async (forSeconds) => {
      const result = await applyLoad({ port, requests: texts, status, seconds: forSeconds })
      return result.answerCount / result.seconds
    },
  })
  return [
    contender('paydesk', paydeskPort),
    contender('bare node:http', await serve('bare-server.ts')),
    contender('fastify', await serve('fastify-server.ts')),
  ]
}
