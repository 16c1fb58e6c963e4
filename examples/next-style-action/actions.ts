'use server'
import { InvalidRequestError } from 'paydesk/client'
import { paydesk } from './paydesk.ts'

/** The form's message if no session was created. */
export type PaymentState = { readonly problem?: string; readonly redirectTo?: string }

/**
 * Starts a payment: `<form action={formAction}>` with `useActionState(startPayment, {})`. With Next.js, end with
 * `redirect(paydesk().checkoutUrl(session))` from `next/navigation`.
 */
export async function startPayment(_before: PaymentState, form: FormData): Promise<PaymentState> {
  const orderId = String(form.get('order_id'))
  const origin = String(process.env.SHOP_ORIGIN ?? 'http://localhost:3000')
  try {
    const session = await paydesk().paymentSessions.create(
      {
        amount: String(form.get('amount')),
        currency: 'INR',
        reference_number: orderId,
        configurations: {
          hosted_page_parameters: {
            success_url: `${origin}/orders/thanks`,
            failure_url: `${origin}/orders/sorry`,
          },
        },
      },
      // If the form is sent twice, this key prevents a second payment.
      { idempotencyKey: `order-${orderId}` },
    )
    return { redirectTo: paydesk().checkoutUrl(session) }
  } catch (error) {
    if (error instanceof InvalidRequestError) return { problem: error.message }
    throw error
  }
}
