import type { PaymentSessionId } from '../domain/id.ts'
import type { PaymentSessionRecord } from '../operations/store.ts'
import type { Engine, Sql } from './engine/engine.ts'

/** The connections of a store. */
export type StoreContext = {
  readonly engine: Engine
  /** For requests. */
  readonly read: Sql
  /** For lists and reports, which may take longer. */
  readonly readLong: Sql
}

/** A transaction of a store. */
export type TransactionContext = {
  readonly engine: Engine
  readonly sql: Sql
  /** Called when the transaction makes a delivery due. */
  readonly onDue: () => void
}

/** A transaction that operations on several sessions share. */
export type SharedContext = TransactionContext & {
  /** The sessions of these operations, which the transaction has locked. */
  readonly lockedSessions: ReadonlyMap<PaymentSessionId, PaymentSessionRecord>
}
