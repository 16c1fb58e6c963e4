import type { AccountId } from '../domain/id.ts'
import type { Store } from '../operations/store.ts'
import type { StoreContext } from './context.ts'

/** The newest row of each kind. Each is one step in an index, however many rows an account has. */
const NEWEST = [
  'from webhook_events where account_id = $1',
  'from payment_attempts where account_id = $1',
  'from refund_approvals where account_id = $1',
  "from payment_sessions where account_id = $1 and status = 'created' and is_listed = 1",
].map(
  (rows, kind) =>
    `select kind, at_ms, id from (
       select ${kind} as kind, created_at_ms as at_ms, id ${rows}
       order by created_at_ms desc, id desc limit 1) as newest_${kind}`,
)
const SELECT = `${NEWEST.join(' union all ')} order by kind`

/** Makes a store's functions for the changes of an account. */
export const accountChangesOf = ({ read }: StoreContext): Store['accountChanges'] => ({
  findVersion: async (accountId: AccountId) => {
    const rows = await read.all(SELECT, [Number(accountId)])
    return rows.map(({ at_ms: atMs, id, kind }) => `${kind} ${atMs} ${id}`).join()
  },
})
