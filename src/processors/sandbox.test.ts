import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openMemoryStore, type TestClock } from '../../test/support/memory-store.ts'
import { cardKindOf } from '../domain/card.ts'
import { BUCKET_COUNT, type PaymentAttemptId, type PaymentMethodId } from '../domain/id.ts'
import type { Ids } from '../domain/ids.ts'
import {
  factsOf,
  type Instrument,
  type SavableInstrument,
  type SavedFacts,
} from '../domain/instrument.ts'
import { type Currency, type Money, readAmount } from '../domain/money.ts'
import type { Store } from '../operations/store.ts'
import type { ChargeOutcome } from './processor.ts'
import type { ProcessorUnderTest } from './processor-under-test.ts'
import { createSandboxProcessor, type SandboxDecision, type SandboxProcessor } from './sandbox.ts'
import { processorSuite } from './suite.ts'

const card = (number: string, holderName: string): Instrument => ({
  type: 'card',
  number,
  brand: cardKindOf(number)?.brand ?? 'other',
  expiryMonth: 12,
  expiryYear: 2030,
  cvv: '123',
  holderName,
})
const savable = (instrument: Instrument): SavableInstrument => {
  if (instrument.type === 'card' || instrument.type === 'ach_debit') return instrument
  throw new Error(`${instrument.type} cannot be saved`)
}
const bank = (bankName: string): Instrument => ({ type: 'netbanking', bankCode: 'x', bankName })
const wallet = (walletName: string): Instrument => ({
  type: 'wallet',
  walletCode: 'x',
  walletName,
})
const ach = (accountNumber: string): Instrument => ({
  type: 'ach_debit',
  accountHolderName: 'Ann Lee',
  routingNumber: '110000000',
  accountNumber,
  accountType: 'checking',
})

function instrumentFrom(method: string, text: string): Instrument {
  switch (method) {
    case 'card': {
      const [number = '', name = ''] = text.split(' / ')
      return card(number.replaceAll(' ', ''), name)
    }
    case 'upi':
      return text === 'qr' || text === 'intent'
        ? { type: 'upi', channel: text }
        : { type: 'upi', channel: 'collect', upiId: text }
    case 'netbanking':
      return bank(text)
    case 'wallet':
      return wallet(text)
    case 'ach_debit':
      return ach(text)
    default:
      return { type: 'bank_transfer' }
  }
}

function money(text: string, currency: Currency): Money {
  const amount = readAmount(text, currency)
  if ('refused' in amount) throw new Error(amount.refused)
  return amount
}

function actionNameOf(outcome: ChargeOutcome): string {
  if (outcome.kind !== 'pending') return outcome.kind
  const { action } = outcome
  return action?.kind === 'redirect' ? action.to : (action?.kind ?? 'nothing')
}

function outcomeNameOf(outcome: ChargeOutcome): string {
  return outcome.kind === 'declined' ? outcome.declineCode : outcome.kind
}

async function createWorld() {
  const { store, clock, ids } = await openMemoryStore()
  const drawAttemptId = () => ids.paymentAttempt(ids.paymentSession(BUCKET_COUNT - 1))
  return { store, clock, ids, drawAttemptId, processor: createSandboxProcessor({ clock, store }) }
}

async function sandboxUnderTest() {
  const { clock, drawAttemptId, ids, processor } = await createWorld()
  const subject: ProcessorUnderTest = {
    processor,
    clock,
    drawAttemptId,
    drawRefundId: ids.refund,
    amount: { amountMinor: 10_050n, currency: 'INR' },
    instruments: {
      approved: card('4111111111111111', 'Asha Rao'),
      declined: card('5299920210000277', 'Insufficient Funds'),
      pending: { type: 'upi', channel: 'collect', upiId: 'pending@paydesk' },
    },
    complete: async (id) => {
      await processor.decide(id, 'consent')
      clock.advance(60_000)
    },
    completeRefund: async () => clock.advance(2_000),
    savable: {
      saved: savable(card('4111111111111111', 'Ben Ode')),
      refused: savable(card('4111111111111111', 'Do Not Honour')),
    },
    completeSave: async (id) => {
      await processor.decideSave(id, 'consent')
    },
    mandatePayer: { channel: 'collect', upiId: 'success@paydesk' },
    completeNotice: async () => clock.advance(24 * 60 * 60_000),
  }
  return subject
}

processorSuite('of the sandbox', sandboxUnderTest, test)

// `asks_for`: the action that the charge requests from the customer. `decision`: the customer's decision; `_`: none.
// `after_ms`: the exact time from the decision to the outcome.
const CASES = `
  currency  amount   method         instrument                            asks_for       decision        after_ms  outcome
  INR       100.50   card           4111 1111 1111 1111 / Asha Rao        issuer         consent         0         approved
  INR       100.50   card           5299 9202 1000 0277 / Asha Rao        issuer         consent         0         approved
  INR       100.50   card           6071 4898 7654 3212 / Asha Rao        issuer         consent         0         approved
  INR       100.50   card           4000 1800 0000 0002 / Asha Rao        issuer         consent         0         approved
  INR       100.50   card           4111 1111 1111 1111 / Asha Rao        issuer         refuse          0         authentication_failed
  INR       100.50   card           4111 1111 1111 1111 / Asha Rao        issuer         cancel          0         canceled_by_customer
  INR       100.50   card           4111 1111 1111 1111 / Failure         issuer         consent         0         authentication_failed
  INR       100.50   card           4111 1111 1111 1111 / Failure         issuer         approve         0         approved
  INR       100.50   card           4111 1111 1111 1111 / Insufficient Funds  issuer     consent         0         insufficient_funds
  INR       100.50   card           4111 1111 1111 1111 / Do Not Honour   issuer         consent         0         do_not_honour
  INR       100.50   card           4111 1111 1111 1111 / Expired Card    issuer         consent         0         expired_card
  INR       100.50   card           4111 1111 1111 1111 / Incorrect CVV   issuer         consent         0         incorrect_cvv
  INR       100.50   card           4111 1111 1111 1111 / incorrect cvv   issuer         consent         0         incorrect_cvv
  INR       100.50   card           4111 1111 1111 1111 / Pending Success  issuer        consent         10000     approved
  INR       100.50   card           4111 1111 1111 1111 / Pending Failure  issuer        consent         10000     card_declined
  INR       222      upi            asha@okbank                           upi_approve    _               3000      approved
  INR       333      upi            asha@okbank                           upi_approve    _               3000      approved
  INR       444      upi            asha@okbank                           upi_approve    _               3000      approved
  INR       500      upi            asha@okbank                           upi_approve    _               3000      approved
  INR       500.01   upi            asha@okbank                           upi_approve    _               3000      upi_declined
  INR       1000     upi            asha@okbank                           upi_approve    _               3000      upi_declined
  INR       1000.01  upi            asha@okbank                           upi_approve    _               3000      approved
  INR       100.50   upi            qr                                    upi_link       _               3000      approved
  INR       600      upi            intent                                upi_link       _               3000      upi_declined
  INR       100.50   upi            asha@okbank                           upi_approve    approve         0         approved
  INR       100.50   upi            asha@okbank                           upi_approve    refuse          0         upi_declined
  INR       600      upi            success@paydesk                       upi_approve    _               3000      approved
  INR       100.50   upi            failure@paydesk                       upi_approve    _               3000      upi_declined
  INR       600      upi            pending@paydesk                       upi_approve    _               300000    upi_timeout
  INR       600      upi            pending@paydesk                       upi_approve    approve         0         approved
  INR       100.50   netbanking     Success Test Bank                     bank           consent         0         approved
  INR       100.50   netbanking     Success Test Bank                     bank           refuse          0         bank_declined
  INR       100.50   netbanking     Failure Test Bank                     bank           consent         0         bank_declined
  INR       100.50   netbanking     Pending Test Bank                     bank           consent         10000     approved
  INR       100.50   wallet         Success Wallet                        wallet         consent         0         approved
  INR       100.50   wallet         Success Wallet                        wallet         refuse          0         wallet_declined
  INR       100.50   wallet         Failure Wallet                        wallet         consent         0         wallet_declined
  INR       100.50   bank_transfer  exact                                 bank_transfer  consent         0         approved
  INR       100.50   bank_transfer  short                                 bank_transfer  transfer_short  0         transfer_short
  INR       100.50   bank_transfer  over                                  bank_transfer  transfer_over   0         transfer_over
  INR       100.50   bank_transfer  late                                  bank_transfer  transfer_late   0         transfer_late
  INR       100.50   bank_transfer  never                                 bank_transfer  _               540000    transfer_not_received
  USD       25.00    card           4111 1111 1111 1111 / Ann Lee         issuer         consent         0         approved
  USD       25.00    ach_debit      000123456789                          nothing        _               10000     approved
  USD       25.00    ach_debit      000111111116                          nothing        _               10000     insufficient_funds
  USD       25.00    ach_debit      000111111113                          declined       _               0         bank_declined
`
const rows = CASES.trim()
  .split('\n')
  .slice(1)
  .map((row) => row.trim().split(/\s{2,}/) as [Currency, ...string[]])

describe('the sandbox', () => {
  let store: Store
  let clock: TestClock
  let ids: Ids
  let processor: SandboxProcessor
  let drawAttemptId: () => PaymentAttemptId
  beforeAll(async () => {
    ;({ store, clock, ids, drawAttemptId, processor } = await createWorld())
  })
  afterAll(() => store.close())

  const charge = (
    instrument: Instrument,
    amount: Money = { amountMinor: 10_050n, currency: 'INR' },
    attemptId = drawAttemptId(),
  ) =>
    processor.charge({
      attemptId,
      amount,
      instrument,
      description: 'Order 1',
      returnUrl: 'https://shop.example/back',
    })

  test.each(rows)(
    'a charge of %s %s by %s with %s requests %s, and after the decision %s and %s ms has the outcome %s',
    async (currency, amount, method, name, asksFor, decision, afterMs, expected) => {
      const id = drawAttemptId()
      const instrument = instrumentFrom(method as string, name as string)
      expect(processor.refuses?.(instrument)).toBeUndefined()
      expect(actionNameOf(await charge(instrument, money(amount as string, currency), id))).toBe(
        asksFor,
      )
      if (decision !== '_') {
        expect(await processor.decide(id, decision as SandboxDecision)).toBe(true)
      }
      if (Number(afterMs) > 0) {
        clock.advance(Number(afterMs) - 1)
        expect((await processor.findCharge(id)).kind).toBe('pending')
        clock.advance(1)
      }
      const decidedAtMs = clock.nowMs()
      clock.advance(5)
      const outcome = await processor.findCharge(id)
      expect(outcomeNameOf(outcome)).toBe(expected)
      if (outcome.kind === 'approved') expect(outcome.approvedAtMs).toBe(decidedAtMs)
      expect(await processor.decide(id, 'approve')).toBe(false)
    },
  )

  test.each([
    ['222', 'card'],
    ['333', 'wallet'],
    ['444', 'credit_line'],
    ['222.01', 'bank_account'],
  ])('a UPI payment of ₹%s comes from a %s', async (amount, accountType) => {
    const id = drawAttemptId()
    await charge({ type: 'upi', channel: 'qr' }, money(amount, 'INR'), id)
    clock.advance(3_000)
    expect(await processor.findCharge(id)).toMatchObject({
      kind: 'approved',
      instrument: { type: 'upi', accountType },
    })
  })

  test.each([
    ['4111111111111111', 'credit'],
    ['6071489876543212', 'debit'],
  ])('the card %s is a %s card', async (number, funding) => {
    const id = drawAttemptId()
    await charge(card(number, 'Asha Rao'), undefined, id)
    await processor.decide(id, 'consent')
    expect(await processor.findCharge(id)).toMatchObject({
      kind: 'approved',
      instrument: { type: 'card', lastFourDigits: number.slice(-4), funding },
    })
  })

  test('a charge with the name Timeout gets no answer, and is approved 3 s later', async () => {
    const id = drawAttemptId()
    let isAnswered = false
    const answer = charge(card('4111111111111111', 'Timeout'), undefined, id)
    answer.finally(() => {
      isAnswered = true
    })
    // This reads the records, because a query before the charge's arrival would decline the charge.
    await expect.poll(() => store.sandboxCharges.find(id)).toBeDefined()
    clock.advance(2_999)
    expect(await processor.findCharge(id)).toMatchObject({ kind: 'pending', askAfterMs: 1 })
    clock.advance(1)
    expect((await processor.findCharge(id)).kind).toBe('approved')
    expect(isAnswered).toBe(false)
  })

  test.each([
    ['a card that is not listed', card('4242424242424242', 'Asha Rao')],
    ['a bank that is not listed', bank('State Bank')],
    ['a wallet that is not listed', wallet('Purse')],
    ['an account that is not listed', ach('000000000000')],
  ])('%s is refused before a charge, and a charge with it is declined', async (_, instrument) => {
    expect(processor.refuses?.(instrument)).toBe('instrument_refused')
    expect((await charge(instrument)).kind).toBe('declined')
  })

  test('every listed bank and wallet is accepted', () => {
    for (const { name } of processor.banks ?? []) {
      expect(processor.refuses?.(bank(name))).toBeUndefined()
    }
    for (const { name } of processor.wallets ?? []) {
      expect(processor.refuses?.(wallet(name))).toBeUndefined()
    }
    expect([processor.banks?.length, processor.wallets?.length]).toEqual([13, 2])
  })

  test('a charge has no action after the customer’s consent', async () => {
    const id = drawAttemptId()
    await charge(bank('Pending Test Bank'), undefined, id)
    await processor.decide(id, 'consent')
    const outcome = await processor.findCharge(id)
    expect([outcome.kind, actionNameOf(outcome)]).toEqual(['pending', 'nothing'])
  })

  test('each bank transfer has a unique account number, and a UPI link names its attempt', async () => {
    const [first, second] = [
      await charge({ type: 'bank_transfer' }),
      await charge({ type: 'bank_transfer' }),
    ]
    const numberIn = (outcome: ChargeOutcome) =>
      outcome.kind === 'pending' && outcome.action?.kind === 'bank_transfer'
        ? outcome.action.accountNumber
        : undefined
    expect(numberIn(first)).toMatch(/^PAYD\d{12}$/)
    expect(numberIn(second)).not.toBe(numberIn(first))

    const attemptId = drawAttemptId()
    const accountNumber = numberIn(await charge({ type: 'bank_transfer' }, undefined, attemptId))
    await processor.decide(attemptId, 'consent')
    expect(await processor.findCharge(attemptId)).toMatchObject({
      instrument: {
        type: 'bank_transfer',
        virtualAccountNumber: accountNumber,
        mode: 'IMPS',
        payerName: 'Sandbox Customer',
        payerIfscCode: 'PAYD0PAYERS',
      },
    })

    const id = drawAttemptId()
    expect(await charge({ type: 'upi', channel: 'qr' }, undefined, id)).toMatchObject({
      action: { uri: expect.stringMatching(new RegExp(`^upi://pay\\?.*tr=${id}&am=100\\.50`)) },
    })
  })

  const save = async (instrument: Instrument) => {
    const paymentMethodId = ids.paymentMethod(ids.customer())
    const first = await processor.savedInstruments?.save({
      paymentMethodId,
      instrument: savable(instrument),
      billingAddress: { country: 'US', postalCode: '10001' },
      customer: { name: 'Ben Ode', email: 'ben@shop.example' },
      returnUrl: 'https://shop.example/back',
    })
    return { id: paymentMethodId, first }
  }
  const findSaved = (id: PaymentMethodId) => processor.savedInstruments?.findSaved(id)
  const chargeSaved = async (token: string, instrument: Instrument) => {
    const facts = factsOf(savable(instrument)) as SavedFacts
    const savedInstrument = { type: 'saved', token, facts, isOnSession: false } as const
    const attemptId = drawAttemptId()
    const first = await charge(savedInstrument, money('49', 'USD'), attemptId)
    clock.advance(10_000)
    return [outcomeNameOf(first), outcomeNameOf(await processor.findCharge(attemptId))]
  }

  test.each([
    ['Ben Ode', 'approved'],
    ['Insufficient Funds Later', 'insufficient_funds'],
    ['expired card later', 'expired_card'],
    ['Do Not Honour Later', 'do_not_honour'],
  ])(
    'a card with the name %s is saved after the issuer’s page, and its charges have the outcome %s',
    async (name, outcome) => {
      const { first, id } = await save(card('4111111111111111', name))
      expect(first).toEqual({
        kind: 'pending',
        action: { kind: 'redirect', to: 'issuer', url: `/sandbox/save-card/${id}` },
      })
      expect(await processor.decideSave(id, 'consent')).toBe(true)
      expect(await processor.decideSave(id, 'refuse')).toBe(false)
      const saveOutcome = await findSaved(id)
      expect(saveOutcome).toMatchObject({
        kind: 'saved',
        token: `sandbox_${id}`,
        instrument: { type: 'card', funding: 'credit', country: 'US' },
        checks: { addressLine: 'unchecked', postalCode: 'pass', cvc: 'pass' },
      })
      expect(await chargeSaved(`sandbox_${id}`, card('4111111111111111', name))).toEqual([
        outcome,
        outcome,
      ])
      await processor.savedInstruments?.forget({ paymentMethodId: id, token: `sandbox_${id}` })
      expect(await chargeSaved(`sandbox_${id}`, card('4111111111111111', name))).toEqual([
        'card_declined',
        'card_declined',
      ])
    },
  )

  test.each([
    ['Insufficient Funds', 'insufficient_funds'],
    ['Failure', 'authentication_failed'],
    ['Expired Card', 'expired_card'],
  ])('a card with the name %s is not saved: %s', async (name, declineCode) => {
    const { id } = await save(card('4111111111111111', name))
    await processor.decideSave(id, 'consent')
    expect(await findSaved(id)).toEqual({ kind: 'declined', declineCode })
  })

  test('a card whose customer refuses on the issuer’s page is not saved', async () => {
    const { id } = await save(card('4111111111111111', 'Ben Ode'))
    expect(await processor.decideSave(id, 'refuse')).toBe(true)
    expect(await findSaved(id)).toEqual({ kind: 'declined', declineCode: 'authentication_failed' })
  })

  test.each([
    ['000123456789', 'saved', ['pending', 'approved']],
    ['000111111116', 'saved', ['pending', 'insufficient_funds']],
    ['000111111113', 'saved', ['bank_declined', 'bank_declined']],
    ['000222222227', 'declined', ['bank_declined', 'bank_declined']],
  ])(
    'the account %s is verified for 10 s and then %s, and a charge of it has the outcomes %j',
    async (number, kind, outcomes) => {
      const { first, id } = await save(ach(number))
      expect(first).toMatchObject({ kind: 'verifying', instrument: { type: 'ach_debit' } })
      clock.advance(9_999)
      expect((await findSaved(id))?.kind).toBe('verifying')
      clock.advance(1)
      expect((await findSaved(id))?.kind).toBe(kind)
      expect(await chargeSaved(`sandbox_${id}`, ach(number))).toEqual(outcomes)
    },
  )

  test('an unlisted card or account is not saved, and a token that does not exist is not charged', async () => {
    expect((await save(card('4242424242424242', 'Ben Ode'))).first?.kind).toBe('declined')
    expect((await save(ach('000000000000'))).first?.kind).toBe('declined')
    expect(await chargeSaved('sandbox_1', ach('000123456789'))).toEqual([
      'card_declined',
      'card_declined',
    ])
  })

  test.each([
    ['300', 'succeeded'],
    ['300.01', 'failed'],
    ['500', 'failed'],
    ['500.01', 'succeeded'],
  ])(
    'a refund of ₹%s has the outcome %s after 2 s, with a unique reference',
    async (text, expected) => {
      const attemptId = drawAttemptId()
      const refundId = ids.refund(attemptId)
      const processorReference = `sandbox_${refundId}`
      const send = () => processor.refund({ refundId, attemptId, amount: money(text, 'INR') })
      expect(await send()).toEqual({ kind: 'pending', processorReference, askAfterMs: 2_000 })
      clock.advance(1_999)
      expect(await send()).toEqual({ kind: 'pending', processorReference, askAfterMs: 1 })
      clock.advance(1)
      expect(await send()).toEqual(
        expected === 'succeeded'
          ? { kind: 'succeeded', processorReference }
          : { kind: 'failed', reason: 'insufficient_funds' },
      )
    },
  )
})
