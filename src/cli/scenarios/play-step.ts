import type { Answer, Exchange } from '../../client/errors.ts'
import { isObject } from '../../client/transport.ts'
import { WEBHOOK_EVENT_TYPES } from '../../domain/webhook-event.ts'
import { startWebhookListener } from '../../testing/webhook-listener.ts'
import { parseAttempt } from './parse-attempt.ts'
import { enrollMandate, executeMandate, notifyOfDebit } from './play-mandate.ts'
import { chargeMethod, saveMethod } from './play-saved-method.ts'
import type { StepKind } from './scenario-steps.ts'
import { type Fields, isDone, subjectOf } from './server-call.ts'
import {
  control,
  fieldsOf,
  firstOf,
  idOf,
  keep,
  post,
  type ScenarioReceiver,
  type Stage,
} from './stage.ts'
import { NoSuchValue } from './step-values.ts'

/**
 * `fields`: those of the step, with values in place of references such as `${order.amount}`. A field such as `of` has
 * the name of an earlier step, or an id.
 */
type Player = (stage: Stage, fields: Fields) => Promise<Exchange>

/** The result of a step that makes no call. */
const DONE_ANSWER: Answer = { status: 200, headers: new Headers(), body: {} }

/** Plays a step of any kind but `expect`. Throws NoSuchValue for a name without an id of the right kind. */
export function playStep(
  stage: Stage,
  kind: Exclude<StepKind, 'expect'>,
  value: unknown,
): Promise<Exchange> {
  return PLAYERS[kind](stage, isObject(value) ? value : { of: value })
}

/** Returns the id of the payment link with a name. Undefined: the object is not a link. */
export function linkIdOf(stage: Stage, name: unknown): string | undefined {
  const { payment_link_id: id, payments_session_id: sessionId } = fieldsOf(stage, name)
  // The session of a link names its link.
  return id === undefined || sessionId !== undefined ? undefined : String(id)
}

/** A session's name means its newest payment. */
async function paymentIdOf(stage: Stage, name: unknown): Promise<string> {
  const { payment_id: paymentId, payments_session_id: sessionId } = fieldsOf(stage, name)
  if (paymentId !== undefined || sessionId === undefined) return idOf(stage, name, 'payment_id')
  const answer = await stage.call('GET', `/api/v1/paymentsessions/${sessionId}`)
  const newest = firstOf(subjectOf(answer), 'payments')
  if (!isObject(newest)) throw new NoSuchValue(`${name} has no payment yet.`)
  return String(newest.payment_id)
}

const PLAYERS: Record<Exclude<StepKind, 'expect'>, Player> = {
  session: (stage, fields) => post(stage, '/paymentsessions', fields),
  customer: (stage, fields) => post(stage, '/customers', fields),
  link: (stage, fields) => post(stage, '/paymentlinks', fields),
  attempts: playAttempts,
  pay_link: payLink,
  expire: (stage, { of: subject }) => {
    const linkId = linkIdOf(stage, subject)
    if (linkId !== undefined) return control(stage, `/payment_links/${linkId}/expire`)
    return control(stage, `/sessions/${idOf(stage, subject, 'payments_session_id')}/expire`)
  },
  cancel: (stage, { of: subject }) => {
    const linkId = linkIdOf(stage, subject)
    if (linkId !== undefined) return stage.call('PUT', `/api/v1/paymentlinks/${linkId}/cancel`)
    const id = idOf(stage, subject, 'payments_session_id')
    return post(stage, `/paymentsessions/${id}/cancel`, {})
  },
  refund: async (stage, fields) =>
    post(stage, `/payments/${await paymentIdOf(stage, fields.of)}/refunds`, fields),
  transfer: async (stage, { split, ...rest }) =>
    post(stage, '/transfers', {
      ...rest,
      payment_id: await paymentIdOf(stage, rest.of),
      transfer_split: split,
    }),
  reverse: (stage, { amount, ...fields }) =>
    post(stage, '/transferreversals', {
      ...fields,
      transfer_id: idOf(stage, fields.of, 'transfer_id'),
      reversal_amount: amount,
    }),
  payout_run: runPayouts,
  dispute: disputePayment,
  terminal_pay: (stage, { as: name, of: session, terminal, ...payment }) =>
    keep(
      stage,
      name,
      control(stage, `/terminals/${encodeURIComponent(String(terminal))}/pay`, {
        ...payment,
        ...(session !== undefined && {
          payments_session_id: idOf(stage, session, 'payments_session_id'),
        }),
      }),
    ),
  mandate: enrollMandate,
  notify: notifyOfDebit,
  execute: executeMandate,
  save_method: saveMethod,
  charge: chargeMethod,
  virtual_account: (stage, fields) => post(stage, '/virtualaccounts', fields),
  transfer_in: (stage, { as: name, of: account, ...transfer }) => {
    const { account_number } = fieldsOf(stage, account)
    if (account_number === undefined) throw new NoSuchValue(`${account} has no account_number.`)
    return keep(stage, name, control(stage, '/bank_transfers', { ...transfer, account_number }))
  },
  advance: (stage, { of: duration }) => control(stage, '/clock/advance', { by: duration }),
  set_clock: (stage, { of: time }) => control(stage, '/clock/set', { time }),
  freeze_clock: (stage) => control(stage, '/clock/freeze'),
  run_clock: (stage, { of: rate }) => control(stage, '/clock/run', { rate }),
  fault: (stage, { as: name, ...body }) => keep(stage, name, control(stage, '/faults', body)),
  clear_faults: (stage, { of: fault }) => {
    const path = fault === true ? '' : `/${idOf(stage, fault, 'id')}`
    return stage.call('DELETE', `/_sandbox/faults${path}`)
  },
  webhook: registerWebhook,
  receiver: async (stage, { answers, of: endpoint }) => {
    const receiver = stage.receivers.get(String(endpoint))
    if (receiver === undefined) throw new NoSuchValue(`${endpoint} has no built-in receiver.`)
    receiver.answerWith(answers === 'cut' ? answers : Number(answers))
    return DONE_ANSWER
  },
  event: (stage, { as: name, data, id, type }) =>
    keep(
      stage,
      name,
      control(stage, '/events', {
        account_id: stage.accountId,
        event_type: type,
        ...(id !== undefined && { event_id: String(id) }),
        ...(data !== undefined && { data }),
      }),
    ),
  snapshot: (stage, { of: snapshot }) => {
    const name = stage.uniqueName(`snapshot-${stage.snapshots.size + 1}`)
    stage.snapshots.set(String(snapshot), name)
    return control(stage, '/snapshots', { name })
  },
  restore: async (stage, { of: snapshot }) => {
    const name = stage.snapshots.get(String(snapshot))
    if (name === undefined) throw new NoSuchValue(`There is no snapshot ${snapshot}.`)
    return control(stage, '/restore', { name })
  },
  call: async (stage, { as: name, body, headers, method, path }) => {
    const answer = await stage.call(String(method).toUpperCase(), String(path), {
      headers: textsOf(headers),
      ...(body !== undefined && { body }),
    })
    if (name !== undefined && !(answer instanceof Error)) {
      stage.values.set(String(name), answer.body ?? {})
    }
    return answer
  },
}

/** Runs the payouts of the account. The bank decides about them only if the field `bank` is set. */
async function runPayouts(stage: Stage, fields: Fields): Promise<Exchange> {
  const { as: name, bank, failure_code: code } = fields
  const run = await control(stage, '/payouts/run', { account_id: stage.accountId })
  if (!isDone(run)) return run
  const list = run instanceof Error || !isObject(run.body) ? undefined : run.body.payouts
  const payouts = (Array.isArray(list) ? list : []).filter(isObject)
  let answer: Exchange = run
  let own = payouts.find((payout) => payout.connected_account_id === undefined)
  for (const { connected_account_id: receiver, payout_id: id } of payouts) {
    if (bank === undefined) break
    answer =
      bank === 'paid'
        ? await control(stage, `/payouts/${id}/pay`)
        : await control(
            stage,
            `/payouts/${id}/fail`,
            code === undefined ? {} : { failure_code: code },
          )
    if (!isDone(answer)) return answer
    if (receiver === undefined) own = subjectOf(answer)
  }
  if (name !== undefined && own !== undefined) stage.values.set(String(name), own)
  return answer
}

/** Opens a dispute of a payment, decides it, or does both. */
async function disputePayment(stage: Stage, fields: Fields): Promise<Exchange> {
  const { as: name, ends, of: subject, ...opening } = fields
  const id = await paymentIdOf(stage, subject)
  const payment = await stage.call('GET', `/api/v1/payments/${id}`)
  const { dispute } = subjectOf(payment)
  const isOpen = isObject(dispute) && dispute.status === 'open'
  const decidesOnly = ends !== undefined && isOpen && Object.keys(opening).length === 0
  const openAnswer = decidesOnly
    ? payment
    : await control(stage, `/payments/${id}/dispute`, opening)
  if (!isDone(openAnswer) || ends === undefined)
    return keep(stage, name, Promise.resolve(openAnswer))
  const { dispute: current } = subjectOf(openAnswer)
  const disputeId = isObject(current) ? current.dispute_id : undefined
  const decision = ends === 'won' ? 'win' : 'lose'
  return keep(stage, name, control(stage, `/disputes/${disputeId}/${decision}`))
}

function textsOf(fields: unknown): Readonly<Record<string, string>> {
  const entries = isObject(fields) ? Object.entries(fields) : []
  return Object.fromEntries(entries.map(([name, value]) => [name, String(value)]))
}

/** The webhooks of each attempt are sent before the next one, unless `together` is set. */
async function playAttempts(stage: Stage, fields: Fields): Promise<Exchange> {
  const linkId = linkIdOf(stage, fields.of)
  const opening =
    linkId === undefined ? undefined : await control(stage, `/payment_links/${linkId}/open`)
  if (opening !== undefined && !isDone(opening)) return opening
  const id =
    opening === undefined
      ? idOf(stage, fields.of, 'payments_session_id')
      : String(subjectOf(opening).payments_session_id)
  const attemptList = Array.isArray(fields.play) ? fields.play : []
  const all = attemptList.map((one) => (typeof one === 'string' ? parseAttempt(one) : one))
  let answer: Exchange = DONE_ANSWER
  for (const attempts of fields.together === true ? [all] : all.map((one) => [one])) {
    answer = await control(stage, `/sessions/${id}/attempts`, { attempts })
    if (!isDone(answer)) return answer
    await stage.settle()
  }
  const session = subjectOf(answer)
  // The earlier fields stay, because only the answer to the session's creation has the access key. The name of a link
  // still means the link, with the new payments.
  if (stage.values.has(String(fields.of))) {
    const more = linkId === undefined ? session : { payments: session.payments }
    stage.values.set(String(fields.of), { ...fieldsOf(stage, fields.of), ...more })
  }
  if (fields.as !== undefined) stage.values.set(String(fields.as), firstOf(session, 'payments'))
  return answer
}

/** Sends the form of the checkout page, as a browser without script does. */
async function payLink(stage: Stage, fields: Fields): Promise<Exchange> {
  const { as: name, of: subject, ...form } = fields
  const { access_key: key, payments_session_id: id } = fieldsOf(stage, subject)
  if (key === undefined) throw new NoSuchValue(`${subject} has no access_key.`)
  const answer = await stage.call('POST', `/hostedcheckout/${key}/pay`, { form: textsOf(form) })
  if (name !== undefined && isDone(answer)) {
    const session = subjectOf(await stage.call('GET', `/api/v1/paymentsessions/${id}`))
    stage.values.set(String(name), firstOf(session, 'payments'))
  }
  return answer
}

async function registerWebhook(stage: Stage, fields: Fields): Promise<Exchange> {
  const { as: stepName, events = WEBHOOK_EVENT_TYPES, url } = fields
  const receiver = url === undefined ? await startReceiver() : undefined
  const name = String(stepName ?? `receiver-${stage.receivers.size + 1}`)
  // The receiver is stored before the call, so that it is closed at the end even if the call fails.
  if (receiver !== undefined) stage.receivers.set(name, receiver)
  const answer = await post(stage, '/webhooks', {
    ...(stepName !== undefined && { as: stepName }),
    name,
    url: receiver?.listener.url ?? url,
    enabled_events: events,
  })
  receiver?.listener.expectKey(String(subjectOf(answer).signing_key))
  return answer
}

/** The receiver answers 200 until `answerWith` is called. */
async function startReceiver(): Promise<ScenarioReceiver> {
  let next: number | 'cut' = 200
  const listener = await startWebhookListener({
    answer: () => next,
    // The time comes from the request, because the clock may be days ahead when the signature is checked.
    nowMs: (headers) => 1_000 * Number(headers['webhook-timestamp']),
  })
  return {
    listener,
    answerWith: (answer) => {
      next = answer
    },
  }
}
