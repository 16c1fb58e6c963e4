import type { JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import type { Messages } from '../messages/en.ts'
import { text } from '../text.ts'

/** At this remaining time or less, the page shows seconds too, and writes the time in a warning color. */
const WARNING_MS = 120_000
/** The remaining seconds at which screen readers announce the time. */
const ANNOUNCED_SECONDS = [600, 300, 120, 60, 30] as const

/** A sentence with the remaining time as `{time}`. */
export type TimeSentence = 'timeLeft' | 'qrTimeLeft' | 'bankTimeLeft'

/** Shows the remaining time. `now` returns the server's time, because the customer's clock can be wrong. */
export function RemainingTime({
  expiresAtMs,
  locale,
  messages,
  now,
  onOver,
  sentence = 'timeLeft',
}: {
  readonly expiresAtMs: number
  readonly locale: string
  readonly messages: Messages
  readonly now: () => number
  /** Called when the time is over, and each second after that. */
  readonly onOver: () => void
  readonly sentence?: TimeSentence
}): JSX.Element {
  const [leftMs, setLeftMs] = useState(() => Math.max(0, expiresAtMs - now()))
  const [announcement, setAnnouncement] = useState('')

  useEffect(() => {
    let announcedSeconds: number | undefined
    const tick = () => {
      const restMs = Math.max(0, expiresAtMs - now())
      setLeftMs(restMs)
      const due = ANNOUNCED_SECONDS.findLast((seconds) => restMs <= seconds * 1000)
      // The time is not announced at the start, because a new customer reads it on the page.
      if (due !== announcedSeconds && announcedSeconds !== undefined && due !== undefined) {
        setAnnouncement(text(messages, sentence, { time: describeTime(due * 1000, locale) }))
      }
      announcedSeconds = due ?? 0
      if (restMs === 0) onOver()
    }
    tick()
    const timer = setInterval(tick, 1000)
    return () => clearInterval(timer)
  }, [expiresAtMs, locale, sentence])

  return (
    <p class={leftMs <= WARNING_MS ? 'time warning' : 'time'}>
      <span>{text(messages, sentence, { time: describeTime(leftMs, locale) })}</span>
      <span class="hidden" aria-live="polite">
        {announcement}
      </span>
    </p>
  )
}

/** Writes the remaining time: whole minutes, rounded up, and seconds near the end. */
function describeTime(leftMs: number, locale: string): string {
  const unit = (value: number, name: 'minute' | 'second') =>
    new Intl.NumberFormat(locale, { style: 'unit', unit: name, unitDisplay: 'long' }).format(value)
  const seconds = Math.ceil(leftMs / 1000)
  if (leftMs > WARNING_MS) return unit(Math.ceil(seconds / 60), 'minute')
  if (seconds < 60) return unit(seconds, 'second')
  const rest = seconds % 60
  return rest === 0
    ? unit(seconds / 60, 'minute')
    : `${unit(Math.floor(seconds / 60), 'minute')} ${unit(rest, 'second')}`
}
