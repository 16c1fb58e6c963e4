/** The terms and steps of the simulation of payment sessions. */
import fc from 'fast-check'
import { DISPUTE_STEPS, MERCHANT_STEPS } from './merchant-steps.ts'
import type { Terms } from './run.ts'
import {
  MANDATE_STEPS,
  MESSAGE_STEPS,
  PAYER_STEPS,
  PAYOUT_STEPS,
  RARE_STEPS,
  RESULT_STEPS,
} from './steps.ts'

/** The terms of a session. */
export const SESSION_TERMS: fc.Arbitrary<Terms> = fc.record({
  amountMinor: fc.bigInt({ min: 1n, max: 10n ** 12n }),
  attemptCountMax: fc.integer({ min: 1, max: 5 }),
  shares: fc.array(fc.nat(333), { maxLength: 3 }),
  method: fc.constantFrom('netbanking', 'ach_debit', 'mandate'),
  email: fc.constantFrom(undefined, 'asha@shop.example', 'ben@shop.example'),
})

/** Some steps of one session. */
export const SESSION_STEPS = fc.commands(
  [
    PAYER_STEPS,
    PAYER_STEPS,
    PAYER_STEPS,
    MERCHANT_STEPS,
    MERCHANT_STEPS,
    RESULT_STEPS,
    RESULT_STEPS,
    RARE_STEPS,
    PAYOUT_STEPS,
    MESSAGE_STEPS,
    DISPUTE_STEPS,
    MANDATE_STEPS,
  ].flat(),
  {
    maxCommands: 60,
    size: 'max',
  },
)
