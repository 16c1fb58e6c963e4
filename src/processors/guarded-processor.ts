import { DECLINE_CODES, type DeclineCode } from '../domain/payment-attempt.ts'
import type { ChargeOutcome, Processor, RefundOutcome } from './processor.ts'

/** What went wrong with a processor module, for the log. Never holds what the customer typed. */
export type ProcessorTrouble = {
  readonly call: 'charge' | 'findCharge' | 'cancelCharge' | 'refund'
  /** The attempt or the refund that it was about. */
  readonly id: string
  readonly trouble: string
}

const KNOWN_DECLINES: ReadonlySet<string> = new Set(DECLINE_CODES)

/**
 * Makes a processor that keeps the contract whatever the module behind it does: what throws or answers
 * nonsense has told us nothing of the money, and an unknown reason to decline is the general one. Each
 * such case is reported.
 */
export function guardProcessor(
  module: Processor,
  report: (trouble: ProcessorTrouble) => void,
): Processor {
  const charged = async (
    call: ProcessorTrouble['call'],
    id: string,
    asking: () => Promise<ChargeOutcome>,
  ): Promise<ChargeOutcome> => {
    const outcome = checkedCharge(await answerOf(asking))
    if (outcome.kind === 'unknown') report({ call, id, trouble: outcome.reason })
    return outcome
  }
  const { cancelCharge } = module
  return {
    name: module.name,
    charge: (request) => charged('charge', request.attemptId, () => module.charge(request)),
    findCharge: (id) => charged('findCharge', id, () => module.findCharge(id)),
    ...(cancelCharge !== undefined && {
      cancelCharge: (id) => charged('cancelCharge', id, () => cancelCharge.call(module, id)),
    }),
    refund: async (request) => {
      const answer = await answerOf(() => module.refund(request))
      const outcome = checkedRefund(answer)
      if (outcome.kind === 'unknown' || outcome.kind === 'failed') {
        const trouble = outcome.kind === 'failed' ? `failed: ${outcome.reason}` : troubleIn(answer)
        report({ call: 'refund', id: request.refundId, trouble })
      }
      return outcome
    },
    ...(module.banks !== undefined && { banks: module.banks }),
    ...(module.wallets !== undefined && { wallets: module.wallets }),
    ...(module.refuses !== undefined && { refuses: module.refuses.bind(module) }),
  }
}

/** Something that a module gave us, or threw. */
type Answer = { readonly given: unknown } | { readonly thrown: unknown }

async function answerOf(asking: () => Promise<unknown>): Promise<Answer> {
  try {
    return { given: await asking() }
  } catch (error) {
    return { thrown: error }
  }
}

function troubleIn(answer: Answer): string {
  // The name alone: a message can repeat what was sent.
  if ('thrown' in answer) return `the module threw ${(answer.thrown as Error)?.name ?? 'something'}`
  const { reason } = (answer.given ?? {}) as { reason?: unknown }
  return typeof reason === 'string'
    ? reason.slice(0, 200)
    : 'the module’s answer has not the right shape'
}

/** The answer as what it should be, before it is known to be. Undefined: there is none. */
function given<Outcome>(answer: Answer): Outcome | undefined {
  return 'given' in answer ? ((answer.given ?? undefined) as Outcome | undefined) : undefined
}

function checkedCharge(answer: Answer): ChargeOutcome {
  const outcome = given<ChargeOutcome>(answer)
  const { processorReference: reference } = (outcome ?? {}) as { processorReference?: unknown }
  switch (outcome?.kind) {
    case 'approved':
    case 'pending':
      // Money may have moved: without a reference it is asked about until there is one.
      return typeof reference === 'string'
        ? outcome
        : { kind: 'unknown', reason: troubleIn(answer) }
    case 'declined': {
      const isKnown = KNOWN_DECLINES.has(outcome.declineCode)
      const declineCode: DeclineCode = isKnown ? outcome.declineCode : 'card_declined'
      return { kind: 'declined', declineCode }
    }
    default:
      return { kind: 'unknown', reason: troubleIn(answer) }
  }
}

function checkedRefund(answer: Answer): RefundOutcome {
  const outcome = given<RefundOutcome>(answer)
  switch (outcome?.kind) {
    case 'succeeded':
    case 'pending':
      return outcome
    case 'failed':
      return { kind: 'failed', reason: String(outcome.reason).slice(0, 200) }
    default:
      return { kind: 'unknown' }
  }
}
