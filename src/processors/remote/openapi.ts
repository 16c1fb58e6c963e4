/** The calls of a processor server as an OpenAPI description, for code generators in other languages. */
import { CARD_BRANDS } from '../../domain/card-brand.ts'
import { CARD_CHECK_RESULTS } from '../../domain/card-checks.ts'
import { DISPUTE_REASONS } from '../../domain/dispute.ts'
import { BANK_TRANSFER_MODES, UPI_CHANNELS } from '../../domain/instrument.ts'
import { AMOUNT_RULES, DEBIT_RULES, MANDATE_FREQUENCIES } from '../../domain/mandate-terms.ts'
import { AMOUNT_MINOR_MAX } from '../../domain/money.ts'
import { DECLINE_CODES } from '../../domain/payment-attempt.ts'
import { PAYOUT_FAILURES } from '../../domain/payout.ts'
import { REFUND_FAILURE_REASONS } from '../../domain/refund.ts'
import { TERMINAL_METHODS } from '../../domain/terminal.ts'
import { REPORTED_TRANSACTION_KINDS } from '../payout-reports.ts'
import { REPORT_COUNT_MAX } from '../reports.ts'
import { CALL_PATHS, type CallName } from './protocol.ts'

/** A JSON schema. */
export type Schema = Readonly<Record<string, unknown>>

type Fields = Readonly<Record<string, Schema>>

const text: Schema = { type: 'string' }
const word = (value: string): Schema => ({ const: value })
const words = (values: readonly string[]): Schema => ({ enum: values })
const pattern = (source: string): Schema => ({ type: 'string', pattern: source })
const whole = (minimum: number, maximum: number): Schema => ({ type: 'integer', minimum, maximum })
const reference: Schema = { type: 'string', minLength: 1, maxLength: 200 }
const ref = (name: string): Schema => ({ $ref: `#/components/schemas/${name}` })

/** Later versions may add fields. */
const object = (fields: Fields, optional: Fields = {}): Schema => ({
  type: 'object',
  required: Object.keys(fields),
  properties: { ...fields, ...optional },
})
const oneOf = (...schemas: readonly Schema[]): Schema => ({ oneOf: schemas })

const id: Schema = { type: 'string', pattern: '^[1-9]\\d{0,15}$' }
const choices: Schema = { type: 'array', items: object({ code: text, name: text }) }
const askAfterMs: Schema = { type: 'number', description: 'Milliseconds from now: 1000 to 300000.' }

const savable: readonly Schema[] = [
  object({
    type: word('card'),
    number: pattern('^\\d{12,19}$'),
    brand: words(CARD_BRANDS),
    expiryMonth: whole(1, 12),
    expiryYear: whole(1000, 9999),
    cvv: pattern('^\\d{3,4}$'),
    holderName: text,
  }),
  object({
    type: word('ach_debit'),
    accountHolderName: text,
    routingNumber: pattern('^\\d{9}$'),
    accountNumber: pattern('^\\d{4,17}$'),
    accountType: words(['checking', 'savings']),
  }),
]

const browserInfo = object(
  {},
  {
    userAgent: text,
    acceptHeader: text,
    language: text,
    screenHeight: { type: 'integer' },
    screenWidth: { type: 'integer' },
    timeZoneOffset: { type: 'integer' },
    colorDepth: { type: 'integer' },
  },
)

const amountMinor: Schema = { ...whole(1, Number(AMOUNT_MINOR_MAX)), format: 'int64' }
const day = pattern('^\\d{4}-\\d{2}-\\d{2}$')

const mandateTerms = object(
  {
    amountRule: words(AMOUNT_RULES),
    frequency: words(MANDATE_FREQUENCIES),
    description: text,
    amountMinor,
    startOn: day,
  },
  { endOn: day, debitDay: whole(1, 31), debitRule: words(DEBIT_RULES) },
)

const instrument = oneOf(
  ...savable,
  object({ type: word('upi'), channel: word('collect'), upiId: text }),
  object({ type: word('upi'), channel: words(['qr', 'intent']) }),
  object({ type: word('netbanking'), bankCode: text, bankName: text }),
  object({ type: word('wallet'), walletCode: text, walletName: text }),
  object({ type: word('bank_transfer') }),
  object(
    {
      type: word('saved'),
      token: text,
      facts: ref('InstrumentFacts'),
      isOnSession: { type: 'boolean' },
    },
    { browserInfo },
  ),
  object(
    {
      type: word('terminal'),
      terminalId: text,
      tryCountMax: whole(1, 5),
      endsAtMs: { type: 'integer' },
    },
    { method: words(TERMINAL_METHODS) },
  ),
  object(
    {
      type: word('mandate_enrollment'),
      mandateId: id,
      terms: ref('MandateTerms'),
      channel: words(UPI_CHANNELS),
    },
    { upiId: text },
  ),
  object({ type: word('mandate_debit'), mandateId: id }, { notificationId: id, upiId: text }),
)

const address = object(
  { country: pattern('^[A-Z]{2}$') },
  { name: text, addressLine1: text, addressLine2: text, city: text, state: text, postalCode: text },
)

const facts = oneOf(
  object(
    {
      type: word('card'),
      brand: words(CARD_BRANDS),
      lastFourDigits: pattern('^\\d{4}$'),
      expiryMonth: whole(1, 12),
      expiryYear: whole(1000, 9999),
      holderName: text,
    },
    { funding: words(['credit', 'debit']), country: pattern('^[A-Z]{2}$') },
  ),
  object(
    { type: word('upi'), channel: words(['collect', 'qr', 'intent']) },
    { upiId: text, accountType: words(['bank_account', 'card', 'wallet', 'credit_line']) },
  ),
  object({ type: word('netbanking'), bankName: text }),
  object({ type: word('wallet'), walletName: text }),
  object(
    { type: word('bank_transfer') },
    {
      virtualAccountNumber: text,
      mode: words(BANK_TRANSFER_MODES),
      payerName: text,
      payerIfscCode: pattern('^[A-Z]{4}0[A-Z0-9]{6}$'),
    },
  ),
  object(
    {
      type: word('ach_debit'),
      accountHolderName: text,
      lastFourDigits: pattern('^\\d{4}$'),
      accountType: words(['checking', 'savings']),
      routingNumber: pattern('^\\d{9}$'),
    },
    { accountHolderType: words(['individual', 'company']), bankName: text },
  ),
)

const action = oneOf(
  object({ kind: word('redirect'), to: words(['issuer', 'bank', 'wallet']), url: text }),
  object({ kind: word('upi_approve') }),
  object({ kind: word('upi_link'), uri: pattern('^upi://') }),
  object({ kind: word('bank_transfer'), beneficiary: text, accountNumber: text, ifsc: text }),
)

const check = words(CARD_CHECK_RESULTS)
const token: Schema = { type: 'string', minLength: 1, maxLength: 1_000 }
const savedDetails: Fields = {
  instrument: ref('InstrumentFacts'),
  checks: object({ addressLine: check, postalCode: check, cvc: check }),
}

const IFSC = '^[A-Z]{4}0[A-Z0-9]{6}$'
const timeMs: Schema = {
  type: 'integer',
  format: 'int64',
  description: 'Milliseconds since 1970.',
}
const failure = object({ kind: word('unknown'), reason: text })
/** A page with items has `next`, except a payout's last page of transactions. */
const pageOf = (item: string): Schema =>
  oneOf(
    object(
      {
        kind: word('page'),
        items: { type: 'array', items: ref(item), maxItems: REPORT_COUNT_MAX },
      },
      { next: reference },
    ),
    failure,
  )

const SCHEMAS: Fields = {
  Amount: object({
    amountMinor,
    currency: pattern('^[A-Z]{3}$'),
  }),
  Instrument: instrument,
  InstrumentFacts: facts,
  CustomerAction: action,
  ChargeOutcome: oneOf(
    object(
      { kind: word('approved'), processorReference: reference },
      {
        approvedAtMs: { type: 'integer', format: 'int64' },
        instrument: ref('InstrumentFacts'),
      },
    ),
    object({ kind: word('declined'), declineCode: words(DECLINE_CODES) }),
    object(
      { kind: word('pending'), processorReference: reference },
      { action: ref('CustomerAction'), askAfterMs },
    ),
    object({ kind: word('unknown'), reason: text }),
  ),
  RefundOutcome: oneOf(
    object({ kind: word('succeeded') }, { processorReference: reference }),
    object({ kind: word('failed'), reason: words(REFUND_FAILURE_REASONS) }),
    object({ kind: word('pending') }, { processorReference: reference, askAfterMs }),
    object({ kind: word('unknown') }, { askAfterMs, reason: text }),
  ),
  SavableInstrument: oneOf(...savable),
  Address: address,
  SaveOutcome: oneOf(
    object({ kind: word('saved'), token }, savedDetails),
    object({ kind: word('verifying'), token }, { ...savedDetails, askAfterMs }),
    object(
      { kind: word('pending') },
      {
        action: object({ kind: word('redirect'), to: words(['issuer', 'bank']), url: text }),
        askAfterMs,
      },
    ),
    object({ kind: word('declined'), declineCode: words(DECLINE_CODES) }),
    object({ kind: word('unknown'), reason: text }),
  ),
  ForgetOutcome: oneOf(
    object({ kind: word('forgotten') }),
    object({ kind: word('unknown') }, { reason: text }),
  ),
  OpenOutcome: oneOf(
    object(
      {
        kind: word('opened'),
        accountNumber: pattern('^[A-Za-z0-9]{4,34}$'),
        ifscCode: pattern(IFSC),
      },
      { beneficiaryName: reference },
    ),
    object({ kind: word('refused') }),
    failure,
  ),
  CloseOutcome: oneOf(object({ kind: word('closed') }), failure),
  DecisionOutcome: oneOf(object({ kind: word('recorded') }), failure),
  Transfer: object(
    {
      virtualAccountId: id,
      utr: { type: 'string', minLength: 1, maxLength: 50 },
      amount: ref('Amount'),
      mode: words(BANK_TRANSFER_MODES),
      payerName: reference,
      payerIfscCode: pattern(IFSC),
    },
    { receivedAtMs: timeMs },
  ),
  TransferPage: pageOf('Transfer'),
  Payout: object(
    {
      payoutReference: reference,
      amount: ref('Amount'),
      initiatedAtMs: timeMs,
      bankAccount: object({
        bankName: reference,
        lastFourDigits: pattern('^[A-Za-z0-9]{4}$'),
        accountHolder: reference,
        routingNumber: reference,
      }),
      result: oneOf(
        object({ status: word('initiated') }),
        object({ status: word('paid'), decidedAtMs: timeMs, bankReference: reference }),
        object({
          status: word('failed'),
          decidedAtMs: timeMs,
          failureCode: words(Object.keys(PAYOUT_FAILURES)),
        }),
      ),
    },
    { connectedAccountId: id, arrivesAtMs: timeMs },
  ),
  PayoutPage: pageOf('Payout'),
  PayoutTransaction: object(
    { kind: words(REPORTED_TRANSACTION_KINDS), id },
    { disputeReference: reference },
  ),
  PayoutTransactionPage: pageOf('PayoutTransaction'),
  Dispute: object(
    {
      disputeReference: reference,
      attemptId: id,
      amount: ref('Amount'),
      reason: words(DISPUTE_REASONS),
      openedAtMs: timeMs,
      result: oneOf(
        object({ status: word('open') }),
        object({ status: words(['won', 'lost']), decidedAtMs: timeMs }),
      ),
    },
    { feeMinor: whole(0, Number(AMOUNT_MINOR_MAX)) },
  ),
  DisputePage: pageOf('Dispute'),
  TerminalOutcome: oneOf(
    object({ kind: word('found') }),
    object({ kind: word('not_found') }),
    object({ kind: word('unknown'), reason: text }),
  ),
  MandateTerms: mandateTerms,
  NoticeOutcome: oneOf(
    object({ kind: word('succeeded') }, { processorReference: reference }),
    object({ kind: word('failed') }),
    object({ kind: word('pending') }, { processorReference: reference, askAfterMs }),
    object({ kind: word('unknown') }, { askAfterMs, reason: text }),
  ),
  MandateState: oneOf(
    object({ kind: words(['active', 'paused', 'revoked']) }),
    object({ kind: word('unknown') }, { reason: text }),
  ),
  Description: object(
    { name: reference },
    {
      canCancel: { type: 'boolean' },
      canSave: { type: 'boolean' },
      canOpenAccounts: { type: 'boolean' },
      canReportPayouts: { type: 'boolean' },
      canReportDisputes: { type: 'boolean' },
      hasTerminals: { type: 'boolean' },
      hasMandates: { type: 'boolean' },
      banks: choices,
      wallets: choices,
      cardBrands: { type: 'array', items: words(CARD_BRANDS) },
    },
  ),
}

type CallText = {
  readonly summary: string
  readonly fields: Fields
  readonly optionalFields?: Fields
  readonly answer: Schema
}

const CALLS: Readonly<Record<CallName, CallText>> = {
  describe: { summary: 'Describe the processor', fields: {}, answer: ref('Description') },
  charge: {
    summary: 'Charge an attempt, once for each attemptId',
    fields: {
      attemptId: id,
      amount: ref('Amount'),
      instrument: ref('Instrument'),
      description: text,
      returnUrl: text,
    },
    optionalFields: { statementDescriptor: text, shippingAddress: ref('Address') },
    answer: ref('ChargeOutcome'),
  },
  findCharge: {
    summary: 'Return the current outcome of a charge; an unknown attemptId is declined permanently',
    fields: { attemptId: id },
    answer: ref('ChargeOutcome'),
  },
  cancelCharge: {
    summary: 'Cancel a charge that waits for the customer',
    fields: { attemptId: id },
    answer: ref('ChargeOutcome'),
  },
  refund: {
    summary: 'Refund captured money, once for each refundId',
    fields: { refundId: id, attemptId: id, amount: ref('Amount') },
    answer: ref('RefundOutcome'),
  },
  save: {
    summary:
      'Save an instrument for later charges, once for each paymentMethodId (only with canSave)',
    fields: {
      paymentMethodId: id,
      instrument: ref('SavableInstrument'),
      billingAddress: ref('Address'),
      customer: object({ name: text, email: text }),
      returnUrl: text,
    },
    answer: ref('SaveOutcome'),
  },
  findSaved: {
    summary:
      'Return the current outcome of a save; an unknown paymentMethodId is declined permanently (only with canSave)',
    fields: { paymentMethodId: id },
    answer: ref('SaveOutcome'),
  },
  forget: {
    summary: 'Delete a saved instrument, so that it cannot be charged (only with canSave)',
    fields: { paymentMethodId: id },
    optionalFields: { token },
    answer: ref('ForgetOutcome'),
  },
  openVirtualAccount: {
    summary:
      'Open an account number for one payer, once for each virtualAccountId (only with canOpenAccounts)',
    fields: { virtualAccountId: id, beneficiaryName: text, description: text },
    answer: ref('OpenOutcome'),
  },
  closeVirtualAccount: {
    summary: 'End an account number (only with canOpenAccounts)',
    fields: { virtualAccountId: id },
    answer: ref('CloseOutcome'),
  },
  listTransfers: {
    summary:
      'Return a page of the transfers to account numbers, after a position (only with canOpenAccounts)',
    fields: {},
    optionalFields: { after: reference },
    answer: ref('TransferPage'),
  },
  decideTransfer: {
    summary:
      'Receive the decision about a transfer, and its payment’s id (only with canOpenAccounts)',
    fields: {
      virtualAccountId: id,
      utr: text,
      attemptId: id,
      decision: words(['accepted', 'returned']),
    },
    answer: ref('DecisionOutcome'),
  },
  listPayouts: {
    summary:
      'Return the payouts that were made or changed after a position (only with canReportPayouts)',
    fields: {},
    optionalFields: { after: reference },
    answer: ref('PayoutPage'),
  },
  listPayoutTransactions: {
    summary:
      'Return a page of the transactions of a payout, after a position (only with canReportPayouts)',
    fields: { payoutReference: reference },
    optionalFields: { after: reference },
    answer: ref('PayoutTransactionPage'),
  },
  listDisputes: {
    summary:
      'Return the disputes that were opened or decided after a position (only with canReportDisputes)',
    fields: {},
    optionalFields: { after: reference },
    answer: ref('DisputePage'),
  },
  findTerminal: {
    summary: 'Find a terminal by the id that the merchant sends (only with hasTerminals)',
    fields: { terminalId: { type: 'string', minLength: 1, maxLength: 50 } },
    answer: ref('TerminalOutcome'),
  },
  notifyOfDebit: {
    summary:
      'Notify the customer of a debit, once for each notificationId; a repeated call returns the current outcome (only with hasMandates)',
    fields: {
      notificationId: id,
      mandateId: id,
      amount: ref('Amount'),
      executionOn: day,
      description: text,
      invoiceNumber: text,
      requestedAtMs: timeMs,
    },
    optionalFields: { upiId: text },
    answer: ref('NoticeOutcome'),
  },
  findMandate: {
    summary: 'Return the current state of a mandate (only with hasMandates)',
    fields: { mandateId: id },
    answer: ref('MandateState'),
  },
  cancelMandate: {
    summary: 'End a mandate, so that it cannot be debited (only with hasMandates)',
    fields: { mandateId: id },
    answer: ref('MandateState'),
  },
  testSetup: {
    summary: 'Return the test instruments (for checks only)',
    fields: {},
    answer: object(
      {
        amount: ref('Amount'),
        instruments: object({
          approved: ref('Instrument'),
          declined: ref('Instrument'),
          pending: ref('Instrument'),
        }),
      },
      {
        savable: object({ saved: ref('SavableInstrument'), refused: ref('SavableInstrument') }),
        terminalId: text,
        mandatePayer: object({ channel: words(UPI_CHANNELS) }, { upiId: text }),
      },
    ),
  },
  completeCharge: {
    summary: 'Act as the customer of a pending charge (for checks only)',
    fields: { attemptId: id },
    answer: { type: 'object' },
  },
  completeRefund: {
    summary: 'Decide a pending refund (for checks only)',
    fields: { refundId: id },
    answer: { type: 'object' },
  },
  completeSave: {
    summary:
      'Act as the customer of a pending save, and as the bank that verifies it (for checks only)',
    fields: { paymentMethodId: id },
    answer: { type: 'object' },
  },
  completeNotice: {
    summary:
      'Decide a pending notification, so that its debit is possible at once (for checks only)',
    fields: { notificationId: id },
    answer: { type: 'object' },
  },
  sendTransfer: {
    summary: 'Transfer money to a virtual account from another bank (for checks only)',
    fields: { virtualAccountId: id, accountNumber: text, amount: ref('Amount') },
    answer: object({ utr: text }),
  },
  makePayout: {
    summary: 'Pay out an approved charge (for checks only)',
    fields: { attemptId: id },
    answer: object({ payoutReference: text }),
  },
  openDispute: {
    summary: 'Dispute an approved charge (for checks only)',
    fields: { attemptId: id },
    answer: object({ disputeReference: text }),
  },
}

const header = (name: string, description: string): Schema => ({
  name,
  in: 'header',
  required: true,
  description,
  schema: text,
})

const SIGNATURE_HEADERS = [
  header('webhook-id', 'The id of the call. It is unique.'),
  header('webhook-timestamp', 'The time of signing, in seconds since 1970.'),
  header(
    'webhook-signature',
    'Signatures separated by blanks; one must be valid: "v1," and the base64 of HMAC-SHA256 over "{webhook-id}.{webhook-timestamp}.{body}".',
  ),
]

/** Returns the description of a call's body. */
export function bodySchema(name: CallName): Schema {
  const { fields, optionalFields } = CALLS[name]
  return object({ call: word(name), ...fields }, optionalFields)
}

/** Returns the description of a call's answer. */
export function answerSchema(name: CallName): Schema {
  return CALLS[name].answer
}

/** The schemas that the descriptions refer to. */
export const COMPONENTS = { schemas: SCHEMAS } as const

/** Makes the OpenAPI description of a processor server. */
export function describeProcessorServer(): Schema {
  const names = Object.keys(CALL_PATHS).filter((name): name is CallName => name in CALLS)
  return {
    openapi: '3.1.0',
    info: {
      title: 'Processor server',
      version: '1',
      description:
        'The calls that Paydesk makes to a processor server. Paydesk treats every status except 200, and every answer of another shape, as an unknown outcome. Ignore fields that are not described.',
    },
    servers: [{ url: 'https://processor.example.com' }],
    paths: Object.fromEntries(names.map((name) => [CALL_PATHS[name], { post: operation(name) }])),
    components: COMPONENTS,
  }
}

function operation(name: CallName): Schema {
  const json = (schema: Schema) => ({ 'application/json': { schema } })
  return {
    operationId: name,
    summary: CALLS[name].summary,
    parameters: SIGNATURE_HEADERS,
    requestBody: { required: true, content: json(bodySchema(name)) },
    responses: {
      200: { description: 'The answer', content: json(answerSchema(name)) },
      400: { description: 'The call was sent to the path of another call, or cannot be read' },
      401: {
        description:
          'The signature is wrong, or its time differs from the server’s clock by more than five minutes',
      },
    },
  }
}
