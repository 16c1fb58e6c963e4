import type { JSX } from 'preact'
import { useResource } from '../../../console/browser/live.ts'
import { ActionButton, ResourceView } from '../../../console/browser/parts.tsx'
import { control, controlReading } from './server.ts'
import type { Fault } from './wire.ts'

type FaultSwitch = {
  readonly title: string
  readonly detail: string
  readonly rule: Pick<Fault, 'target' | 'effect'> & Partial<Pick<Fault, 'match'>>
}

/** The faults of webhooks. */
export const WEBHOOK_SWITCHES: readonly FaultSwitch[] = [
  {
    title: 'Corrupt',
    detail: 'Changes one byte of each body after signing.',
    rule: { target: 'webhook', effect: { corrupt: true } },
  },
  {
    title: 'Duplicate',
    detail: 'Sends every webhook twice.',
    rule: { target: 'webhook', effect: { duplicate: true } },
  },
  {
    title: 'Reorder',
    detail: 'Sends a later event before an earlier one.',
    rule: { target: 'webhook', effect: { reorder: true } },
  },
  {
    title: 'Drop',
    detail: 'Loses every webhook in transit. Paydesk sends it again later.',
    rule: { target: 'webhook', effect: { drop: true } },
  },
  {
    title: 'Delay',
    detail: 'Sends every webhook two seconds later.',
    rule: { target: 'webhook', effect: { latency: '2000ms' } },
  },
]

/** The faults of the processor. */
export const PROCESSOR_SWITCHES: readonly FaultSwitch[] = [
  {
    title: 'Decline every payment',
    detail: 'Every charge fails with insufficient funds.',
    rule: {
      target: 'processor',
      match: { call: 'charge' },
      effect: { outcome: 'declined', decline_code: 'insufficient_funds' },
    },
  },
  {
    title: 'Unknown outcome',
    detail: 'Charges have no outcome until Paydesk queries them.',
    rule: { target: 'processor', match: { call: 'charge' }, effect: { outcome: 'unknown' } },
  },
  {
    title: 'Lose the answer',
    detail: 'The money is taken, but the answer is lost.',
    rule: { target: 'processor', match: { call: 'charge' }, effect: { lost_answer: true } },
  },
  {
    title: 'Fail every refund',
    detail: 'The processor refuses refunds.',
    rule: { target: 'processor', match: { call: 'refund' }, effect: { outcome: 'failed' } },
  },
]

/** The faults of requests. */
export const ROUTE_SWITCHES: readonly FaultSwitch[] = [
  {
    title: 'API answers 500',
    detail: 'Requests are not carried out.',
    rule: { target: 'route', effect: { status: 500 } },
  },
  {
    title: 'API answers 429',
    detail: 'Refuses every request, with Retry-After: 2.',
    rule: { target: 'route', effect: { status: 429, retry_after: 2 } },
  },
  {
    title: 'API is slow',
    detail: 'Delays every answer by two seconds.',
    rule: { target: 'route', effect: { latency: '2000ms' } },
  },
  {
    title: 'Lose the answer',
    detail: 'The session is created, but the answer is lost.',
    rule: {
      target: 'route',
      match: { route: 'POST /paymentsessions' },
      effect: { lost_answer: true },
    },
  },
]

/** Describes a rule, so that equal rules can be recognized. */
function ruleKeyOf({ effect, match, target }: FaultSwitch['rule']): string {
  const sortedFields = (fields: object = {}) =>
    Object.entries(fields)
      .filter(([, value]) => value !== undefined)
      .toSorted(([one], [other]) => (one < other ? -1 : 1))
  return JSON.stringify([target, sortedFields(match), sortedFields(effect)])
}

/** The switches for rules. A rule applies as long as its switch is on. */
export function FaultSwitches({
  switches,
}: {
  readonly switches: readonly FaultSwitch[]
}): JSX.Element {
  const faults = useResource(controlReading('listFaults', {}))
  return (
    <ResourceView
      resource={faults}
      children={({ faults: rules }) => (
        <ul class="switches">
          {switches.map(({ detail, rule, title }) => {
            const on = rules.filter(
              (one) =>
                one.count === undefined &&
                one.window === undefined &&
                one.probability === 1 &&
                ruleKeyOf(one) === ruleKeyOf(rule),
            )
            const isOn = on.length > 0
            return (
              <li key={title}>
                <ActionButton
                  class="switch"
                  role="switch"
                  aria-checked={isOn ? 'true' : 'false'}
                  successText={`${title}: ${isOn ? 'off' : 'on'}.`}
                  onAction={() =>
                    isOn
                      ? Promise.all(
                          on.map(({ id }) => control.run('deleteFault', { path: { id } })),
                        )
                      : control.call('addFault', { body: rule })
                  }
                >
                  <span class="knob" aria-hidden="true" />
                  <span>
                    <strong>{title}</strong>
                    <small>{detail}</small>
                  </span>
                </ActionButton>
              </li>
            )
          })}
        </ul>
      )}
    />
  )
}
