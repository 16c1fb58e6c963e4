import type { ComponentChildren, JSX } from 'preact'
import type { Messages } from '../messages/en.ts'
import type { FieldProblem, PayField } from '../read-pay-form.ts'
import { text } from '../text.ts'

/** The properties of every field of the form. */
export type FieldProps = {
  readonly name: PayField
  readonly label: string
  /** Shown inside the empty field, and read out by screen readers at all times. */
  readonly hint?: string | undefined
  readonly value: string
  readonly problem: FieldProblem | undefined
  readonly messages: Messages
  readonly onInput: (name: PayField, input: HTMLInputElement) => void
  readonly onLeave: (name: PayField) => void
  readonly input?: Readonly<Record<string, string | number | boolean>>
  readonly badge?: ComponentChildren
}

/** A labeled text field, connected with its hint and its problem. */
export function Field(props: FieldProps): JSX.Element {
  const { badge, hint, label, messages, name, problem, value } = props
  const descriptionIds = [hint && `${name}-hint`, problem && `${name}-problem`].filter(Boolean)
  return (
    <div class="field">
      <label for={name}>{label}</label>
      <div class="input">
        <input
          type="text"
          id={name}
          name={name}
          value={value}
          // The typed text decides, because numbers run from left to right even if the customer's language does not.
          dir="auto"
          {...(hint !== undefined && { placeholder: hint })}
          {...props.input}
          {...(descriptionIds.length > 0 && { 'aria-describedby': descriptionIds.join(' ') })}
          {...(problem !== undefined && { 'aria-invalid': 'true' })}
          onInput={(event: Event) => props.onInput(name, event.currentTarget as HTMLInputElement)}
          onBlur={() => props.onLeave(name)}
        />
        {badge}
      </div>
      {hint !== undefined && (
        <p class="hidden" id={`${name}-hint`}>
          {hint}
        </p>
      )}
      <Problem name={name} problem={problem} messages={messages} />
    </div>
  )
}

/** Shows the problem of a field, below it. */
export function Problem({
  name,
  problem,
  messages,
}: Pick<FieldProps, 'name' | 'problem' | 'messages'>): JSX.Element | null {
  if (problem === undefined) return null
  return (
    <p class="problem" id={`${name}-problem`}>
      {text(messages, problem.key, problem.values)}
    </p>
  )
}
