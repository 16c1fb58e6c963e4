import type { Exchange } from '../../client/errors.ts'
import type { Fields } from './server-call.ts'
import { control, fieldsOf, idOf, keep, post, type Stage } from './stage.ts'

/** Saves a payment method of a customer, as the customer does with the form. The answer is the method. */
export function saveMethod(stage: Stage, fields: Fields): Promise<Exchange> {
  const { as: name, of: customer, type = 'card', ...instrument } = fields
  const id = idOf(stage, customer, 'customer_id')
  return keep(
    stage,
    name,
    control(stage, `/customers/${id}/payment_methods`, { type, ...instrument }),
  )
}

/** Charges a saved payment method. The answer is the payment. */
export function chargeMethod(stage: Stage, fields: Fields): Promise<Exchange> {
  const { of: method, ...charge } = fields
  return post(stage, '/payments', {
    customer_id: fieldsOf(stage, method).customer_id,
    payment_method_id: idOf(stage, method, 'payment_method_id'),
    currency: 'USD',
    ...charge,
  })
}
