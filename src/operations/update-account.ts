import { type Account, type AccountPage, payoutScheduleOf } from '../domain/account.ts'
import { FEE_CHANGE_COUNT_MAX, type FeeChange, withFeeChange } from '../domain/fee.ts'
import type { AccountId } from '../domain/id.ts'
import type { Logo } from '../domain/logo.ts'
import { nextRunAtMs } from '../domain/payout.ts'
import { accountFields } from '../wire/account.ts'
import type { Store } from './store.ts'
import { type AuditDeps, writeAuditEntry } from './write-audit-entry.ts'

/** A checked change of an account. Undefined removes a setting; absent settings do not change. */
export type AccountChange = {
  readonly [Name in keyof AccountPage | 'statementDescriptor' | 'payoutSchedule' | 'bankAccount']?:
    | Account[Name]
    | undefined
} & Partial<Pick<Account, 'name' | 'frameOrigins'>> & {
    /** New fee rates. They apply from `fromMs` on; undefined: from now on. */
    readonly feeRates?: Pick<FeeChange, 'feeRateBps' | 'taxRateBps'> & {
      readonly fromMs: number | undefined
    }
    /** The logo that `logoFile` names, if it is new. */
    readonly logo?: Logo
  }

/** The reason why an account was not changed. Nothing was stored. */
type AccountRefusal =
  /** The rates would apply from a past time, but the fees of past payments do not change. */
  | 'rates_in_the_past'
  /** The account has the maximum number of changes of its rates. */
  | 'too_many_rates'

/**
 * Changes the settings of an account. `isChanged` is false if it already has these settings.
 * Undefined: there is no such account.
 */
export async function updateAccount(
  deps: AuditDeps & { readonly store: Pick<Store, 'transaction'> },
  id: AccountId,
  { feeRates, logo, ...change }: AccountChange,
): Promise<
  | { readonly account: Account; readonly isChanged: boolean }
  | { readonly refused: AccountRefusal }
  | undefined
> {
  return deps.store.transaction(async (tx) => {
    // The runs of payouts lock in this order. The other order could end in a deadlock on Citus.
    if (change.payoutSchedule !== undefined) await tx.payouts.lockRun(id)
    const account = await tx.accounts.lock(id)
    if (account === undefined) return undefined
    const nowMs = deps.clock.nowMs()
    const feeChanges = changesAfter(account, feeRates, nowMs)
    if (typeof feeChanges === 'string') return { refused: feeChanges }
    const after = accountFrom({ ...account, ...change, feeChanges })
    const [before, fields] = [accountFields(account), accountFields(after)]
    const isSame =
      JSON.stringify(before) === JSON.stringify(fields) &&
      account.statementDescriptor === after.statementDescriptor
    if (isSame) return { account, isChanged: false }
    if (logo !== undefined) await tx.accounts.putLogo(logo, nowMs)
    await tx.accounts.update(after)
    if (after.payoutSchedule !== account.payoutSchedule) {
      const nextMs = nextRunAtMs(after.edition, payoutScheduleOf(after), nowMs)
      await tx.payouts.updateRun({ accountId: id, nextRunAtMs: nextMs })
    }
    await writeAuditEntry(tx, deps, {
      action: 'account.update',
      objectId: id,
      before,
      after: fields,
    })
    return { account: after, isChanged: true }
  })
}

function changesAfter(
  { feeChanges }: Account,
  rates: AccountChange['feeRates'],
  nowMs: number,
): Account['feeChanges'] | AccountRefusal {
  if (rates === undefined) return feeChanges
  const { fromMs = nowMs } = rates
  if (fromMs < nowMs) return 'rates_in_the_past'
  const after = withFeeChange(feeChanges ?? [], { ...rates, fromMs })
  return after.length > FEE_CHANGE_COUNT_MAX ? 'too_many_rates' : after
}

/** An account whose optional fields may be undefined. */
type AccountFields = { readonly [Name in keyof Account]: Account[Name] | undefined }

/** Returns the account without the fields that were set to undefined. */
function accountFrom(account: AccountFields): Account {
  const entries = Object.entries(account).filter(([, value]) => value !== undefined)
  return Object.fromEntries(entries) as Account
}
