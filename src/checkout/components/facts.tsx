import type { JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import type { Messages } from '../messages/en.ts'
import { text } from '../text.ts'

/** A row of a list of facts, with a button that copies the value if the browser allows it. */
export function Fact({
  copies,
  messages,
  name,
  value,
}: {
  readonly name: string
  readonly value: string
  readonly copies?: string
  readonly messages?: Messages
}): JSX.Element {
  const [isCopied, setCopied] = useState(false)
  const copy = async () => {
    // Browsers refuse the clipboard on an insecure page. The customer can select the text by hand.
    await navigator.clipboard?.writeText(copies ?? '').then(
      () => setCopied(true),
      () => {},
    )
  }
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        <bdi>{value}</bdi>
        {copies !== undefined &&
          messages !== undefined && [
            <button
              type="button"
              class="copy needs-script"
              onClick={copy}
              aria-label={text(messages, 'copyWhat', { what: name })}
              key="copy"
            >
              {text(messages, isCopied ? 'copied' : 'copy')}
            </button>,
            <span class="hidden" role="status" key="said">
              {isCopied && text(messages, 'copied')}
            </span>,
          ]}
      </dd>
    </div>
  )
}

/**
 * Shows a time. The server writes it in Indian time, because the customer's time zone is unknown;
 * the browser then writes it in the customer's.
 */
export function TimeFact({
  atMs,
  locale,
  name,
}: {
  readonly name: string
  readonly atMs: number
  readonly locale: string
}): JSX.Element {
  const [timeZone, setTimeZone] = useState<string | undefined>('Asia/Kolkata')
  useEffect(() => setTimeZone(undefined), [])
  const value = new Intl.DateTimeFormat(locale, {
    dateStyle: 'medium',
    timeStyle: 'short',
    ...(timeZone !== undefined && { timeZone }),
  }).format(atMs)
  return <Fact name={name} value={value} />
}
