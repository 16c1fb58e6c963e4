import type { JSX } from 'preact'
import { useConsole } from '../../../console/browser/context.ts'
import { Field, optionOf } from '../../../console/browser/parts.tsx'
import { showMethod } from '../../../console/browser/show.ts'
import { DECLINE_CODES } from '../../../domain/payment-attempt.ts'
import { PAYMENT_METHODS } from '../../../domain/payment-method.ts'
import { useSandbox } from './sandbox-context.ts'

const OUTCOMES = ['succeeded', 'failed', 'pending'] as const

/** The fields of the form for an attempt. */
export type AttemptFields = {
  readonly method: string
  readonly outcome: string
  readonly declineCode: string
  readonly after: string
}

/** Returns an empty attempt. */
export function newAttempt(outcome = 'succeeded'): AttemptFields {
  return { method: 'card', outcome, declineCode: '', after: '' }
}

/** Returns an attempt in the control API's form. */
export function attemptBody({ after, declineCode, method, outcome }: AttemptFields) {
  const code = optionOf(DECLINE_CODES, declineCode)
  return {
    method,
    outcome: optionOf(OUTCOMES, outcome) ?? 'succeeded',
    ...(outcome === 'failed' && code !== undefined && { decline_code: code }),
    ...(outcome !== 'pending' && after !== '' && { after }),
  }
}

/** The fields for an attempt: its method and its outcome. */
export function AttemptInputs({
  attempt,
  onChange,
}: {
  readonly attempt: AttemptFields
  readonly onChange: (attempt: AttemptFields) => void
}): JSX.Element {
  const { accountId } = useConsole()
  const { facts } = useSandbox()
  const methods = PAYMENT_METHODS[accountId === facts.us_account_id ? 'US' : 'IN']
  const change = (name: keyof AttemptFields) => (value: string) =>
    onChange({ ...attempt, [name]: value })
  return (
    <div class="fields">
      <Field
        label="Method"
        value={attempt.method}
        options={methods.map((name) => [name, showMethod(name)] as const)}
        onValue={change('method')}
      />
      <Field
        label="Outcome"
        value={attempt.outcome}
        options={[
          ['succeeded', 'succeeds'],
          ['failed', 'fails'],
          ['pending', 'stays pending'],
        ]}
        onValue={change('outcome')}
      />
      {attempt.outcome === 'failed' && (
        <Field
          label="Decline code"
          value={attempt.declineCode}
          options={[
            ['', 'default for the method'],
            ...DECLINE_CODES.map((one) => [one, one] as const),
          ]}
          onValue={change('declineCode')}
        />
      )}
      {attempt.outcome !== 'pending' && (
        <Field
          label="Decided after"
          value={attempt.after}
          onValue={change('after')}
          hint="Such as 30s or 12m; empty: at once"
        />
      )}
    </div>
  )
}
