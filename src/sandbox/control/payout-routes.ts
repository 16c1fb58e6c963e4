import { ok } from '../../api/answer.ts'
import { ApiError } from '../../api/errors.ts'
import type { HttpAnswer } from '../../api/http-route.ts'
import { renderOne } from '../../api/render-envelope.ts'
import { type Account, payoutScheduleOf } from '../../domain/account.ts'
import { type PayoutId, parseAccountId, parseId } from '../../domain/id.ts'
import { PAYOUT_STATUSES, type Payout, sandboxBankAccount } from '../../domain/payout.ts'
import { decidePayout, runPayouts } from '../../operations/pay-out.ts'
import { updateAccount } from '../../operations/update-account.ts'
import { payoutFields, payoutRow } from '../../wire/payout.ts'
import type { SandboxTenant } from '../tenants/tenant.ts'
import { type ControlCall, controlRoute, fieldsOf, missing } from './control-route.ts'
import {
  PayoutAnswer,
  PayoutFailBody,
  PayoutRunAnswer,
  PayoutRunBody,
  PayoutSettingsAnswer,
  PayoutSettingsBody,
} from './payout-schemas.ts'

const tag = 'Payouts'
const readRunBody = fieldsOf(PayoutRunBody)
const readFailBody = fieldsOf(PayoutFailBody)
const readSettingsBody = fieldsOf(PayoutSettingsBody)

const runPayoutsNow = controlRoute({
  method: 'POST',
  url: '/payouts/run',
  operationId: 'runPayouts',
  tag,
  summary: 'Run the payouts',
  description:
    'Pays the available balances of an account and of its connected accounts now, without waiting for 10:00. To include money that is not available yet, advance the clock first. The bank decides about the new payouts at 16:00 in the account’s time zone, unless the call `pay` or `fail` decides earlier.',
  body: PayoutRunBody,
  isBodyOptional: true,
  readBody: readRunBody,
  answers: { 200: PayoutRunAnswer },
  failures: [404],
  handle: async ({ body, tenant }) => {
    const account = await findAccount(tenant, body.account_id)
    const payouts = await runPayouts(tenant, account.id)
    const rows = payouts.map((payout) => ({
      ...payoutRow(payout, account.edition),
      connected_account_id: payout.connectedAccountId,
    }))
    return ok(renderOne('payouts', rows))
  },
})

const payPayout = controlRoute({
  method: 'POST',
  url: '/payouts/{payout_id}/pay',
  operationId: 'payPayout',
  tag,
  summary: 'Pay a payout',
  description: 'Lets the bank pay an initiated payout now.',
  answers: { 200: PayoutAnswer },
  failures: [400],
  handle: (call) => decide(call, { type: 'record_payment' }),
})

const failPayout = controlRoute({
  method: 'POST',
  url: '/payouts/{payout_id}/fail',
  operationId: 'failPayout',
  tag,
  summary: 'Fail a payout',
  description:
    'Lets the bank refuse an initiated payout now. The next payout contains the transactions of the refused payout.',
  body: PayoutFailBody,
  isBodyOptional: true,
  readBody: readFailBody,
  answers: { 200: PayoutAnswer },
  handle: (call) =>
    decide(call, {
      type: 'record_failure',
      failureCode: call.body.failure_code ?? 'account_closed',
    }),
})

const changeSettings = controlRoute({
  method: 'POST',
  url: '/payouts/settings',
  operationId: 'changePayoutSettings',
  tag,
  summary: 'Change the settings of payouts',
  description:
    'Changes the schedule of an account’s payouts, or its bank account. Payouts to a bank account that ends in 0000 fail. Without fields the call only returns the settings.',
  body: PayoutSettingsBody,
  isBodyOptional: true,
  readBody: readSettingsBody,
  answers: { 200: PayoutSettingsAnswer },
  failures: [404],
  handle: async ({ body, tenant }) => {
    const { id } = await findAccount(tenant, body.account_id)
    const { bank_account_last_four_digits: lastFourDigits, schedule } = body
    const actor = { kind: 'sandbox', name: tenant.name } as const
    await updateAccount({ ...tenant, actor }, id, {
      ...(schedule !== undefined && { payoutSchedule: schedule }),
      ...(lastFourDigits !== undefined && { bankAccount: { lastFourDigits } }),
    })
    const account = await findAccount(tenant, id)
    const { edition, name } = account
    const settings = {
      account_id: id,
      schedule: payoutScheduleOf(account),
      bank_account_last_four_digits: sandboxBankAccount(edition, name, account.bankAccount)
        .lastFourDigits,
    }
    return ok(renderOne('payout_settings', settings))
  },
})

async function decide(
  { path, tenant }: ControlCall<'/payouts/{payout_id}'>,
  decision: Parameters<typeof decidePayout>[2],
): Promise<HttpAnswer> {
  const id = parseId<PayoutId>(path.payout_id)
  const result = id && (await decidePayout(tenant, id, decision))
  if (result === undefined) throw noPayout()
  if ('refused' in result) {
    if (!isShown(result.payout)) throw noPayout()
    throw new ApiError(
      'invalid_parameter',
      'payout_id',
      `payout_id must be an initiated payout, but this one is ${result.payout.status}.`,
    )
  }
  const { edition } = await findAccount(tenant, result.accountId)
  return ok(renderOne('payout', payoutFields(result, edition)))
}

const noPayout = () => missing('payout_id', 'There is no payout with this payout_id.')
const isShown = ({ status }: Payout) => PAYOUT_STATUSES.some((one) => one === status)

/** `text` undefined: the preset account of the IN edition. Throws ApiError. */
async function findAccount(
  { store, values }: SandboxTenant,
  text: string = values.accountId,
): Promise<Account> {
  const id = parseAccountId(text)
  const account = id && (await store.accounts.find(id))
  if (account !== undefined) return account
  throw missing('account_id', 'account_id must be an account of this sandbox.')
}

/** The routes for a sandbox's payouts. */
export const PAYOUT_CONTROL_ROUTES = [runPayoutsNow, payPayout, failPayout, changeSettings]
