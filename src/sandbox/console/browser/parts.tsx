import { type ComponentChildren, h, type JSX } from 'preact'
import { useEffect, useId, useRef, useState } from 'preact/hooks'
import { useConsole } from './context.ts'
import { refresh } from './live.ts'
import { PaydeskError } from './server.ts'
import { showTime, showTimeShortly, toneOf, words } from './show.ts'

/** What stands inside of something. */
type Inside = { readonly children?: ComponentChildren }

/** A view's beginning: where it lies, its heading, and what can be done there. */
export function ViewHead({
  actions,
  children,
  title,
  up,
}: Inside & {
  readonly title: ComponentChildren
  readonly up?: { readonly href: string; readonly text: string }
  readonly actions?: ComponentChildren
}): JSX.Element {
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    document.title = `${heading.current?.textContent ?? ''} · Paydesk console`
  })
  return h(
    'div',
    { class: 'head' },
    up && h('p', { class: 'up' }, h('a', { href: up.href }, `‹ ${up.text}`)),
    h(
      'div',
      { class: 'title' },
      h('h1', { tabIndex: -1, ref: heading }, title),
      actions && h('div', { class: 'actions' }, actions),
    ),
    children && h('p', { class: 'lead' }, children),
  )
}

/** A part of a view with a heading of its own. */
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
  return h(
    'section',
    { class: `card ${extra}`, 'aria-labelledby': id },
    h(
      'div',
      { class: 'title' },
      h('h2', { id }, title),
      actions && h('div', { class: 'actions' }, actions),
    ),
    children,
  )
}

/** A status by its word and its colour. */
export function Status({ value }: { readonly value: string | number }): JSX.Element {
  return h('span', { class: `status ${toneOf(String(value))}` }, words(String(value)))
}

/** A moment by the sandbox's clock. */
export function Time({ atMs }: { readonly atMs: number }): JSX.Element {
  const { nowMs } = useConsole()
  return h(
    'time',
    { dateTime: new Date(atMs).toISOString(), title: `${showTime(atMs)} UTC` },
    showTimeShortly(atMs, nowMs()),
  )
}

/** Names with their values. What is undefined is left out. */
export function Facts({
  rows,
}: {
  readonly rows: readonly (readonly [name: string, value: ComponentChildren])[]
}): JSX.Element {
  return h(
    'dl',
    { class: 'facts' },
    rows
      .filter(([, value]) => value !== undefined && value !== '')
      .map(([name, value]) => h('div', { key: name }, h('dt', null, name), h('dd', null, value))),
  )
}

/** Puts a text on the clipboard. `what` names it for those who cannot see where the button stands. */
export function Copy({
  label = 'Copy',
  text,
  what,
}: {
  readonly text: string
  readonly what: string
  readonly label?: string
}): JSX.Element {
  const { say } = useConsole()
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text)
      say(`Copied: ${what}`)
    } catch {
      say('The browser did not let this page copy. Select the text and copy it by hand.', 'bad')
    }
  }
  return h(
    'button',
    { type: 'button', class: 'small', onClick: copy },
    label,
    label === 'Copy' && h('span', { class: 'hidden' }, ` ${what}`),
  )
}

/** A value that is copied as it stands. */
export function Copied({ text, what }: { readonly text: string; readonly what: string }) {
  return h('span', { class: 'copied' }, h('code', null, text), h(Copy, { text, what }))
}

/** Code or data over several lines. */
export function Code({
  label,
  text,
  wraps = true,
}: {
  readonly text: string
  readonly label: string
  readonly wraps?: boolean
}): JSX.Element {
  return h(
    'div',
    { class: 'code' },
    h(Copy, { text, what: label }),
    h(
      'pre',
      { tabIndex: 0, role: 'region', 'aria-label': label, class: wraps ? 'wraps' : '' },
      h('code', null, text),
    ),
  )
}

/** Why something came to nothing, with all that the sandbox has said of it. */
export function Problem({
  error,
  onRetry,
}: {
  readonly error: PaydeskError
  readonly onRetry?: () => void
}): JSX.Element {
  const { code, field, message, requestId, status } = error
  return h(
    'div',
    { class: 'notice bad', role: 'alert' },
    h('p', null, h('strong', null, message)),
    h(
      'p',
      { class: 'small-text' },
      [
        status === 0 ? undefined : `HTTP ${status}`,
        `code ${code}`,
        field && `field ${field}`,
        requestId && `request ${requestId}`,
      ]
        .filter(Boolean)
        .join(' · '),
    ),
    onRetry &&
      h('p', null, h('button', { type: 'button', class: 'small', onClick: onRetry }, 'Try again')),
  )
}

/** Where there is nothing yet, and what to do about it. */
export function Empty({ children, title }: Inside & { readonly title: string }): JSX.Element {
  return h(
    'div',
    { class: 'empty' },
    h('p', null, h('strong', null, title)),
    h('p', null, children),
  )
}

/** Keeps the room of what is still asked for. */
export function Loading(): JSX.Element {
  return h(
    'div',
    { class: 'loading', role: 'status' },
    h('span', { class: 'hidden' }, 'Loading…'),
    [1, 2, 3].map((row) => h('span', { key: row, class: 'bar', 'aria-hidden': 'true' })),
  )
}

/** Shows what was asked for: its rows, that there are none, that it comes, or why it does not. */
export function Shown<Answer>({
  children,
  of: { answer, error, isLoading, reload },
}: {
  readonly of: {
    readonly answer: Answer | undefined
    readonly error: PaydeskError | undefined
    readonly isLoading: boolean
    readonly reload: () => void
  }
  readonly children: (answer: Answer) => ComponentChildren
}): JSX.Element {
  return h(
    'div',
    null,
    error && h(Problem, { error, onRetry: reload }),
    answer !== undefined ? children(answer) : isLoading && error === undefined && h(Loading, null),
  )
}

/**
 * A button that does something in the sandbox. Until it is done it does nothing more; what became of it
 * is said.
 */
export function Act({
  children,
  class: kind = '',
  done,
  isDisabled = false,
  onAct,
  onFail,
  ...rest
}: Inside & {
  readonly onAct: () => Promise<unknown>
  /** What is said when it is done. */
  readonly done?: string
  readonly class?: string
  readonly isDisabled?: boolean
  /** Shows why not in the place where it was asked for. Without it, it is said. */
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
      await onAct()
      if (done !== undefined) say(done, 'good')
    } catch (error) {
      if (!(error instanceof PaydeskError)) throw error
      if (onFail === undefined) say(sentenceOf(error), 'bad')
      else onFail(error)
    } finally {
      setBusy(false)
      refresh()
    }
  }
  return h(
    'button',
    {
      ...rest,
      type: 'button',
      class: kind,
      onClick: act,
      // Still reached by the keyboard: the focus must not be lost when it is pressed.
      'aria-disabled': isBusy || isDisabled ? 'true' : undefined,
      'aria-busy': isBusy ? 'true' : undefined,
    },
    children,
  )
}

function sentenceOf({ code, field, message, requestId }: PaydeskError): string {
  const more = [code, field, requestId && `request ${requestId}`].filter(Boolean).join(', ')
  return `${message} (${more})`
}

/** A labelled field of a form. `input` gives what is inside. */
export function Field({
  hint,
  label,
  ...rest
}: {
  readonly label: string
  readonly hint?: string
  readonly value: string
  readonly onValue: (value: string) => void
  /** Values to choose from; text where it is missing. */
  readonly options?: readonly (readonly [value: string, text: string] | string)[]
  readonly rows?: number
  readonly input?: Readonly<Record<string, unknown>>
  readonly class?: string
}): JSX.Element {
  const id = useId()
  const { class: extra = '', input, onValue, options, rows, value } = rest
  const shared = {
    ...input,
    id,
    value,
    ...(hint !== undefined && { 'aria-describedby': `${id}-hint` }),
    onInput: (event: Event) => onValue((event.currentTarget as HTMLInputElement).value),
  }
  const control =
    options !== undefined
      ? h(
          'select',
          shared,
          options.map((option) => {
            const [of, text] = typeof option === 'string' ? [option, words(option)] : option
            return h('option', { key: of, value: of }, text)
          }),
        )
      : rows !== undefined
        ? h('textarea', { ...shared, rows, spellcheck: false })
        : h('input', { type: 'text', autocomplete: 'off', ...shared })
  return h(
    'div',
    { class: `field ${extra}` },
    h('label', { for: id }, label),
    control,
    hint !== undefined && h('p', { class: 'hint', id: `${id}-hint` }, hint),
  )
}

/** A box to tick. */
export function Tick({
  isOn,
  label,
  onChange,
}: {
  readonly label: string
  readonly isOn: boolean
  readonly onChange: (isOn: boolean) => void
}): JSX.Element {
  return h(
    'label',
    { class: 'tick' },
    h('input', {
      type: 'checkbox',
      checked: isOn,
      onChange: (event: Event) => onChange((event.currentTarget as HTMLInputElement).checked),
    }),
    h('span', null, label),
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
  useEffect(() => {
    const before = document.activeElement
    ref.current?.showModal()
    return () => {
      if (before instanceof HTMLElement) before.focus()
    }
  }, [])
  return h(
    'dialog',
    { ref, 'aria-labelledby': id, onClose },
    h(
      'div',
      { class: 'title' },
      h('h2', { id }, title),
      h('button', { type: 'button', class: 'small', onClick: () => ref.current?.close() }, 'Close'),
    ),
    children,
  )
}

/** A form that is sent by Enter too. What it is told in refusal stands above its button. */
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
    } catch (thrown) {
      if (!(thrown instanceof PaydeskError)) throw thrown
      setError(thrown)
    } finally {
      setBusy(false)
      refresh()
    }
  }
  return h(
    'form',
    { onSubmit: send, noValidate: true },
    children,
    error && h(Problem, { error }),
    h(
      'div',
      { class: 'actions' },
      h(
        'button',
        { type: 'submit', class: 'primary', 'aria-disabled': isBusy ? 'true' : undefined },
        label,
      ),
    ),
  )
}
