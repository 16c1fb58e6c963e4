import { clearTimeout, setTimeout } from 'node:timers'
import type { ChargeOutcome, Processor, RefundOutcome } from './processor.ts'
import { type Complain, readCharge, readRefund, reportable } from './read-answer.ts'

/** What went wrong with a processor module, for the log. Never holds what the customer typed. */
export type ProcessorTrouble = {
  readonly call: 'charge' | 'findCharge' | 'cancelCharge' | 'refund'
  /** The attempt or the refund that it was about. */
  readonly id: string
  readonly trouble: string
}

/** How long a call of a processor module can take before nobody waits for it, in milliseconds. */
export const CALL_MS_MAX = 40_000

/** What guarding a processor needs. */
export type GuardDeps = {
  readonly clock: { readonly nowMs: () => number }
  readonly report: (trouble: ProcessorTrouble) => void
  /** How long a call can take, in milliseconds. Two of them have to fit into the reconciler's lease. */
  readonly callMsMax?: number
}

/**
 * Makes a processor that keeps the contract whatever the module behind it does: what throws, answers
 * nonsense or does not answer has told us nothing of the money, what cannot be used of an answer is
 * left out, and an unknown reason to decline is the general one. All but the last is reported.
 *
 * Only `charge` may take as long as it likes: whoever pays waits no longer than they have patience for,
 * and its late answer counts.
 */
export function guardProcessor(
  module: Processor,
  { clock, report, callMsMax = CALL_MS_MAX }: GuardDeps,
): Processor {
  const charged = async (
    call: ProcessorTrouble['call'],
    id: string,
    asking: () => Promise<unknown>,
  ): Promise<ChargeOutcome> => {
    const complain: Complain = (trouble) => report({ call, id, trouble })
    const answer = await answerTo(asking, (given) => readCharge(given, clock.nowMs(), complain))
    const outcome: ChargeOutcome =
      'read' in answer ? answer.read : { kind: 'unknown', reason: answer.trouble }
    if (outcome.kind === 'unknown') complain(outcome.reason)
    return outcome
  }
  const inTime = (asking: () => Promise<unknown>) => () => within(callMsMax, asking)
  const { cancelCharge } = module
  return {
    name: module.name,
    charge: (request) => charged('charge', request.attemptId, () => module.charge(request)),
    findCharge: (id) =>
      charged(
        'findCharge',
        id,
        inTime(() => module.findCharge(id)),
      ),
    ...(cancelCharge !== undefined && {
      cancelCharge: (id) =>
        charged(
          'cancelCharge',
          id,
          inTime(() => cancelCharge.call(module, id)),
        ),
    }),
    refund: async (request): Promise<RefundOutcome> => {
      const complain: Complain = (trouble) =>
        report({ call: 'refund', id: request.refundId, trouble })
      const answer = await answerTo(
        inTime(() => module.refund(request)),
        (given) => readRefund(given, complain),
      )
      if ('trouble' in answer) {
        complain(answer.trouble)
        return { kind: 'unknown' }
      }
      const { outcome, reason } = answer.read
      if (outcome.kind === 'failed') complain(`failed: ${outcome.reason}`)
      if (outcome.kind === 'unknown') complain(reason ?? 'unknown, without a reason')
      return outcome
    },
    ...(module.banks !== undefined && { banks: module.banks }),
    ...(module.wallets !== undefined && { wallets: module.wallets }),
    ...(module.refuses !== undefined && { refuses: module.refuses.bind(module) }),
  }
}

/** What a module has answered, as far as that could be read. */
type Answer<Read> = { readonly read: Read } | { readonly trouble: string }

class NoAnswerInTime extends Error {}

async function answerTo<Read>(
  asking: () => Promise<unknown>,
  read: (given: unknown) => Read | undefined,
): Promise<Answer<Read>> {
  try {
    const answer = read(await asking())
    return answer === undefined
      ? { trouble: 'the module’s answer has not the right shape' }
      : { read: answer }
  } catch (error) {
    return { trouble: troubleIn(error) }
  }
}

/** The name alone: a message can repeat what was sent. */
function troubleIn(error: unknown): string {
  if (error instanceof NoAnswerInTime) return 'no answer in time'
  const name = error instanceof Error ? error.name : undefined
  return `the module threw ${typeof name === 'string' ? reportable(name) : 'something'}`
}

/** Throws NoAnswerInTime. What comes later, an answer or an error, is nobody's any more. */
async function within(limitMs: number, asking: () => Promise<unknown>): Promise<unknown> {
  const { promise: limit, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new NoAnswerInTime()), limitMs)
  try {
    return await Promise.race([asking(), limit])
  } finally {
    clearTimeout(timer)
  }
}
