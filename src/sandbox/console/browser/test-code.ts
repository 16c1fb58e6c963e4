/** Writes tests of sessions that were made by hand, for `paydesk/testing`. */
import { WEBHOOK_EVENT_TYPES } from '../../../domain/webhook-event.ts'
import type { SessionStory } from './wire.ts'

/** The test runners. */
export const TEST_RUNNERS = ['Vitest', 'Playwright'] as const
/** A test runner. */
export type TestRunner = (typeof TEST_RUNNERS)[number]

/** A session to write a test of. */
export type TestedSession = {
  readonly story: SessionStory
  /** The body of the logged create request, as JSON. Undefined: it is not logged; the session's fields are used. */
  readonly createBody: string | undefined
  readonly usAccountId: string
  readonly connectedAccountIds: readonly string[]
}

const MODULES = {
  vitest: 'paydesk/testing/vitest',
  playwright: 'paydesk/testing/playwright',
  runner: '@playwright/test',
} as const

type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json }

/**
 * Returns a test that repeats a session: it creates one with the same fields, pays it with the same outcomes, and
 * expects the same result.
 */
export function testCode(runner: TestRunner, session: TestedSession): string {
  return runner === 'Vitest' ? vitestCode(session) : playwrightCode(session)
}

function vitestCode(session: TestedSession): string {
  return `import { expect, test } from '${MODULES.vitest}'

test(${literal(titleOf(session.story))}, async ({ tenant }) => {
${lines(createLines(session), payLines(session), endLines(session), expectLines(session))}
})
`
}

/**
 * The headings of the checkout page at the end of a session. The control API plays the attempts, so the page shows the
 * headings for a session that ended elsewhere.
 */
export const END_HEADINGS: Readonly<Record<string, string>> = {
  succeeded: 'This has already been paid',
  failed: 'The payment failed',
  expired: 'This payment has expired',
  canceled: 'This payment was canceled',
}

function playwrightCode(session: TestedSession): string {
  const { status } = session.story.payments_session
  const heading = END_HEADINGS[status]
  const open = ['await page.goto(tenant.client.checkoutUrl(session))']
  // The checkout of a session with return URLs ends at the merchant's shop, which does not run in a test.
  const returns = JSON.stringify(bodyOf(session)).includes('"hosted_page_parameters"')
  const look =
    heading === undefined || returns
      ? []
      : [`await expect(page.getByRole('heading', { name: ${literal(heading)} })).toBeVisible()`]
  return `import { test as base, expect } from '${MODULES.runner}'
import { fixtures, type TestFixtures, type WorkerFixtures } from '${MODULES.playwright}'

const test = base.extend<TestFixtures, WorkerFixtures>(fixtures)

test(${literal(titleOf(session.story))}, async ({ page, tenant }) => {
${lines(createLines(session), open, payLines(session), endLines(session), look, expectLines(session))}
})
`
}

function lines(...parts: readonly (readonly string[])[]): string {
  return parts
    .flat()
    .flatMap((part) => part.split('\n'))
    .map((line) => (line === '' ? '' : `  ${line}`))
    .join('\n')
}

function titleOf({ payments, payments_session: { amount, currency, ...session } }: SessionStory) {
  const what = session.description ?? session.reference_number ?? `${currency} ${amount}`
  const outcomes = payments.map(outcomeOf).toReversed()
  return `${what}: ${[...outcomes, session.status].filter((one, index, all) => one !== all[index - 1]).join(', then ')}`
}

function clientOf({ story, usAccountId }: TestedSession): string {
  return story.account_id === usAccountId ? 'tenant.usClient' : 'tenant.client'
}

function createLines(session: TestedSession): readonly string[] {
  const client = clientOf(session)
  const knownValues = new Map(
    session.connectedAccountIds.map((id, index) => [id, `tenant.connectedAccountIds[${index}]`]),
  )
  return [
    `const receiver = await tenant.receiver(${client === 'tenant.client' ? '' : `{ client: ${client} }`})`,
    `const session = await ${client}.paymentSessions.create(${literal(bodyOf(session), knownValues)})`,
  ]
}

/**
 * Returns code that plays the attempts, oldest first. An attempt that waited for the bank is decided before the next.
 */
function payLines({ story }: TestedSession): readonly string[] {
  const code: string[] = []
  let attempts: string[] = []
  const play = () => {
    if (attempts.length === 0) return
    code.push(
      `await tenant.pay(\n  session,\n${attempts.map((one) => `${indent(one)},\n`).join('')})`,
    )
    attempts = []
  }
  for (const payment of story.payments.toReversed()) {
    const outcome = outcomeOf(payment)
    if (outcome === 'refunded late') continue
    const { failure_code: declineCode, payment_method: method } = payment
    const decision = {
      outcome,
      ...(outcome === 'failed' && declineCode !== undefined && { decline_code: declineCode }),
    }
    const name = method.type === 'net_banking' ? 'netbanking' : method.type
    if (!hasWaited(story, payment)) {
      attempts.push(literal({ method: name, ...decision }))
      continue
    }
    attempts.push(literal({ method: name, outcome: 'pending' }))
    play()
    code.push(`await tenant.decide(session, ${literal(decision)})`)
  }
  play()
  return code
}

/** Returns true for an ACH debit that has ended, in a session with an event `payment.pending`. */
function hasWaited({ timeline }: SessionStory, payment: SessionStory['payments'][number]): boolean {
  const isPending = outcomeOf(payment) === 'pending'
  const isAnnounced = timeline.some(({ kind, text }) => kind === 'event' && text === PENDING_EVENT)
  return !isPending && isAnnounced && payment.payment_method.type === 'ach_debit'
}
const PENDING_EVENT = 'Event payment.pending'

function outcomeOf({ amount_captured: capturedAmount, status }: SessionStory['payments'][number]) {
  switch (status) {
    case 'initiated':
    case 'pending':
      return 'pending'
    case 'failed':
      return 'failed'
    case 'succeeded':
      return 'succeeded'
    default:
      // A success after the expiry captures nothing.
      return Number(capturedAmount) > 0 ? 'succeeded' : 'refunded late'
  }
}

function endLines(session: TestedSession): readonly string[] {
  switch (session.story.payments_session.status) {
    case 'expired':
      return ['await tenant.expire(session)']
    case 'canceled':
      return [`await ${clientOf(session)}.paymentSessions.cancel(session.payments_session_id)`]
    default:
      return []
  }
}

function expectLines(session: TestedSession): readonly string[] {
  const { payments_session: paymentSession, refunds, timeline } = session.story
  const client = clientOf(session)
  const types = timeline
    .filter(({ kind }) => kind === 'event')
    .map(({ text }) => WEBHOOK_EVENT_TYPES.find((type) => text === `Event ${type}`))
    .filter((type) => type !== undefined)
  const ofPayments = types.filter((type) => !type.startsWith('refund.'))
  const ofRefunds = types.filter((type) => type.startsWith('refund.'))
  const last = ofPayments.at(-1)
  return [
    ...ofPayments.slice(0, -1).map((type) => `await receiver.next('${type}')`),
    ...(last === undefined
      ? []
      : [
          `const event = await receiver.next('${last}')`,
          `expect(event.event_object.payment?.amount).toBe('${paymentSession.amount}')`,
        ]),
    `const latest = await ${client}.paymentSessions.retrieve(session.payments_session_id)`,
    `expect(latest.status).toBe('${paymentSession.status}')`,
    ...refunds.flatMap(({ amount }) => [
      `await ${client}.refunds.create(latest.payments?.[0]?.payment_id ?? '', { amount: '${amount}' })`,
    ]),
    ...(ofRefunds.length === 0 ? [] : ["await tenant.clock.advance('1m')"]),
    ...ofRefunds.map((type) => `await receiver.next('${type}')`),
  ]
}

/** The fields of the create request, without those that cannot be read. */
function bodyOf({ createBody, story }: TestedSession): Json {
  const loggedBody = createBody === undefined ? undefined : parseJson(createBody)
  if (loggedBody !== undefined) return loggedBody
  const paymentSession = story.payments_session
  return JSON.parse(
    JSON.stringify({
      amount: paymentSession.amount,
      currency: paymentSession.currency,
      description: paymentSession.description,
      invoice_number: paymentSession.invoice_number,
      reference_number: paymentSession.reference_number,
      meta_data: paymentSession.meta_data,
    }),
  )
}

function parseJson(text: string): Json | undefined {
  try {
    return JSON.parse(text)
  } catch {
    // A long body is cut, and one of an unknown form is hidden.
    return undefined
  }
}

const NAME = /^[A-Za-z_$][\w$]*$/
/** The longest list or object on one line, in characters. */
const LINE_LENGTH_MAX = 80

/** `knownValues`: the code that replaces some texts. */
function literal(value: Json, knownValues: ReadonlyMap<string, string> = new Map()): string {
  if (typeof value === 'string') return knownValues.get(value) ?? quote(value)
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const [open, close] = Array.isArray(value) ? ['[', ']'] : ['{ ', ' }']
  const items = Array.isArray(value)
    ? value.map((one: Json) => literal(one, knownValues))
    : Object.entries(value).map(([name, one]) => `${nameText(name)}: ${literal(one, knownValues)}`)
  if (items.length === 0) return `${open}${close}`.replace(/\s+/g, '')
  const short = `${open}${items.join(', ')}${close}`
  if (short.length <= LINE_LENGTH_MAX && !short.includes('\n')) return short
  return `${open.trim()}\n${items.map((one) => `${indent(one)},\n`).join('')}${close.trim()}`
}

function nameText(name: string): string {
  // `__proto__` as a plain name would set the object's prototype.
  if (name === '__proto__') return "['__proto__']"
  return NAME.test(name) ? name : quote(name)
}

function quote(text: string): string {
  return `'${JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`
}

function indent(text: string): string {
  return text
    .split('\n')
    .map((line) => `  ${line}`)
    .join('\n')
}
