import { ok } from '../../api/answer.ts'
import { ApiError } from '../../api/errors.ts'
import { renderOne } from '../../api/render-envelope.ts'
import { type Copies, CopyRefused, type Snapshot } from '../tenants/snapshot.ts'
import type { SandboxTenant } from '../tenants/tenant.ts'
import {
  type ControlDeps,
  controlRoute,
  DONE_ANSWER,
  fieldsOf,
  invalid,
  missing,
  pathLike,
} from './control-route.ts'
import {
  DoneAnswer,
  RestoreBody,
  SnapshotAnswer,
  SnapshotBody,
  SnapshotsAnswer,
} from './schemas.ts'

const readSnapshotBody = fieldsOf(SnapshotBody)
const readRestoreBody = fieldsOf(RestoreBody)

const tag = 'Snapshots'
/** The maximum number of snapshots. Each one is a whole database in memory. */
const SNAPSHOT_COUNT_MAX = 50

const listSnapshots = controlRoute({
  method: 'GET',
  url: '/snapshots',
  operationId: 'listSnapshots',
  tag,
  summary: 'List the snapshots',
  description: 'Returns the snapshots, which are in memory while the program runs.',
  answers: { 200: SnapshotsAnswer },
  handle: async ({ deps }) =>
    ok(renderOne('snapshots', [...deps.snapshots.values()].map(snapshotFields))),
})

const takeSnapshot = controlRoute({
  method: 'POST',
  url: '/snapshots',
  operationId: 'takeSnapshot',
  tag,
  summary: 'Take a snapshot',
  description: 'Stores all data of this sandbox and the time of its clock.',
  closesGate: true,
  body: SnapshotBody,
  readBody: readSnapshotBody,
  answers: { 201: SnapshotAnswer },
  failures: [409, 503],
  handle: async ({ body: { name }, deps: { memory, snapshots }, tenant }) => {
    if (!snapshots.has(name) && snapshots.size >= SNAPSHOT_COUNT_MAX) {
      throw invalid(
        'name',
        `name must be the name of an existing snapshot, which is then replaced: there are ${SNAPSHOT_COUNT_MAX} snapshots, the maximum.`,
      )
    }
    const snapshot = await memory.within(tenant.imageByteCount(), () =>
      withCopyErrors(() => copiesOf(tenant).takeSnapshot(name)),
    )
    snapshots.set(name, snapshot)
    return { status: 201, body: renderOne('snapshot', snapshotFields(snapshot)) }
  },
})

const deleteSnapshot = controlRoute({
  method: 'DELETE',
  url: '/snapshots/{name}',
  operationId: 'deleteSnapshot',
  path: pathLike({ name: 'before-refund' }),
  tag,
  summary: 'Delete a snapshot',
  description: 'Deletes a snapshot. The tenants that were created from it remain.',
  answers: { 200: DoneAnswer },
  handle: async ({ deps, path }) => {
    if (deps.snapshots.delete(path.name)) return DONE_ANSWER
    throw unknownSnapshot()
  },
})

const restoreSnapshot = controlRoute({
  method: 'POST',
  url: '/restore',
  operationId: 'restoreSnapshot',
  tag,
  summary: 'Restore a snapshot',
  description: 'Replaces all data of this sandbox, and the time of its clock, with the snapshot.',
  closesGate: true,
  body: RestoreBody,
  readBody: readRestoreBody,
  answers: { 200: SnapshotAnswer },
  failures: [404, 409, 503],
  handle: async ({ body, deps, tenant }) => {
    const snapshot = findSnapshot(deps, body.name)
    // The main tenant is not in the budget.
    const moreBytes = tenant.name === 'main' ? 0 : snapshot.byteCount - tenant.imageByteCount()
    await deps.memory.within(Math.max(0, moreBytes), () =>
      withCopyErrors(() => copiesOf(tenant).restore(snapshot)),
    )
    return ok(renderOne('snapshot', snapshotFields(snapshot)))
  },
})

/** The routes that take, restore and delete snapshots. */
export const SNAPSHOT_ROUTES = [listSnapshots, takeSnapshot, deleteSnapshot, restoreSnapshot]

/** `field`: the field with the snapshot's name, for the error. Throws ApiError. */
export function findSnapshot({ snapshots }: ControlDeps, name: string, field = 'name'): Snapshot {
  const snapshot = snapshots.get(name)
  if (snapshot === undefined) throw unknownSnapshot(field)
  return snapshot
}

/** Throws ApiError for a database that cannot be copied. */
export function copiesOf({ copies }: SandboxTenant): Copies {
  if (copies === undefined) {
    throw invalid(
      undefined,
      'Snapshots, restores, forks and resets need the embedded database: this sandbox runs on PostgreSQL.',
    )
  }
  return copies
}

/** Turns a CopyRefused into an ApiError. */
export async function withCopyErrors<Result>(copy: () => Promise<Result>): Promise<Result> {
  try {
    return await copy()
  } catch (error) {
    if (!(error instanceof CopyRefused)) throw error
    throw new ApiError('sandbox_unchanged', undefined, error.message)
  }
}

function snapshotFields({ byteCount, clock, name }: Snapshot) {
  return { name, time: new Date(clock.nowMs).toISOString(), byte_count: byteCount }
}

function unknownSnapshot(field = 'name'): ApiError {
  return missing(field, 'There is no snapshot with this name. See: GET /_sandbox/snapshots')
}
