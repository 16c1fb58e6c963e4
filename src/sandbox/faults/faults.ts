import type { DeclineCode } from '../../domain/payment-attempt.ts'
import type { RefundFailureReason } from '../../domain/refund.ts'

/** Where a fault can happen: a request to us, a call of the processor, a webhook that is sent. */
export const FAULT_TARGETS = ['route', 'processor', 'webhook'] as const
/** Where a fault happens. */
export type FaultTarget = (typeof FAULT_TARGETS)[number]

/** The calls of a processor. */
export const PROCESSOR_CALLS = ['charge', 'findCharge', 'cancelCharge', 'refund'] as const
/** A call of a processor. */
export type ProcessorCall = (typeof PROCESSOR_CALLS)[number]

/** What can go wrong where. A latency can stand beside any of them. */
export const FAULT_EFFECTS: Readonly<Record<FaultTarget, readonly FaultKind[]>> = {
  route: ['latency', 'status', 'reset', 'lost_answer'],
  processor: ['latency', 'outcome', 'lost_answer', 'duplicate'],
  webhook: [
    ...(['latency', 'status', 'reset', 'drop'] as const),
    ...(['lost_answer', 'duplicate', 'reorder', 'corrupt'] as const),
  ],
}
/** What can go wrong. */
export type FaultKind =
  | 'latency'
  | 'status'
  | 'reset'
  | 'drop'
  | 'lost_answer'
  | 'duplicate'
  | 'reorder'
  | 'corrupt'
  | 'outcome'

/** What goes wrong. */
export type FaultEffect = {
  readonly kind: FaultKind
  /** How long it takes first, in milliseconds of real time. */
  readonly latencyMs: number
  readonly status?: number
  readonly retryAfterSeconds?: number
  /** What the processor is said to have answered; it was not called. */
  readonly outcome?: 'unknown' | 'declined' | 'failed'
  readonly declineCode?: DeclineCode
  readonly failureReason?: RefundFailureReason
}

/** When something goes wrong. */
export type FaultRule = {
  readonly id: string
  readonly target: FaultTarget
  /** What the rule is about, as it was written: a route, a call or a type of event. Undefined: all of them. */
  readonly match: string | undefined
  /** From 0 to 1. */
  readonly probability: number
  /** Undefined: as often as it matches. */
  readonly countMax: number | undefined
  /** By the sandbox's clock; the end is not in it. Undefined: without a beginning, or an end. */
  readonly fromMs: number | undefined
  readonly toMs: number | undefined
  readonly effect: FaultEffect
}

/** Something that a fault could happen to. */
export type FaultPoint =
  | { readonly target: 'route'; readonly method: string; readonly path: string }
  | { readonly target: 'processor'; readonly call: ProcessorCall }
  | {
      readonly target: 'webhook'
      readonly eventType: string
      /** One for the same endpoint is held back already: it and this one change places. */
      readonly isOneHeld: boolean
    }

/** A rule, and how often it has applied. */
export type CountedRule = { readonly rule: FaultRule; readonly appliedCount: number }

/**
 * Gives the rule that applies: the first that matches, is in its window, has not applied as often as it
 * may, and is drawn. `draw` gives a number from 0 up to but not including 1, and is asked only where a
 * rule leaves something to chance.
 */
export function chooseFault(
  rules: readonly CountedRule[],
  point: FaultPoint,
  nowMs: number,
  draw: () => number,
): FaultRule | undefined {
  return rules.find(({ appliedCount, rule }) => {
    const isOpen =
      appliedCount < (rule.countMax ?? Number.POSITIVE_INFINITY) &&
      nowMs >= (rule.fromMs ?? Number.NEGATIVE_INFINITY) &&
      nowMs < (rule.toMs ?? Number.POSITIVE_INFINITY)
    if (!isOpen || !matches(rule, point)) return false
    return rule.probability >= 1 || (rule.probability > 0 && draw() < rule.probability)
  })?.rule
}

function matches({ effect, match, target }: FaultRule, point: FaultPoint): boolean {
  if (target !== point.target) return false
  switch (point.target) {
    case 'route':
      return matchesRoute(match ?? '/**', point.method, point.path)
    case 'processor':
      return match === undefined || match === point.call
    case 'webhook':
      if (effect.kind === 'reorder' && point.isOneHeld) return false
      return match === undefined || match === point.eventType
  }
}

const API_PATH = '/api/v1'
/** Outside the API a rule says in full what it means. */
const OTHER_PATHS = /^\/(?:api|oauth|hostedcheckout|charge)\//
/** A method or none, and a path, in which `*` stands for one part and `/**` at the end for the rest. */
const ROUTE = /^(?:([A-Z]{3,7}) +)?((?:\/[\w.*~-]+)+)$/

/** Answers whether a text can say which routes are meant. */
export function isRoutePattern(text: string): boolean {
  return ROUTE.test(text) && !/\*\*(?!$)/.test(text)
}

/**
 * Answers whether a request is meant by a pattern such as `POST /paymentsessions` or
 * `/hostedcheckout/**`: paths of the API are named from `/api/v1`, others whole.
 */
export function matchesRoute(pattern: string, method: string, path: string): boolean {
  const [, onlyMethod, named = ''] = ROUTE.exec(pattern) ?? []
  if (onlyMethod !== undefined && onlyMethod !== method) return false
  const wanted = (OTHER_PATHS.test(named) ? named : `${API_PATH}${named}`).split('/')
  const parts = path.split('/')
  const isOpenEnded = wanted.at(-1) === '**'
  const fixed = isOpenEnded ? wanted.slice(0, -1) : wanted
  return (
    (isOpenEnded ? parts.length >= fixed.length : parts.length === fixed.length) &&
    fixed.every((part, index) => part === '*' || part === parts[index])
  )
}

/** The rules of one sandbox. */
export type Faults = {
  readonly add: (rule: Omit<FaultRule, 'id'>) => CountedRule
  /** In the order in which they are looked at: the older first. */
  readonly list: () => readonly CountedRule[]
  /** False: there is none of this id. */
  readonly remove: (id: string) => boolean
  readonly clear: () => void
  /** Gives what goes wrong here, and counts it. Undefined: nothing. */
  readonly decide: (point: FaultPoint) => FaultRule | undefined
  /** Chance for what a fault leaves open: a whole number below a bound. */
  readonly below: (bound: number) => number
}

/** How fine a probability is. */
const DRAW_STEPS = 1_000_000

/** Makes the rules of a sandbox, of which there are none yet. */
export function createFaults(
  clock: { readonly nowMs: () => number },
  below: (bound: number) => number,
): Faults {
  let rules: { readonly rule: FaultRule; appliedCount: number }[] = []
  let madeCount = 0
  return {
    below,
    list: () => rules,
    add: (asked) => {
      madeCount += 1
      const added = { rule: { ...asked, id: `fault-${madeCount}` }, appliedCount: 0 }
      rules.push(added)
      return added
    },
    remove: (id) => {
      const before = rules.length
      rules = rules.filter(({ rule }) => rule.id !== id)
      return rules.length < before
    },
    clear: () => {
      rules = []
    },
    decide: (point) => {
      if (rules.length === 0) return undefined
      const chosen = chooseFault(rules, point, clock.nowMs(), () => below(DRAW_STEPS) / DRAW_STEPS)
      const counted = rules.find(({ rule }) => rule === chosen)
      if (counted !== undefined) counted.appliedCount += 1
      return chosen
    },
  }
}
