/** The stores of simulations: in memory, or on a distributed database in the run on Citus. */
import { inject } from 'vitest'
import { openPostgres } from '../../src/store/engine/postgres.ts'
import { openMemoryStore, type SimulatedStore, simulatedStoreOn } from './memory-store.ts'
import { createMigratedDatabase } from './postgres-cluster.ts'

const IS_ON_CITUS = process.env.PAYDESK_TEST_CITUS === '1'
/** The number of runs of a simulation on Citus, where each step costs a hundred times as much. */
const CITUS_RUN_COUNT = 4

/** Returns the number of runs of a simulation that makes `countInMemory` in memory. */
export const runCountOf = (countInMemory: number): number =>
  IS_ON_CITUS ? CITUS_RUN_COUNT : countInMemory

/** Opens the store of a simulation on an empty database. */
export function openSimulatedStore(): Promise<SimulatedStore> {
  return IS_ON_CITUS ? openStoreOnCitus() : openMemoryStore()
}

/** Opens the store of a simulation on an empty distributed database. */
export async function openStoreOnCitus(): Promise<SimulatedStore> {
  const url = await createMigratedDatabase(inject('postgresUrl'))
  return simulatedStoreOn(await openPostgres(url, 10))
}
