/**
 * The benchmark `peers` compares a sandbox with other servers for tests. Each creates the payment object of its API: Paydesk
 * and Prism create a payment session from the same request, emulate creates a payment intent, and
 * stripe-stateful-mock creates a charge.
 * Paydesk answers after the commit is on disk. The others keep their data in memory; Prism has no data.
 */
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { freePort } from '../test/support/postgres-cluster.ts'
import { startCpuMeter } from './cpu.ts'
import type { Lifetime } from './lifetime.ts'
import type { Load, LoadResult } from './load.ts'
import type { Options } from './options.ts'
import { startPaydesk } from './paydesk.ts'
import { type EngineName, makeFolder, makePlace } from './places.ts'
import type { Report } from './report.ts'
import { CONNECTION_COUNT, type Contender, cpuRatioOf, measureInRounds, tableOf } from './rounds.ts'
import { bytesOf, CREATE_REQUEST, writeRequest } from './sample.ts'
import { startWorker, type Worker } from './worker.ts'

type Peer = {
  readonly packageName: string
  readonly version: string
  /** The minimum CPU time of a request, in multiples of Paydesk's. */
  readonly cpuRatioMin: number
  /** Returns the command's arguments. `document`: the path of Paydesk's OpenAPI document. */
  readonly args: (port: number, document: string) => readonly string[]
  readonly environment?: (port: number) => Readonly<Record<string, string>>
  readonly requests: readonly string[]
  readonly status: number
}

/** emulate answers 403 after 5,000 requests with one key, so the load uses many keys. */
const KEY_COUNT = 2_000

/** The peers, with their logs off, because a log would cost CPU time. */
const PEERS: readonly Peer[] = [
  {
    packageName: '@stoplight/prism-cli',
    version: '5.16.0',
    cpuRatioMin: 5,
    args: (port, document) => [
      'mock',
      '--port',
      String(port),
      '--verboseLevel',
      'silent',
      // Its second process only prints the log, and starting it fails on Paydesk's Node.
      '--no-multiprocess',
      document,
    ],
    requests: [bytesOf(CREATE_REQUEST)],
    status: 201,
  },
  {
    packageName: 'emulate',
    version: '0.12.2',
    cpuRatioMin: 3,
    args: (port) => ['start', '--service', 'stripe', '--port', String(port)],
    requests: Array.from({ length: KEY_COUNT }, (_, index) =>
      stripeRequest('/v1/payment_intents', 'amount=10050&currency=inr', `sk_test_${index}`),
    ),
    status: 200,
  },
  {
    packageName: 'stripe-stateful-mock',
    version: '0.0.16',
    cpuRatioMin: 2,
    args: () => [],
    environment: (port) => ({ PORT: String(port), LOG_LEVEL: 'silent' }),
    requests: [
      stripeRequest('/v1/charges', 'amount=10050&currency=inr&source=tok_visa', 'sk_test_1'),
    ],
    status: 200,
  },
]

const FIRST_ANSWER_MS_MAX = 60_000
const POLL_MS = 50
const LOAD_SECONDS_MAX = 60
const WARM_UP_COUNT = 10_000
const STOP_MS_MAX = 5_000

export async function measurePeers(
  lifetime: Lifetime,
  _engine: EngineName,
  { count, profileFolder, roundCount }: Options,
): Promise<Report> {
  checkCores()
  const folder = await makeFolder(lifetime)
  const names = PEERS.map(({ packageName, version }) => `${packageName}@${version}`)
  await installPackages(lifetime, folder, names)
  const load = await startWorker<Load, LoadResult>(lifetime, 'load.ts')
  pin(load.pid, `1-${availableParallelism() - 1}`)

  const place = await makePlace(lifetime, 'sqlite', 'sandbox')
  const paydesk = await startPaydesk(lifetime, place, { profileFolder })
  const port = await paydesk.listening
  pin(paydesk.pid, SERVER_CORE)
  const document = join(folder, 'openapi.json')
  writeFileSync(document, await (await fetch(`http://127.0.0.1:${port}/openapi.json`)).text())

  const requests = [bytesOf(CREATE_REQUEST)]
  const paydeskServer = { port, serverPid: paydesk.pid, requests, status: 201 }
  const contenders = [underLoad('paydesk', load, paydeskServer, count)]
  for (const peer of PEERS) {
    const server = await startPeer(lifetime, folder, peer, document)
    const name = `${peer.packageName} ${peer.version}`
    contenders.push(underLoad(name, load, { ...peer, ...server }, count))
  }
  const all = await measureInRounds(contenders, roundCount, LOAD_SECONDS_MAX, async () => {})
  const [ours, ...others] = all
  if (ours === undefined) throw new Error('nothing was measured')
  return {
    title: `peers: ${count.toLocaleString('en-US')} creates, ${CONNECTION_COUNT} connections, each server on one core, ${roundCount} rounds`,
    table: tableOf(all, ours, 'request'),
    goals: others.map((series, index) => {
      const ratio = cpuRatioOf(series, ours)
      const ratioMin = PEERS[index]?.cpuRatioMin ?? Number.NaN
      return {
        measured: `${series.name}: ${ratio.toFixed(1)} times Paydesk’s CPU a request`,
        limit: `at least ${ratioMin}`,
        isMet: ratio >= ratioMin,
      }
    }),
  }
}

/** All servers run on this core, and the load runs on the others. */
const SERVER_CORE = '0'

function checkCores(): void {
  if (availableParallelism() < 2) throw new Error('peers needs two cores: one is for the load')
  try {
    execFileSync('taskset', ['--version'], { stdio: 'ignore' })
  } catch {
    throw new Error('peers needs the program taskset (package util-linux)')
  }
}

/** Keeps all threads of a process, and those that they start, on these cores. */
function pin(pid: number, cores: string): void {
  execFileSync('taskset', ['--all-tasks', '--cpu-list', '--pid', cores, String(pid)], {
    stdio: 'ignore',
  })
}

/** Installs packages with npm, without their scripts. Throws with npm's own message. */
async function installPackages(
  lifetime: Lifetime,
  folder: string,
  names: readonly string[],
): Promise<void> {
  const args = ['install', '--prefix', folder, '--ignore-scripts', '--no-audit', '--no-fund']
  const child = spawn('npm', [...args, '--loglevel', 'error', ...names], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  await lifetime.keep(child, () => child.kill('SIGKILL'))
  const [code] = await once(child, 'exit')
  if (code !== 0) throw new Error(`npm could not install ${names.join(', ')} (code ${code})`)
}

async function startPeer(
  lifetime: Lifetime,
  folder: string,
  peer: Peer,
  document: string,
): Promise<{ readonly port: number; readonly serverPid: number }> {
  const port = await freePort()
  const program = programOf(join(folder, 'node_modules', peer.packageName), peer.packageName)
  const child = spawn(process.execPath, [program, ...peer.args(port, document)], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, ...peer.environment?.(port) },
  })
  const exit = once(child, 'exit')
  await lifetime.keep(child, async () => {
    child.kill('SIGTERM')
    const killing = setTimeout(() => child.kill('SIGKILL'), STOP_MS_MAX)
    await exit
    clearTimeout(killing)
  })
  const deadline = performance.now() + FIRST_ANSWER_MS_MAX
  // Any answer shows that the peer listens.
  while (!(await answers(port))) {
    if (child.exitCode !== null || performance.now() > deadline) {
      throw new Error(`${peer.packageName} does not answer on port ${port}`)
    }
    await wait(POLL_MS)
  }
  const serverPid = child.pid as number
  pin(serverPid, SERVER_CORE)
  return { port, serverPid }
}

function programOf(packageFolder: string, packageName: string): string {
  const text = readFileSync(join(packageFolder, 'package.json'), 'utf8')
  const { bin } = JSON.parse(text) as { bin?: string | Readonly<Record<string, string>> }
  const file = typeof bin === 'string' ? bin : Object.values(bin ?? {})[0]
  if (file === undefined) throw new Error(`${packageName} has no command`)
  return join(packageFolder, file)
}

async function answers(port: number): Promise<boolean> {
  try {
    await (await fetch(`http://127.0.0.1:${port}/`)).arrayBuffer()
    return true
  } catch {
    return false
  }
}

/** A server that gets `requestCount` requests in each measurement. */
function underLoad(
  name: string,
  load: Worker<Load, LoadResult>,
  server: Pick<Peer, 'requests' | 'status'> & { readonly port: number; readonly serverPid: number },
  requestCount: number,
): Contender {
  const { port, requests, serverPid, status } = server
  const seconds = LOAD_SECONDS_MAX
  // The first measurement is the warm-up, after which the code of every server should be compiled.
  let requestCountMax = Math.max(requestCount, WARM_UP_COUNT)
  return {
    name,
    measure: async () => {
      const costOf = startCpuMeter({ serverPid })
      const question = { port, requests, status, seconds, requestCountMax }
      const { answerCount, seconds: takenSeconds } = await load.ask(question)
      if (answerCount < requestCountMax) {
        throw new Error(`${name} answered only ${answerCount} requests in ${seconds} s`)
      }
      requestCountMax = requestCount
      return { perSecond: answerCount / takenSeconds, ...costOf(answerCount) }
    },
  }
}

function stripeRequest(path: string, body: string, key: string): string {
  const type = 'application/x-www-form-urlencoded'
  return writeRequest(
    { method: 'POST', path, body },
    { authorization: `Bearer ${key}`, 'content-type': type },
  )
}
