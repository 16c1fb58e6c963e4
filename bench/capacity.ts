/** The arithmetic of docs/guides/capacity.md: the cores that a rate of requests needs, from measured CPU times. */

export type RequestCost = {
  readonly serverMicros: number
  readonly databaseMicros: number
}

export type Capacity = {
  readonly serverCores: number
  readonly databaseCores: number
  readonly servers: number
  readonly databaseMachines: number
}

/** The part of a core that the plan uses. The rest is for peaks, and for the load of a machine that fails. */
export const PLANNED_PART = 0.5
/** The number of cores of a database machine. */
export const MACHINE_CORE_COUNT = 16

/**
 * Returns the machines for `perSecond` requests a second: cores = requests × CPU time ÷ planned part. A server process
 * uses one core. Fractions are rounded up.
 */
export function capacityFor(perSecond: number, cost: RequestCost): Capacity {
  const coresOf = (micros: number) => (perSecond * micros) / 1_000_000 / PLANNED_PART
  const serverCores = coresOf(cost.serverMicros)
  const databaseCores = coresOf(cost.databaseMicros)
  return {
    serverCores,
    databaseCores,
    servers: Math.ceil(serverCores),
    databaseMachines: Math.ceil(databaseCores / MACHINE_CORE_COUNT),
  }
}
