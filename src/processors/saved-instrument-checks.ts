import type { PaymentMethodId } from '../domain/id.ts'
import { factsOf, type SavableInstrument } from '../domain/instrument.ts'
import {
  CheckSkipped,
  ensure,
  ensureKind,
  ensureSame,
  jsonOf,
  type ProcessorCheck,
} from './checks.ts'
import { type ObservedProcessor, randomPaymentMethodId } from './processor-under-test.ts'
import type { SavedInstruments, SaveOutcome, SaveRequest } from './saved-instruments.ts'

type Subject = ObservedProcessor & {
  readonly saves: SavedInstruments
  readonly savable: NonNullable<ObservedProcessor['savable']>
  readonly completeSave: NonNullable<ObservedProcessor['completeSave']>
}

function subjectFrom(observedProcessor: ObservedProcessor): Subject {
  const { completeSave, processor, savable } = observedProcessor
  const { savedInstruments: saves } = processor
  if (saves === undefined) throw new CheckSkipped('the processor has no savedInstruments')
  if (savable === undefined || completeSave === undefined) {
    throw new CheckSkipped('the test setup must have both savable and completeSave')
  }
  return { ...observedProcessor, saves, savable, completeSave }
}

const requestFor = (
  instrument: SavableInstrument,
  paymentMethodId = randomPaymentMethodId(),
): SaveRequest => ({
  paymentMethodId,
  instrument,
  billingAddress: { postalCode: '10001', country: 'US' },
  customer: { name: 'Ben Ode', email: 'ben@shop.example' },
  returnUrl: 'https://shop.example/back',
})

async function saveToTheEnd(
  { completeSave, saves }: Subject,
  request: SaveRequest,
): Promise<SaveOutcome> {
  const first = await saves.save(request)
  if (first.kind !== 'pending' && first.kind !== 'verifying') return first
  await completeSave(request.paymentMethodId)
  return saves.findSaved(request.paymentMethodId)
}

async function save(subject: Subject): Promise<{
  readonly id: PaymentMethodId
  readonly token: string
  readonly outcome: SaveOutcome
}> {
  const request = requestFor(subject.savable.saved)
  const outcome = await saveToTheEnd(subject, request)
  ensureKind('a save of the instrument savable.saved', outcome, 'saved')
  const token = outcome.kind === 'saved' ? outcome.token : ''
  return { id: request.paymentMethodId, token, outcome }
}

async function saveIsFinal(observedProcessor: ObservedProcessor): Promise<void> {
  const subject = subjectFrom(observedProcessor)
  const { id, outcome } = await save(subject)
  ensureSame('findSaved after a save', outcome, await subject.saves.findSaved(id))
  const again = await Promise.all([
    subject.saves.save(requestFor(subject.savable.saved, id)),
    subject.saves.save(requestFor(subject.savable.refused, id)),
  ])
  for (const one of again) ensureSame('a save that is sent again', outcome, one)
}

async function refusalIsFinal(observedProcessor: ObservedProcessor): Promise<void> {
  const subject = subjectFrom(observedProcessor)
  const request = requestFor(subject.savable.refused)
  const first = await saveToTheEnd(subject, request)
  ensureKind('a save of the instrument savable.refused', first, 'declined')
  const { paymentMethodId } = request
  ensureSame('findSaved after a refusal', first, await subject.saves.findSaved(paymentMethodId))
}

async function unknownSaveIsDeclined(observedProcessor: ObservedProcessor): Promise<void> {
  const { savable, saves } = subjectFrom(observedProcessor)
  const request = requestFor(savable.saved)
  const { paymentMethodId } = request
  const outcome = await saves.findSaved(paymentMethodId)
  ensureKind('findSaved of an id that was never saved', outcome, 'declined')
  ensureKind('the save after this findSaved', await saves.save(request), 'declined')
}

async function savedIsChargedOnce(observedProcessor: ObservedProcessor): Promise<void> {
  const subject = subjectFrom(observedProcessor)
  const { token } = await save(subject)
  const request = chargeOf(subject, token)
  const first = await subject.processor.charge(request)
  ensureKind('a charge of the saved instrument', first, 'approved', 'pending')
  const again = await subject.processor.charge(request)
  ensureSame(
    'the reference of the charge that is sent again',
    'processorReference' in first ? first.processorReference : undefined,
    'processorReference' in again ? again.processorReference : undefined,
  )
}

async function forgottenInstrumentIsNotCharged(
  observedProcessor: ObservedProcessor,
): Promise<void> {
  const subject = subjectFrom(observedProcessor)
  const { id, token } = await save(subject)
  for (const time of ['first', 'second']) {
    const outcome = await subject.saves.forget({ paymentMethodId: id, token })
    ensureKind(`the ${time} forget`, outcome, 'forgotten')
  }
  const chargeOutcome = await subject.processor.charge(chargeOf(subject, token))
  ensureKind('a charge of the deleted instrument', chargeOutcome, 'declined')
}

async function savesRepeatNoNumber(observedProcessor: ObservedProcessor): Promise<void> {
  const subject = subjectFrom(observedProcessor)
  for (const instrument of [subject.savable.saved, subject.savable.refused]) {
    await saveToTheEnd(subject, requestFor(instrument))
    const number = instrument.type === 'card' ? instrument.number : instrument.accountNumber
    const text = jsonOf(subject.answers)
    ensure(!text.includes(number), () => 'an answer contains the whole number of an instrument')
  }
  const { troubles } = subject
  ensure(troubles.length === 0, () => [...new Set(troubles)].join('; '))
}

function chargeOf({ amount, drawAttemptId, savable }: Subject, token: string) {
  const facts = factsOf(savable.saved)
  if (facts.type !== 'card' && facts.type !== 'ach_debit') throw new Error('not savable')
  return {
    attemptId: drawAttemptId(),
    amount,
    instrument: { type: 'saved', token, facts, isOnSession: false },
    description: 'Plan, December',
    returnUrl: 'https://shop.example/back',
  } as const
}

/** The rules of processors that save instruments, in reading order. */
export const SAVED_INSTRUMENT_CHECKS: readonly ProcessorCheck[] = [
  {
    name: 'a saved instrument keeps its token, and a repeated save saves nothing new',
    run: saveIsFinal,
  },
  { name: 'a refused instrument stays refused', run: refusalIsFinal },
  { name: 'findSaved of an unknown method declines it for good', run: unknownSaveIsDeclined },
  { name: 'a saved instrument is charged once for each attempt', run: savedIsChargedOnce },
  { name: 'a deleted instrument cannot be charged', run: forgottenInstrumentIsNotCharged },
  {
    name: 'no answer about a saved instrument contains its number, and each has the shape of the contract',
    run: savesRepeatNoNumber,
  },
]
