import { parseAttempt } from './parse-attempt.ts'
import type { StepKind } from './scenario-steps.ts'
import { isDone, type ServerAnswer, type ServerCall, subjectOf } from './server-call.ts'
import { NoSuchValue } from './step-values.ts'
import {
  type ReceiverAnswer,
  startWebhookReceiver,
  type WebhookReceiver,
} from './webhook-receiver.ts'

/** Where a scenario is played: a sandbox of its own, and what has come of its steps so far. */
export type Stage = {
  readonly call: ServerCall
  readonly accountId: string
  readonly values: Map<string, unknown>
  /** The built-in receivers, by the names of their endpoints. */
  readonly receivers: Map<string, WebhookReceiver>
  /** The snapshots that were taken, by the names of the file. */
  readonly snapshots: Map<string, string>
  /** Names something so that no other scenario on the same server has the name. */
  readonly ownName: (name: string) => string
  /** Has all that is due done. Gives what the sandbox's clock shows, in milliseconds since 1970. */
  readonly settle: () => Promise<number>
}

/** What a step holds, with the values of earlier ones in their places. */
type Given = Readonly<Record<string, unknown>>
type Player = (stage: Stage, given: Given) => Promise<ServerAnswer>

/** The events that an endpoint asks for unless it says otherwise: those that happen here. */
const EVENTS_DEFAULT = [
  'payment.succeeded',
  'payment.failed',
  'payment.pending',
  'refund.succeeded',
  'refund.failed',
]

/** Plays a step of any kind but `expect`. Throws NoSuchValue for a name that holds no such id. */
export function playStep(
  stage: Stage,
  kind: Exclude<StepKind, 'expect'>,
  value: unknown,
): Promise<ServerAnswer> {
  const isFields = typeof value === 'object' && value !== null
  return PLAYERS[kind](stage, isFields ? (value as Given) : { of: value })
}

/** Gives the id of a kind that a name stands for; an id stands for itself. Throws NoSuchValue. */
export function idOf(stage: Stage, of: unknown, field: string): string {
  const text = String(of)
  if (/^\d+$/.test(text)) return text
  const value = stage.values.get(text)
  const places = [value, firstOf(value, 'payments'), firstOf(value, 'splits')]
  for (const place of places) {
    const id = (place as Given | undefined)?.[field]
    if (id !== undefined) return String(id)
  }
  throw new NoSuchValue(`${text} has no ${field}.`)
}

function firstOf(value: unknown, key: string): unknown {
  const list = (value as Given | undefined)?.[key]
  return Array.isArray(list) ? list[0] : undefined
}

/** A payment's id: of a name that stands for a session, that of its newest payment. */
async function paymentIdOf(stage: Stage, of: unknown): Promise<string> {
  const value = stage.values.get(String(of)) as Given | undefined
  if (value?.payment_id !== undefined || value?.payments_session_id === undefined) {
    return idOf(stage, of, 'payment_id')
  }
  const answer = await stage.call('GET', `/api/v1/paymentsessions/${value.payments_session_id}`)
  const newest = firstOf(subjectOf(answer), 'payments') as Given | undefined
  if (newest === undefined) throw new NoSuchValue(`${of} has no payment yet.`)
  return String(newest.payment_id)
}

async function keep(
  stage: Stage,
  given: Given,
  asking: Promise<ServerAnswer>,
  chosen: (subject: Given) => unknown = (subject) => subject,
): Promise<ServerAnswer> {
  const answer = await asking
  if (given.as !== undefined && isDone(answer)) {
    stage.values.set(String(given.as), chosen(subjectOf(answer)))
  }
  return answer
}

/** A POST of the API, with what a step has beside its own fields. */
function post(stage: Stage, path: string, given: Given): Promise<ServerAnswer> {
  const { as: _as, idempotency_key: key, of: _of, ...body } = given
  const headers = key === undefined ? {} : { 'idempotency-key': String(key) }
  return keep(stage, given, stage.call('POST', `/api/v1${path}`, { body, headers }))
}

function control(stage: Stage, path: string, body: unknown = {}): Promise<ServerAnswer> {
  return stage.call('POST', `/_sandbox${path}`, { body })
}

const PLAYERS: Record<Exclude<StepKind, 'expect'>, Player> = {
  session: (stage, given) => post(stage, '/paymentsessions', given),
  attempts: playAttempts,
  pay_link: payLink,
  expire: (stage, { of }) =>
    control(stage, `/sessions/${idOf(stage, of, 'payments_session_id')}/expire`),
  cancel: (stage, { of }) =>
    post(stage, `/paymentsessions/${idOf(stage, of, 'payments_session_id')}/cancel`, {}),
  refund: async (stage, given) =>
    post(stage, `/payments/${await paymentIdOf(stage, given.of)}/refunds`, given),
  transfer: async (stage, { split, ...given }) =>
    post(stage, '/transfers', {
      ...given,
      payment_id: await paymentIdOf(stage, given.of),
      transfer_split: split,
    }),
  reverse: (stage, { amount, ...given }) =>
    post(stage, '/transferreversals', {
      ...given,
      transfer_id: idOf(stage, given.of, 'transfer_id'),
      reversal_amount: amount,
    }),
  advance: (stage, { of }) => control(stage, '/clock/advance', { by: of }),
  set_clock: (stage, { of }) => control(stage, '/clock/set', { time: of }),
  freeze_clock: (stage) => control(stage, '/clock/freeze'),
  run_clock: (stage, { of }) => control(stage, '/clock/run', { rate: of }),
  fault: (stage, { as, ...body }) => keep(stage, { as }, control(stage, '/faults', body)),
  clear_faults: (stage, { of }) => {
    const path = of === true ? '' : `/${idOf(stage, of, 'id')}`
    return stage.call('DELETE', `/_sandbox/faults${path}`)
  },
  webhook: registerWebhook,
  receiver: async (stage, { answers, of }) => {
    const receiver = stage.receivers.get(String(of))
    if (receiver === undefined) throw new NoSuchValue(`${of} has no receiver that is built in.`)
    receiver.answerWith(answers as ReceiverAnswer)
    return { status: 200, body: {} }
  },
  event: (stage, { data, id, type, ...given }) =>
    keep(
      stage,
      given,
      control(stage, '/events', {
        account_id: stage.accountId,
        event_type: type,
        ...(id !== undefined && { event_id: String(id) }),
        ...(data !== undefined && { data }),
      }),
    ),
  snapshot: (stage, { of }) => {
    const name = stage.ownName(`snapshot-${stage.snapshots.size + 1}`)
    stage.snapshots.set(String(of), name)
    return control(stage, '/snapshots', { name })
  },
  restore: async (stage, { of }) => {
    const name = stage.snapshots.get(String(of))
    if (name === undefined) throw new NoSuchValue(`No snapshot ${of} was taken.`)
    return control(stage, '/restore', { name })
  },
  call: async (stage, { as, body, headers = {}, method, path }) => {
    const texts = Object.entries(headers as object).map(([name, one]) => [name, String(one)])
    const answer = await stage.call(String(method).toUpperCase(), String(path), {
      headers: Object.fromEntries(texts),
      ...(body !== undefined && { body }),
    })
    if (as !== undefined && 'body' in answer) stage.values.set(String(as), answer.body)
    return answer
  },
}

/** One by one, so that what each brings with it has happened before the next, unless they are together. */
async function playAttempts(stage: Stage, given: Given): Promise<ServerAnswer> {
  const id = idOf(stage, given.of, 'payments_session_id')
  const before = stage.values.get(String(given.of))
  const all = (given.play as readonly unknown[]).map((one) =>
    typeof one === 'string' ? parseAttempt(one) : one,
  )
  let answer: ServerAnswer = { lost: 'nothing was played' }
  for (const attempts of given.together === true ? [all] : all.map((one) => [one])) {
    answer = await control(stage, `/sessions/${id}/attempts`, { attempts })
    if (!isDone(answer)) return answer
    await stage.settle()
  }
  const session = subjectOf(answer)
  // What only its creation tells stays with it.
  if (before !== undefined) stage.values.set(String(given.of), { ...(before as Given), ...session })
  if (given.as !== undefined) stage.values.set(String(given.as), firstOf(session, 'payments'))
  return answer
}

/** The page as a browser without script gets it, and its form as such a browser sends it. */
async function payLink(stage: Stage, { as, of, ...form }: Given): Promise<ServerAnswer> {
  const session = stage.values.get(String(of)) as Given | undefined
  const path = `/hostedcheckout/${session?.access_key}`
  if (session?.access_key === undefined) throw new NoSuchValue(`${of} has no access_key.`)
  const texts = Object.entries(form).map(([name, one]) => [name, String(one)])
  const answer = await stage.call('POST', `${path}/pay`, { form: Object.fromEntries(texts) })
  if (as !== undefined && isDone(answer)) {
    const id = `/api/v1/paymentsessions/${session.payments_session_id}`
    stage.values.set(String(as), firstOf(subjectOf(await stage.call('GET', id)), 'payments'))
  }
  return answer
}

async function registerWebhook(stage: Stage, given: Given): Promise<ServerAnswer> {
  const { as, events = EVENTS_DEFAULT, url } = given
  const receiver = url === undefined ? await startWebhookReceiver() : undefined
  const name = String(as ?? `receiver-${stage.receivers.size + 1}`)
  // Kept before it is used: whatever happens, it is closed in the end.
  if (receiver !== undefined) stage.receivers.set(name, receiver)
  const answer = await post(stage, '/webhooks', {
    ...(as !== undefined && { as }),
    name,
    url: receiver?.url ?? url,
    enabled_events: events,
  })
  receiver?.expectKey(String(subjectOf(answer).signing_key))
  return answer
}
