/** The benchmark `money`: the CPU time of the ledger's check, of balances, payouts and links on a large database. */
import type { AccountId } from '../src/domain/id.ts'
import { type PayoutDeps, payOutNext } from '../src/operations/pay-out.ts'
import type { Store } from '../src/operations/store.ts'
import { SANDBOX_VALUES } from '../src/sandbox/well-known.ts'
import { openEngine } from '../src/server/core.ts'
import { createIds } from '../src/server/ids.ts'
import { createRandom } from '../src/server/random.ts'
import { createStore } from '../src/store/store.ts'
import type { Lifetime } from './lifetime.ts'
import { cpuClock } from './lists.ts'
import { fillMoney } from './money-rows.ts'
import type { Options } from './options.ts'
import { type EngineName, makePlace } from './places.ts'
import type { Report } from './report.ts'

const ACCOUNT = SANDBOX_VALUES.accountId as AccountId
const DAY_MS = 24 * 60 * 60_000
const PAGE = { page: 1, perPage: 25 }
const DEEP_PAGE = { page: 4_000, perPage: 25 }
/** The maximum CPU time of a request other than GET /balance. */
const REQUEST_CPU_MS_MAX = 50
/** The maximum CPU time of GET /balance for each transaction that waits for its payout. */
const BALANCE_CPU_MICROSECONDS_MAX = 0.2
/** The maximum CPU time of the ledger's check for each payment. */
const CHECK_CPU_MICROSECONDS_MAX = 25

/** A measurement: its name, and the CPU and the wall time in milliseconds. */
type Measured = { readonly what: string; readonly cpuMs: number; readonly wallMs: number }

export async function measureMoney(
  lifetime: Lifetime,
  engineName: EngineName,
  { rowCount }: Options,
): Promise<Report> {
  const place = await makePlace(lifetime, engineName, 'sandbox')
  await fillMoney(place, rowCount)
  const engine = await lifetime.keep(openEngine(place.settings), ({ close }) => close())
  const random = createRandom()
  const store = createStore(engine, random)
  const cpuMs = await cpuClock(engine, place)
  const measurements: Measured[] = []
  const measure = async <Result>(what: string, work: () => Promise<Result>): Promise<Result> => {
    const [cpuFromMs, fromMs] = [cpuMs(), performance.now()]
    const result = await work()
    measurements.push({ what, cpuMs: cpuMs() - cpuFromMs, wallMs: performance.now() - fromMs })
    return result
  }
  let aheadMs = 0
  const clock = { nowMs: () => Date.now() + aheadMs }
  const sum = () => store.balanceTransactions.sum(ACCOUNT, clock.nowMs())
  const deps = { store, clock, ids: createIds(clock, random), mode: 'sandbox' as const }
  await readLinks(store, measure)
  await measure('GET /balance before the run', sum)
  await measureLedgerCheck('ledger check before the run', store, measure)
  // The first step sets the time of the next run, which is within a day.
  await payOutNext(deps)
  aheadMs = DAY_MS
  const stepMs = await measure('the whole run', () => payOutAll(deps))
  await measure('GET /balance after the run', sum)
  await readPayouts(store, measure)
  await measureLedgerCheck('ledger check after the run', store, measure)
  const mostOf = (isMeant: (what: string) => boolean) =>
    Math.max(...measurements.filter(({ what }) => isMeant(what)).map((one) => one.cpuMs))
  const most = mostOf((what) => what.startsWith('GET') && !what.startsWith('GET /balance'))
  const perRow = (start: string) => (mostOf((what) => what.startsWith(start)) * 1_000) / rowCount
  const [balanceMicroseconds, checkMicroseconds] = [perRow('GET /balance'), perRow('ledger')]
  return {
    title: `money on ${engineName}: ${rowCount.toLocaleString('en-US')} payments and links of one account, ${stepMs.length} steps of the run, the longest ${Math.max(...stepMs).toFixed(0)} ms`,
    table: [
      ['', 'CPU ms', 'wall ms'],
      ...measurements.map((one) => [one.what, one.cpuMs.toFixed(1), one.wallMs.toFixed(1)]),
    ],
    goals: [
      {
        measured: `money ${engineName}: the most expensive request takes ${most.toFixed(1)} ms of CPU`,
        limit: `at most ${REQUEST_CPU_MS_MAX}`,
        isMet: most <= REQUEST_CPU_MS_MAX,
      },
      {
        measured: `money ${engineName}: GET /balance takes ${balanceMicroseconds.toFixed(2)} µs of CPU for each waiting transaction`,
        limit: `at most ${BALANCE_CPU_MICROSECONDS_MAX}`,
        isMet: balanceMicroseconds <= BALANCE_CPU_MICROSECONDS_MAX,
      },
      {
        measured: `money ${engineName}: ledger check takes ${checkMicroseconds.toFixed(1)} µs of CPU a payment`,
        limit: `at most ${CHECK_CPU_MICROSECONDS_MAX}`,
        isMet: checkMicroseconds <= CHECK_CPU_MICROSECONDS_MAX,
      },
    ],
  }
}

type Measure = <Result>(what: string, work: () => Promise<Result>) => Promise<Result>

async function readLinks({ paymentLinks }: Store, measure: Measure): Promise<void> {
  const nowMs = Date.now()
  const list = (page: typeof PAGE) => paymentLinks.list(ACCOUNT, {}, page, nowMs)
  // Prepares the statements.
  const { items } = await list(PAGE)
  await measure('GET /paymentlinks, page 1', () => list(PAGE))
  await measure(`GET /paymentlinks, page ${DEEP_PAGE.page}`, () => list(DEEP_PAGE))
  const [link] = items
  if (link === undefined) throw new Error('there is no link')
  await measure('GET /paymentlinks/{id}', () => paymentLinks.find(link.id))
}

async function readPayouts(store: Store, measure: Measure): Promise<void> {
  const { items } = await measure('GET /payouts', () => store.payouts.list(ACCOUNT, {}, PAGE))
  const [payout] = items
  if (payout === undefined) throw new Error('there is no payout')
  const { adjustment, charge, refund } = payout.summary
  const payoutSize = { id: payout.id, total: charge.count + refund.count + adjustment.count }
  for (const page of [PAGE, DEEP_PAGE]) {
    await measure(`GET /payouts/{id}/transactions, page ${page.page}`, () =>
      store.balanceTransactions.listByPayout(payoutSize, page),
    )
  }
}

/** Throws if the check finds a discrepancy. */
async function measureLedgerCheck(what: string, store: Store, measure: Measure): Promise<void> {
  const { discrepancies } = await measure(what, store.ledger.check)
  const [first] = discrepancies
  if (first !== undefined) throw new Error(`the ledger is wrong: ${first.what} ${first.id}`)
}

/** Returns the wall time of each step, in milliseconds. */
async function payOutAll(deps: PayoutDeps): Promise<readonly number[]> {
  const stepMs: number[] = []
  for (;;) {
    const fromMs = performance.now()
    if ((await payOutNext(deps)) === undefined) return stepMs
    stepMs.push(performance.now() - fromMs)
  }
}
