import type { DeclineCode } from '../../domain/payment-attempt.ts'
import type { RefundFailureReason } from '../../domain/refund.ts'

/** The targets of faults: requests to Paydesk, calls to the processor, and sent webhooks. */
export const FAULT_TARGETS = ['route', 'processor', 'webhook'] as const
/** A target of faults. */
export type FaultTarget = (typeof FAULT_TARGETS)[number]

/** The calls to a processor. */
export const PROCESSOR_CALLS = [
  'charge',
  'findCharge',
  'cancelCharge',
  'refund',
  'save',
  'findSaved',
  'forget',
] as const
/** A call to a processor. */
export type ProcessorCall = (typeof PROCESSOR_CALLS)[number]
/** The calls whose outcome can be `declined`. */
export const DECLINABLE_CALLS: readonly ProcessorCall[] = [
  'charge',
  'findCharge',
  'cancelCharge',
  'save',
  'findSaved',
]

/** The effects that each target can have. A latency can be combined with any of them. */
export const FAULT_EFFECTS: Readonly<Record<FaultTarget, readonly FaultKind[]>> = {
  route: ['latency', 'status', 'reset', 'lost_answer'],
  processor: ['latency', 'outcome', 'lost_answer', 'duplicate'],
  webhook: [
    ...(['latency', 'status', 'reset', 'drop'] as const),
    ...(['lost_answer', 'duplicate', 'reorder', 'corrupt'] as const),
  ],
}
/** A kind of effect. */
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

/** The effect of a fault. */
export type FaultEffect = {
  readonly kind: FaultKind
  /** The delay before the effect, in milliseconds of real time. */
  readonly latencyMs: number
  readonly status?: number
  readonly retryAfterSeconds?: number
  /** The answer in place of the processor's. The processor is not called. */
  readonly outcome?: 'unknown' | 'declined' | 'failed'
  readonly declineCode?: DeclineCode
  readonly failureReason?: RefundFailureReason
}

/** A rule: the condition of a fault, and its effect. */
export type FaultRule = {
  readonly id: string
  readonly target: FaultTarget
  /** A route, a call or a type of event. Undefined: the rule applies to all. */
  readonly match: string | undefined
  /** From 0 to 1. */
  readonly probability: number
  /** Undefined: as often as it matches. */
  readonly countMax: number | undefined
  /** The period of the rule by the sandbox's clock, from (included) to (excluded). Undefined: no bound. */
  readonly fromMs: number | undefined
  readonly toMs: number | undefined
  readonly effect: FaultEffect
}

type FaultPoint =
  | { readonly target: 'route'; readonly method: string; readonly path: string }
  | { readonly target: 'processor'; readonly call: ProcessorCall }
  | {
      readonly target: 'webhook'
      readonly eventType: string
      /** True: another webhook of the endpoint already waits to be overtaken. */
      readonly isOneHeld: boolean
    }

/** A rule with the number of times that it applied. */
export type CountedRule = { readonly rule: FaultRule; readonly appliedCount: number }

/**
 * Returns the rule that applies: the first that matches, is in its period, has applied fewer times than its count,
 * and wins its draw. `draw` returns a number from 0 to below 1, and is called only for rules with a probability below
 * 1.
 */
function chooseFault(
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
/** The patterns with the whole path: those outside the API, and those that begin with `/api/`. */
const WHOLE_PATHS = /^\/(?:api|oauth|hostedcheckout|paymentlink|charge)\//
/** An optional method, and a path: `*` matches one part, and `/**` at the end matches the rest. */
const ROUTE = /^(?:([A-Z]{3,7}) +)?((?:\/[\w.*~-]+)+)$/

/** Returns true if a text is a pattern of routes. */
export function isRoutePattern(text: string): boolean {
  return ROUTE.test(text) && !/\*\*(?!$)/.test(text)
}

/**
 * Returns true if a request matches a pattern such as `POST /paymentsessions` or `/hostedcheckout/**`. A pattern for
 * the API can omit `/api/v1`; other patterns have the whole path.
 */
function matchesRoute(pattern: string, method: string, path: string): boolean {
  const [, onlyMethod, pathPattern = ''] = ROUTE.exec(pattern) ?? []
  if (onlyMethod !== undefined && onlyMethod !== method) return false
  const patternParts = (
    WHOLE_PATHS.test(pathPattern) ? pathPattern : `${API_PATH}${pathPattern}`
  ).split('/')
  const parts = path.split('/')
  const isOpenEnded = patternParts.at(-1) === '**'
  const fixedParts = isOpenEnded ? patternParts.slice(0, -1) : patternParts
  return (
    (isOpenEnded ? parts.length >= fixedParts.length : parts.length === fixedParts.length) &&
    fixedParts.every((part, index) => part === '*' || part === parts[index])
  )
}

/** The rules of one tenant. */
export type Faults = {
  readonly add: (rule: Omit<FaultRule, 'id'>) => CountedRule
  /** Lists the rules in the order in which they are tried: oldest first. */
  readonly list: () => readonly CountedRule[]
  /** False: no rule has this id. */
  readonly remove: (id: string) => boolean
  readonly clear: () => void
  /** Returns the rule that applies, and counts it. Undefined: none applies. */
  readonly decide: (point: FaultPoint) => FaultRule | undefined
  /** Draws a whole number from 0 to below a bound, for the effects. */
  readonly below: (bound: number) => number
}

/** The number of steps between the probabilities 0 and 1. */
const DRAW_STEPS = 1_000_000

/** Makes an empty list of rules for a tenant. */
export function createFaults(
  clock: { readonly nowMs: () => number },
  below: (bound: number) => number,
): Faults {
  let rules: { readonly rule: FaultRule; appliedCount: number }[] = []
  let madeCount = 0
  return {
    below,
    list: () => rules,
    add: (fields) => {
      madeCount += 1
      const entry = { rule: { ...fields, id: `fault-${madeCount}` }, appliedCount: 0 }
      rules.push(entry)
      return entry
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
      const chosenRule = chooseFault(
        rules,
        point,
        clock.nowMs(),
        () => below(DRAW_STEPS) / DRAW_STEPS,
      )
      const entry = rules.find(({ rule }) => rule === chosenRule)
      if (entry !== undefined) entry.appliedCount += 1
      return chosenRule
    },
  }
}
