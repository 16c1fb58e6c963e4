import { looksLikeCardNumber } from '../domain/card-number.ts'
import {
  type MandateId,
  type MandateNotificationId,
  type PaymentAttemptId,
  type PaymentMethodId,
  parseId,
  type RefundId,
  type VirtualAccountId,
} from '../domain/id.ts'
import type { Instrument, MandateEnrollment, SavableInstrument } from '../domain/instrument.ts'
import type { Money } from '../domain/money.ts'
import type { DisputeReports } from './dispute-reports.ts'
import { CALL_MS_MAX, guardProcessor } from './guarded-processor.ts'
import { drawBytes, machineClock } from './machine.ts'
import type { Mandates } from './mandates.ts'
import type { PayoutReports } from './payout-reports.ts'
import type { Processor } from './processor.ts'
import type { SavedInstruments } from './saved-instruments.ts'
import { withinTimeLimit } from './time-limit.ts'
import type { VirtualAccounts } from './virtual-accounts.ts'

/** The results of charges for which the checks need an instrument. */
export const INSTRUMENT_RESULTS = ['approved', 'declined', 'pending'] as const
/** One of these results. */
export type InstrumentResult = (typeof INSTRUMENT_RESULTS)[number]

/** The values and actions that the checks need besides a processor. */
export type ProcessorTestSetup = {
  /** The amount of each charge: at least 2 minor units. */
  readonly amount: Money
  /**
   * The test instrument for each result. `approved` and `declined` may ask the customer for an action
   * first; `pending` waits until `complete` runs.
   */
  readonly instruments: Readonly<Record<InstrumentResult, Instrument>>
  /** Acts as the customer of a pending charge, and resolves when the company has decided the charge. */
  readonly complete: (attemptId: PaymentAttemptId) => Promise<void>
  /** Resolves when the company has decided the refund. */
  readonly completeRefund: (refundId: RefundId) => Promise<void>
  /**
   * Instruments for the checks of `savedInstruments`: the processor saves the first and refuses the second. Both may ask
   * the customer for an action first. Undefined: these checks are skipped.
   */
  readonly savable?: { readonly saved: SavableInstrument; readonly refused: SavableInstrument }
  /** Acts as the customer of a pending save, and resolves when the company has decided it. */
  readonly completeSave?: (paymentMethodId: PaymentMethodId) => Promise<void>
  /**
   * The UPI app of a customer who approves each mandate, automatically or when `complete` runs. Undefined: the checks
   * of `mandates` are skipped.
   */
  readonly mandatePayer?: Pick<MandateEnrollment, 'channel' | 'upiId'>
  /** Resolves when the customer has got a notice and the company accepts its debit, which takes 24 hours in live mode. */
  readonly completeNotice?: (notificationId: MandateNotificationId) => Promise<void>
  /**
   * Transfers money to a virtual account from another bank, and returns the bank's reference (UTR). Undefined: the checks
   * of transfers are skipped.
   */
  readonly sendTransfer?: (transfer: {
    readonly virtualAccountId: VirtualAccountId
    readonly accountNumber: string
    readonly amount: Money
  }) => Promise<string>
  /** Pays out an approved charge, and returns the payout's reference. Undefined: the check of payouts is skipped. */
  readonly makePayout?: (attemptId: PaymentAttemptId) => Promise<string>
  /** Disputes an approved charge, and returns the dispute's reference. Undefined: the check of disputes is skipped. */
  readonly openDispute?: (attemptId: PaymentAttemptId) => Promise<string>
  /** A terminal of the processor. Undefined: the check of terminals is skipped. */
  readonly terminalId?: string
  /** Draws a new id. Undefined: a random one of 16 digits. */
  readonly drawAttemptId?: () => PaymentAttemptId
  readonly drawRefundId?: (attemptId: PaymentAttemptId) => RefundId
}

/** A processor with its test setup. */
export type ProcessorUnderTest = ProcessorTestSetup & {
  readonly processor: Processor
  /** The time limit of each call. Undefined: 40 s. */
  readonly callMsMax?: number
  /** The clock for the times of approvals and for the days of mandates. Undefined: the machine's. */
  readonly clock?: { readonly nowMs: () => number }
}

type Optional =
  | 'savable'
  | 'completeSave'
  | 'mandatePayer'
  | 'completeNotice'
  | 'sendTransfer'
  | 'makePayout'
  | 'openDispute'
  | 'terminalId'

/** A processor under test behind the guard that Paydesk uses, with a record of its answers and faults. */
export type ObservedProcessor = Required<Omit<ProcessorUnderTest, 'callMsMax' | Optional>> &
  Pick<ProcessorUnderTest, Optional> & {
    readonly unguardedProcessor: Processor
    /** Every answer before the guard reads it. */
    readonly answers: readonly unknown[]
    /** The guard's reports, in words: `charge: the answer has the wrong shape`. */
    readonly troubles: readonly string[]
  }

/** Puts the guard around a processor and starts to record. */
export function observeProcessor({
  callMsMax = CALL_MS_MAX,
  clock = machineClock,
  ...subject
}: ProcessorUnderTest): ObservedProcessor {
  const { processor: unguardedProcessor } = subject
  const answers: unknown[] = []
  const troubles: string[] = []
  const record = async <Answer>(call: () => Promise<Answer>): Promise<Answer> => {
    const answer = await withinTimeLimit(callMsMax, async () => call())
    answers.push(answer)
    return answer
  }
  const { cancelCharge } = unguardedProcessor
  const recording: Processor = {
    name: unguardedProcessor.name,
    charge: (request) => record(() => unguardedProcessor.charge(request)),
    findCharge: (id) => record(() => unguardedProcessor.findCharge(id)),
    refund: (request) => record(() => unguardedProcessor.refund(request)),
    ...(cancelCharge !== undefined && {
      cancelCharge: (id) => record(() => cancelCharge.call(unguardedProcessor, id)),
    }),
    ...recordedCapabilities(unguardedProcessor, record),
  }
  return {
    drawAttemptId: randomAttemptId,
    drawRefundId: () => drawId<RefundId>(),
    ...subject,
    clock,
    processor: guardProcessor(recording, {
      clock,
      report: ({ call, trouble }) => troubles.push(`${call}: ${trouble}`),
      callMsMax: callMsMax + GUARD_MS,
    }),
    unguardedProcessor: unguardedProcessor,
    answers,
    troubles,
  }
}

type RecordCall = <Answer>(call: () => Promise<Answer>) => Promise<Answer>

function recordedCapabilities(
  { disputes, mandates, payouts, savedInstruments, terminals, virtualAccounts }: Processor,
  record: RecordCall,
): Pick<
  Processor,
  'disputes' | 'mandates' | 'payouts' | 'savedInstruments' | 'terminals' | 'virtualAccounts'
> {
  return {
    ...(disputes !== undefined && { disputes: recordedDisputes(disputes, record) }),
    ...(mandates !== undefined && { mandates: recordedMandates(mandates, record) }),
    ...(terminals !== undefined && {
      terminals: { find: (id: string) => record(() => terminals.find(id)) },
    }),
    ...(payouts !== undefined && { payouts: recordedPayouts(payouts, record) }),
    ...(savedInstruments !== undefined && {
      savedInstruments: recordedSaves(savedInstruments, record),
    }),
    ...(virtualAccounts !== undefined && {
      virtualAccounts: recordedAccounts(virtualAccounts, record),
    }),
  }
}

function recordedAccounts(inner: VirtualAccounts, record: RecordCall): VirtualAccounts {
  return {
    open: (request) => record(() => inner.open(request)),
    close: (id) => record(() => inner.close(id)),
    listTransfers: (after) => record(() => inner.listTransfers(after)),
    decideTransfer: (decision) => record(() => inner.decideTransfer(decision)),
  }
}

function recordedDisputes(inner: DisputeReports, record: RecordCall): DisputeReports {
  return { listDisputes: (after) => record(() => inner.listDisputes(after)) }
}

function recordedMandates(inner: Mandates, record: RecordCall): Mandates {
  return {
    notify: (request) => record(() => inner.notify(request)),
    findMandate: (id) => record(() => inner.findMandate(id)),
    cancelMandate: (id) => record(() => inner.cancelMandate(id)),
  }
}

function recordedPayouts(inner: PayoutReports, record: RecordCall): PayoutReports {
  return {
    listPayouts: (after) => record(() => inner.listPayouts(after)),
    listTransactions: (reference, after) => record(() => inner.listTransactions(reference, after)),
  }
}

function recordedSaves(inner: SavedInstruments, record: RecordCall): SavedInstruments {
  return {
    save: (request) => record(() => inner.save(request)),
    findSaved: (id) => record(() => inner.findSaved(id)),
    forget: (request) => record(() => inner.forget(request)),
  }
}

/**
 * The time that the guard waits longer than the checks, in milliseconds, so that the checks report a late answer
 * first.
 */
const GUARD_MS = 1_000

/** Draws a new attempt id. */
export function randomAttemptId(): PaymentAttemptId {
  return drawId<PaymentAttemptId>()
}

/** Draws the id of a new saved payment method. */
export function randomPaymentMethodId(): PaymentMethodId {
  return drawId<PaymentMethodId>()
}

/** Draws the id of a new mandate. */
export function randomMandateId(): MandateId {
  return drawId<MandateId>()
}

/** Draws the id of a new notice of a debit. */
export function randomMandateNotificationId(): MandateNotificationId {
  return drawId<MandateNotificationId>()
}

/** Draws the id of a new virtual account. */
export function randomVirtualAccountId(): VirtualAccountId {
  return drawId<VirtualAccountId>()
}

/** Draws an id with 16 digits that fits into a JSON number. */
function drawId<
  Id extends
    | MandateId
    | MandateNotificationId
    | PaymentAttemptId
    | PaymentMethodId
    | RefundId
    | VirtualAccountId,
>(): Id {
  for (;;) {
    const number = drawBytes(8).reduce((sum, byte) => (sum * 256n + BigInt(byte)) % 2n ** 53n, 0n)
    const text = String(number)
    // The guard redacts a reference that contains a card number, and many references contain the id.
    if (text.length < 16 || looksLikeCardNumber(text)) continue
    const id = parseId<Id>(text)
    if (id !== undefined) return id
  }
}
