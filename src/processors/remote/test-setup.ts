import { CARD_BRANDS } from '../../domain/card-brand.ts'
import {
  type Instrument,
  keptFacts,
  type MandateEnrollment,
  type SavableInstrument,
  UPI_CHANNELS,
} from '../../domain/instrument.ts'
import { isCurrency } from '../../domain/money.ts'
import { CheckFailed } from '../checks.ts'
import { INSTRUMENT_RESULTS, type ProcessorTestSetup } from '../processor-under-test.ts'
import type { CallName } from './protocol.ts'
import type { CallSender } from './send-call.ts'

type TestValues = Pick<
  ProcessorTestSetup,
  'amount' | 'instruments' | 'savable' | 'terminalId' | 'mandatePayer'
>

/**
 * Reads `{ amount: { amountMinor, currency }, instruments: { approved, declined, pending } }`, and optionally `savable:
 * { saved, refused }`, `terminalId` and `mandatePayer: { channel, upiId }`. `mustBe` says which field is wrong:
 * "instruments.declined must be an instrument …".
 */
export function readTestValues(
  value: unknown,
): { readonly values: TestValues } | { readonly mustBe: string } {
  const amount = fieldOf(value, 'amount')
  const amountMinor = fieldOf(amount, 'amountMinor')
  if (typeof amountMinor !== 'number' || !Number.isSafeInteger(amountMinor) || amountMinor < 2) {
    return { mustBe: 'amount.amountMinor must be a whole number of at least 2' }
  }
  const currency = fieldOf(amount, 'currency')
  if (typeof currency !== 'string' || !isCurrency(currency)) {
    return { mustBe: 'amount.currency must be an ISO 4217 code such as INR' }
  }
  const [approval, decline, pending] = INSTRUMENT_RESULTS.map((result) =>
    fieldOf(fieldOf(value, 'instruments'), result),
  )
  if (!isInstrument(approval)) return wrongInstrument('approved')
  if (!isInstrument(decline)) return wrongInstrument('declined')
  if (!isInstrument(pending)) return wrongInstrument('pending')
  const instruments = { approved: approval, declined: decline, pending }
  const terminalId = fieldOf(value, 'terminalId') ?? undefined
  if (terminalId !== undefined && !isText(terminalId)) {
    return { mustBe: 'terminalId must be a text' }
  }
  const mandatePayer = fieldOf(value, 'mandatePayer') ?? undefined
  if (mandatePayer !== undefined && !isMandatePayer(mandatePayer)) {
    return { mustBe: 'mandatePayer must be { channel }, with a upiId for the channel collect' }
  }
  const values = {
    amount: { amountMinor: BigInt(amountMinor), currency },
    instruments,
    ...(terminalId !== undefined && { terminalId: String(terminalId) }),
    ...(mandatePayer !== undefined && { mandatePayer }),
  }
  const savable = fieldOf(value, 'savable') ?? undefined
  if (savable === undefined) return { values }
  const [savedInstrument, refusedInstrument] = [
    fieldOf(savable, 'saved'),
    fieldOf(savable, 'refused'),
  ]
  if (!isSavable(savedInstrument))
    return { mustBe: 'savable.saved must be a card or an account for ACH' }
  if (!isSavable(refusedInstrument))
    return { mustBe: 'savable.refused must be a card or an account for ACH' }
  return { values: { ...values, savable: { saved: savedInstrument, refused: refusedInstrument } } }
}

/** Returns the test setup of a processor server, or the reason why the server has none. */
export async function fetchTestSetup(
  sender: CallSender,
): Promise<{ readonly setup: ProcessorTestSetup } | { readonly failure: string }> {
  const answer = await sender.send('testSetup', {})
  if ('failure' in answer) return { failure: `The server has no test setup: ${answer.failure}` }
  const reading = readTestValues(answer.value)
  return 'mustBe' in reading
    ? { failure: `The server has a wrong test setup: ${reading.mustBe}` }
    : { setup: { ...reading.values, ...testActionsBy(sender) } }
}

/** Returns the actions of customers, banks and the company. Each action sends a test call to the processor server. */
export function testActionsBy(
  sender: CallSender,
): Pick<
  ProcessorTestSetup,
  | 'complete'
  | 'completeRefund'
  | 'completeSave'
  | 'completeNotice'
  | 'sendTransfer'
  | 'makePayout'
  | 'openDispute'
> {
  const act = async (call: CallName, fields: object) => {
    const answer = await sender.send(call, fields)
    if ('failure' in answer) throw new CheckFailed(`${call} failed: ${answer.failure}`)
    return answer.value
  }
  const name = async (call: CallName, fields: object, field: string) => {
    const value = fieldOf(await act(call, fields), field)
    if (typeof value !== 'string') throw new CheckFailed(`${call} must return ${field}, a text`)
    return value
  }
  return {
    complete: async (attemptId) => void (await act('completeCharge', { attemptId })),
    completeRefund: async (refundId) => void (await act('completeRefund', { refundId })),
    completeSave: async (paymentMethodId) => void (await act('completeSave', { paymentMethodId })),
    completeNotice: async (notificationId) =>
      void (await act('completeNotice', { notificationId })),
    sendTransfer: ({ accountNumber, amount, virtualAccountId }) => {
      const { currency } = amount
      const fields = { amountMinor: Number(amount.amountMinor), currency }
      return name('sendTransfer', { virtualAccountId, accountNumber, amount: fields }, 'utr')
    },
    makePayout: (attemptId) => name('makePayout', { attemptId }, 'payoutReference'),
    openDispute: (attemptId) => name('openDispute', { attemptId }, 'disputeReference'),
  }
}

const wrongInstrument = (result: string) => ({
  mustBe: `instruments.${result} must be an instrument with all fields of its type`,
})

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
}

type FieldTest = (value: unknown) => boolean
const isText: FieldTest = (value) => typeof value === 'string' && value !== ''
const isWhole: FieldTest = Number.isSafeInteger
const oneOf =
  (...words: readonly string[]): FieldTest =>
  (value) =>
    words.some((word) => word === value)

const FIELDS: {
  readonly [Type in Instrument['type']]: Readonly<Record<string, FieldTest>>
} = {
  card: {
    number: (value) => typeof value === 'string' && /^\d{12,19}$/.test(value),
    brand: oneOf(...CARD_BRANDS),
    expiryMonth: isWhole,
    expiryYear: isWhole,
    cvv: (value) => typeof value === 'string' && /^\d{3,4}$/.test(value),
    holderName: isText,
  },
  upi: { channel: oneOf('collect', 'qr', 'intent') },
  netbanking: { bankCode: isText, bankName: isText },
  wallet: { walletCode: isText, walletName: isText },
  bank_transfer: {},
  ach_debit: {
    accountHolderName: isText,
    routingNumber: isText,
    accountNumber: isText,
    accountType: oneOf('checking', 'savings'),
  },
  mandate_enrollment: {
    mandateId: isText,
    terms: (value) => typeof value === 'object' && value !== null,
    channel: oneOf('collect', 'qr', 'intent'),
  },
  mandate_debit: { mandateId: isText },
  saved: {
    token: isText,
    facts: (value) => keptFacts(value) !== undefined,
    isOnSession: (value) => typeof value === 'boolean',
  },
  terminal: { terminalId: isText, tryCountMax: isWhole, endsAtMs: isWhole },
}

type MandatePayer = Pick<MandateEnrollment, 'channel' | 'upiId'>

function isMandatePayer(value: unknown): value is MandatePayer {
  const [channel, upiId] = [fieldOf(value, 'channel'), fieldOf(value, 'upiId')]
  return oneOf(...UPI_CHANNELS)(channel) && (channel === 'collect') === isText(upiId)
}

function isSavable(value: unknown): value is SavableInstrument {
  return isInstrument(value) && (value.type === 'card' || value.type === 'ach_debit')
}

function isInstrument(value: unknown): value is Instrument {
  const type = fieldOf(value, 'type')
  if (typeof type !== 'string' || !Object.hasOwn(FIELDS, type)) return false
  const tests = Object.entries(FIELDS)
    .filter(([name]) => name === type)
    .flatMap(([, fields]) => Object.entries(fields))
  if (!tests.every(([name, test]) => test(fieldOf(value, name)))) return false
  return fieldOf(value, 'channel') !== 'collect' || isText(fieldOf(value, 'upiId'))
}
