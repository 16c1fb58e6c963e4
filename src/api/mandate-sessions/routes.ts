import { type CustomerId, parseId } from '../../domain/id.ts'
import { mandateDayAt } from '../../domain/mandate-terms.ts'
import type { PaymentSessionRequest } from '../../operations/draw-payment-session.ts'
import { httpAnswerFrom } from '../answer.ts'
import { readId } from '../connected-accounts/read-connected-accounts.ts'
import { requireEdition } from '../edition.ts'
import { ApiError } from '../errors.ts'
import { requireMandates } from '../mandates/require-mandates.ts'
import { withCheckoutLink } from '../payment-sessions/checkout-link.ts'
import { answerSessionCreate } from '../payment-sessions/create.ts'
import { ownCustomer } from '../payment-sessions/own-customer.ts'
import type { JsonValue } from '../read-json.ts'
import { type Call, route } from '../route.ts'
import {
  type MandateSessionContext,
  parseMandateEnrollment,
  parseMandateExecution,
} from './parse.ts'
import { renderCreatedEnrollment, renderCreatedExecution } from './render.ts'
import {
  CreateMandateEnrollmentAnswer,
  CreateMandateExecutionAnswer,
  MandateEnrollmentBody,
  MandateExecutionBody,
} from './schemas.ts'

const facts = {
  method: 'POST',
  url: '/paymentsessions',
  scope: 'payments.CREATE',
  tag: 'Mandates',
  // The account may be closed or of another edition, and the body names a customer.
  failures: [403, 404],
} as const

/** `POST /paymentsessions` with the type `mandate_enrollment`. */
export const createMandateEnrollment = route({
  ...facts,
  operationId: 'createMandateEnrollment',
  summary: 'Create a session in which a customer approves a mandate',
  description:
    'Creates a session whose page shows the terms of a mandate. The customer approves them in a UPI app within 15 minutes; each attempt makes its own mandate. Only for accounts of the IN edition. In live mode this needs a processor that offers mandates.',
  body: MandateEnrollmentBody,
  answers: { 201: CreateMandateEnrollmentAnswer },
  handle: async (call) => {
    const read = readerWith(parseMandateEnrollment)
    const newSession = await answerSessionCreate(call, read, renderCreatedEnrollment)
    return withCheckoutLink(newSession, call.publicUrl())
  },
})

/** `POST /paymentsessions` with the type `mandate_execution`. */
export const createMandateExecution = route({
  ...facts,
  operationId: 'createMandateExecution',
  summary: 'Create a session for a debit of a mandate',
  description:
    'Creates a session for one debit. It has no page: `POST /mandates/execute` pays it within 15 minutes. Only for accounts of the IN edition.',
  body: MandateExecutionBody,
  answers: { 201: CreateMandateExecutionAnswer },
  handle: async (call) => {
    const read = readerWith(parseMandateExecution)
    return httpAnswerFrom(await answerSessionCreate(call, read, renderCreatedExecution))
  },
})

function readerWith(
  parse: (body: JsonValue, context: MandateSessionContext) => PaymentSessionRequest,
): (call: Call<string, unknown, JsonValue>) => Promise<PaymentSessionRequest> {
  return async ({ account, body, tenant }) => {
    requireEdition(account, 'IN')
    if (account.closedAtMs !== undefined) throw new ApiError('account_closed')
    requireMandates(tenant)
    const namedCustomerId = readId(body, 'customer_id', parseId<CustomerId>)
    const customerId =
      namedCustomerId === undefined
        ? undefined
        : await ownCustomer(tenant, account, namedCustomerId)
    const today = mandateDayAt(tenant.clock.nowMs())
    return parse(body, { account, mode: tenant.mode, today, customerId })
  }
}
