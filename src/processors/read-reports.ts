/** Readers of the reports of a processor. One unusable item makes a page unusable, so that no report is lost. */
import { containsCardNumber } from '../domain/card.ts'
import { DISPUTE_REASON_DEFAULT, DISPUTE_REASONS } from '../domain/dispute.ts'
import { parseAccountId, parseId } from '../domain/id.ts'
import { BANK_TRANSFER_MODES } from '../domain/instrument.ts'
import { isCurrency, type Money } from '../domain/money.ts'
import { type BankAccount, PAYOUT_FAILURES, type PayoutFailureCode } from '../domain/payout.ts'
import { isPlainText } from '../domain/text.ts'
import type { ReportedDispute } from './dispute-reports.ts'
import {
  REPORTED_TRANSACTION_KINDS,
  type ReportedPayout,
  type ReportedTransaction,
} from './payout-reports.ts'
import { reportable } from './read-answer.ts'
import { REPORT_COUNT_MAX, type ReportPage } from './reports.ts'
import type {
  CloseOutcome,
  DecisionOutcome,
  OpenOutcome,
  ReportedTransfer,
} from './virtual-accounts.ts'

type Fields = Readonly<Record<string, unknown>>
const fieldsOf = (value: unknown): Fields => (Object(value) === value ? (value as Fields) : {})
/** JSON writes an absent value as null. */
const isAbsent = (value: unknown) => value === undefined || value === null

class WrongField extends Error {
  readonly field: string
  constructor(field: string) {
    super(field)
    this.field = field
  }
}

function need<Value>(value: Value | undefined, field: string): Value {
  if (value === undefined) throw new WrongField(field)
  return value
}

const IFSC = /^[A-Z]{4}0[A-Z0-9]{6}$/
const ACCOUNT_NUMBER = /^[A-Za-z0-9]{4,34}$/

/** Returns a text that can be stored and logged. Undefined: it cannot. */
const storable = (value: unknown, lengthMax = 200): string | undefined =>
  isPlainText(value, lengthMax) && !containsCardNumber(value) ? value : undefined

const matching = (value: unknown, pattern: RegExp): string | undefined => {
  const text = storable(value)
  return text !== undefined && pattern.test(text) ? text : undefined
}

const wordOf = <Word extends string>(words: readonly Word[], value: unknown): Word | undefined =>
  words.find((word) => word === value)

/** Undefined: the answer is of another kind. */
function readUnknown({ kind, reason }: Fields) {
  if (kind !== 'unknown') return undefined
  const text = typeof reason === 'string' ? reportable(reason) : 'no reason given'
  return { kind, reason: text } as const
}

/** Undefined: the answer has a wrong shape. */
export function readOpen(raw: unknown): OpenOutcome | undefined {
  const answer = fieldsOf(raw)
  if (answer.kind === 'refused') return { kind: 'refused' }
  if (answer.kind !== 'opened') return readUnknown(answer)
  const accountNumber = matching(answer.accountNumber, ACCOUNT_NUMBER)
  const ifscCode = matching(answer.ifscCode, IFSC)
  if (accountNumber === undefined || ifscCode === undefined) return undefined
  const beneficiaryName = storable(answer.beneficiaryName)
  return {
    kind: 'opened',
    accountNumber,
    ifscCode,
    ...(beneficiaryName !== undefined && { beneficiaryName }),
  }
}

/** Undefined: the answer has a wrong shape. */
export function readClose(raw: unknown): CloseOutcome | undefined {
  const answer = fieldsOf(raw)
  return answer.kind === 'closed' ? { kind: 'closed' } : readUnknown(answer)
}

/** Undefined: the answer has a wrong shape. */
export function readDecision(raw: unknown): DecisionOutcome | undefined {
  const answer = fieldsOf(raw)
  return answer.kind === 'recorded' ? { kind: 'recorded' } : readUnknown(answer)
}

/** Reads a page. The reason for an unusable one names the item and the field: `items[3].amount …`. */
function readPage<Report>(
  raw: unknown,
  readItem: (item: Fields) => Report,
  { needsNext }: { readonly needsNext: boolean },
): ReportPage<Report> | undefined {
  const answer = fieldsOf(raw)
  if (answer.kind !== 'page' || !Array.isArray(answer.items)) return readUnknown(answer)
  const { items } = answer
  const wrong = (field: string) =>
    ({ kind: 'unknown', reason: `${field} of the page has the wrong shape` }) as const
  if (items.length > REPORT_COUNT_MAX) {
    return { kind: 'unknown', reason: `the page has more than ${REPORT_COUNT_MAX} items` }
  }
  const next = storable(answer.next)
  if (next === undefined && ((needsNext && items.length > 0) || !isAbsent(answer.next))) {
    return wrong('next')
  }
  const reports: Report[] = []
  for (const [index, item] of items.entries()) {
    try {
      reports.push(readItem(fieldsOf(item)))
    } catch (error) {
      if (error instanceof WrongField) return wrong(`items[${index}].${error.field}`)
      throw error
    }
  }
  return { kind: 'page', items: reports, ...(next !== undefined && { next }) }
}

/** Undefined: the page has a wrong shape. */
export const readTransferPage = (raw: unknown): ReportPage<ReportedTransfer> | undefined =>
  readPage(raw, readTransfer, { needsNext: true })

/** Undefined: the page has a wrong shape. */
export const readPayoutPage = (raw: unknown): ReportPage<ReportedPayout> | undefined =>
  readPage(raw, readPayout, { needsNext: true })

/** Undefined: the page has a wrong shape. */
export const readTransactionPage = (raw: unknown): ReportPage<ReportedTransaction> | undefined =>
  readPage(raw, readTransaction, { needsNext: false })

function readTransaction({ disputeReference, id, kind }: Fields): ReportedTransaction {
  const knownKind = need(wordOf(REPORTED_TRANSACTION_KINDS, kind), 'kind')
  return {
    kind: knownKind,
    id: need(typeof id === 'string' ? parseId(id) : undefined, 'id'),
    ...((knownKind === 'dispute' || knownKind === 'dispute_return') && {
      disputeReference: need(storable(disputeReference), 'disputeReference'),
    }),
  }
}

/** Undefined: the page has a wrong shape. */
export const readDisputePage = (raw: unknown): ReportPage<ReportedDispute> | undefined =>
  readPage(raw, readDispute, { needsNext: true })

function readDispute(item: Fields): ReportedDispute {
  const { attemptId, feeMinor, openedAtMs, reason, result } = item
  return {
    disputeReference: need(storable(item.disputeReference), 'disputeReference'),
    attemptId: need(typeof attemptId === 'string' ? parseId(attemptId) : undefined, 'attemptId'),
    amount: readMoney(item.amount),
    ...(!isAbsent(feeMinor) && { feeMinor: need(minorFrom(feeMinor), 'feeMinor') }),
    // Like an unknown decline code, an unknown reason becomes the general one.
    reason: wordOf(DISPUTE_REASONS, reason) ?? DISPUTE_REASON_DEFAULT,
    openedAtMs: readTime(openedAtMs, 'openedAtMs'),
    result: readDisputeResult(fieldsOf(result)),
  }
}

function readDisputeResult({ decidedAtMs, status }: Fields): ReportedDispute['result'] {
  if (status === 'open') return { status }
  return {
    status: need(wordOf(['won', 'lost'] as const, status), 'result.status'),
    decidedAtMs: readTime(decidedAtMs, 'result.decidedAtMs'),
  }
}

/** Reads minor units from zero: a `bigint` of a module, a whole number of a server. */
function minorFrom(value: unknown): bigint | undefined {
  const minor = typeof value === 'number' && Number.isSafeInteger(value) ? BigInt(value) : value
  return typeof minor === 'bigint' && minor >= 0n ? minor : undefined
}

const UTR_LENGTH_MAX = 50

function readTransfer(item: Fields): ReportedTransfer {
  const { amount, mode, payerIfscCode, payerName, receivedAtMs, utr, virtualAccountId } = item
  const money = readMoney(amount)
  if (money.currency !== 'INR') throw new WrongField('amount')
  return {
    virtualAccountId: need(
      typeof virtualAccountId === 'string' ? parseId(virtualAccountId) : undefined,
      'virtualAccountId',
    ),
    utr: need(storable(utr, UTR_LENGTH_MAX), 'utr'),
    amount: money,
    mode: need(wordOf(BANK_TRANSFER_MODES, mode), 'mode'),
    payerName: need(storable(payerName), 'payerName'),
    payerIfscCode: need(matching(payerIfscCode, IFSC), 'payerIfscCode'),
    ...(!isAbsent(receivedAtMs) && { receivedAtMs: readTime(receivedAtMs, 'receivedAtMs') }),
  }
}

function readPayout(item: Fields): ReportedPayout {
  const { amount, arrivesAtMs, bankAccount, connectedAccountId, initiatedAtMs, result } = item
  return {
    payoutReference: need(storable(item.payoutReference), 'payoutReference'),
    amount: readMoney(amount),
    ...(!isAbsent(connectedAccountId) && {
      connectedAccountId: need(
        typeof connectedAccountId === 'string' ? parseAccountId(connectedAccountId) : undefined,
        'connectedAccountId',
      ),
    }),
    initiatedAtMs: readTime(initiatedAtMs, 'initiatedAtMs'),
    ...(!isAbsent(arrivesAtMs) && { arrivesAtMs: readTime(arrivesAtMs, 'arrivesAtMs') }),
    bankAccount: readBankAccount(fieldsOf(bankAccount)),
    result: readResult(fieldsOf(result)),
  }
}

function readBankAccount(fields: Fields): BankAccount {
  const text = (name: keyof BankAccount) => need(storable(fields[name]), `bankAccount.${name}`)
  return {
    bankName: text('bankName'),
    lastFourDigits: need(
      matching(fields.lastFourDigits, /^[A-Za-z0-9]{4}$/),
      'bankAccount.lastFourDigits',
    ),
    accountHolder: text('accountHolder'),
    routingNumber: text('routingNumber'),
  }
}

const FAILURE_CODES = Object.keys(PAYOUT_FAILURES) as readonly PayoutFailureCode[]

function readResult({
  bankReference,
  decidedAtMs,
  failureCode,
  status,
}: Fields): ReportedPayout['result'] {
  switch (status) {
    case 'initiated':
      return { status }
    case 'paid':
      return {
        status,
        decidedAtMs: readTime(decidedAtMs, 'result.decidedAtMs'),
        bankReference: need(storable(bankReference), 'result.bankReference'),
      }
    case 'failed':
      return {
        status,
        decidedAtMs: readTime(decidedAtMs, 'result.decidedAtMs'),
        // Like an unknown decline code, an unknown reason becomes the general one.
        failureCode: wordOf(FAILURE_CODES, failureCode) ?? 'declined',
      }
    default:
      throw new WrongField('result.status')
  }
}

/** The times that a report can have, in milliseconds since 1970: from 2001 to 2286, so that seconds are refused. */
const TIME_MS = { min: 1e12, max: 1e13 }

function readTime(value: unknown, field: string): number {
  const isTime =
    typeof value === 'number' &&
    Number.isSafeInteger(value) &&
    value >= TIME_MS.min &&
    value < TIME_MS.max
  if (!isTime) throw new WrongField(field)
  return value
}

function readMoney(value: unknown): Money {
  const { amountMinor, currency } = fieldsOf(value)
  const minor =
    typeof amountMinor === 'number' && Number.isSafeInteger(amountMinor)
      ? BigInt(amountMinor)
      : amountMinor
  if (typeof minor !== 'bigint' || minor <= 0n || !isCurrency(String(currency))) {
    throw new WrongField('amount')
  }
  return { amountMinor: minor, currency: currency as Money['currency'] }
}
