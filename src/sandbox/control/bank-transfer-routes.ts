import { readMoney } from '../../api/read-amount.ts'
import { Problem } from '../../api/read-fields.ts'
import { containsCardNumber } from '../../domain/card.ts'
import { drawTransferReference, VIRTUAL_ACCOUNT_CURRENCY } from '../../domain/virtual-account.ts'
import { receiveTransfer } from '../../operations/receive-transfer.ts'
import { PAYER_DEFAULTS, reversalAfterMs } from '../../processors/sandbox-instruments.ts'
import { paymentFields } from '../../wire/payment.ts'
import { controlRoute, fieldsOf, missing } from './control-route.ts'
import { BankTransferAnswer, BankTransferBody } from './schemas.ts'

const cardProblem = (text: string) =>
  containsCardNumber(text) ? new Problem('must not contain a card number') : undefined

const readBody = fieldsOf(BankTransferBody, {
  amount: (value) => readMoney(value, VIRTUAL_ACCOUNT_CURRENCY),
  payer_name: cardProblem,
  utr: cardProblem,
})

const sendBankTransfer = controlRoute({
  method: 'POST',
  url: '/bank_transfers',
  operationId: 'sendBankTransfer',
  tag: 'Trigger',
  summary: 'Transfer money to a virtual account',
  description:
    'Transfers money to a virtual account, as a payer would from another bank. The transfer becomes a payment at once, with its events. A transfer within the limits of the account succeeds. Any other transfer fails, and the money is returned. A repeated `utr` on the same account returns the earlier payment, with status 200. If the payer’s name is `Reverse`, the bank takes the money back after 10 seconds.',
  body: BankTransferBody,
  readBody,
  answers: { 200: BankTransferAnswer, 201: BankTransferAnswer },
  failures: [404],
  handle: async ({ body, tenant }) => {
    const { account_number: number, payer_name: payerName = PAYER_DEFAULTS.payerName } = body
    const account = await tenant.store.virtualAccounts.findByNumber(number)
    if (account === undefined) {
      throw missing('account_number', 'There is no virtual account with this account_number.')
    }
    if (body.ifsc_code !== undefined && body.ifsc_code !== account.ifscCode) {
      throw missing(
        'ifsc_code',
        'The virtual account with this account_number has another ifsc_code.',
      )
    }
    const reverseAfterMs = reversalAfterMs(payerName)
    const transfer = await receiveTransfer(tenant, account.id, {
      amountMinor: body.amount.amountMinor,
      mode: body.mode ?? PAYER_DEFAULTS.mode,
      payerName,
      payerIfscCode: body.payer_ifsc_code ?? PAYER_DEFAULTS.payerIfscCode,
      utr: body.utr?.toUpperCase() ?? drawTransferReference(tenant.random),
      ...(reverseAfterMs !== undefined && { reverseAfterMs }),
    })
    if (transfer === undefined) throw new Error(`virtual account ${account.id} vanished`)
    const attempt = await tenant.store.paymentAttempts.find(transfer.id)
    const session = attempt && (await tenant.store.paymentSessions.find(attempt.paymentSessionId))
    if (attempt === undefined || session === undefined) {
      throw new Error(`transfer ${transfer.id} has no payment`)
    }
    const payment = paymentFields({ attempt, session })
    return {
      status: transfer.isRepeated ? 200 : 201,
      body: JSON.stringify({ code: 0, message: 'success', payment }),
    }
  },
})

/** The routes of transfers from other banks. */
export const BANK_TRANSFER_ROUTES = [sendBankTransfer]
