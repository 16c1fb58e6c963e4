/** The rules of processors with virtual accounts or terminals, and of those that report payouts or disputes. */
import type { PaymentAttemptId, VirtualAccountId } from '../domain/id.ts'
import { TERMINAL_SESSION_SECONDS } from '../domain/terminal.ts'
import {
  CheckFailed,
  CheckSkipped,
  describeValue,
  ensure,
  ensureKind,
  ensureSame,
  type ProcessorCheck,
} from './checks.ts'
import type { PayoutReports } from './payout-reports.ts'
import { type ObservedProcessor, randomVirtualAccountId } from './processor-under-test.ts'
import type { ReportPage } from './reports.ts'
import type { VirtualAccounts } from './virtual-accounts.ts'

function accountsOf({ processor }: ObservedProcessor): VirtualAccounts {
  if (processor.virtualAccounts !== undefined) return processor.virtualAccounts
  throw new CheckSkipped('the processor has no virtualAccounts')
}

function payoutsOf({ processor }: ObservedProcessor): PayoutReports {
  if (processor.payouts !== undefined) return processor.payouts
  throw new CheckSkipped('the processor has no payouts')
}

async function open(accounts: VirtualAccounts, virtualAccountId: VirtualAccountId) {
  const request = { virtualAccountId, beneficiaryName: 'Shop', description: 'Deposits' }
  const outcome = await accounts.open(request)
  ensureKind('the outcome of virtualAccounts.open', outcome, 'opened')
  if (outcome.kind !== 'opened')
    throw new CheckFailed('the outcome of virtualAccounts.open must have the kind "opened"')
  return outcome
}

const PAGE_COUNT_MAX = 10_000

async function readToEnd<Report>(
  list: (after: string | undefined) => Promise<ReportPage<Report>>,
  after: string | undefined,
): Promise<{ readonly items: readonly Report[]; readonly position: string | undefined }> {
  const items: Report[] = []
  let position = after
  for (let count = 0; count < PAGE_COUNT_MAX; count += 1) {
    const page = await list(position)
    ensureKind('a page of the list', page, 'page')
    if (page.kind !== 'page' || page.items.length === 0) return { items, position }
    items.push(...page.items)
    if (page.next === undefined) return { items, position }
    ensure(page.next !== position, () => `next must move, but stayed ${describeValue(position)}`)
    position = page.next
  }
  throw new CheckFailed(`the list has no end within ${PAGE_COUNT_MAX} pages`)
}

async function opensOnce(subject: ObservedProcessor): Promise<void> {
  const accounts = accountsOf(subject)
  const id = randomVirtualAccountId()
  const first = await open(accounts, id)
  ensureSame('the outcome of a repeated virtualAccounts.open', first, await open(accounts, id))
  const { accountNumber } = await open(accounts, randomVirtualAccountId())
  ensure(
    accountNumber !== first.accountNumber,
    () =>
      `two virtual accounts must have two numbers, but both had ${describeValue(accountNumber)}`,
  )
  ensure(subject.troubles.length === 0, () => subject.troubles.join('; '))
}

/** Returns the transfer as it is reported. */
async function receive(subject: ObservedProcessor) {
  const accounts = accountsOf(subject)
  const { amount, sendTransfer } = subject
  if (sendTransfer === undefined) throw new CheckSkipped('the test setup has no sendTransfer')
  const virtualAccountId = randomVirtualAccountId()
  const { accountNumber } = await open(accounts, virtualAccountId)
  const { position } = await readToEnd(accounts.listTransfers, undefined)
  const utr = await sendTransfer({ virtualAccountId, accountNumber, amount })
  const { items } = await readToEnd(accounts.listTransfers, position)
  const transfer = items.find((one) => one.utr === utr)
  ensure(
    transfer !== undefined &&
      transfer.virtualAccountId === virtualAccountId &&
      transfer.amount.amountMinor === amount.amountMinor,
    () =>
      `the list must have transfer ${utr} of ${virtualAccountId}, but had ${describeValue(items)}`,
  )
  return { accounts, items, position, transfer }
}

async function transfersKeepTheirPlace(subject: ObservedProcessor): Promise<void> {
  const { accounts, items, position } = await receive(subject)
  const again = await readToEnd(accounts.listTransfers, position)
  ensureSame('the list that is read again', items, again.items.slice(0, items.length))
}

async function decisionsCanBeRepeated(subject: ObservedProcessor): Promise<void> {
  const { accounts, transfer } = await receive(subject)
  const { utr, virtualAccountId } = transfer
  const attemptId = subject.drawAttemptId()
  for (const time of ['first', 'second']) {
    const decision = { virtualAccountId, utr, attemptId, decision: 'accepted' } as const
    ensureKind(`the ${time} decideTransfer`, await accounts.decideTransfer(decision), 'recorded')
  }
}

async function closesAgain(subject: ObservedProcessor): Promise<void> {
  const accounts = accountsOf(subject)
  const id = randomVirtualAccountId()
  await open(accounts, id)
  for (const time of ['first', 'second']) {
    ensureKind(`the ${time} close`, await accounts.close(id), 'closed')
  }
}

async function approvedCharge(subject: ObservedProcessor): Promise<PaymentAttemptId> {
  const attemptId = subject.drawAttemptId()
  const { amount, instruments } = subject
  const first = await subject.processor.charge({
    attemptId,
    amount,
    instrument: instruments.approved,
    description: 'Order 1',
    returnUrl: 'https://shop.example/back',
  })
  if (first.kind === 'pending') await subject.complete(attemptId)
  return attemptId
}

async function payoutsHaveTheirTransactions(subject: ObservedProcessor): Promise<void> {
  const payouts = payoutsOf(subject)
  const { makePayout } = subject
  if (makePayout === undefined) throw new CheckSkipped('the test setup has no makePayout')
  const attemptId = await approvedCharge(subject)
  const { position } = await readToEnd(payouts.listPayouts, undefined)
  const reference = await makePayout(attemptId)
  const { items } = await readToEnd(payouts.listPayouts, position)
  ensure(
    items.some(({ payoutReference }) => payoutReference === reference),
    () => `the list must have payout ${reference}, but had ${describeValue(items)}`,
  )
  const again = await readToEnd(payouts.listPayouts, position)
  ensureSame('the list that is read again', items, again.items.slice(0, items.length))
  const readAll = () => readToEnd((after) => payouts.listTransactions(reference, after), undefined)
  const { items: transactions } = await readAll()
  ensure(
    transactions.some(({ id, kind }) => kind === 'payment' && id === attemptId),
    () => `the payout must have payment ${attemptId}, but had ${describeValue(transactions)}`,
  )
  ensureSame(
    'the transactions of the payout that are read again',
    transactions,
    (await readAll()).items,
  )
}

async function disputesKeepTheirPlace(subject: ObservedProcessor): Promise<void> {
  const { disputes } = subject.processor
  if (disputes === undefined) throw new CheckSkipped('the processor has no disputes')
  const { openDispute } = subject
  if (openDispute === undefined) throw new CheckSkipped('the test setup has no openDispute')
  const attemptId = await approvedCharge(subject)
  const { position } = await readToEnd(disputes.listDisputes, undefined)
  const reference = await openDispute(attemptId)
  const { items } = await readToEnd(disputes.listDisputes, position)
  ensure(
    items.some((one) => one.disputeReference === reference && one.attemptId === attemptId),
    () =>
      `the list must have dispute ${reference} of ${attemptId}, but had ${describeValue(items)}`,
  )
  const again = await readToEnd(disputes.listDisputes, position)
  ensureSame('the list that is read again', items, again.items.slice(0, items.length))
}

async function terminalsAreFound(subject: ObservedProcessor): Promise<void> {
  const { terminals } = subject.processor
  if (terminals === undefined) throw new CheckSkipped('the processor has no terminals')
  const { terminalId } = subject
  if (terminalId === undefined) throw new CheckSkipped('the test setup has no terminalId')
  ensureKind('find of the terminal', await terminals.find(terminalId), 'found')
  const unknownOutcome = await terminals.find('paydesk-has-no-such-terminal')
  ensureKind('find of an unknown terminal', unknownOutcome, 'not_found')
}

async function terminalsAreFreed({
  amount,
  clock,
  drawAttemptId,
  processor,
  terminalId,
}: ObservedProcessor): Promise<void> {
  const { cancelCharge, terminals } = processor
  if (terminals === undefined) throw new CheckSkipped('the processor has no terminals')
  if (terminalId === undefined) throw new CheckSkipped('the test setup has no terminalId')
  const attemptId = drawAttemptId()
  const instrument = {
    type: 'terminal',
    terminalId,
    tryCountMax: 1,
    endsAtMs: clock.nowMs() + TERMINAL_SESSION_SECONDS * 1000,
  } as const
  const request = { attemptId, amount, instrument, description: 'Till 1', returnUrl: '' }
  const first = await processor.charge(request)
  ensureKind('a charge at a terminal before the customer acts', first, 'pending')
  ensureSame('the charge that is sent again', first, await processor.charge(request))
  if (cancelCharge === undefined) throw new CheckSkipped('the processor has no cancelCharge')
  // A company may have no way to clear a terminal. The customer can then still pay.
  const cancellation = await cancelCharge(attemptId)
  ensureKind('cancelCharge of a charge at a terminal', cancellation, 'declined', 'pending')
  const foundOutcome = await processor.findCharge(attemptId)
  ensureKind('findCharge after cancelCharge', foundOutcome, cancellation.kind)
}

/** The rules of virtual accounts, terminals, and reports of payouts and disputes, in reading order. */
export const REPORT_CHECKS: readonly ProcessorCheck[] = [
  { name: 'an account number is opened once for each virtual account', run: opensOnce },
  {
    name: 'a transfer to a virtual account is reported, and keeps its place in the list',
    run: transfersKeepTheirPlace,
  },
  { name: 'a decision about a transfer can be repeated', run: decisionsCanBeRepeated },
  { name: 'a virtual account can be closed repeatedly', run: closesAgain },
  {
    name: 'a payout is reported with its transactions, which never change',
    run: payoutsHaveTheirTransactions,
  },
  {
    name: 'a dispute is reported with its payment, and keeps its place in the list',
    run: disputesKeepTheirPlace,
  },
  { name: 'a terminal is found by its id, and an unknown one is not', run: terminalsAreFound },
  {
    name: 'a charge at a terminal waits for its customer, and can be canceled',
    run: terminalsAreFreed,
  },
]
