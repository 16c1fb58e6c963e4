import { ApiError } from '../../api/errors.ts'
import type { Snapshot } from './snapshot.ts'
import type { SandboxTenant } from './tenant.ts'
import type { SandboxTenants } from './tenants.ts'

/** The memory of the snapshots and of all tenants except `main`. */
export type MemoryBudget = {
  /**
   * Does work that uses at most `bytes`. If there is not enough memory, idle tenants start to rest,
   * the longest idle one first. If that is not enough, throws an ApiError that names tenants and
   * snapshots to delete.
   */
  readonly within: <Result>(bytes: number, act: () => Promise<Result>) => Promise<Result>
}

/** The number of tenants and snapshots that a refusal names, largest first. */
const NAMED_COUNT = 5

/** Makes the budget of all tenants and snapshots of a program. */
export function createMemoryBudget(
  sandbox: Pick<SandboxTenants, 'list' | 'bytesMax'>,
  snapshots: ReadonlyMap<string, Snapshot>,
): MemoryBudget {
  /** The memory that running work will take. */
  let expectedBytes = 0

  const tenants = () => sandbox.list().filter(({ name }) => name !== 'main')
  const entries = () => [
    ...tenants().map(({ byteCount, name }) => ({ path: `tenants/${name}`, bytes: byteCount() })),
    ...[...snapshots.values()].map(({ name, packedImage: imageBytes }) => ({
      path: `snapshots/${name}`,
      bytes: imageBytes.byteLength,
    })),
  ]
  const fits = () => {
    const total = entries().reduce((sum, { bytes }) => sum + bytes, expectedBytes)
    return total <= sandbox.bytesMax
  }

  async function makeRoom(): Promise<void> {
    const triedTenants = new Set<SandboxTenant>()
    while (!fits()) {
      const next = findLongestIdle(tenants().filter((tenant) => !triedTenants.has(tenant)))
      if (next === undefined) throw refusal()
      triedTenants.add(next)
      await next.rest.begin()
    }
  }

  function refusal(): ApiError {
    const all = entries().toSorted((a, b) => b.bytes - a.bytes)
    const total = all.reduce((sum, { bytes }) => sum + bytes, 0)
    const names = all
      .slice(0, NAMED_COUNT)
      .map(({ bytes, path }) => `DELETE /_sandbox/${path} (${formatMebibytes(bytes)} MiB)`)
    const rest = all.length > NAMED_COUNT ? `, and ${all.length - NAMED_COUNT} smaller ones` : ''
    const what =
      all.length === 0
        ? 'This needs more than the memory budget of tenants and snapshots'
        : `Tenants and snapshots take ${formatMebibytes(total)} MiB, and this request would exceed their budget`
    const advice = names.length === 0 ? '' : ` Or delete some: ${names.join(', ')}${rest}.`
    return new ApiError(
      'sandbox_memory_full',
      undefined,
      `${what}: ${formatMebibytes(sandbox.bytesMax)} MiB. Raise --tenant-memory.${advice}`,
    )
  }

  return {
    within: async (bytes, act) => {
      expectedBytes += bytes
      try {
        await makeRoom()
        return await act()
      } finally {
        expectedBytes -= bytes
      }
    },
  }
}

/** Undefined: every tenant rests or answers a request. */
function findLongestIdle(tenants: readonly SandboxTenant[]): SandboxTenant | undefined {
  return tenants
    .filter(({ rest }) => !rest.isResting())
    .map((tenant) => ({ tenant, sinceMs: tenant.rest.quietSinceMs() }))
    .filter((one): one is { tenant: SandboxTenant; sinceMs: number } => one.sinceMs !== undefined)
    .toSorted((a, b) => a.sinceMs - b.sinceMs)[0]?.tenant
}

function formatMebibytes(bytes: number): string {
  const tenths = Math.round((bytes / 1_048_576) * 10)
  return `${Math.floor(tenths / 10)}.${tenths % 10}`
}
