/** Actions of merchants on payments. */
import fc from 'fast-check'
import { expect } from 'vitest'
import type { PaymentAttemptId, TransferId } from '../../src/domain/id.ts'
import {
  askRefund,
  askReversal,
  askTransfers,
  decideDispute,
  type Portion,
  portionOf,
  refundableOf,
  reportDispute,
  transferableOf,
} from './merchant.ts'
import { grantedMinor } from './notes.ts'
import type { Run } from './run.ts'
import { pick, Step, type Steps } from './steps.ts'

/** Returns the succeeded payment, if any. For `index` 0: the newest attempt, in any status. */
async function paymentOf(run: Run, index: number): Promise<PaymentAttemptId | undefined> {
  if (index === 0) return run.attempt(index)
  const attempts = await run.world.deps.store.paymentAttempts.listBySession(run.agreement.id)
  return attempts.find(({ status }) => status === 'succeeded')?.id
}

async function transferOf(run: Run, index: number) {
  const id = await paymentOf(run, 1)
  const transfers = id === undefined ? [] : await run.world.deps.store.transfers.listByPayment(id)
  return transfers[index % transfers.length]
}

type OfPayment = (run: Run, id: PaymentAttemptId) => Promise<unknown>
const withPayment = (text: string, index: number, happen: OfPayment) =>
  new Step(`${text}, of payment ${index}`, async (run) => {
    const id = await paymentOf(run, index)
    if (id !== undefined) await happen(run, id)
  })

type OfTransfer = (run: Run, id: TransferId, leftMinor: bigint) => Promise<unknown>
const withTransfer = (text: string, index: number, happen: OfTransfer) =>
  new Step(`${text}, of transfer ${index}`, async (run) => {
    const transfer = await transferOf(run, index)
    if (transfer === undefined) return
    const reversedMinor = grantedMinor(run.notes.reversals.values(), transfer.id)
    await happen(run, transfer.id, transfer.amount.amountMinor - reversedMinor)
  })

/** Makes each idempotency key unique. */
let keyCount = 0
const nextKey = () => {
  keyCount += 1
  return String(keyCount)
}

async function refundOnce(run: Run, id: PaymentAttemptId, portion: Portion): Promise<void> {
  const leftMinor = await refundableOf(run, id)
  const amountMinor = portionOf(leftMinor, portion)
  const refundId = await askRefund(run, id, amountMinor)
  expect(refundId !== undefined, 'a refund is granted').toBe(amountMinor <= leftMinor)
}

async function transferOnce(
  run: Run,
  id: PaymentAttemptId,
  portions: readonly Portion[],
): Promise<void> {
  let leftMinor = await transferableOf(run, id)
  const amounts = portions.map((portion) => portionOf(leftMinor, portion))
  const expected = amounts.map((amountMinor) => {
    const isGranted = amountMinor <= leftMinor
    if (isGranted) leftMinor -= amountMinor
    return isGranted
  })
  expect(await askTransfers(run, id, amounts), 'transfers are granted').toEqual(expected)
}

const portion = fc.oneof(
  { weight: 3, arbitrary: fc.integer({ min: 1, max: 700 }) as fc.Arbitrary<Portion> },
  { weight: 1, arbitrary: fc.constantFrom<Portion[]>('all', 'more') },
)
const portions = fc.array(portion, { minLength: 1, maxLength: 3 })

/** Requests of merchants. */
export const MERCHANT_STEPS: Steps = [
  fc
    .tuple(pick, portion)
    .map(([index, part]) =>
      withPayment(`refund ${part}`, index, (run, id) => refundOnce(run, id, part)),
    ),
  fc.tuple(pick, portion, portion).map(([index, ...parts]) =>
    withPayment(`two refunds at the same time: ${parts}`, index, async (run, id) => {
      const leftMinor = await refundableOf(run, id)
      await Promise.all(parts.map((part) => askRefund(run, id, portionOf(leftMinor, part))))
    }),
  ),
  fc.tuple(pick, portion).map(([index, part]) =>
    withPayment(`refund ${part}, sent twice with one key`, index, async (run, id) => {
      const amountMinor = portionOf(await refundableOf(run, id), part)
      const key = nextKey()
      const send = () => askRefund(run, id, amountMinor, key)
      const [first, second] = await Promise.all([send(), send()])
      expect(second, 'the answer to a repeated request').toBe(first)
    }),
  ),
  fc
    .tuple(pick, portions)
    .map(([index, parts]) =>
      withPayment(`transfer ${parts}`, index, (run, id) => transferOnce(run, id, parts)),
    ),
  fc
    .tuple(pick, portions, portions)
    .map(([index, ...requests]) =>
      withPayment(
        `two transfer requests at the same time: ${requests.join(' / ')}`,
        index,
        (run, id) => transferTogether(run, id, requests),
      ),
    ),
  fc.tuple(pick, portion).map(([index, part]) =>
    withTransfer(`reverse ${part}`, index, async (run, id, leftMinor) => {
      const amountMinor = portionOf(leftMinor, part)
      const isGranted = await askReversal(run, id, amountMinor)
      expect(isGranted, 'a reversal is granted').toBe(amountMinor <= leftMinor)
    }),
  ),
  fc
    .tuple(pick, portion, portion)
    .map(([index, ...parts]) =>
      withTransfer(`two reversals at the same time: ${parts}`, index, (run, id, leftMinor) =>
        Promise.all(parts.map((part) => askReversal(run, id, portionOf(leftMinor, part)))),
      ),
    ),
  fc.tuple(pick, portion, portions, portion).map(([index, back, parts, part]) =>
    withPayment(
      `refund ${back}, transfer ${parts}, reverse ${part}, all at the same time`,
      1,
      async (run, id) => {
        const transfer = await transferOf(run, index)
        await Promise.all([
          askRefund(run, id, portionOf(await refundableOf(run, id), back)),
          transferTogether(run, id, [parts]),
          transfer && askReversal(run, transfer.id, portionOf(transfer.amount.amountMinor, part)),
        ])
      },
    ),
  ),
]

/** Reports of the processor about disputes. */
export const DISPUTE_STEPS: Steps = [
  fc
    .tuple(pick, portion)
    .map(([index, part]) =>
      withPayment(`a dispute of ${part}`, index, (run, id) => reportDispute(run, id, part)),
    ),
  fc
    .constantFrom('won' as const, 'lost' as const)
    .map((status) =>
      withPayment(`a dispute is ${status}`, 1, (run, id) => decideDispute(run, id, status)),
    ),
  fc
    .tuple(portion, portion, fc.constantFrom('won' as const, 'lost' as const))
    .map(([disputePortion, refundPortion, status]) =>
      withPayment(
        `a dispute of ${disputePortion} is ${status}, then refund ${refundPortion}`,
        1,
        async (run, id) => {
          await reportDispute(run, id, disputePortion)
          await decideDispute(run, id, status)
          await refundOnce(run, id, refundPortion)
        },
      ),
    ),
  fc.tuple(portion, portion, portion).map(([disputePortion, refundPortion, transferPortion]) =>
    withPayment(
      `a dispute of ${disputePortion}, then refund ${refundPortion} and transfer ${transferPortion}`,
      1,
      async (run, id) => {
        await reportDispute(run, id, disputePortion)
        await refundOnce(run, id, refundPortion)
        await transferOnce(run, id, [transferPortion])
      },
    ),
  ),
]

async function transferTogether(
  run: Run,
  id: PaymentAttemptId,
  requests: readonly (readonly Portion[])[],
): Promise<void> {
  const leftMinor = await transferableOf(run, id)
  await Promise.all(
    requests.map((parts) =>
      askTransfers(
        run,
        id,
        parts.map((part) => portionOf(leftMinor, part)),
        nextKey(),
      ),
    ),
  )
}
