import { type Operator, type OperatorRecord, operatorStatusOf } from '../domain/operator.ts'

/** Returns an operator as the audit log shows it. It contains no secret. */
export function operatorFields({
  accountIds,
  accountRefundMax,
  disabledAtMs,
  email,
  id,
  name,
  refundMaxMinor,
  role,
}: Operator) {
  return {
    operator_id: id,
    name,
    email,
    role,
    account_ids: accountIds ?? 'all',
    // Minor units, because the limit holds for each currency.
    refund_max_minor: refundMaxMinor === undefined ? null : Number(refundMaxMinor),
    account_refund_max_minor: Object.fromEntries(
      [...(accountRefundMax ?? [])].map(([accountId, minor]) => [accountId, Number(minor)]),
    ),
    status: disabledAtMs === undefined ? 'active' : 'disabled',
  }
}

/** Returns an operator as commands and the console show it. Its status can also be `invited`. */
export function operatorRecordFields(record: OperatorRecord) {
  return { ...operatorFields(record), status: operatorStatusOf(record) }
}
