import { answerFrom } from './ask-processor.ts'
import type { MandateState, Mandates, NoticeOutcome } from './mandates.ts'
import type { ReportProblem } from './read-answer.ts'
import { readMandateState, readNotice } from './read-mandate.ts'
import { withinTimeLimit } from './time-limit.ts'

/** The dependencies of the guard. `callMsMax`: the time limit of each call, in milliseconds. */
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
      (raw) => read(raw, complain),
    )
    if ('trouble' in answer) complain(answer.trouble)
    else if (answer.read.kind === 'unknown') complain('unknown')
    return 'read' in answer ? answer.read : { kind: 'unknown' }
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
