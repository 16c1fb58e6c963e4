import { bucketOf } from '../domain/id.ts'
import type { Engine, Row } from './engine/engine.ts'

/** A table in which each row belongs to an id, in the id's bucket. */
type KeyedTable = {
  readonly name: string
  /** The columns to read, of the alias `t`. They include the key. */
  readonly columns: string
  readonly key: string
  /** The order of the rows of one id. Undefined: there is at most one. */
  readonly order?: string
}

/**
 * Reads the rows of many ids in one round trip, or in one for each bucket of a distributed database. Returns one list
 * for each id, in the order of the ids.
 */
type ReadByKeys = (
  engine: Pick<Engine, 'isDistributed' | 'read' | 'readMany'>,
  ids: readonly string[],
) => Promise<readonly (readonly Row[])[]>

/** Makes the function that reads a table's rows by many ids. */
export function readByKeysOf({ columns, key, name, order }: KeyedTable): ReadByKeys {
  const select = `select ${columns} from`
  const inOrder = order === undefined ? '' : ` order by ${order}`
  const ofOne = `${select} ${name} t where t.bucket = $1 and t.${key} = $2${inOrder}`
  const ofBucket = `${select} ${name} t where t.bucket = $1 and t.${key} = any($2::bigint[])${inOrder}`
  const ofMany = `${select} unnest($1::smallint[], $2::bigint[]) as wanted (bucket, id)
    join ${name} t on t.bucket = wanted.bucket and t.${key} = wanted.id${inOrder}`

  return async (engine, ids) => {
    if (engine.readMany !== undefined) {
      return engine.readMany(
        ofOne,
        ids.map((id) => [bucketOf(id), Number(id)]),
      )
    }
    // A join would repeat the rows of a repeated id.
    const uniqueIds = [...new Set(ids)]
    const results = engine.isDistributed
      ? await Promise.all(
          [...Map.groupBy(uniqueIds, bucketOf)].map(([bucket, group]) =>
            engine.read.all(ofBucket, [bucket, `{${group.join(',')}}`]),
          ),
        )
      : [
          await engine.read.all(ofMany, [
            `{${uniqueIds.map(bucketOf).join(',')}}`,
            `{${uniqueIds.join(',')}}`,
          ]),
        ]
    const rowsById = Map.groupBy(results.flat(), (row) => String(row[key]))
    return ids.map((id) => rowsById.get(id) ?? [])
  }
}
