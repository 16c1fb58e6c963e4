import type { BankTransfer } from '../domain/bank-transfer.ts'
import type { CustomerRecord } from '../domain/customer.ts'
import type { VirtualAccountId } from '../domain/id.ts'
import type { BankTransferMode } from '../domain/instrument.ts'
import { ATTEMPT_LIFE_SECONDS_DEFAULT, type Customer } from '../domain/payment-attempt.ts'
import { EXPIRES_IN_SECONDS } from '../domain/payment-session.ts'
import {
  takeTransfer,
  VIRTUAL_ACCOUNT_CURRENCY,
  type VirtualAccount,
} from '../domain/virtual-account.ts'
import { virtualAccountFields } from '../wire/virtual-account.ts'
import { AttemptIdTaken, type MoveDeps, type MovedRecord, moveSessionIn } from './apply-move.ts'
import type { PaymentSessionRecord, Store, Transaction } from './store.ts'
import { storeWithFreeId, withFreeId } from './store-drawn.ts'
import { writeWebhookEvent } from './write-webhook-event.ts'

/** A transfer to a virtual account, as the bank reports it. */
export type ReceivedTransfer = {
  /** In paise. */
  readonly amountMinor: bigint
  readonly mode: BankTransferMode
  readonly payerName: string
  readonly payerIfscCode: string
  /** The bank's reference. A repeated report has the same one. */
  readonly utr: string
  /** The time from now until the bank takes the money back, in milliseconds. Undefined: it does not. */
  readonly reverseAfterMs?: number
  /** The time of its arrival, in milliseconds since 1970. Undefined: now. */
  readonly receivedAtMs?: number
  /** True: a processor has reported it, and must get the decision. */
  readonly isReported?: boolean
}

/** The payment of a transfer. */
export type TransferReceipt = Pick<BankTransfer, 'id'> & {
  /** True: the same transfer had been reported before, and nothing changed. */
  readonly isRepeated: boolean
}

type ReceiveDeps = MoveDeps & {
  readonly store: Pick<Store, 'transaction' | 'publicIds' | 'virtualAccounts' | 'customers'>
}

/**
 * Turns a transfer to a virtual account into a payment. The payment succeeds if the account is active and its limits
 * allow the transfer; otherwise the payment fails, and the bank returns the money. One transaction does all of this and
 * locks the account first, so two reports of one transfer make one payment. Undefined: there is no such virtual
 * account.
 */
export async function receiveTransfer(
  deps: ReceiveDeps,
  id: VirtualAccountId,
  transfer: ReceivedTransfer,
): Promise<TransferReceipt | undefined> {
  const virtualAccount = await deps.store.virtualAccounts.find(id)
  if (virtualAccount === undefined) return undefined
  const { customerId } = virtualAccount
  const customer = customerId && (await deps.store.customers.find(customerId))
  const transferResult = await deps.store.transaction(async (tx) => {
    const account = await tx.virtualAccounts.lock(id)
    if (account === undefined) return undefined
    const before = await tx.virtualAccounts.findTransfer(id, transfer.utr)
    if (before !== undefined) return { id: before.id, record: undefined }
    const session = await storeSession(tx, deps, { account, customer, transfer })
    return takeIn(tx, deps, { account, customer, session, transfer })
  })
  if (transferResult?.record?.attempt !== undefined) {
    deps.moneyCounter?.countPayment(transferResult.record.attempt)
  }
  return (
    transferResult && { id: transferResult.id, isRepeated: transferResult.record === undefined }
  )
}

/** A transfer with the account that the transaction has locked. */
type Arrival = {
  readonly account: VirtualAccount
  /** The account's customer, even a deleted one. */
  readonly customer: CustomerRecord | undefined
  readonly transfer: ReceivedTransfer
}

/**
 * Stores the session of a transfer. It has no access key, so no page can open it, and the API does
 * not show it.
 */
function storeSession(
  tx: Transaction,
  { clock, ids, store }: Pick<ReceiveDeps, 'clock' | 'ids' | 'store'>,
  { account, customer, transfer }: Arrival,
): Promise<PaymentSessionRecord> {
  const { accountId, customerId, description, id, metaDataJson, referenceNumber } = account
  const nowMs = clock.nowMs()
  const bucket = store.publicIds.bucketOf(id)
  const draw = (): PaymentSessionRecord => ({
    id: ids.paymentSession(bucket),
    accountId,
    amount: { amountMinor: transfer.amountMinor, currency: VIRTUAL_ACCOUNT_CURRENCY },
    status: 'created',
    createdAtMs: nowMs,
    expiresAtMs: nowMs + EXPIRES_IN_SECONDS.max * 1000,
    attemptCount: 0,
    attemptCountMax: 1,
    currentAttemptId: undefined,
    virtualAccountId: id,
    ...(customerId !== undefined && { customerId }),
    ...(referenceNumber !== undefined && { referenceNumber }),
    echoedJson: JSON.stringify({
      meta_data: metaDataJson && (JSON.parse(metaDataJson) as unknown),
      description,
      // The payment keeps the name that the customer has now.
      customer_name: customer?.name,
    }),
  })
  return storeWithFreeId(draw, tx.paymentSessions.insertOne)
}

async function takeIn(
  tx: Transaction,
  deps: ReceiveDeps,
  { account, customer, session, transfer }: Arrival & { readonly session: PaymentSessionRecord },
): Promise<{ readonly id: BankTransfer['id']; readonly record: MovedRecord }> {
  const nowMs = deps.clock.nowMs()
  // A transfer that arrived before the end of the account counts, even if it is reported later.
  const receivedAtMs = Math.min(transfer.receivedAtMs ?? nowMs, nowMs)
  const takenTransfer = takeTransfer(account, transfer.amountMinor, receivedAtMs)
  const { attemptId } = await startAttempt(tx, deps, { account, customer, session, transfer })
  const result = await moveSessionIn(
    tx,
    deps,
    session.id,
    takenTransfer.declineCode === undefined
      ? { type: 'record_approval', attemptId, processorReference: transfer.utr }
      : {
          type: 'record_decline',
          attemptId,
          declineCode: takenTransfer.declineCode,
          processorReference: transfer.utr,
        },
  )
  if (result === undefined || 'refused' in result || result.attempt === undefined) {
    throw new Error(`session ${session.id} refuses its transfer`)
  }
  const isReversed =
    takenTransfer.declineCode === undefined && transfer.reverseAfterMs !== undefined
  await tx.virtualAccounts.insertTransfer({
    id: attemptId,
    virtualAccountId: account.id,
    utr: transfer.utr,
    amountMinor: transfer.amountMinor,
    createdAtMs: nowMs,
    status: takenTransfer.declineCode === undefined ? 'succeeded' : 'failed',
    ...(transfer.isReported === true && { decisionDueAtMs: nowMs }),
    ...(isReversed && { reverseAtMs: nowMs + (transfer.reverseAfterMs ?? 0) }),
  })
  await tx.virtualAccounts.update(takenTransfer.account)
  if (takenTransfer.declineCode === undefined) {
    const fields = virtualAccountFields(takenTransfer.account, nowMs, result.attempt)
    await writeWebhookEvent(
      tx,
      deps,
      { accountId: account.accountId, subject: { kind: 'virtual_account', id: account.id } },
      { type: 'virtual_account.paid', object: { virtual_account: fields } },
    )
  }
  return { id: attemptId, record: result }
}

function startAttempt(
  tx: Transaction,
  deps: ReceiveDeps,
  { account, customer, session, transfer }: Arrival & { readonly session: PaymentSessionRecord },
): Promise<{ readonly attemptId: BankTransfer['id'] }> {
  const payer = customerOf(customer)
  return withFreeId(async () => {
    const attemptId = deps.ids.paymentAttempt(session.id)
    try {
      await moveSessionIn(tx, deps, session.id, {
        type: 'start_attempt',
        attemptId,
        instrument: {
          type: 'bank_transfer',
          virtualAccountNumber: account.accountNumber,
          mode: transfer.mode,
          payerName: transfer.payerName,
          payerIfscCode: transfer.payerIfscCode,
        },
        ...(payer !== undefined && { customer: payer }),
        // It is decided in the same transaction.
        attemptLifeMs: ATTEMPT_LIFE_SECONDS_DEFAULT * 1000,
      })
      return { attemptId }
    } catch (error) {
      if (error instanceof AttemptIdTaken) return undefined
      throw error
    }
  })
}

/** Returns the contact data of a customer for a payment. Undefined: there is none. */
function customerOf(customer: CustomerRecord | undefined): Customer | undefined {
  const { email, phone } = customer ?? {}
  if (email === undefined && phone === undefined) return undefined
  return {
    ...(email !== undefined && { email }),
    ...(phone !== undefined && { phone: phone.digits }),
    ...(phone?.dialingCode !== undefined && { dialingCode: phone.dialingCode }),
  }
}
