import { isDeadlock } from './engine/engine.ts'

/** The maximum number of tries of a transaction. */
const TRY_COUNT_MAX = 3

/**
 * Runs a transaction again if the database ends it because of a deadlock. Nothing of the failed try is stored, and the
 * other transaction continues, so the next try usually succeeds.
 */
export async function retryDeadlocks<Result>(transaction: () => Promise<Result>): Promise<Result> {
  for (let tryCount = 1; ; tryCount += 1) {
    try {
      return await transaction()
    } catch (error) {
      if (!isDeadlock(error) || tryCount === TRY_COUNT_MAX) throw error
    }
  }
}
