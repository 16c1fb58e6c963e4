import type { FastifyInstance, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { readBody, readOptionalBody, sendJson } from '../../api/answer.ts'
import { failures } from '../../api/describe-route.ts'
import { ApiError } from '../../api/errors.ts'
import { compileFields } from '../../api/read-fields.ts'
import { renderOne } from '../../api/render-envelope.ts'
import { sandboxFacts } from '../announce.ts'
import { createMemoryBudget } from '../tenants/memory-budget.ts'
import { CopyRefused, type Snapshot } from '../tenants/snapshot.ts'
import {
  type SandboxTenant,
  sandboxTenant,
  TENANT_BYTES,
  TENANT_COUNT_MAX,
  TenantNameTaken,
  TooManyTenants,
} from '../tenants/tenant.ts'
import type { SandboxTenants } from '../tenants/tenants.ts'
import {
  Done,
  RestoreBody,
  SnapshotAnswer,
  SnapshotBody,
  SnapshotsAnswer,
  TenantAnswer,
  TenantBody,
  TenantsAnswer,
} from './schemas.ts'

const readTenant = compileFields(TenantBody)
const readSnapshot = compileFields(SnapshotBody)
const readRestore = compileFields(RestoreBody)

/** A new sandbox's database, in bytes, more or less. */
const EMPTY_BYTES = 350_000
/** How many snapshots are kept: each is a whole database in memory. */
const SNAPSHOT_COUNT_MAX = 50

/** Registers the routes by which sandboxes are made, kept, brought back and thrown away. */
export function registerTenantRoutes(app: FastifyInstance, sandbox: SandboxTenants): void {
  const snapshots = new Map<string, Snapshot>()
  const memory = createMemoryBudget(sandbox, snapshots)

  const tenantFacts = (tenant: SandboxTenant) => ({
    name: tenant.name,
    ...sandboxFacts(tenant.baseUrl, tenant.values),
  })
  const snapshotFacts = ({ byteCount, clock, name: of }: Snapshot) => ({
    name: of,
    time: new Date(clock.nowMs).toISOString(),
    byte_count: byteCount,
  })
  const memoryFacts = ({ byteCount, name: of, rest }: SandboxTenant) =>
    of === 'main' ? {} : { memory_bytes: byteCount(), is_resting: rest.isResting() }
  const described = (tag: string, operationId: string, summary: string, description: string) => ({
    tags: [tag],
    operationId,
    summary,
    description,
  })

  app.get(
    '/tenants',
    {
      schema: {
        ...described(
          'Tenants',
          'listTenants',
          'List the sandboxes',
          'The program’s own, `main`, and those that were made, with the memory they take in bytes.',
        ),
        response: { 200: TenantsAnswer },
      },
    },
    (_request, reply) => {
      const rows = sandbox
        .list()
        .map((tenant) => ({ ...tenantFacts(tenant), ...memoryFacts(tenant) }))
      return sendJson(reply, 200, renderOne('tenants', rows))
    },
  )

  app.post(
    '/tenants',
    {
      schema: {
        ...described(
          'Tenants',
          'createTenant',
          'Make a sandbox',
          'A sandbox of its own, for one test: an empty database in memory, credentials, clock and chance that no other sees, at an address of its own. Takes milliseconds.',
        ),
        body: TenantBody,
        response: { 201: TenantAnswer, ...failures(400, 404, 409) },
      },
    },
    async (request, reply) => {
      const asked = readTenant(readOptionalBody(request).value, undefined) as {
        name?: string
        seed?: string
        snapshot?: string
      }
      const snapshot = asked.snapshot === undefined ? undefined : kept(asked.snapshot)
      const bytes = TENANT_BYTES + (snapshot?.byteCount ?? EMPTY_BYTES)
      const tenant = await memory.within(bytes, () =>
        withCountError(() =>
          sandbox.create({
            ...(asked.name !== undefined && { name: asked.name }),
            ...(asked.seed !== undefined && { seed: asked.seed }),
            ...(snapshot !== undefined && { snapshot }),
          }),
        ),
      )
      return sendJson(reply, 201, renderOne('tenant', tenantFacts(tenant)))
    },
  )

  app.delete(
    '/tenants/:name',
    {
      config: { closesGate: true },
      schema: {
        ...described(
          'Tenants',
          'deleteTenant',
          'Throw a sandbox away',
          'Its database goes with it.',
        ),
        params: Type.Object({ name: Type.String() }),
        response: {
          200: Done,
          ...failures(404),
        },
      },
    },
    async (request, reply) => {
      if (!(await sandbox.remove(nameIn(request)))) throw unknown('name', 'sandbox', 'tenants')
      return sendJson(reply, 200, JSON.stringify({ code: 0, message: 'success' }))
    },
  )

  app.get(
    '/snapshots',
    {
      schema: {
        ...described(
          'Snapshots',
          'listSnapshots',
          'List the snapshots',
          'Kept in memory while the program runs.',
        ),
        response: { 200: SnapshotsAnswer },
      },
    },
    (_request, reply) =>
      sendJson(reply, 200, renderOne('snapshots', [...snapshots.values()].map(snapshotFacts))),
  )

  app.post(
    '/snapshots',
    {
      config: { closesGate: true },
      schema: {
        ...described(
          'Snapshots',
          'takeSnapshot',
          'Take a snapshot',
          'Keeps all that this sandbox holds, and its time.',
        ),
        body: SnapshotBody,
        response: { 201: SnapshotAnswer, ...failures(400, 409, 503) },
      },
    },
    async (request, reply) => {
      const asked = readSnapshot(readBody(request).value, undefined) as { name: string }
      if (!snapshots.has(asked.name) && snapshots.size >= SNAPSHOT_COUNT_MAX) {
        throw invalid(
          'name',
          `name must be of a snapshot that is there: ${SNAPSHOT_COUNT_MAX} can be kept.`,
        )
      }
      const tenant = sandboxTenant(request.tenant)
      const snapshot = await memory.within(tenant.imageByteCount(), () =>
        withCopyErrors(() => copyable(tenant).takeSnapshot(asked.name)),
      )
      snapshots.set(asked.name, snapshot)
      return sendJson(reply, 201, renderOne('snapshot', snapshotFacts(snapshot)))
    },
  )

  app.delete(
    '/snapshots/:name',
    {
      schema: {
        ...described(
          'Snapshots',
          'deleteSnapshot',
          'Throw a snapshot away',
          'Sandboxes that began with it stay.',
        ),
        params: Type.Object({ name: Type.String() }),
        response: {
          200: Done,
          ...failures(404),
        },
      },
    },
    (request, reply) => {
      if (!snapshots.delete(nameIn(request))) throw unknown('name', 'snapshot', 'snapshots')
      return sendJson(reply, 200, JSON.stringify({ code: 0, message: 'success' }))
    },
  )

  app.post(
    '/restore',
    {
      config: { closesGate: true },
      schema: {
        ...described(
          'Snapshots',
          'restoreSnapshot',
          'Restore a snapshot',
          'Puts it in the place of all that this sandbox holds. The clock goes back with it.',
        ),
        body: RestoreBody,
        response: { 200: SnapshotAnswer, ...failures(400, 404, 409, 503) },
      },
    },
    async (request, reply) => {
      const asked = readRestore(readBody(request).value, undefined) as { name: string }
      const snapshot = kept(asked.name)
      const tenant = sandboxTenant(request.tenant)
      // The program's own sandbox is no tenant.
      const more = tenant.name === 'main' ? 0 : snapshot.byteCount - tenant.imageByteCount()
      await memory.within(Math.max(0, more), () =>
        withCopyErrors(() => copyable(tenant).restore(snapshot)),
      )
      return sendJson(reply, 200, renderOne('snapshot', snapshotFacts(snapshot)))
    },
  )

  app.post(
    '/fork',
    {
      config: { closesGate: true },
      schema: {
        ...described(
          'Tenants',
          'forkTenant',
          'Fork this sandbox',
          'Makes another one with all that this one holds now. From there on they go their own ways.',
        ),
        response: { 201: TenantAnswer, ...failures(400, 409, 503) },
      },
    },
    async (request, reply) => {
      const from = sandboxTenant(request.tenant)
      const tenant = await memory.within(TENANT_BYTES + from.imageByteCount(), async () => {
        const snapshot = await withCopyErrors(() => copyable(from).takeSnapshot('fork'))
        return withCountError(() => sandbox.create({ snapshot }))
      })
      return sendJson(reply, 201, renderOne('tenant', tenantFacts(tenant)))
    },
  )

  app.post(
    '/reset',
    {
      config: { closesGate: true },
      schema: {
        ...described(
          'Snapshots',
          'resetSandbox',
          'Reset this sandbox',
          'Throws away all that it holds but its ready accounts. The clock goes on.',
        ),
        response: { 200: TenantAnswer, ...failures(400, 503) },
      },
    },
    async (request, reply) => {
      const tenant = sandboxTenant(request.tenant)
      await withCopyErrors(() => copyable(tenant).reset())
      return sendJson(reply, 200, renderOne('tenant', tenantFacts(tenant)))
    },
  )

  function kept(of: string): Snapshot {
    const snapshot = snapshots.get(of)
    if (snapshot === undefined) throw unknown('name', 'snapshot', 'snapshots')
    return snapshot
  }
}

function copyable({ copies }: SandboxTenant): NonNullable<SandboxTenant['copies']> {
  if (copies === undefined) {
    throw new ApiError(
      'invalid_parameter',
      undefined,
      'Snapshots need the embedded database: this sandbox runs on PostgreSQL.',
    )
  }
  return copies
}

/** Makes an API error of a CopyRefused. */
async function withCopyErrors<Result>(copying: () => Promise<Result>): Promise<Result> {
  try {
    return await copying()
  } catch (error) {
    if (!(error instanceof CopyRefused)) throw error
    throw new ApiError('sandbox_unchanged', undefined, error.message)
  }
}

/** Makes an API error of TooManyTenants and TenantNameTaken. */
async function withCountError(making: () => Promise<SandboxTenant>): Promise<SandboxTenant> {
  try {
    return await making()
  } catch (error) {
    if (error instanceof TenantNameTaken) {
      throw invalid('name', 'name must be one that no sandbox has yet.')
    }
    if (!(error instanceof TooManyTenants)) throw error
    throw new ApiError(
      'invalid_parameter',
      undefined,
      `There are ${TENANT_COUNT_MAX} sandboxes beside the program’s own, as many as there can be. Delete one.`,
    )
  }
}

function nameIn(request: FastifyRequest): string {
  return (request.params as { name: string }).name
}

function invalid(field: string, message: string): ApiError {
  return new ApiError('invalid_parameter', field, message)
}

function unknown(field: string, what: string, list: string): ApiError {
  return new ApiError(
    'resource_does_not_exist',
    field,
    `There is no ${what} of this name. See: GET /_sandbox/${list}`,
  )
}
