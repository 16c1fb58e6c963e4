import type { Clock } from '../../domain/clock.ts'
import { checkExpectations, type Mismatch } from './check-expectation.ts'
import { playStep, type Stage } from './play-step.ts'
import type { Scenario, ScenarioStep } from './read-scenario.ts'
import {
  answerText,
  createServerCall,
  isDone,
  type ServerAnswer,
  type ServerCall,
  subjectOf,
} from './server-call.ts'
import { NoSuchValue, resolveValues } from './step-values.ts'

/** What came of one step. */
export type StepReport = {
  /** Which step of the file it is, from 1. */
  readonly number: number
  readonly line: number
  readonly kind: string
  readonly title: string
  readonly status: 'passed' | 'failed' | 'skipped'
  readonly mismatches: readonly Mismatch[]
  /** What the sandbox's clock showed when all of it was done, in milliseconds since 1970. */
  readonly sandboxTimeMs: number
  /** How long it took, in milliseconds. */
  readonly durationMs: number
}

/** What came of a scenario. */
export type ScenarioReport = {
  readonly name: string
  readonly seed: string
  readonly hasPassed: boolean
  readonly steps: readonly StepReport[]
  readonly passedCount: number
  readonly failedCount: number
  readonly skippedCount: number
  /** How long all of it took, in milliseconds. */
  readonly durationMs: number
  /** How far the sandbox's clock was moved, in milliseconds. */
  readonly sandboxMs: number
}

/** The server cannot play a scenario, in a sentence that says what to do next. */
export class ScenarioNotPlayable extends Error {}

/** A sandbox that was made for one scenario, by the names of the wire. */
type Tenant = {
  readonly name: string
  readonly base_url: string
  readonly access_token: string
  readonly account_id: string
  readonly us_account_id: string
}

/**
 * Plays a scenario in a sandbox of its own on a server, and throws the sandbox away. A call that fails
 * ends it, an expectation that fails does not. `onStep` is told of each step once it is over. Throws
 * ScenarioNotPlayable.
 */
export async function runScenario(
  scenario: Scenario,
  {
    clock,
    onStep = () => {},
    signal,
    url,
  }: {
    readonly url: string
    readonly clock: Clock
    readonly onStep?: (report: StepReport) => void
    /** Ends it after the step at hand; the sandbox is thrown away all the same. */
    readonly signal?: AbortSignal
  },
): Promise<ScenarioReport> {
  const startedAtMs = clock.nowMs()
  const main = createServerCall({ url, token: '', accountId: '' })
  const tenant = await makeTenant(main, scenario.seed, url)
  const stage = stageIn(tenant, scenario)
  try {
    const begunAtMs = await stage.settle()
    const steps = await playAll(stage, scenario.steps, { begunAtMs, clock, onStep, signal })
    const countOf = (status: StepReport['status']) =>
      steps.filter((step) => step.status === status).length
    return {
      name: scenario.name,
      seed: scenario.seed,
      steps,
      hasPassed: countOf('passed') === steps.length,
      passedCount: countOf('passed'),
      failedCount: countOf('failed'),
      skippedCount: countOf('skipped'),
      durationMs: clock.nowMs() - startedAtMs,
      sandboxMs: (steps.at(-1)?.sandboxTimeMs ?? begunAtMs) - begunAtMs,
    }
  } finally {
    for (const name of stage.snapshots.values()) await main('DELETE', `/_sandbox/snapshots/${name}`)
    await main('DELETE', `/_sandbox/tenants/${tenant.name}`)
    await Promise.all([...stage.receivers.values()].map((receiver) => receiver.close()))
  }
}

async function makeTenant(main: ServerCall, seed: string, url: string): Promise<Tenant> {
  const answer = await main('POST', '/_sandbox/tenants', { body: { seed } })
  if (isDone(answer)) return subjectOf(answer) as Tenant
  if ('lost' in answer) {
    throw new ScenarioNotPlayable(
      `The server at ${url} cannot be reached: ${answer.lost}. Without --url a sandbox is started for the scenario.`,
    )
  }
  throw new ScenarioNotPlayable(
    answer.status === 404
      ? `The server at ${url} is no sandbox that can be controlled: it is live, has several workers, or is another program.`
      : `The server at ${url} made no sandbox for the scenario: ${answerText(answer)}`,
  )
}

function stageIn(tenant: Tenant, { account }: Scenario): Stage {
  const accountId = account === 'us' ? tenant.us_account_id : tenant.account_id
  const call = createServerCall({ url: tenant.base_url, token: tenant.access_token, accountId })
  return {
    call,
    accountId,
    values: new Map<string, unknown>([['sandbox', { ...tenant, account_id: accountId }]]),
    receivers: new Map(),
    snapshots: new Map(),
    ownName: (name) => `${tenant.name}-${name}`,
    settle: async () => {
      // Not moved at all; but it answers only once all that is due has been done.
      const answer = await call('POST', '/_sandbox/clock/advance', { body: { by: 0 } })
      if (!isDone(answer)) throw new ScenarioNotPlayable(`The clock failed: ${answerText(answer)}`)
      return Number(subjectOf(answer).time_ms)
    },
  }
}

async function playAll(
  stage: Stage,
  steps: readonly ScenarioStep[],
  {
    begunAtMs,
    clock,
    onStep,
    signal,
  }: {
    readonly begunAtMs: number
    readonly clock: Clock
    readonly onStep: (report: StepReport) => void
    readonly signal: AbortSignal | undefined
  },
): Promise<readonly StepReport[]> {
  const reports: StepReport[] = []
  let last: ServerAnswer | undefined
  let sandboxTimeMs = begunAtMs
  let isOver = false
  for (const [index, step] of steps.entries()) {
    const startedAtMs = clock.nowMs()
    let mismatches: readonly Mismatch[] = []
    isOver ||= signal?.aborted === true
    if (!isOver) {
      const isAwaited = expectsAnswer(steps[index + 1])
      const played = await playRepeatedly(stage, step, last, isAwaited)
      ;({ mismatches } = played)
      last = played.answer ?? last
      // What follows builds on what this step was to do.
      isOver = mismatches.length > 0 && step.kind !== 'expect'
      sandboxTimeMs = await stage.settle()
    }
    const isSkipped = isOver && mismatches.length === 0
    const report: StepReport = {
      number: index + 1,
      line: step.line,
      kind: step.kind,
      title: titleOf(step),
      status: isSkipped ? 'skipped' : mismatches.length > 0 ? 'failed' : 'passed',
      mismatches,
      sandboxTimeMs,
      durationMs: clock.nowMs() - startedAtMs,
    }
    reports.push(report)
    onStep(report)
  }
  return reports
}

/** A refusal that the next step expects is what the scenario is about. */
function expectsAnswer(step: ScenarioStep | undefined): boolean {
  return step?.kind === 'expect' && Object.hasOwn(step.value as object, 'answer')
}

async function playRepeatedly(
  stage: Stage,
  step: ScenarioStep,
  last: ServerAnswer | undefined,
  isAwaited: boolean,
): Promise<{ readonly mismatches: readonly Mismatch[]; readonly answer?: ServerAnswer }> {
  let answer: ServerAnswer | undefined
  try {
    for (let index = 1; index <= step.repeat; index += 1) {
      stage.values.set('index', index)
      const value = resolveValues(step.value, stage.values)
      if (step.kind === 'expect') {
        const expected = value as Readonly<Record<string, unknown>>
        const mismatches = await checkExpectations(stage, expected, last)
        if (mismatches.length > 0) return { mismatches }
        continue
      }
      answer = await playStep(stage, step.kind, value)
      // Each repetition to its end, so that what comes of them comes in their order.
      await stage.settle()
      if (!isDone(answer) && !isAwaited) {
        const mismatch = { what: step.kind, expected: 'done', came: answerText(answer) }
        return { mismatches: [mismatch], answer }
      }
    }
  } catch (error) {
    if (!(error instanceof NoSuchValue)) throw error
    return { mismatches: [{ what: step.kind, expected: 'a value', came: error.message }] }
  }
  return { mismatches: [], ...(answer !== undefined && { answer }) }
}

/** A title of our own is a line at most. Unit: characters. */
const TITLE_LENGTH_MAX = 90

function titleOf(step: ScenarioStep): string {
  if (step.title !== undefined) return step.title
  const times = step.repeat > 1 ? ` × ${step.repeat}` : ''
  const title = [`${step.kind}${times}`, subjectText(step)].filter(Boolean).join(' ')
  return title.length > TITLE_LENGTH_MAX ? `${title.slice(0, TITLE_LENGTH_MAX - 1)}…` : title
}

function subjectText({ kind, value }: ScenarioStep): string {
  if (typeof value !== 'object' || value === null) return value === true ? '' : String(value)
  if (kind === 'expect') {
    return Object.entries(value)
      .map(([what, { at, of = at }]) => [what, of].filter(Boolean).join(' '))
      .join(', ')
  }
  const { as, of, ...fields } = value as Readonly<Record<string, unknown>>
  const names = [of, as === undefined ? undefined : `as ${as}`].filter(Boolean).join(' ')
  const shown = Object.entries(fields).map(([key, one]) => `${key} ${valueText(one)}`)
  return [names, ...shown].filter(Boolean).join(', ')
}

function valueText(value: unknown): string {
  if (Array.isArray(value)) return value.map(valueText).join(' ')
  if (typeof value !== 'object' || value === null) return String(value)
  return Object.entries(value)
    .map(([key, one]) => `${key} ${valueText(one)}`)
    .join(' ')
}
