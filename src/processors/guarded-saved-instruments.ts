import { answerFrom, troubleFrom } from './ask-processor.ts'
import type { ReportProblem } from './read-answer.ts'
import { readForget, readSave } from './read-saved.ts'
import type { SavedInstruments, SaveOutcome } from './saved-instruments.ts'
import { withinTimeLimit } from './time-limit.ts'

/** `callMsMax`: the time limit of each call, in milliseconds. */
type Deps = {
  readonly report: (trouble: {
    readonly call: keyof SavedInstruments
    readonly id: string
    readonly trouble: string
  }) => void
  readonly callMsMax: number
}

/**
 * Makes a capability that always keeps the contract, as `guardProcessor` does for charges. `save` has no time limit of
 * its own: `savePaymentMethod` limits the customer's wait.
 */
export function guardSavedInstruments(
  inner: SavedInstruments,
  { callMsMax, report }: Deps,
): SavedInstruments {
  const saveOutcome = async (
    call: 'save' | 'findSaved',
    id: string,
    ask: () => Promise<unknown>,
  ): Promise<SaveOutcome> => {
    const complain: ReportProblem = (trouble) => report({ call, id, trouble })
    const answer = await answerFrom(ask, (raw) => readSave(raw, complain))
    const outcome: SaveOutcome =
      'value' in answer ? answer.value : { kind: 'unknown', reason: answer.trouble }
    if (outcome.kind === 'unknown') complain(outcome.reason)
    return outcome
  }
  const { needsDetails } = inner
  return {
    ...(needsDetails !== undefined && {
      // A fault of the module refuses no payment.
      needsDetails: (charge) => {
        try {
          return needsDetails.call(inner, charge) === true
        } catch (error) {
          report({ call: 'needsDetails', id: '', trouble: troubleFrom(error) })
          return false
        }
      },
    }),
    save: (request) =>
      saveOutcome('save', request.paymentMethodId, async () => inner.save(request)),
    findSaved: (id) =>
      saveOutcome('findSaved', id, () =>
        withinTimeLimit(callMsMax, async () => inner.findSaved(id)),
      ),
    forget: async (request) => {
      const answer = await answerFrom(
        () => withinTimeLimit(callMsMax, async () => inner.forget(request)),
        readForget,
      )
      const outcome =
        'value' in answer ? answer.value : ({ kind: 'unknown', reason: answer.trouble } as const)
      if (outcome.kind === 'unknown') {
        report({ call: 'forget', id: request.paymentMethodId, trouble: outcome.reason })
      }
      return outcome
    },
  }
}
