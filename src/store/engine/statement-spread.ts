import { TABLE_KINDS } from '../distribution/table-kinds.ts'
import { REACHABLE_BUCKETS, type SqlValue } from './engine.ts'

/** The nodes of a distributed database that a statement needs. */
type StatementSpread = {
  /** The place of the parameter that names the statement's only bucket. Undefined: there is none. */
  readonly bucketPlace: number | undefined
  /** True if the statement needs rows of all nodes. False with a bucket, or if it leaves out unreachable ones. */
  readonly needsAll: boolean
  /** True if the statement reads rows of more than one node. */
  readonly isFanOut: boolean
}

/** The maximum number of statements whose spread is kept: lists of values make many texts. */
const SPREAD_COUNT_MAX = 1_000
const spreads = new Map<string, StatementSpread>()

/** A condition with the bucket, or the first value of a table that begins with it. */
const NAMES_BUCKET = /\bbucket = \$(\d+)|insert into \w+ \(bucket,[^)]*\)\s*values \(\$(\d+)/
const DISTRIBUTED = Object.keys(TABLE_KINDS).filter((name) => TABLE_KINDS[name] === 'distributed')
const USES_DISTRIBUTED = new RegExp(`\\b(?:${DISTRIBUTED.join('|')})\\b`)

/** Returns the nodes that a statement needs. */
export function spreadOf(text: string): StatementSpread {
  const knownSpread = spreads.get(text)
  if (knownSpread !== undefined) return knownSpread
  const match = NAMES_BUCKET.exec(text)
  const bucketPlace = match === null ? undefined : Number(match[1] ?? match[2]) - 1
  const isFanOut = bucketPlace === undefined && USES_DISTRIBUTED.test(text)
  const spread = {
    bucketPlace,
    isFanOut,
    needsAll: isFanOut && !text.includes(REACHABLE_BUCKETS),
  }
  if (spreads.size < SPREAD_COUNT_MAX) spreads.set(text, spread)
  return spread
}

/** Returns the only bucket of a statement. Undefined: it names none by a parameter. */
export function bucketOfStatement(text: string, params: readonly SqlValue[]): number | undefined {
  const { bucketPlace } = spreadOf(text)
  const bucket = bucketPlace === undefined ? undefined : params[bucketPlace]
  return typeof bucket === 'number' ? bucket : undefined
}
