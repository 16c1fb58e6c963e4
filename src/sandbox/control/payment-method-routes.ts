import { ApiError } from '../../api/errors.ts'
import { Problem } from '../../api/read-fields.ts'
import { cardKindOf, containsCardNumber } from '../../domain/card.ts'
import { type CustomerId, parseId } from '../../domain/id.ts'
import type { SavableInstrument } from '../../domain/instrument.ts'
import type { SavedPaymentMethod } from '../../domain/saved-payment-method.ts'
import { askAboutSave } from '../../operations/call-payment-methods.ts'
import { saveFor } from '../../operations/save-payment-method.ts'
import {
  ACH_ACCOUNTS,
  BLOCKED_ACH_ACCOUNT,
  TEST_CARDS,
} from '../../processors/sandbox-instruments.ts'
import { paymentMethodFields } from '../../wire/payment-method.ts'
import { type ControlCall, controlRoute, fieldsOf, missing } from './control-route.ts'
import { SavedMethodAnswer, SavedMethodBody } from './payment-method-schemas.ts'

const readBody = fieldsOf(SavedMethodBody, {
  card_name: (text) =>
    containsCardNumber(text) ? new Problem('must not contain a card number') : undefined,
})

/** The longest wait for the sandbox's processor. */
const PATIENCE_MS = 10_000

/** The card's expiry and the address of methods that are saved without the form. */
const EXPIRY = { expiryMonth: 12, expiryYear: 2040 } as const
const ADDRESS = { postalCode: '10001', country: 'US' } as const

const savePaymentMethod = controlRoute({
  method: 'POST',
  url: '/customers/{customer_id}/payment_methods',
  operationId: 'savePaymentMethod',
  tag: 'Trigger',
  summary: 'Save a payment method of a customer',
  description:
    'Saves a test card or a test account for a customer of a US account, as the customer would on the form and on the issuer’s page. Some names on the card make the save or later charges fail. A bank account is `processing` for 10 seconds.',
  body: SavedMethodBody,
  readBody,
  answers: { 201: SavedMethodAnswer },
  failures: [404],
  handle: async (call) => {
    const { body, tenant } = call
    const customer = await findCustomer(call)
    const save = await saveFor(
      { ...tenant, patienceMs: PATIENCE_MS, onLost: () => {} },
      { accountId: customer.accountId, customerId: customer.id },
      {
        instrument: instrumentOf(body, customer.name),
        billingAddress: ADDRESS,
        source: 'hosted_page',
        returnUrl: '',
        number: 1,
      },
    )
    if ('refused' in save) throw refusedSave(save.refused)
    const { id } = save.method
    if (save.method.action !== undefined) {
      await tenant.sandboxProcessor?.decideSave(id, 'consent')
    }
    const outcome = await askAboutSave(tenant, id)
    const method = outcome !== undefined && 'method' in outcome ? outcome.method : save.method
    requireSavedMethod(method)
    const fields = paymentMethodFields(method, customer, tenant.clock.nowMs())
    return {
      status: 201,
      body: JSON.stringify({ code: 0, message: 'success', payment_method: fields }),
    }
  },
})

/** The routes of saved payment methods. */
export const PAYMENT_METHOD_CONTROL_ROUTES = [savePaymentMethod]

async function findCustomer({
  path,
  tenant,
}: ControlCall<'/customers/{customer_id}/payment_methods'>) {
  const id = parseId<CustomerId>(path.customer_id)
  const customer = id && (await tenant.store.customers.find(id))
  if (customer === undefined || customer.deletedAtMs !== undefined) {
    throw missing('customer_id', 'There is no customer with this customer_id.')
  }
  const account = await tenant.store.accounts.find(customer.accountId)
  if (account?.edition !== 'US') {
    throw missing('customer_id', 'The customer’s account is not of the US edition.')
  }
  return customer
}

function refusedSave(refusal: string): ApiError {
  if (refusal === 'customer_max_payment_methods') {
    return new ApiError('customer_max_payment_methods', 'customer_id')
  }
  if (refusal === 'saving_not_supported') {
    return new ApiError(
      'payment_method_type_not_supported',
      undefined,
      'The processor of this sandbox cannot save payment methods.',
    )
  }
  return missing('customer_id', 'There is no customer with this customer_id.')
}

/** Throws ApiError if the method was refused, or is not decided yet. */
function requireSavedMethod({ declineCode, status }: SavedPaymentMethod): void {
  if (status === 'refused') {
    throw new ApiError(
      'invalid_parameter',
      'card_name',
      `card_name makes the sandbox refuse the instrument: ${declineCode}.`,
    )
  }
  if (status !== 'saving') return
  throw new ApiError(
    'invalid_parameter',
    'card_name',
    'With this card_name the sandbox does not save the card at once: use the form for it.',
  )
}

type Body = ReturnType<typeof readBody>

/** Throws ApiError if there is no test instrument with these last digits. */
function instrumentOf(
  { card_name: name, last_four_digits: lastFour, type }: Body,
  customerName: string,
): SavableInstrument {
  const holderName = name ?? customerName
  if (type === 'ach_debit') {
    const numbers = [...ACH_ACCOUNTS.keys(), BLOCKED_ACH_ACCOUNT]
    return {
      type: 'ach_debit',
      accountHolderName: holderName,
      routingNumber: '110000000',
      accountNumber: withLastFour(numbers, lastFour),
      accountType: 'checking',
    }
  }
  const number = withLastFour(
    TEST_CARDS.map((card) => card.number),
    lastFour,
  )
  const brand = cardKindOf(number)?.brand ?? 'other'
  return { type: 'card', number, brand, cvv: '123', holderName, ...EXPIRY }
}

function withLastFour(numbers: readonly string[], lastFour: string | undefined): string {
  const number = numbers.find((one) => lastFour === undefined || one.endsWith(lastFour))
  if (number !== undefined) return number
  const choices = numbers.map((one) => one.slice(-4)).join(', ')
  throw new ApiError(
    'invalid_parameter',
    'last_four_digits',
    `last_four_digits must be those of a test instrument: ${choices}.`,
  )
}
