import type { MandateId, PaymentAttemptId } from '../domain/id.ts'
import { MANDATE_CURRENCY, mandateDayAt, NOTICE_MS } from '../domain/mandate-terms.ts'
import { CheckSkipped, ensure, ensureKind, ensureSame, type ProcessorCheck } from './checks.ts'
import type { Mandates, NoticeRequest } from './mandates.ts'
import type { ChargeOutcome, ChargeRequest } from './processor.ts'
import {
  type ObservedProcessor,
  randomMandateId,
  randomMandateNotificationId,
} from './processor-under-test.ts'

/** The amount of each mandate's first debit, which is also the limit of its debits. */
const AMOUNT = { amountMinor: 10_000n, currency: MANDATE_CURRENCY } as const
const DESCRIPTION = 'Monthly fee'

type Subject = ObservedProcessor & {
  readonly mandates: Mandates
  readonly mandatePayer: NonNullable<ObservedProcessor['mandatePayer']>
  readonly completeNotice: NonNullable<ObservedProcessor['completeNotice']>
}

function subjectFrom(observedProcessor: ObservedProcessor): Subject {
  const { completeNotice, mandatePayer, processor } = observedProcessor
  const { mandates } = processor
  if (mandates === undefined) throw new CheckSkipped('the processor has no mandates')
  if (mandatePayer === undefined || completeNotice === undefined) {
    throw new CheckSkipped('the test setup must have both mandatePayer and completeNotice')
  }
  return { ...observedProcessor, mandates, mandatePayer, completeNotice }
}

function enrollmentOf({ clock, drawAttemptId, mandatePayer }: Subject): ChargeRequest & {
  readonly instrument: { readonly type: 'mandate_enrollment'; readonly mandateId: MandateId }
} {
  return {
    attemptId: drawAttemptId(),
    amount: AMOUNT,
    instrument: {
      ...mandatePayer,
      type: 'mandate_enrollment',
      mandateId: randomMandateId(),
      terms: {
        amountRule: 'variable',
        frequency: 'as_presented',
        description: DESCRIPTION,
        amountMinor: AMOUNT.amountMinor,
        startOn: mandateDayAt(clock.nowMs()),
      },
    },
    description: DESCRIPTION,
    returnUrl: 'https://shop.example/back',
  }
}

async function chargeToTheEnd(
  { complete, processor }: Subject,
  request: ChargeRequest,
): Promise<ChargeOutcome> {
  const first = await processor.charge(request)
  if (first.kind !== 'pending') return first
  await complete(request.attemptId)
  return processor.findCharge(request.attemptId)
}

async function enroll(subject: Subject) {
  const request = enrollmentOf(subject)
  const outcome = await chargeToTheEnd(subject, request)
  ensureKind('the enrollment by mandatePayer', outcome, 'approved')
  return { request, outcome, mandateId: request.instrument.mandateId }
}

function noticeOf({ clock }: Subject, mandateId: MandateId): NoticeRequest {
  const nowMs = clock.nowMs()
  return {
    notificationId: randomMandateNotificationId(),
    mandateId,
    amount: AMOUNT,
    executionOn: mandateDayAt(nowMs + NOTICE_MS),
    description: DESCRIPTION,
    invoiceNumber: 'INV-2',
    requestedAtMs: nowMs,
  }
}

/** Makes the request of a debit. `attemptId` undefined: a new one is drawn. */
function debitOf(
  { drawAttemptId }: Subject,
  { mandateId, notificationId }: Pick<NoticeRequest, 'mandateId' | 'notificationId'>,
  attemptId: PaymentAttemptId = drawAttemptId(),
): ChargeRequest {
  return {
    attemptId,
    amount: AMOUNT,
    instrument: { type: 'mandate_debit', mandateId, notificationId },
    description: DESCRIPTION,
    returnUrl: '',
  }
}

/** Resolves when the debit can be sent. */
async function notifyToTheEnd(subject: Subject, mandateId: MandateId): Promise<NoticeRequest> {
  const notice = noticeOf(subject, mandateId)
  ensureKind('the notice', await subject.mandates.notify(notice), 'pending', 'succeeded')
  await subject.completeNotice(notice.notificationId)
  return notice
}

const referenceIn = (outcome: object): unknown =>
  'processorReference' in outcome ? outcome.processorReference : undefined

async function enrollmentIsOneMandate(observedProcessor: ObservedProcessor): Promise<void> {
  const subject = subjectFrom(observedProcessor)
  const { mandateId, outcome, request } = await enroll(subject)
  ensureKind('findMandate', await subject.mandates.findMandate(mandateId), 'active')
  const again = await subject.processor.charge(request)
  ensureSame('the enrollment that is sent again', outcome, again)
}

async function noticeIsSentOnce(observedProcessor: ObservedProcessor): Promise<void> {
  const subject = subjectFrom(observedProcessor)
  const { mandates } = subject
  const { mandateId } = await enroll(subject)
  const notice = noticeOf(subject, mandateId)
  const send = () => mandates.notify(notice)
  const first = await Promise.all([send(), send(), send()])
  for (const outcome of first) ensureKind('the notice', outcome, 'pending', 'succeeded')
  await subject.completeNotice(notice.notificationId)
  const [last, again] = [await send(), await send()]
  ensureKind('the notice after completeNotice', last, 'succeeded')
  ensureSame('the notice that is sent once more', last, again)
  const references = [...new Set([...first, last].map(referenceIn).filter(Boolean))]
  ensure(
    references.length <= 1,
    () => `one notificationId must have one reference, but had ${references.join(', ')}`,
  )
}

async function debitIsOneCharge(observedProcessor: ObservedProcessor): Promise<void> {
  const subject = subjectFrom(observedProcessor)
  const { mandateId } = await enroll(subject)
  const debit = debitOf(subject, await notifyToTheEnd(subject, mandateId))
  const outcome = await chargeToTheEnd(subject, debit)
  ensureKind('the debit of an active mandate', outcome, 'approved')
  const again = await Promise.all([
    subject.processor.charge(debit),
    subject.processor.charge(debit),
    subject.processor.findCharge(debit.attemptId),
  ])
  for (const one of again) ensureSame('the debit that is sent again', outcome, one)
}

async function canceledMandateIsNotDebited(observedProcessor: ObservedProcessor): Promise<void> {
  const subject = subjectFrom(observedProcessor)
  const { mandates } = subject
  const { mandateId } = await enroll(subject)
  const notice = await notifyToTheEnd(subject, mandateId)
  for (const time of ['first', 'second']) {
    ensureKind(`the ${time} cancelMandate`, await mandates.cancelMandate(mandateId), 'revoked')
  }
  ensureKind('findMandate after cancelMandate', await mandates.findMandate(mandateId), 'revoked')
  const outcome = await chargeToTheEnd(subject, debitOf(subject, notice))
  ensureKind('a debit of the canceled mandate', outcome, 'declined')
}

async function unapprovedMandateIsNotDebited(observedProcessor: ObservedProcessor): Promise<void> {
  const subject = subjectFrom(observedProcessor)
  const notice = noticeOf(subject, randomMandateId())
  const outcome = await chargeToTheEnd(subject, debitOf(subject, notice))
  ensureKind('a debit of an unapproved mandate', outcome, 'declined')
}

async function answersCanBeUsed(observedProcessor: ObservedProcessor): Promise<void> {
  const subject = subjectFrom(observedProcessor)
  const { mandateId } = await enroll(subject)
  await chargeToTheEnd(subject, debitOf(subject, await notifyToTheEnd(subject, mandateId)))
  await subject.mandates.findMandate(mandateId)
  await subject.mandates.cancelMandate(mandateId)
  const { troubles } = subject
  ensure(troubles.length === 0, () => [...new Set(troubles)].join('; '))
}

/** The rules of processors with mandates, in reading order. */
export const MANDATE_CHECKS: readonly ProcessorCheck[] = [
  {
    name: 'an approved mandate is active, and a repeated enrollment is one mandate',
    run: enrollmentIsOneMandate,
  },
  {
    name: 'a notice is sent once for each notification, and keeps its result',
    run: noticeIsSentOnce,
  },
  { name: 'a mandate is debited once for each attempt', run: debitIsOneCharge },
  {
    name: 'a canceled mandate stays revoked and cannot be debited',
    run: canceledMandateIsNotDebited,
  },
  {
    name: 'an unapproved mandate cannot be debited',
    run: unapprovedMandateIsNotDebited,
  },
  { name: 'every answer about a mandate has the shape of the contract', run: answersCanBeUsed },
]
