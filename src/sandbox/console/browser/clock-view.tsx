import { h, type JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { useConsole } from './context.ts'
import { useResource } from './live.ts'
import { Act, Card, Empty, Field, Form, Shown, Status, Time, ViewHead } from './parts.tsx'
import { to } from './router.tsx'
import { ask } from './server.ts'
import { counted, showDuration, showTime } from './show.ts'
import { SigningTimeNote } from './signing-time-note.tsx'
import type { ClockState, Exchange } from './wire.ts'

/** The places of the slider: how far ahead, as the control API reads it. */
const STEPS: readonly (readonly [by: string, lengthMs: number])[] = [
  ['1m', 60_000],
  ['5m', 300_000],
  ['15m', 900_000],
  ['1h', 3_600_000],
  ['6h', 21_600_000],
  ['1d', 86_400_000],
  ['2d', 172_800_000],
  ['7d', 604_800_000],
  ['30d', 2_592_000_000],
]
const QUICK = ['1m', '15m', '1h', '1d', '2d'] as const
const QUICK_TITLES = ['+1 min', '+15 min', '+1 h', '+1 d', '+2 d'] as const

/** What the last move of the clock did. */
type Moved = { readonly fromMs: number; readonly toMs: number; readonly stopCount: number }

/** The sandbox's clock, and what falls due when it moves. */
export function ClockView(): JSX.Element {
  const { clock, nowMs, say } = useConsole()
  const [place, setPlace] = useState(3)
  const [rate, setRate] = useState('60')
  const [typed, setTyped] = useState('')
  const [moved, setMoved] = useState<Moved>()
  const [sinceId, setSinceId] = useState<string>()
  const [, tick] = useState(0)
  useEffect(() => {
    const ticking = setInterval(() => tick((count) => count + 1), 500)
    return () => clearInterval(ticking)
  }, [])
  const [by, lengthMs] = STEPS[place] ?? STEPS[0] ?? ['1m', 60_000]

  async function move(path: string, body: object): Promise<void> {
    const before = await ask<{ requests: Exchange[] }>('GET', '/requests?limit=1')
    const fromMs = nowMs()
    const { clock: after } = await ask<{ clock: ClockState }>('POST', `/clock/${path}`, body)
    setSinceId(before.requests[0]?.id ?? '0')
    setMoved({ fromMs, toMs: after.time_ms, stopCount: after.stop_count ?? 0 })
    say(
      `The clock shows ${showTime(after.time_ms)}. It stopped ${counted(after.stop_count ?? 0, 'time')} for what was due.`,
    )
  }
  return h(
    'div',
    null,
    h(
      ViewHead,
      { title: 'Clock' },
      'Everything follows it: expiry, pending outcomes, refunds, retries of webhooks, tokens, open pages.',
    ),
    h(SigningTimeNote, null),
    h(
      'section',
      { class: 'card now-card', 'aria-label': 'The time' },
      h('p', { class: 'big' }, showTime(nowMs()), h('small', null, ' UTC')),
      h(
        'p',
        { class: 'soft' },
        clock === undefined
          ? ' '
          : clock.is_frozen
            ? 'It stands still.'
            : clock.rate === 1
              ? 'It runs.'
              : `It runs ${clock.rate} times as fast.`,
      ),
      h(
        'div',
        { class: 'actions' },
        QUICK.map((one, index) =>
          h(Act, { key: one, onAct: () => move('advance', { by: one }) }, QUICK_TITLES[index]),
        ),
      ),
    ),
    h(
      'div',
      { class: 'columns' },
      h(
        Card,
        { title: 'Move ahead' },
        h(
          'div',
          { class: 'field slider' },
          h('label', { for: 'ahead' }, 'By how much'),
          h('input', {
            id: 'ahead',
            type: 'range',
            min: 0,
            max: STEPS.length - 1,
            step: 1,
            value: place,
            'aria-valuetext': showDuration(lengthMs),
            onInput: (event: Event) =>
              setPlace(Number((event.currentTarget as HTMLInputElement).value)),
          }),
          h(
            'p',
            { class: 'hint' },
            `${showDuration(lengthMs)}: to ${showTime(nowMs() + lengthMs)}`,
          ),
        ),
        h(
          Act,
          { class: 'primary', onAct: () => move('advance', { by }) },
          `Move ${showDuration(lengthMs)} ahead`,
        ),
      ),
      h(
        Card,
        { title: 'Set, stop, run' },
        h(
          Form,
          { label: 'Set it', onSend: () => move('set', { time: zoned(typed) }) },
          h(Field, {
            label: 'Set to, in UTC',
            value: typed,
            onValue: setTyped,
            input: { type: 'datetime-local', step: 1 },
            hint: 'Not before the time that it shows',
          }),
        ),
        h(
          'div',
          { class: 'actions run' },
          h(
            Act,
            { onAct: () => ask('POST', '/clock/freeze', {}), done: 'The clock stands still.' },
            'Freeze',
          ),
          h(
            Act,
            { onAct: () => ask('POST', '/clock/run', { rate: 1 }), done: 'The clock runs.' },
            'Run',
          ),
          h(Field, {
            label: 'Rate',
            value: rate,
            onValue: setRate,
            class: 'inline',
            input: { inputmode: 'decimal' },
          }),
          h(
            Act,
            {
              onAct: () => ask('POST', '/clock/run', { rate: Number(rate) }),
              done: `The clock runs ${rate} times as fast.`,
            },
            'Run at rate',
          ),
        ),
      ),
    ),
    h(FellDue, { moved, sinceId }),
  )
}

function zoned(typed: string): string {
  return /T\d\d:\d\d$/.test(typed) ? `${typed}:00Z` : `${typed}Z`
}

function FellDue({
  moved,
  sinceId,
}: {
  readonly moved: Moved | undefined
  readonly sinceId: string | undefined
}): JSX.Element {
  const requests = useResource<{ requests: Exchange[] }>(
    sinceId === undefined ? undefined : `/requests?since=${sinceId}&limit=100`,
  )
  return h(
    Card,
    { title: 'What fell due' },
    moved === undefined
      ? h(
          Empty,
          { title: 'The clock was not moved from here yet.' },
          'Move it, and the webhooks and calls of the processor that were due in between appear here.',
        )
      : [
          h(
            'p',
            { key: 'said', class: 'soft' },
            `From ${showTime(moved.fromMs)} to ${showTime(moved.toMs)}: ${counted(moved.stopCount, 'stop')} on the way.`,
          ),
          h(Shown<{ requests: Exchange[] }>, {
            key: 'rows',
            of: requests,
            children: ({ requests: rows }) =>
              rows.length === 0
                ? h(
                    Empty,
                    { title: 'Nothing was sent or asked.' },
                    'Sessions may have expired all the same.',
                  )
                : h(
                    'ul',
                    { class: 'lines' },
                    rows.map((one) =>
                      h(
                        'li',
                        { key: one.id },
                        h(Time, { atMs: one.time_ms }),
                        h('span', { class: 'kind' }, one.kind),
                        h(
                          'a',
                          { href: to('requests', one.id), class: 'mono clip' },
                          `${one.method} ${one.path.split('?')[0]}`,
                        ),
                        h(Status, { value: one.response?.status ?? 'no answer' }),
                      ),
                    ),
                  ),
          }),
        ],
  )
}
