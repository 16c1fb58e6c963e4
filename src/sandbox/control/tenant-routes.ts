import { ok } from '../../api/answer.ts'
import type { HttpAnswer } from '../../api/http-route.ts'
import { renderOne } from '../../api/render-envelope.ts'
import { sandboxFacts } from '../announce.ts'
import {
  type SandboxTenant,
  TENANT_BYTES,
  TENANT_COUNT_MAX,
  TenantNameTaken,
  TooManyTenants,
} from '../tenants/tenant.ts'
import { controlRoute, DONE_ANSWER, fieldsOf, invalid, missing, pathLike } from './control-route.ts'
import { DoneAnswer, TenantAnswer, TenantBody, TenantsAnswer } from './schemas.ts'
import { copiesOf, findSnapshot, withCopyErrors } from './snapshot-routes.ts'

const readTenantBody = fieldsOf(TenantBody)

const tag = 'Tenants'
/** The size of a new tenant's database, in bytes, rounded up. */
const EMPTY_BYTES = 350_000

const listTenants = controlRoute({
  method: 'GET',
  url: '/tenants',
  operationId: 'listTenants',
  tag,
  summary: 'List the tenants',
  description: 'Returns `main` and then the tenants, with their memory in bytes.',
  answers: { 200: TenantsAnswer },
  handle: async ({ deps }) => {
    const rows = deps.tenants
      .list()
      .map((tenant) => ({ ...tenantFields(tenant), ...memoryFields(tenant) }))
    return ok(renderOne('tenants', rows))
  },
})

const createTenant = controlRoute({
  method: 'POST',
  url: '/tenants',
  operationId: 'createTenant',
  tag,
  summary: 'Create a tenant',
  description:
    'Creates an isolated sandbox, for example for one test. It has its own address, clock, random numbers and database in memory. Without a snapshot it also has its own credentials, and its database has only the preset accounts. This takes milliseconds.',
  body: TenantBody,
  isBodyOptional: true,
  readBody: readTenantBody,
  answers: { 201: TenantAnswer },
  failures: [404, 409],
  handle: async ({ body, deps }) => {
    const { name, seed } = body
    const snapshot =
      body.snapshot === undefined ? undefined : findSnapshot(deps, body.snapshot, 'snapshot')
    const bytes = TENANT_BYTES + (snapshot?.byteCount ?? EMPTY_BYTES)
    const tenant = await deps.memory.within(bytes, () =>
      withCreateErrors(() =>
        deps.tenants.create({
          ...(name !== undefined && { name }),
          ...(seed !== undefined && { seed }),
          ...(snapshot !== undefined && { snapshot }),
        }),
      ),
    )
    return answerWith(tenant)
  },
})

const deleteTenant = controlRoute({
  method: 'DELETE',
  url: '/tenants/{name}',
  operationId: 'deleteTenant',
  path: pathLike({ name: 'test-1' }),
  tag,
  summary: 'Delete a tenant',
  description: 'Deletes the tenant and its database.',
  closesGate: true,
  answers: { 200: DoneAnswer },
  handle: async ({ deps, path }) => {
    if (await deps.tenants.remove(path.name)) return DONE_ANSWER
    throw missing('name', 'There is no tenant with this name. See: GET /_sandbox/tenants')
  },
})

const forkTenant = controlRoute({
  method: 'POST',
  url: '/fork',
  operationId: 'forkTenant',
  tag,
  summary: 'Fork this sandbox',
  description: 'Creates a tenant as a copy of this sandbox. The two are independent.',
  closesGate: true,
  answers: { 201: TenantAnswer },
  failures: [400, 409, 503],
  handle: async ({ deps, tenant: original }) => {
    const bytes = TENANT_BYTES + original.imageByteCount()
    const tenant = await deps.memory.within(bytes, async () => {
      const snapshot = await withCopyErrors(() => copiesOf(original).takeSnapshot('fork'))
      return withCreateErrors(() => deps.tenants.create({ snapshot }))
    })
    return answerWith(tenant)
  },
})

const resetSandbox = controlRoute({
  method: 'POST',
  url: '/reset',
  operationId: 'resetSandbox',
  tag,
  summary: 'Reset this sandbox',
  description:
    'Deletes everything except the snapshots and the preset accounts. The clock keeps its time.',
  closesGate: true,
  answers: { 200: TenantAnswer },
  failures: [400, 503],
  handle: async ({ tenant }) => {
    await withCopyErrors(() => copiesOf(tenant).reset())
    return ok(renderOne('tenant', tenantFields(tenant)))
  },
})

/** The routes that create, fork, reset and delete tenants. */
export const TENANT_ROUTES = [listTenants, createTenant, deleteTenant, forkTenant, resetSandbox]

function tenantFields({ baseUrl, name, values }: SandboxTenant) {
  return { name, ...sandboxFacts(baseUrl, values) }
}

function memoryFields({ byteCount, name, rest }: SandboxTenant) {
  return name === 'main' ? {} : { memory_bytes: byteCount(), is_resting: rest.isResting() }
}

function answerWith(tenant: SandboxTenant): HttpAnswer {
  return { status: 201, body: renderOne('tenant', tenantFields(tenant)) }
}

async function withCreateErrors(create: () => Promise<SandboxTenant>): Promise<SandboxTenant> {
  try {
    return await create()
  } catch (error) {
    if (error instanceof TenantNameTaken) {
      throw invalid('name', 'name must be unused.')
    }
    if (!(error instanceof TooManyTenants)) throw error
    throw invalid(undefined, `There are ${TENANT_COUNT_MAX} tenants, the maximum. Delete one.`)
  }
}
