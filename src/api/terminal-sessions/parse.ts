import type { Account } from '../../domain/account.ts'
import type { Currency } from '../../domain/money.ts'
import { ATTEMPT_COUNT_MAX } from '../../domain/payment-session.ts'
import { TERMINAL_SESSION_SECONDS } from '../../domain/terminal.ts'
import type { PaymentSessionRequest } from '../../operations/draw-payment-session.ts'
import { META_DATA_RULE, metaDataOf } from '../meta-data-fields.ts'
import { currencyIn, readCurrency } from '../payment-fields.ts'
import { readMoney } from '../read-amount.ts'
import { compileFieldsWith, isObject, Problem } from '../read-fields.ts'
import type { JsonValue } from '../read-json.ts'
import { TerminalSessionCreateBody } from './schemas.ts'

type CreateContext = {
  readonly account: Pick<Account, 'id' | 'edition' | 'paymentMethods'>
  readonly hasTerminal: boolean
}

type RuleContext = CreateContext & { readonly currency: Currency }

const readCreateFields = compileFieldsWith<RuleContext>()(TerminalSessionCreateBody, {
  amount: (value, { currency }) => readMoney(value, currency),

  currency: readCurrency,

  terminal_id: (_id, { hasTerminal }) =>
    hasTerminal
      ? undefined
      : new Problem(
          'must be the id of a terminal of this account, but the account has no terminal with this id',
          'resource_does_not_exist',
        ),

  meta_data: META_DATA_RULE,

  payment_method_details: {
    fields: {
      type: (method, { account }) =>
        account.paymentMethods.includes(method)
          ? undefined
          : new Problem(
              `must be a method that this account has enabled, but it is ${method}`,
              'payment_method_type_not_supported',
            ),
    },
  },
})

/** Returns the id of the terminal in a body. Undefined: the body has no text that can be the id of a terminal. */
export function terminalIdIn(body: JsonValue): string | undefined {
  const id = isObject(body) ? body.terminal_id : undefined
  return typeof id === 'string' && id.length >= 1 && id.length <= 50 ? id : undefined
}

/** Reads a create request's body. Throws ApiError for the first wrong field. */
export function parseTerminalSessionCreate(
  body: JsonValue,
  context: CreateContext,
): PaymentSessionRequest {
  const fields = readCreateFields(body, { ...context, currency: currencyIn(body) })
  const { invoice_number: invoiceNumber, reference_number: referenceNumber } = fields
  const method = fields.payment_method_details?.type
  return {
    accountId: context.account.id,
    amount: fields.amount,
    expiresInSeconds: TERMINAL_SESSION_SECONDS,
    attemptCountMax: fields.max_retry_count ?? ATTEMPT_COUNT_MAX.default,
    ...(invoiceNumber !== undefined && { invoiceNumber }),
    ...(referenceNumber !== undefined && { referenceNumber }),
    typeFacts: {
      type: 'pos_payment',
      terminalId: fields.terminal_id,
      ...(method !== undefined && { method }),
    },
    // In the order of the reference's sample.
    echoedJson: JSON.stringify({
      invoice_number: invoiceNumber,
      description: fields.description,
      meta_data: metaDataOf(fields.meta_data),
      reference_number: referenceNumber,
    }),
  }
}
