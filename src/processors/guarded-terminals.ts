import { answerFrom } from './ask-processor.ts'
import { reportable } from './read-answer.ts'
import type { TerminalOutcome, Terminals } from './terminals.ts'
import { withinTimeLimit } from './time-limit.ts'

/** `callMsMax`: the time limit of each call, in milliseconds. */
type Deps = {
  readonly report: (trouble: {
    readonly call: 'findTerminal'
    readonly id: string
    readonly trouble: string
  }) => void
  readonly callMsMax: number
}

/** Makes a capability that always keeps the contract, as `guardProcessor` does for charges. */
export function guardTerminals(inner: Terminals, { callMsMax, report }: Deps): Terminals {
  return {
    find: async (id) => {
      const answer = await answerFrom(
        () => withinTimeLimit(callMsMax, async () => inner.find(id)),
        readTerminal,
      )
      const outcome: TerminalOutcome =
        'value' in answer ? answer.value : { kind: 'unknown', reason: answer.trouble }
      if (outcome.kind === 'unknown') report({ call: 'findTerminal', id, trouble: outcome.reason })
      return outcome
    },
  }
}

/** Undefined: the answer has the wrong shape. */
export function readTerminal(raw: unknown): TerminalOutcome | undefined {
  if (typeof raw !== 'object' || raw === null) return undefined
  const { kind, reason } = raw as { readonly kind?: unknown; readonly reason?: unknown }
  if (kind === 'found' || kind === 'not_found') return { kind }
  return kind === 'unknown' && typeof reason === 'string'
    ? { kind, reason: reportable(reason) }
    : undefined
}
