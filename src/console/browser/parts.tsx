import type { ComponentChildren, JSX } from 'preact'
import { useId, useLayoutEffect, useRef, useState } from 'preact/hooks'
import { PaydeskError } from './connection.ts'
import { useConsole } from './context.ts'
import { refreshAfterChange } from './live.ts'
import { showTime, showTimeShortly, type Tone, toneOf, words } from './show.ts'
import { text } from './text.ts'

type Inside = { readonly children?: ComponentChildren }

/** The head of a view. */
export function ViewHead({
  actions,
  children,
  id,
  title,
  up,
}: Inside & {
  readonly title: ComponentChildren
  /** Shown after the title. */
  readonly id?: string
  readonly up?: { readonly href: string; readonly text: string }
  readonly actions?: ComponentChildren
}): JSX.Element {
  const heading = useRef<HTMLHeadingElement>(null)
  // The title is set before the heading gets the focus, so that a screen reader says the new one.
  useLayoutEffect(() => {
    document.title = `${heading.current?.textContent ?? ''} · ${text('Paydesk console')}`
  })
  return (
    <div class="head">
      {up && (
        <p class="up">
          <a href={up.href}>{`‹ ${up.text}`}</a>
        </p>
      )}
      <div class="title">
        <h1 tabIndex={-1} ref={heading}>
          {title}
          {id !== undefined && [
            ' ',
            <span class="mono id" key="id">
              {id}
            </span>,
          ]}
        </h1>
        {actions && <div class="actions">{actions}</div>}
      </div>
      {children && <p class="lead">{children}</p>}
    </div>
  )
}

/** A section of a view with a heading. */
export function Card({
  actions,
  children,
  class: extra = '',
  title,
}: Inside & {
  readonly title: ComponentChildren
  readonly actions?: ComponentChildren
  readonly class?: string
}): JSX.Element {
  const id = useId()
  return (
    <section class={`card ${extra}`} aria-labelledby={id}>
      <div class="title">
        <h2 id={id}>{title}</h2>
        {actions && <div class="actions">{actions}</div>}
      </div>
      {children}
    </section>
  )
}

/** A status as a word in its color. `tone`: another color than the word has in most resources. */
export function Status({
  tone,
  value,
}: {
  readonly value: string | number
  readonly tone?: Tone
}): JSX.Element {
  return <span class={`status ${tone ?? toneOf(String(value))}`}>{words(String(value))}</span>
}

/** A time in UTC, without the day if it is today. */
export function Time({ atMs }: { readonly atMs: number }): JSX.Element {
  const { nowMs } = useConsole()
  return (
    <time
      dateTime={new Date(atMs).toISOString()}
      title={text('{time} UTC', { time: showTime(atMs) })}
    >
      {showTimeShortly(atMs, nowMs())}
    </time>
  )
}

/** A name with its value. */
export type FactRow = readonly [name: string, value: ComponentChildren]

/** Names with their values. Undefined and empty values are omitted. */
export function Facts({ rows }: { readonly rows: readonly FactRow[] }): JSX.Element {
  return (
    <dl class="facts">
      {rows
        .filter(([, value]) => value !== undefined && value !== '')
        .map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
    </dl>
  )
}

/** A button that copies a text to the clipboard. `what` names the text for screen readers. */
export function Copy({
  label,
  text: copiedText,
  what,
}: {
  readonly text: string
  readonly what: string
  readonly label?: string
}): JSX.Element {
  const { say } = useConsole()
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(copiedText)
      say(text('Copied: {what}', { what }))
    } catch {
      say(text('The browser blocked the copy. Select the text and copy it.'), 'bad')
    }
  }
  return (
    <button type="button" class="small" onClick={copy}>
      {label ?? text('Copy')}
      {label === undefined && <span class="hidden">{` ${what}`}</span>}
    </button>
  )
}

/** A value with a button that copies it. */
export function CopyableText({
  text: copiedText,
  what,
}: {
  readonly text: string
  readonly what: string
}): JSX.Element {
  return (
    <span class="copied">
      <code>{copiedText}</code>
      <Copy text={copiedText} what={what} />
    </span>
  )
}

/** Code or data over several lines. */
export function Code({
  label,
  text: code,
  wraps = true,
}: {
  readonly text: string
  readonly label: string
  readonly wraps?: boolean
}): JSX.Element {
  return (
    <div class="code">
      <Copy text={code} what={label} />
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: the keyboard scrolls long code */}
      <pre tabIndex={0} role="region" aria-label={label} class={wraps ? 'wraps' : ''}>
        <code>{code}</code>
      </pre>
    </div>
  )
}

function Problem({
  error,
  onRetry,
}: {
  readonly error: PaydeskError
  readonly onRetry?: () => void
}): JSX.Element {
  const { code, field, message, requestId, status } = error
  return (
    <div class="notice bad" role="alert">
      <p>
        <strong lang="en" dir="ltr">
          {message}
        </strong>
      </p>
      <p class="small-text" lang="en" dir="ltr">
        {[
          status !== undefined && `HTTP ${status}`,
          `code ${code}`,
          field && `field ${field}`,
          requestId && `request ${requestId}`,
        ]
          .filter(Boolean)
          .join(' · ')}
      </p>
      {onRetry && (
        <p>
          <button type="button" class="small" onClick={onRetry}>
            {text('Try again')}
          </button>
        </p>
      )}
    </div>
  )
}

/** The content of an empty list, with the next step. */
export function Empty({ children, title }: Inside & { readonly title: string }): JSX.Element {
  return (
    <div class="empty">
      <p>
        <strong>{title}</strong>
      </p>
      <p>{children}</p>
    </div>
  )
}

/** Fills the space of content that is still loading. */
export function Loading(): JSX.Element {
  return (
    <div class="loading" role="status">
      <span class="hidden">{text('Loading…')}</span>
      {[1, 2, 3].map((row) => (
        <span key={row} class="bar" aria-hidden="true" />
      ))}
    </div>
  )
}

/** Returns the chosen option of a field. Undefined: none of the options, such as the empty one. */
export function optionOf<Option extends string>(
  options: readonly Option[],
  choice: string,
): Option | undefined {
  return options.find((one) => one === choice)
}

/** The API's answer about an object, as JSON. */
export function AnswerCard({ answer }: { readonly answer: object }): JSX.Element {
  return (
    <Card title={text('API answer')}>
      <Code label={text('API answer as JSON')} text={JSON.stringify(answer, undefined, 2)} />
    </Card>
  )
}

/** Shows the answer of a resource, or that it is loading. An error is above the answer that arrived before it. */
export function ResourceView<Answer>({
  children,
  resource: { answer, error, isLoading, reload },
}: {
  readonly resource: {
    readonly answer: Answer | undefined
    readonly error: PaydeskError | undefined
    readonly isLoading: boolean
    readonly reload: () => void
  }
  readonly children: (answer: Answer) => ComponentChildren
}): JSX.Element {
  return (
    <div>
      {error && <Problem error={error} onRetry={reload} />}
      {answer !== undefined ? children(answer) : isLoading && error === undefined && <Loading />}
    </div>
  )
}

/** A button with an action on the server. It is busy during the action, and then reports the result. */
export function ActionButton({
  children,
  class: kind = '',
  successText,
  isDisabled = false,
  onAction,
  onFail,
  ...rest
}: Inside & {
  readonly onAction: () => Promise<unknown>
  readonly successText?: string
  readonly class?: string
  readonly isDisabled?: boolean
  /** Gets the error. Undefined: the error becomes a message. */
  readonly onFail?: (error: PaydeskError) => void
  readonly [attribute: `aria-${string}`]: string | boolean
  readonly role?: 'switch'
}): JSX.Element {
  const { say } = useConsole()
  const [isBusy, setBusy] = useState(false)
  const act = async () => {
    if (isBusy || isDisabled) return
    setBusy(true)
    try {
      await onAction()
      if (successText !== undefined) say(successText, 'good')
    } catch (error) {
      if (!(error instanceof PaydeskError)) throw error
      if (onFail === undefined) say(sentenceOf(error), 'bad', 'en')
      else onFail(error)
    } finally {
      setBusy(false)
      refreshAfterChange()
    }
  }
  return (
    <button
      {...rest}
      type="button"
      class={kind}
      onClick={act}
      // Not `disabled`: a disabled button would lose the focus.
      aria-disabled={isBusy || isDisabled ? 'true' : undefined}
      aria-busy={isBusy ? 'true' : undefined}
    >
      {children}
    </button>
  )
}

function sentenceOf({ code, field, message, requestId }: PaydeskError): string {
  const more = [code, field, requestId && `request ${requestId}`].filter(Boolean).join(', ')
  return `${message} (${more})`
}

/** A labeled field of a form. `input`: more attributes of its input element. */
export function Field({
  hint,
  label,
  ...rest
}: {
  readonly label: string
  readonly hint?: string
  readonly value: string
  readonly onValue: (value: string) => void
  /** The values to choose from. Undefined: a text can be typed. */
  readonly options?: readonly (readonly [value: string, text: string] | string)[]
  readonly rows?: number
  readonly input?: Readonly<Record<string, unknown>>
  readonly class?: string
}): JSX.Element {
  const id = useId()
  const { class: extra = '', input, onValue, options, rows, value } = rest
  const attributes = {
    ...input,
    id,
    value,
    ...(hint !== undefined && { 'aria-describedby': `${id}-hint` }),
    onInput: (event: Event) => onValue((event.currentTarget as HTMLInputElement).value),
  }
  const control =
    options !== undefined ? (
      <select {...attributes}>
        {options.map((option) => {
          const [optionValue, title] = typeof option === 'string' ? [option, words(option)] : option
          return (
            <option key={optionValue} value={optionValue}>
              {title}
            </option>
          )
        })}
      </select>
    ) : rows !== undefined ? (
      <textarea {...attributes} rows={rows} spellcheck={false} />
    ) : (
      <input type="text" autocomplete="off" {...attributes} />
    )
  return (
    <div class={`field ${extra}`}>
      <label for={id}>{label}</label>
      {control}
      {hint !== undefined && (
        <p class="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
    </div>
  )
}

/** A checkbox. */
export function Checkbox({
  isOn,
  label,
  onChange,
}: {
  readonly label: string
  readonly isOn: boolean
  readonly onChange: (isOn: boolean) => void
}): JSX.Element {
  return (
    <label class="tick">
      <input
        type="checkbox"
        checked={isOn}
        onChange={(event: Event) => onChange((event.currentTarget as HTMLInputElement).checked)}
      />
      <span>{label}</span>
    </label>
  )
}

/** A dialog: the focus stays inside and goes back afterwards, and Escape closes it. */
export function Dialog({
  children,
  onClose,
  title,
}: Inside & { readonly title: string; readonly onClose: () => void }): JSX.Element {
  const id = useId()
  const ref = useRef<HTMLDialogElement>(null)
  useLayoutEffect(() => {
    const before = document.activeElement
    ref.current?.showModal()
    return () => {
      if (before instanceof HTMLElement) before.focus()
    }
  }, [])
  return (
    <dialog ref={ref} aria-labelledby={id} onClose={onClose}>
      <div class="title">
        <h2 id={id}>{title}</h2>
        <button type="button" class="small" onClick={() => ref.current?.close()}>
          {text('Close')}
        </button>
      </div>
      {children}
    </dialog>
  )
}

/** A form that Enter submits too. The server's refusal is shown above its button. */
export function Form({
  children,
  label,
  onSend,
}: Inside & { readonly label: string; readonly onSend: () => Promise<unknown> }): JSX.Element {
  const [error, setError] = useState<PaydeskError>()
  const [isBusy, setBusy] = useState(false)
  const send = async (event: Event) => {
    event.preventDefault()
    if (isBusy) return
    setBusy(true)
    setError(undefined)
    try {
      await onSend()
    } catch (failure) {
      if (!(failure instanceof PaydeskError)) throw failure
      setError(failure)
    } finally {
      setBusy(false)
      refreshAfterChange()
    }
  }
  return (
    <form onSubmit={send} noValidate>
      {children}
      {error && <Problem error={error} />}
      <div class="actions">
        <button type="submit" class="primary" aria-disabled={isBusy ? 'true' : undefined}>
          {label}
        </button>
      </div>
    </form>
  )
}

/** A button for a change that cannot be undone. A live console asks before it; a sandbox does not. */
export function FinalActionButton({
  confirmation,
  name,
  onAction,
  question,
  successText,
}: {
  readonly name: string
  /** The label of the button that confirms. */
  readonly confirmation: string
  readonly question: string
  readonly successText: string
  readonly onAction: () => Promise<unknown>
}): JSX.Element {
  const { isLive, say } = useConsole()
  const [isOpen, setOpen] = useState(false)
  const close = () => setOpen(false)
  if (!isLive) {
    return (
      <ActionButton class="danger" successText={successText} onAction={onAction}>
        {name}
      </ActionButton>
    )
  }
  const act = async () => {
    await onAction()
    say(successText)
    close()
  }
  return (
    <span>
      <button type="button" class="danger" onClick={() => setOpen(true)}>
        {name}
      </button>
      {isOpen && (
        <Dialog title={confirmation} onClose={close}>
          <Form label={confirmation} onSend={act}>
            <p>{question}</p>
          </Form>
        </Dialog>
      )}
    </span>
  )
}
