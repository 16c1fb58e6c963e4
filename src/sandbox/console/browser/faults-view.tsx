import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { useConsole } from '../../../console/browser/context.ts'
import { useResource } from '../../../console/browser/live.ts'
import {
  ActionButton,
  Card,
  Dialog,
  Empty,
  Field,
  Form,
  ResourceView,
  ViewHead,
} from '../../../console/browser/parts.tsx'
import { countOf, words } from '../../../console/browser/show.ts'
import { DECLINE_CODES } from '../../../domain/payment-attempt.ts'
import { REFUND_FAILURE_REASONS } from '../../../domain/refund.ts'
import { SUBSCRIBABLE_EVENT_TYPES } from '../../../domain/webhook-event.ts'
import {
  FAULT_EFFECTS,
  FAULT_TARGETS,
  type FaultTarget,
  PROCESSOR_CALLS,
} from '../../faults/faults.ts'
import {
  FaultSwitches,
  PROCESSOR_SWITCHES,
  ROUTE_SWITCHES,
  WEBHOOK_SWITCHES,
} from './fault-switches.tsx'
import { control, controlReading } from './server.ts'
import type { Fault } from './wire.ts'

const SHARE = new Intl.NumberFormat('en', { style: 'percent' })

/** The view of injected failures. */
export function FaultsView(): JSX.Element {
  const [isOpen, setOpen] = useState(false)
  const faults = useResource(controlReading('listFaults', {}))
  const count = faults.answer?.faults.length ?? 0
  return (
    <div>
      <ViewHead
        title="Faults"
        actions={[
          <button key="add" type="button" class="primary" onClick={() => setOpen(true)}>
            Add a fault
          </button>,
          <ActionButton
            key="clear"
            isDisabled={count === 0}
            successText="All faults removed."
            onAction={() => control.run('clearFaults', {})}
          >
            Clear all
          </ActionButton>,
        ]}
      >
        Injected failures in the API, the processor and webhook delivery.
      </ViewHead>
      {isOpen && <AddDialog onClose={() => setOpen(false)} />}
      <div class="columns three">
        <Card title="Outcomes">
          <FaultSwitches switches={PROCESSOR_SWITCHES} />
        </Card>
        <Card title="API and pages">
          <FaultSwitches switches={ROUTE_SWITCHES} />
        </Card>
        <Card title="Webhooks">
          <FaultSwitches switches={WEBHOOK_SWITCHES} />
        </Card>
      </div>
      <Card title="Rules">
        {
          <ResourceView
            resource={faults}
            children={({ faults: rules }) =>
              rules.length === 0 ? (
                <Empty title="No faults.">Turn on a switch, or add a rule with conditions.</Empty>
              ) : (
                <ul class="lines rules">
                  {rules.map((rule) => (
                    <Rule key={rule.id} rule={rule} />
                  ))}
                </ul>
              )
            }
          />
        }
      </Card>
    </div>
  )
}

function Rule({ rule }: { readonly rule: Fault }): JSX.Element {
  const {
    applied_count: appliedCount,
    count,
    effect,
    id,
    match,
    probability,
    target,
    window,
  } = rule
  const effects = Object.entries(effect).map(([name, value]) =>
    value === true ? words(name) : `${words(name)} ${value}`,
  )
  const limits = [
    probability < 1 && `in ${SHARE.format(probability)} of cases`,
    count !== undefined && `${countOf(count, 'time')} at most`,
    window?.from && `from ${window.from}`,
    window?.to && `until ${window.to}`,
  ].filter(Boolean)
  return (
    <li>
      <span class="mono">{id}</span>
      <span class="clip-not">
        <strong>{effects.join(', ')}</strong>
        {` · ${target} ${Object.values(match ?? {})[0] ?? '(all)'}`}
        {limits.length > 0 && <small>{limits.join(', ')}</small>}
      </span>
      <span class="tag">{`applied ${countOf(appliedCount, 'time')}`}</span>
      <ActionButton
        class="small"
        successText={`${id} was removed.`}
        onAction={() => control.run('deleteFault', { path: { id } })}
      >
        {'Delete'}
        <span class="hidden">{` ${id}`}</span>
      </ActionButton>
    </li>
  )
}

const TARGETS: Readonly<Record<FaultTarget, string>> = {
  route: 'requests to the API and pages',
  processor: 'processor calls',
  webhook: 'webhooks',
}

function AddDialog({ onClose }: { readonly onClose: () => void }): JSX.Element {
  const { say } = useConsole()
  const [target, setTarget] = useState<FaultTarget>('route')
  const [fields, setFields] = useState<Readonly<Record<string, string>>>({
    kind: 'status',
    status: '500',
    outcome: 'unknown',
    latency: '2s',
  })
  const value = (name: string) => fields[name] ?? ''
  const field = (name: string) => ({
    value: value(name),
    onValue: (input: string) => setFields((before) => ({ ...before, [name]: input })),
  })
  const kinds = FAULT_EFFECTS[target]
  const kind = kinds.find((one) => one === value('kind')) ?? 'latency'
  const isRefund = value('match') === 'refund'
  const send = async () => {
    const percent = Number(value('percent') || '100')
    const fault = {
      target,
      ...(value('match') !== '' && { match: { [MATCHES[target]]: value('match') } }),
      ...(percent !== 100 && { probability: percent * 0.01 }),
      ...(value('count') !== '' && { count: Number(value('count')) }),
      ...(value('for') !== '' && { for: value('for') }),
      effect: effectFrom(kind, value),
    }
    await control.call('addFault', { body: fault })
    say('Fault added.')
    onClose()
  }
  const any = ['', 'all'] as const
  return (
    <Dialog title="Add a fault" onClose={onClose}>
      <Form label="Add fault" onSend={send}>
        <div class="fields">
          <Field
            label="Target"
            value={target}
            options={FAULT_TARGETS.map((one) => [one, TARGETS[one]] as const)}
            onValue={(choice) => {
              setTarget(choice as FaultTarget)
              setFields((before) => ({ ...before, match: '' }))
            }}
          />
          {target === 'route' ? (
            <Field
              {...field('match')}
              label="Route"
              hint="Such as POST /paymentsessions or /payments/*; empty: all"
            />
          ) : (
            <Field
              {...field('match')}
              label={target === 'webhook' ? 'Event' : 'Call'}
              options={[
                any,
                ...(target === 'webhook' ? SUBSCRIBABLE_EVENT_TYPES : PROCESSOR_CALLS).map(
                  (one) => [one, one] as const,
                ),
              ]}
            />
          )}
          <Field {...field('kind')} value={kind} label="Effect" options={kinds} />
          {kind === 'status' && (
            <Field {...field('status')} label="Status" input={{ inputmode: 'numeric' }} />
          )}
          {kind === 'status' && target === 'route' && (
            <Field {...field('retryAfter')} label="Retry-After in seconds" hint="Empty: none" />
          )}
          {kind === 'outcome' && (
            <Field
              {...field('outcome')}
              label="Outcome"
              options={isRefund ? ['unknown', 'failed'] : ['unknown', 'declined']}
            />
          )}
          {kind === 'outcome' && value('outcome') === 'declined' && (
            <Field
              {...field('declineCode')}
              label="Decline code"
              options={[
                ['', 'the default code'],
                ...DECLINE_CODES.map((one) => [one, one] as const),
              ]}
            />
          )}
          {kind === 'outcome' && value('outcome') === 'failed' && (
            <Field
              {...field('failureReason')}
              label="Failure reason"
              options={[
                ['', 'the default reason'],
                ...REFUND_FAILURE_REASONS.map((one) => [one, one] as const),
              ]}
            />
          )}
          {kind === 'latency' && (
            <Field {...field('latency')} label="Delay" hint="Such as 500ms or 2s" />
          )}
          <Field {...field('count')} label="Maximum number of times" hint="Empty: no limit" />
          <Field {...field('percent')} label="Probability, in %" hint="Empty: always" />
          <Field
            {...field('for')}
            label="Duration"
            hint="Sandbox time, such as 10m; empty: until deleted"
          />
        </div>
      </Form>
    </Dialog>
  )
}

const MATCHES: Readonly<Record<FaultTarget, string>> = {
  route: 'route',
  processor: 'call',
  webhook: 'event_type',
}

function effectFrom(kind: string, value: (name: string) => string): object {
  switch (kind) {
    case 'status':
      return {
        status: Number(value('status')),
        ...(value('retryAfter') !== '' && { retry_after: Number(value('retryAfter')) }),
      }
    case 'outcome':
      return {
        outcome: value('outcome'),
        ...(value('outcome') === 'declined' &&
          value('declineCode') !== '' && { decline_code: value('declineCode') }),
        ...(value('outcome') === 'failed' &&
          value('failureReason') !== '' && { failure_reason: value('failureReason') }),
      }
    case 'latency':
      return { latency: value('latency') }
    default:
      return { [kind]: true }
  }
}
