import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { liveSettingsAt, makePlace, type Place } from '../../test/support/engines.ts'
import { type SignedInOperator, signInOperatorOf } from '../../test/support/signed-in.ts'
import {
  attemptOf,
  customerOf,
  linkOf,
  mandateOf,
  messageOf,
  NOW_MS,
  session,
  TEST_ACTOR,
  withOutcome,
} from '../../test/support/stored-rows.ts'
import type { AccountId } from '../domain/id.ts'
import { OPERATOR_ROLES, type OperatorRole } from '../domain/operator.ts'
import { createAccount } from '../operations/create-account.ts'
import { type Server, startServer } from '../server/start-server.ts'

let place: Place
let server: Server
let accountId: AccountId
let objects: Awaited<ReturnType<typeof storeObjects>>
const operators = new Map<OperatorRole, SignedInOperator>()

/** Stores one object of each kind: a session with a declined payment, a link, a mandate and a customer. */
async function storeObjects() {
  const contacts = { email: 'asha@shop.example', phone: '9000000001' }
  const open = session({ accountId, attemptCount: 1 })
  const attempt = withOutcome(
    attemptOf(open, 1, {
      accountId,
      customer: contacts,
      processorReference: 'ch_17',
      queryCount: 2,
    }),
    { status: 'failed', declineCode: 'insufficient_funds' },
  )
  const link = linkOf(accountId, contacts)
  const customer = customerOf(accountId, { email: contacts.email })
  const enrollmentSession = session({ accountId })
  const enrollment = attemptOf(enrollmentSession, 1, { accountId })
  const mandate = mandateOf({
    accountId,
    customerId: customer.id,
    enrollmentAttemptId: enrollment.id,
  })
  const { store } = server.tenant
  await store.paymentSessions.insert(open, undefined, NOW_MS)
  await store.paymentSessions.insert(enrollmentSession, undefined, NOW_MS)
  await store.transaction(async (tx) => {
    await tx.paymentAttempts.insert(attempt)
    await tx.paymentAttempts.insert(enrollment)
    await tx.paymentLinks.insert(link)
    await tx.customers.insert(customer)
    await tx.mandates.insert(mandate)
    await tx.messages.insert(
      messageOf({ accountId, subjectId: attempt.id, recipient: contacts.email }),
    )
  })
  return { attempt, customer, link, mandate, open }
}

beforeAll(async () => {
  place = await makePlace('file')
  const settings = liveSettingsAt(place, {}, 'approving-processor')
  server = await startServer(settings, { clock: { nowMs: () => NOW_MS + 60_000 } })
  const deps = { ...server.tenant, actor: TEST_ACTOR }
  accountId = (await createAccount(deps, 'Tea shop', 'IN')).account.id
  objects = await storeObjects()
  for (const role of OPERATOR_ROLES) {
    operators.set(role, await signInOperatorOf(server, { role, accountIds: [accountId] }))
  }
})
afterAll(async () => {
  await server.close()
  place.remove()
})

function callOf(role: OperatorRole) {
  const operator = operators.get(role)
  if (operator === undefined) throw new Error(`no operator is ${role}`)
  return (
    method: Parameters<SignedInOperator['call']>[0],
    path: string,
    body?: object,
    headers?: Readonly<Record<string, string>>,
  ) => operator.call(method, `${path}?account_id=${accountId}`, body, headers)
}

test('a session’s timeline has the moves and messages of the session and the processor’s result, with masked contacts', async () => {
  const { attempt, open } = objects
  const { body, status } = await callOf('viewer')('GET', `/paymentsessions/${open.id}/story`)
  expect(status).toBe(200)
  const { payments, payments_session, timeline } = body.session
  expect([payments_session.payments_session_id, payments_session.status]).toEqual([
    open.id,
    'created',
  ])
  expect(payments[0]).toMatchObject({ payment_id: attempt.id, receipt_email: 'a•••@shop.example' })
  expect(
    timeline.map(({ detail, kind, text }: Record<string, string>) => [kind, text, detail]),
  ).toEqual([
    ['session', 'Payment session created', 'INR 100.50'],
    ['message', 'Receipt by e-mail', 'a•••@shop.example'],
    ['attempt', 'Attempt 1 began', 'netbanking'],
    ['processor', 'Result from the processor', 'reference ch_17, 2 queries'],
    ['attempt', 'Attempt 1 failed', expect.stringContaining('insufficient_funds')],
  ])
  expect(JSON.stringify(body)).not.toMatch(/asha@|9000000001/)
})

test('the stories of a link and a mandate have their objects, and mask the contacts of the link', async () => {
  const { link, mandate } = objects
  const call = callOf('viewer')
  const linkAnswer = await call('GET', `/paymentlinks/${link.id}/story`)
  expect(linkAnswer.body.payment_link).toMatchObject({
    payment_links: { payment_link_id: link.id, email: 'a•••@shop.example', phone: '•••01' },
    is_processing: false,
    timeline: [{ kind: 'link', text: 'Payment link created' }],
  })
  const mandateAnswer = await call('GET', `/mandates/${mandate.id}/story`)
  expect(mandateAnswer.body.mandate_story).toMatchObject({
    mandate: { mandate_id: mandate.id, customer_name: 'Asha Rao' },
    notifications: [],
  })
})

test('an object of another account does not exist', async () => {
  const { store } = server.tenant
  const deps = { ...server.tenant, actor: TEST_ACTOR }
  const other = (await createAccount(deps, 'Book shop', 'IN')).account.id
  const foreign = session({ accountId: other })
  const link = linkOf(other)
  await store.paymentSessions.insert(foreign, undefined, NOW_MS)
  await store.transaction((tx) => tx.paymentLinks.insert(link))
  for (const path of [
    `/paymentsessions/${foreign.id}/story`,
    `/paymentlinks/${link.id}/story`,
    '/mandates/1/story',
    '/paymentsessions/x/story',
  ]) {
    expect([path, (await callOf('administrator')('GET', path)).status]).toEqual([path, 404])
  }
})

type RequestOfRow = readonly [method: 'POST' | 'PUT', path: string, body?: object]

describe.each<readonly [operation: string, requestOf: () => RequestOfRow]>([
  ['cancelPaymentSession', () => ['POST', `/paymentsessions/${objects.open.id}/cancel`]],
  ['createPaymentLink', () => ['POST', '/paymentlinks', LINK]],
  ['updatePaymentLink', () => ['PUT', `/paymentlinks/${objects.link.id}`, { description: 'Tea' }]],
  ['cancelPaymentLink', () => ['PUT', `/paymentlinks/${objects.link.id}/cancel`]],
  ['createCustomer', () => ['POST', '/customers', { name: 'Ravi', email: 'ravi@shop.example' }]],
  ['updateCustomer', () => ['PUT', `/customers/${objects.customer.id}`, { name: 'Asha R' }]],
  ['cancelMandate', () => ['POST', `/mandates/${objects.mandate.id}/cancel`]],
])('%s', (_, requestOf) => {
  test.each([
    ['viewer', 403],
    ['support', 403],
    ['manager', 'allowed'],
  ] as const)('by the role %s: %s', async (role, expected) => {
    const [method, path, body] = requestOf()
    const answer = await callOf(role)(method, path, body ?? {})
    const isRefused = String(answer.body.message).includes(
      'This call needs at least the role manager.',
    )
    expect([answer.status === 403, isRefused]).toEqual([expected === 403, expected === 403])
  })
})

test('a role without the permission learns nothing about the fields of an operation', async () => {
  const wrongBody = { amount: 'ten', color: 'blue' }
  const statusFor = async (role: OperatorRole) =>
    (await callOf(role)('POST', '/paymentlinks', wrongBody)).status
  expect([await statusFor('viewer'), await statusFor('manager')]).toEqual([403, 400])
})

const LINK = { amount: 10, currency: 'INR', description: 'Two tins of tea' }
