import type { Static } from 'typebox'
import { httpAnswerFrom } from '../answer.ts'
import type { HttpAnswer } from '../http-route.ts'
import type { createPaymentSession } from './create.ts'
import type { CreatePaymentSessionAnswer } from './schemas.ts'

/** Adds the address of the checkout page. With the real service the caller builds it. */
export function withCheckoutLink(
  once: Awaited<ReturnType<typeof createPaymentSession>>,
  publicUrl: string,
): HttpAnswer {
  const answer = httpAnswerFrom(once)
  const accessKey =
    'result' in once
      ? once.result.accessKey
      : (JSON.parse(answer.body) as CreatedBody).payments_session.access_key
  const link = `<${publicUrl}/hostedcheckout/${accessKey}>; rel="payment"`
  return { ...answer, headers: { ...answer.headers, link } }
}

type CreatedBody = Static<typeof CreatePaymentSessionAnswer>
