import type { Exchange } from '../../client/errors.ts'
import { isObject } from '../../client/transport.ts'
import { linkIdOf } from './play-step.ts'
import { receivedEvents } from './received-event.ts'
import { answerText, type Fields, isDone, subjectOf } from './server-call.ts'
import { idOf, type Stage } from './stage.ts'

/** A difference from an expectation, as texts for the report. */
export type Mismatch = {
  readonly what: string
  readonly expected: string
  readonly received: string
}

type Check = (
  stage: Stage,
  expected: Fields,
  last: Exchange | undefined,
) => Promise<readonly Mismatch[]> | readonly Mismatch[]

/** Checks all expectations of a step. `last`: the answer to the previous step. Throws NoSuchValue. */
export async function checkExpectations(
  stage: Stage,
  expected: Fields,
  last: Exchange | undefined,
): Promise<readonly Mismatch[]> {
  const mismatches: Mismatch[] = []
  for (const [name, one] of Object.entries(expected)) {
    const check = CHECKS.get(name)
    if (check !== undefined && isObject(one)) mismatches.push(...(await check(stage, one, last)))
  }
  return mismatches
}

const CHECKS: ReadonlyMap<string, Check> = new Map<string, Check>([
  ['answer', (_stage, expected, last) => checkAnswer(expected, last)],
  ['session', checkSession],
  ['link', checkObject('payment link', 'payment_link_id', '/paymentlinks')],
  ['customer', checkObject('customer', 'customer_id', '/customers')],
  ['payment', checkObject('payment', 'payment_id', '/payments')],
  ['refund', checkObject('refund', 'refund_id', '/refunds')],
  ['transfer', checkObject('transfer', 'transfer_id', '/transfers')],
  ['payout', checkObject('payout', 'payout_id', '/payouts')],
  ['virtual_account', checkObject('virtual account', 'virtual_account_id', '/virtualaccounts')],
  ['payment_method', checkObject('payment method', 'payment_method_id', '/paymentmethods')],
  ['mandate', checkObject('mandate', 'mandate_id', '/mandates')],
  ['webhook', checkObject('webhook', 'webhook_url_id', '/webhooks')],
  ['events', checkEvents],
  ['messages', checkMessages],
  ['ledger', checkLedger],
  [
    'get',
    (stage, { is, path }) => checkPath(stage, String(path), { expected: is, what: String(path) }),
  ],
])

function checkAnswer(expected: Fields, last: Exchange | undefined): readonly Mismatch[] {
  if (last === undefined)
    return [{ what: 'answer', expected: 'an answer', received: 'no call yet' }]
  const { body, lost: isLost, ...fields } = expected
  if (isLost === true && last instanceof Error) return []
  if (isLost === true || last instanceof Error) {
    return [
      { what: 'answer', expected: isLost ? 'none' : show(expected), received: answerText(last) },
    ]
  }
  const { code, field } = last.body ?? {}
  return [
    ...compare('answer', fields, { status: last.status, code, field }),
    ...(body === undefined ? [] : compare('answer', body, last.body ?? {})),
  ]
}

async function checkSession(stage: Stage, expected: Fields): Promise<readonly Mismatch[]> {
  const { of: name, payment_statuses: statuses, ...fields } = expected
  const id = idOf(stage, name, 'payments_session_id')
  const answer = await stage.call('GET', `/api/v1/paymentsessions/${id}`)
  const what = `session ${name}`
  if (!isDone(answer)) return [missingAnswer(what, answer)]
  const session = subjectOf(answer)
  const payments = Array.isArray(session.payments) ? session.payments : []
  // The API has the newest payment first.
  const received = payments.map((payment) => payment.status).reverse()
  return [
    ...compare(what, fields, session),
    ...(statuses === undefined ? [] : compare(`${what}: payment_statuses`, statuses, received)),
  ]
}

function checkObject(noun: string, idField: string, path: string): Check {
  return (stage, { of: name, ...fields }) =>
    checkPath(stage, `/api/v1${path}/${idOf(stage, name, idField)}`, {
      expected: fields,
      what: `${noun} ${name}`,
      isSubject: true,
    })
}

async function checkPath(
  stage: Stage,
  path: string,
  {
    expected,
    isSubject = false,
    what,
  }: {
    readonly expected: unknown
    readonly what: string
    /** True: the object of the answer is compared; otherwise its whole body. */
    readonly isSubject?: boolean
  },
): Promise<readonly Mismatch[]> {
  const answer = await stage.call('GET', path)
  if (!isDone(answer) || answer instanceof Error) return [missingAnswer(what, answer)]
  return compare(what, expected, isSubject ? subjectOf(answer) : (answer.body ?? {}))
}

function checkEvents(stage: Stage, expected: Fields): readonly Mismatch[] {
  const {
    are,
    at: endpoint,
    count,
    distinct,
    genuine,
    order = 'exact',
    taken: takenCount,
    type,
  } = expected
  const what = `events at ${endpoint}`
  const receiver = stage.receivers.get(String(endpoint))
  if (receiver === undefined) {
    return [{ what, expected: 'a receiver', received: 'this endpoint has no built-in receiver' }]
  }
  const linkId = expected.of === undefined ? undefined : linkIdOf(stage, expected.of)
  const sessionId =
    expected.of === undefined || linkId !== undefined
      ? undefined
      : idOf(stage, expected.of, 'payments_session_id')
  const events = receivedEvents(receiver.listener).filter(
    ({ eventType, object }) =>
      (type === undefined || eventType === type) &&
      (linkId === undefined || object.payment_link_id === linkId) &&
      (sessionId === undefined || object.payments_session_id === sessionId),
  )
  const arrange = (types: readonly unknown[]) => (order === 'any' ? types.toSorted() : types)
  const counts = {
    count: events.length,
    distinct: new Set(events.map(({ eventId }) => eventId)).size,
    taken: events.filter(({ isTaken }) => isTaken).length,
    genuine: events.filter(({ isGenuine }) => isGenuine).length,
  }
  const expectedCounts = Object.entries({ count, distinct, taken: takenCount, genuine })
  return [
    ...(are === undefined
      ? []
      : compare(
          what,
          arrange(Array.isArray(are) ? are : []),
          arrange(events.map(({ eventType }) => eventType)),
        )),
    ...compare(
      what,
      Object.fromEntries(expectedCounts.filter(([, one]) => one !== undefined)),
      counts,
    ),
  ]
}

/** The maximum number of messages of the outbox that are compared. */
const MESSAGE_COUNT_MAX = 200

async function checkMessages(stage: Stage, expected: Fields): Promise<readonly Mismatch[]> {
  const { are, channel, count, to } = expected
  const query = { account_id: stage.accountId, limit: MESSAGE_COUNT_MAX }
  const outbox = await stage.control.messages.list(query).catch((error: Error) => error)
  if (outbox instanceof Error) {
    return [{ what: 'messages', expected: 'an answer', received: outbox.message }]
  }
  const what = to === undefined ? 'messages' : `messages to ${to}`
  const selection = outbox.filter(
    (one) =>
      (to === undefined || one.to === String(to)) &&
      (channel === undefined || one.channel === channel),
  )
  const kinds = selection.toReversed().map(({ kind }) => kind)
  return [
    ...(are === undefined ? [] : compare(what, are, kinds)),
    ...(count === undefined ? [] : compare(`${what}: count`, count, kinds.length)),
  ]
}

async function checkLedger(stage: Stage, expected: Fields): Promise<readonly Mismatch[]> {
  const { agrees = true, ...accounts } = expected
  const report = await stage.control.ledger().catch((error: Error) => error)
  if (report instanceof Error) {
    return [{ what: 'ledger', expected: 'an answer', received: report.message }]
  }
  const own = report.balances.filter(({ account_id: id }) => id === stage.accountId)
  const received = new Map<string, string>()
  for (const { balance, currency, ledger_account: name } of own) {
    received.set(name, balance).set(`${name} ${currency}`, balance)
  }
  const differences = Object.entries(accounts).flatMap(([name, amount]) =>
    // An account without postings has the balance 0.
    compare(`ledger: ${name}`, amount, received.get(name) ?? '0'),
  )
  return [...compare('ledger: agrees', agrees, report.agrees), ...differences]
}

function missingAnswer(what: string, answer: Exchange): Mismatch {
  return { what, expected: 'an answer', received: answerText(answer) }
}

/** Compares objects by the expected fields, lists by their length and each item, and amounts as numbers. */
function compare(what: string, expected: unknown, received: unknown): readonly Mismatch[] {
  if (isSame(expected, received)) return []
  if (Array.isArray(expected) && Array.isArray(received) && expected.length === received.length) {
    const isPlain = expected.every((one) => typeof one !== 'object')
    if (!isPlain)
      return expected.flatMap((one, index) => compare(`${what}[${index}]`, one, received[index]))
  }
  if (isFields(expected) && isFields(received)) {
    return Object.entries(expected).flatMap(([key, one]) =>
      compare(`${what}${what.includes(': ') ? '.' : ': '}${key}`, one, received[key]),
    )
  }
  return [{ what, expected: show(expected), received: show(received) }]
}

function isSame(expected: unknown, received: unknown): boolean {
  if (expected === null || expected === undefined)
    return received === null || received === undefined
  // The API writes amounts and most ids as texts; in YAML they are numbers.
  if (typeof expected === 'number' && typeof received === 'string') {
    return received !== '' && Number(received) === expected
  }
  if (typeof expected === 'string' && typeof received === 'number')
    return expected === String(received)
  return JSON.stringify(expected) === JSON.stringify(received)
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The longest value in a report, in characters. */
const SHOWN_LENGTH_MAX = 300

function show(value: unknown): string {
  const text =
    value === undefined || value === null
      ? 'nothing'
      : typeof value === 'string'
        ? value
        : Array.isArray(value) && value.every((one) => typeof one === 'string')
          ? `[${value.join(', ')}]`
          : JSON.stringify(value)
  return text.length > SHOWN_LENGTH_MAX ? `${text.slice(0, SHOWN_LENGTH_MAX)}…` : text
}
