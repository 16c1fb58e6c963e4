import { type Control, createControl, type Tenant } from '../../client/control.ts'
import type { Exchange } from '../../client/errors.ts'
import { PaydeskError } from '../../client/index.ts'
import { isObject } from '../../client/transport.ts'
import type { Clock } from '../../domain/clock.ts'
import { CommandRefused } from '../command-refused.ts'
import { connectionReason } from '../connection-reason.ts'
import { EXIT_CODES } from '../exit-codes.ts'
import { hasNoControl, noControlText } from '../server-command.ts'
import { checkExpectations, type Mismatch } from './check-expectation.ts'
import { playStep } from './play-step.ts'
import type { Scenario, ScenarioStep } from './read-scenario.ts'
import { answerText, createServerCall, type Fields, isDone } from './server-call.ts'
import type { Stage } from './stage.ts'
import { NoSuchValue, resolveValues } from './step-values.ts'

/** The result of one step. */
export type StepReport = {
  /** The step's position in the file, from 1. */
  readonly number: number
  readonly line: number
  readonly kind: string
  readonly title: string
  readonly status: 'passed' | 'failed' | 'skipped'
  readonly mismatches: readonly Mismatch[]
  /** The sandbox's time after the step, in milliseconds since 1970. */
  readonly sandboxTimeMs: number
  /** The real time of the step. */
  readonly durationMs: number
}

/** The result of a scenario. */
export type ScenarioReport = {
  readonly name: string
  readonly seed: string
  readonly hasPassed: boolean
  readonly steps: readonly StepReport[]
  readonly passedCount: number
  readonly failedCount: number
  readonly skippedCount: number
  /** The real time of the whole scenario. */
  readonly durationMs: number
  /** The time that passed in the sandbox. */
  readonly sandboxMs: number
}

/** The server cannot play a scenario. The message says what to do next. */
export class ScenarioNotPlayable extends Error {}

/**
 * Plays a scenario in a new tenant of a server, and deletes the tenant. A failed call ends the scenario, unless the next
 * step expects its answer. A failed expectation does not end it. `onStep` gets each step's report. Throws
 * ScenarioNotPlayable, and CommandRefused if the server cannot be reached at the start.
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
    /** Ends the scenario after the current step, and deletes the tenant. */
    readonly signal?: AbortSignal
  },
): Promise<ScenarioReport> {
  const startedAtMs = clock.nowMs()
  const main = createControl({ baseUrl: url })
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
    for (const name of stage.snapshots.values()) await main.snapshots.delete(name).catch(ignore)
    await main.tenants.delete(tenant.name).catch(ignore)
    await Promise.all([...stage.receivers.values()].map(({ listener }) => listener.close()))
  }
}

async function makeTenant(main: Control, seed: string, url: string): Promise<Tenant> {
  try {
    return await main.tenants.create({ seed })
  } catch (error) {
    if (!(error instanceof PaydeskError)) throw error
    if (error.status === undefined) {
      throw new CommandRefused(
        `The server at ${url} cannot be reached: ${connectionReason(error)}. Without --url a sandbox is started for the scenario.`,
        EXIT_CODES.unreachable.code,
      )
    }
    throw new ScenarioNotPlayable(
      hasNoControl(error)
        ? noControlText(url)
        : `The server at ${url} created no tenant for the scenario: ${error.message}`,
    )
  }
}

/** Ignores an error: if the server has ended, there is nothing to delete. */
function ignore(): void {}

function stageIn(tenant: Tenant, { account }: Scenario): Stage {
  const accountId = account === 'us' ? tenant.us_account_id : tenant.account_id
  const control = createControl({ baseUrl: tenant.base_url })
  const call = createServerCall({ url: tenant.base_url, token: tenant.access_token, accountId })
  return {
    call,
    control,
    accountId,
    values: new Map<string, unknown>([['sandbox', { ...tenant, account_id: accountId }]]),
    receivers: new Map(),
    snapshots: new Map(),
    uniqueName: (name) => `${tenant.name}-${name}`,
    settle: async () => {
      // A move of the clock by zero does all due work before the server answers.
      const clock = await control.clock.advance(0).catch((error: Error) => {
        throw new ScenarioNotPlayable(`The clock failed: ${error.message}`)
      })
      return clock.time_ms
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
  let last: Exchange | undefined
  let sandboxTimeMs = begunAtMs
  let isOver = false
  for (const [index, step] of steps.entries()) {
    const startedAtMs = clock.nowMs()
    let mismatches: readonly Mismatch[] = []
    isOver ||= signal?.aborted === true
    if (!isOver) {
      const isAwaited = expectsAnswer(steps[index + 1])
      const result = await playRepeatedly(stage, step, last, isAwaited)
      ;({ mismatches } = result)
      last = result.answer ?? last
      // Later steps need the result of this one.
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

/** Returns true if a step expects the answer of the previous one. A failed call is then no failure. */
function expectsAnswer(step: ScenarioStep | undefined): boolean {
  return step?.kind === 'expect' && isObject(step.value) && Object.hasOwn(step.value, 'answer')
}

async function playRepeatedly(
  stage: Stage,
  step: ScenarioStep,
  last: Exchange | undefined,
  isAwaited: boolean,
): Promise<{ readonly mismatches: readonly Mismatch[]; readonly answer?: Exchange }> {
  let answer: Exchange | undefined
  try {
    for (let index = 1; index <= step.repeat; index += 1) {
      stage.values.set('index', index)
      const value = resolveValues(step.value, stage.values)
      if (step.kind === 'expect') {
        const mismatches = await checkExpectations(stage, isObject(value) ? value : {}, last)
        if (mismatches.length > 0) return { mismatches }
        continue
      }
      answer = await playStep(stage, step.kind, value)
      // All effects of a repetition happen before the next one.
      await stage.settle()
      if (!isDone(answer) && !isAwaited) {
        const mismatch = { what: step.kind, expected: 'done', received: answerText(answer) }
        return { mismatches: [mismatch], answer }
      }
    }
  } catch (error) {
    if (!(error instanceof NoSuchValue)) throw error
    return { mismatches: [{ what: step.kind, expected: 'a value', received: error.message }] }
  }
  return { mismatches: [], ...(answer !== undefined && { answer }) }
}

/** The longest generated title of a step, in characters. */
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
      .map(([what, expected]) => [what, expected?.of ?? expected?.at].filter(Boolean).join(' '))
      .join(', ')
  }
  const { as: name, of: subject, ...fields }: Fields = { ...value }
  const names = [subject, name === undefined ? undefined : `as ${name}`].filter(Boolean).join(' ')
  const fieldTexts = Object.entries(fields).map(([key, one]) => `${key} ${valueText(one)}`)
  return [names, ...fieldTexts].filter(Boolean).join(', ')
}

function valueText(value: unknown): string {
  if (Array.isArray(value)) return value.map(valueText).join(' ')
  if (typeof value !== 'object' || value === null) return String(value)
  return Object.entries(value)
    .map(([key, one]) => `${key} ${valueText(one)}`)
    .join(' ')
}
