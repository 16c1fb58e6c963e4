import { answerFrom } from './ask-processor.ts'
import type { MandateState, Mandates, NoticeOutcome } from './mandates.ts'
import type { ReportProblem } from './read-answer.ts'
import { readMandateState, readNotice, reasonIn } from './read-mandate.ts'
import { withinTimeLimit } from './time-limit.ts'

/** `callMsMax`: the time limit of each call, in milliseconds. */
type Deps = {
  readonly report: (trouble: {
    readonly call: keyof Mandates
    readonly id: string
    readonly trouble: string
  }) => void
  readonly callMsMax: number
}

/** Makes a capability that always keeps the contract, as `guardProcessor` does for charges. */
export function guardMandates(inner: Mandates, { callMsMax, report }: Deps): Mandates {
  const ask = async <Outcome extends NoticeOutcome | MandateState>(
    call: keyof Mandates,
    id: string,
    send: () => Promise<unknown>,
    read: (raw: unknown, complain: ReportProblem) => Outcome | undefined,
  ): Promise<Outcome | { readonly kind: 'unknown' }> => {
    const complain: ReportProblem = (trouble) => report({ call, id, trouble })
    const answer = await answerFrom(
      () => withinTimeLimit(callMsMax, send),
      (raw) => {
        const outcome = read(raw, complain)
        if (outcome?.kind === 'unknown') complain(reasonIn(raw))
        return outcome
      },
    )
    if ('trouble' in answer) complain(answer.trouble)
    return 'value' in answer ? answer.value : { kind: 'unknown' }
  }
  return {
    notify: (request) =>
      ask('notify', request.notificationId, async () => inner.notify(request), readNotice),
    findMandate: (id) =>
      ask('findMandate', id, async () => inner.findMandate(id), readMandateState),
    cancelMandate: (id) =>
      ask('cancelMandate', id, async () => inner.cancelMandate(id), readMandateState),
  }
}
