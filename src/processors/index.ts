/** The contract between Paydesk and a processor, for authors of adapters: `paydesk/processor`. */
export type { BillingAddress } from '../domain/billing-address.ts'
export { CARD_BRANDS, type CardBrand } from '../domain/card-brand.ts'
export { CARD_CHECK_RESULTS, type CardChecks } from '../domain/card-checks.ts'
export { DISPUTE_REASONS, type DisputeReason } from '../domain/dispute.ts'
/** The ids that Paydesk gives to a processor. */
export type {
  AccountId,
  MandateId,
  MandateNotificationId,
  PaymentAttemptId,
  PaymentMethodId,
  RefundId,
  VirtualAccountId,
} from '../domain/id.ts'
/** The instrument of a charge, and the details of it that Paydesk stores. */
export type {
  BrowserInfo,
  CardInstrument,
  Instrument,
  InstrumentFacts,
  MandateDebitInstrument,
  MandateEnrollment,
  SavableInstrument,
  SavedFacts,
  SavedInstrument,
} from '../domain/instrument.ts'
export { BANK_TRANSFER_MODES, type BankTransferMode } from '../domain/instrument.ts'
/** The terms of a mandate to enroll. */
export type { MandateTerms } from '../domain/mandate-terms.ts'
/** Amounts in whole minor units. */
export type { Currency, Money } from '../domain/money.ts'
export { type CustomerAction, DECLINE_CODES, type DeclineCode } from '../domain/payment-attempt.ts'
export { type BankAccount, PAYOUT_FAILURES, type PayoutFailureCode } from '../domain/payout.ts'
export { REFUND_FAILURE_REASONS, type RefundFailureReason } from '../domain/refund.ts'
/** Disputes that a processor reports. */
export type { DisputeReports, ReportedDispute } from './dispute-reports.ts'
export {
  CALL_MS_MAX,
  type GuardDeps,
  guardProcessor,
  type ProcessorTrouble,
} from './guarded-processor.ts'
/** Mandates that a processor debits. */
export type { MandateState, Mandates, NoticeOutcome, NoticeRequest } from './mandates.ts'
/** Payouts that a processor reports. */
export {
  type PayoutReports,
  REPORTED_TRANSACTION_KINDS,
  type ReportedPayout,
  type ReportedTransaction,
} from './payout-reports.ts'
export {
  type ChargeOutcome,
  type ChargeRequest,
  isProcessor,
  type PayerChoice,
  type Processor,
  type RefundOutcome,
  type RefundRequest,
} from './processor.ts'
export { REPORT_COUNT_MAX, type ReportPage } from './reports.ts'
/** Instruments that a processor saves. */
export type {
  ForgetOutcome,
  ForgetRequest,
  SaveAction,
  SavedInstruments,
  SaveOutcome,
  SaveRequest,
} from './saved-instruments.ts'
/** Payments at terminals. */
export type { TerminalOutcome, Terminals } from './terminals.ts'
/** Bank account numbers of single payers. */
export type {
  CloseOutcome,
  DecisionOutcome,
  OpenOutcome,
  OpenRequest,
  ReportedTransfer,
  TransferDecision,
  VirtualAccounts,
} from './virtual-accounts.ts'
