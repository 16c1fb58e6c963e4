import { idOf, type Stage } from './play-step.ts'
import { answerText, isDone, type ServerAnswer, subjectOf } from './server-call.ts'

/** Something that is not as it was expected. Texts as a report shows them. */
export type Mismatch = { readonly what: string; readonly expected: string; readonly came: string }

type Fields = Readonly<Record<string, unknown>>
type Check = (
  stage: Stage,
  expected: Fields,
  last: ServerAnswer | undefined,
) => Promise<readonly Mismatch[]> | readonly Mismatch[]

/** Checks all that one step expects; `last`: what the step before was answered. Throws NoSuchValue. */
export async function checkExpectations(
  stage: Stage,
  expected: Fields,
  last: ServerAnswer | undefined,
): Promise<readonly Mismatch[]> {
  const found: Mismatch[] = []
  for (const [name, one] of Object.entries(expected)) {
    const check = CHECKS.get(name)
    if (check !== undefined) found.push(...(await check(stage, one as Fields, last)))
  }
  return found
}

const CHECKS: ReadonlyMap<string, Check> = new Map<string, Check>([
  ['answer', (_stage, expected, last) => checkAnswer(expected, last)],
  ['session', checkSession],
  ['payment', checkObject('payment', 'payment_id', '/payments')],
  ['refund', checkObject('refund', 'refund_id', '/refunds')],
  ['transfer', checkObject('transfer', 'transfer_id', '/transfers')],
  ['webhook', checkObject('webhook', 'webhook_url_id', '/webhooks')],
  ['events', checkEvents],
  ['ledger', checkLedger],
  ['get', (stage, { is, path }) => checkPath(stage, String(path), is, String(path))],
])

function checkAnswer(expected: Fields, last: ServerAnswer | undefined): readonly Mismatch[] {
  if (last === undefined) return [{ what: 'answer', expected: 'an answer', came: 'no call yet' }]
  const { body, lost, ...named } = expected
  if (lost === true || 'lost' in last) {
    return (lost === true) === 'lost' in last
      ? []
      : [{ what: 'answer', expected: lost ? 'none' : show(expected), came: answerText(last) }]
  }
  const { code, field } = last.body
  return [
    ...compare('answer', named, { status: last.status, code, field }),
    ...(body === undefined ? [] : compare('answer', body, last.body)),
  ]
}

async function checkSession(stage: Stage, expected: Fields): Promise<readonly Mismatch[]> {
  const { of, payment_statuses: statuses, ...fields } = expected
  const id = idOf(stage, of, 'payments_session_id')
  const answer = await stage.call('GET', `/api/v1/paymentsessions/${id}`)
  const what = `session ${of}`
  if (!isDone(answer)) return [unanswered(what, answer)]
  const session = subjectOf(answer)
  const payments = (session.payments ?? []) as readonly Fields[]
  // The wire has the newest first.
  const came = payments.map(({ status }) => status).reverse()
  return [
    ...compare(what, fields, session),
    ...(statuses === undefined ? [] : compare(`${what}: payment_statuses`, statuses, came)),
  ]
}

function checkObject(noun: string, idField: string, path: string): Check {
  return (stage, { of, ...fields }) =>
    checkPath(stage, `/api/v1${path}/${idOf(stage, of, idField)}`, fields, `${noun} ${of}`, true)
}

async function checkPath(
  stage: Stage,
  path: string,
  expected: unknown,
  what: string,
  isSubject = false,
): Promise<readonly Mismatch[]> {
  const answer = await stage.call('GET', path)
  if (!isDone(answer) || 'lost' in answer) return [unanswered(what, answer)]
  return compare(what, expected, isSubject ? subjectOf(answer) : answer.body)
}

function checkEvents(stage: Stage, expected: Fields): readonly Mismatch[] {
  const { are, at, count, distinct, genuine, of, order = 'exact', taken, type } = expected
  const what = `events at ${at}`
  const receiver = stage.receivers.get(String(at))
  if (receiver === undefined) {
    return [{ what, expected: 'a receiver', came: 'its endpoint has none that is built in' }]
  }
  const sessionId = of === undefined ? undefined : idOf(stage, of, 'payments_session_id')
  const seen = receiver.received.filter(
    ({ eventType, object }) =>
      (type === undefined || eventType === type) &&
      (sessionId === undefined || object.payments_session_id === sessionId),
  )
  const arranged = (types: readonly string[]) => (order === 'any' ? types.toSorted() : types)
  const counts = {
    count: seen.length,
    distinct: new Set(seen.map(({ eventId }) => eventId)).size,
    taken: seen.filter(({ isTaken }) => isTaken).length,
    genuine: seen.filter(({ isGenuine }) => isGenuine).length,
  }
  const wanted = Object.entries({ count, distinct, taken, genuine })
  return [
    ...(are === undefined
      ? []
      : compare(
          what,
          arranged(are as readonly string[]),
          arranged(seen.map(({ eventType }) => eventType)),
        )),
    ...compare(what, Object.fromEntries(wanted.filter(([, one]) => one !== undefined)), counts),
  ]
}

async function checkLedger(stage: Stage, expected: Fields): Promise<readonly Mismatch[]> {
  const { agrees = true, ...accounts } = expected
  const answer = await stage.call('GET', '/_sandbox/ledger')
  if (!isDone(answer)) return [unanswered('ledger', answer)]
  const report = subjectOf(answer) as {
    readonly agrees: boolean
    readonly balances: readonly Readonly<Record<string, string>>[]
  }
  const own = report.balances.filter(({ account_id: id }) => id === stage.accountId)
  const came = new Map(
    own.flatMap(({ balance, currency, ledger_account: name }) => [
      [name, balance],
      [`${name} ${currency}`, balance],
    ]),
  )
  const found = Object.entries(accounts).flatMap(([name, amount]) =>
    // An account that nothing was posted to holds nothing.
    compare(`ledger: ${name}`, amount, came.get(name) ?? '0'),
  )
  return [...compare('ledger: agrees', agrees, report.agrees), ...found]
}

function unanswered(what: string, answer: ServerAnswer): Mismatch {
  return { what, expected: 'an answer', came: answerText(answer) }
}

/** Compares the named fields of objects, lists as a whole, and amounts as numbers too. */
function compare(what: string, expected: unknown, came: unknown): readonly Mismatch[] {
  if (isSame(expected, came)) return []
  if (Array.isArray(expected) && Array.isArray(came) && expected.length === came.length) {
    const isPlain = expected.every((one) => typeof one !== 'object')
    if (!isPlain) return expected.flatMap((one, at) => compare(`${what}[${at}]`, one, came[at]))
  }
  if (isFields(expected) && isFields(came)) {
    return Object.entries(expected).flatMap(([key, one]) =>
      compare(`${what}${what.includes(': ') ? '.' : ': '}${key}`, one, came[key]),
    )
  }
  return [{ what, expected: show(expected), came: show(came) }]
}

function isSame(expected: unknown, came: unknown): boolean {
  if (expected === null || expected === undefined) return came === null || came === undefined
  // The wire writes amounts and most ids as texts, which YAML has as numbers.
  if (typeof expected === 'number' && typeof came === 'string') {
    return came !== '' && Number(came) === expected
  }
  if (typeof expected === 'string' && typeof came === 'number') return expected === String(came)
  return JSON.stringify(expected) === JSON.stringify(came)
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A report shows a line of a value, not pages. Unit: characters. */
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
