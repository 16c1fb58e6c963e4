import type { JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { useConsole } from '../../../console/browser/context.ts'
import { useResource } from '../../../console/browser/live.ts'
import {
  ActionButton,
  Card,
  Empty,
  Field,
  Form,
  ResourceView,
  Status,
  Time,
  ViewHead,
} from '../../../console/browser/parts.tsx'
import { viewPath } from '../../../console/browser/router.tsx'
import { countOf, showTime } from '../../../console/browser/show.ts'
import { showDuration } from '../../../domain/duration.ts'
import { useSandbox } from './sandbox-context.ts'
import { control, controlReading } from './server.ts'
import { SigningTimeNote } from './signing-time-note.tsx'
import type { ClockState } from './wire.ts'

/** The positions of the slider: the lengths of clock moves, in the control API's form. */
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

type ClockMove = { readonly fromMs: number; readonly toMs: number; readonly stopCount: number }

/** The sandbox's clock, and the work that becomes due when it moves. */
export function ClockView(): JSX.Element {
  const { nowMs, say } = useConsole()
  const { clock } = useSandbox()
  const [place, setPlace] = useState(3)
  const [rate, setRate] = useState('60')
  const [input, setInput] = useState('')
  const [lastMove, setLastMove] = useState<ClockMove>()
  const [sinceId, setSinceId] = useState<string>()
  const [, tick] = useState(0)
  useEffect(() => {
    const ticking = setInterval(() => tick((count) => count + 1), 500)
    return () => clearInterval(ticking)
  }, [])
  const [by, lengthMs] = STEPS[place] ?? STEPS[0] ?? ['1m', 60_000]

  async function move(act: () => Promise<ClockState>): Promise<void> {
    const before = await control.answer('listRequests', { query: { limit: 1 } })
    const fromMs = nowMs()
    const after = await act()
    setSinceId(before.requests[0]?.id ?? '0')
    setLastMove({ fromMs, toMs: after.time_ms, stopCount: after.stop_count ?? 0 })
    say(
      `The clock shows ${showTime(after.time_ms)}. During the move it stopped ${countOf(after.stop_count ?? 0, 'time')} for due work.`,
    )
  }
  const advance = (length: string) =>
    move(() => control.call('advanceClock', { body: { by: length } }))
  return (
    <div>
      <ViewHead title="Clock">
        The sandbox’s clock controls expiry, pending outcomes, refunds, webhook retries, tokens and
        open pages.
      </ViewHead>
      <SigningTimeNote />
      <section class="card now-card" aria-label="The time">
        <p class="big">
          {showTime(nowMs())}
          <small>{' UTC'}</small>
        </p>
        <p class="soft">
          {clock === undefined
            ? ' '
            : clock.is_frozen
              ? 'It is frozen.'
              : clock.rate === 1
                ? 'It runs.'
                : `It runs ${clock.rate} times as fast as real time.`}
        </p>
        <div class="actions">
          {QUICK.map((one, index) => (
            <ActionButton key={one} onAction={() => advance(one)}>
              {QUICK_TITLES[index]}
            </ActionButton>
          ))}
        </div>
      </section>
      <div class="columns">
        <Card title="Move ahead">
          <div class="field slider">
            <label for="ahead">Length of the move</label>
            <input
              id="ahead"
              type="range"
              min={0}
              max={STEPS.length - 1}
              step={1}
              value={place}
              aria-valuetext={showDuration(lengthMs)}
              onInput={(event: Event) =>
                setPlace(Number((event.currentTarget as HTMLInputElement).value))
              }
            />
            <p class="hint">{`${showDuration(lengthMs)}: to ${showTime(nowMs() + lengthMs)}`}</p>
          </div>
          <ActionButton
            class="primary"
            onAction={() => advance(by)}
          >{`Move ${showDuration(lengthMs)} ahead`}</ActionButton>
        </Card>
        <Card title="Set, freeze or run">
          <Form
            label="Set clock"
            onSend={() => move(() => control.call('setClock', { body: { time: withZone(input) } }))}
          >
            <Field
              label="Set to, in UTC"
              value={input}
              onValue={setInput}
              input={{ type: 'datetime-local', step: 1 }}
              hint="Not before the current time"
            />
          </Form>
          <div class="actions run">
            <ActionButton
              onAction={() => control.call('freezeClock', {})}
              successText="The clock is frozen."
            >
              Freeze
            </ActionButton>
            <ActionButton
              onAction={() => control.call('runClock', { body: { rate: 1 } })}
              successText="The clock runs."
            >
              Run
            </ActionButton>
            <Field
              label="Rate"
              value={rate}
              onValue={setRate}
              class="inline"
              input={{ inputmode: 'decimal' }}
            />
            <ActionButton
              onAction={() => control.call('runClock', { body: { rate: Number(rate) } })}
              successText={`The clock runs ${rate} times as fast as real time.`}
            >
              Run at rate
            </ActionButton>
          </div>
        </Card>
      </div>
      <FellDue lastMove={lastMove} sinceId={sinceId} />
    </div>
  )
}

function withZone(localTime: string): string {
  return /T\d\d:\d\d$/.test(localTime) ? `${localTime}:00Z` : `${localTime}Z`
}

function FellDue({
  lastMove,
  sinceId,
}: {
  readonly lastMove: ClockMove | undefined
  readonly sinceId: string | undefined
}): JSX.Element {
  const requests = useResource(
    sinceId === undefined
      ? undefined
      : controlReading('listRequests', { query: { since: sinceId, limit: 100 } }),
  )
  return (
    <Card title="Due work">
      {lastMove === undefined ? (
        <Empty title="You have not moved the clock here yet.">
          After a move, the webhooks and processor calls that became due appear here.
        </Empty>
      ) : (
        [
          <p
            key="said"
            class="soft"
          >{`From ${showTime(lastMove.fromMs)} to ${showTime(lastMove.toMs)}. The clock stopped ${countOf(lastMove.stopCount, 'time')} for due work.`}</p>,
          <ResourceView
            key="rows"
            resource={requests}
            children={({ requests: rows }) =>
              rows.length === 0 ? (
                <Empty title="No requests were sent.">Some sessions may have expired.</Empty>
              ) : (
                <ul class="lines">
                  {rows.map((one) => (
                    <li key={one.id}>
                      <Time atMs={one.time_ms} />
                      <span class="kind">{one.kind}</span>
                      <a
                        href={viewPath('requests', one.id)}
                        class="mono clip"
                      >{`${one.method} ${one.path.split('?')[0]}`}</a>
                      <Status value={one.response?.status ?? 'no answer'} />
                    </li>
                  ))}
                </ul>
              )
            }
          />,
        ]
      )}
    </Card>
  )
}
