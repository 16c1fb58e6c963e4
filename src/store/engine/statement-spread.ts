import { TABLE_KINDS, type TableKind } from '../distribution/table-kinds.ts'
import { REACHABLE_BUCKETS, type SqlValue } from './engine.ts'

/** The nodes of a distributed database that a statement needs. */
type StatementSpread = {
  /** The place of the parameter that names the statement's only bucket. Undefined: there is none. */
  readonly bucketPlace: number | undefined
  /**
   * True if the statement needs rows of all nodes. False if it names a bucket, uses no distributed table, or leaves out
   * unreachable nodes.
   */
  readonly needsAll: boolean
  /** True if the statement reads rows of more than one node. */
  readonly isFanOut: boolean
  /**
   * The work that a node can do alone, without the coordinator's tables and locks. Undefined: the coordinator has to
   * run the statement.
   */
  readonly nodeWork: 'read' | 'insert' | undefined
}

/** The maximum number of statements whose spread is kept: lists of values make many texts. */
const SPREAD_COUNT_MAX = 1_000
const spreads = new Map<string, StatementSpread>()

/** A condition on the bucket, or an insert whose first column is the bucket. */
const NAMES_BUCKET = /\bbucket = \$(\d+)|insert into \w+ \(bucket,[^)]*\)\s*values \(\$(\d+)/
// A name counts only after one of these words, because `payment_methods` is also a column of accounts.
const namesOf = (kind: TableKind) =>
  new RegExp(
    `\\b(?:from|join|into|update)\\s+(?:${Object.keys(TABLE_KINDS)
      .filter((name) => TABLE_KINDS[name] === kind)
      .join('|')})\\b`,
  )
const USES_DISTRIBUTED = namesOf('distributed')
const USES_LOCAL = namesOf('local')
/** A function or lock that has a meaning on the coordinator only, or changes something. */
const NEEDS_COORDINATOR = /\bfor (?:no key )?(?:update|share)\b|\bpg_|\bnow\(|clock_timestamp/

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
    nodeWork: bucketPlace === undefined ? undefined : nodeWorkOf(text),
  }
  if (spreads.size < SPREAD_COUNT_MAX) spreads.set(text, spread)
  return spread
}

function nodeWorkOf(text: string): StatementSpread['nodeWork'] {
  if (USES_LOCAL.test(text) || NEEDS_COORDINATOR.test(text)) return undefined
  if (/^\s*select\b/.test(text)) return 'read'
  return /^\s*insert into\b/.test(text) ? 'insert' : undefined
}

/** Returns the only bucket of a statement. Undefined: it names none by a parameter. */
export function bucketOfStatement(text: string, params: readonly SqlValue[]): number | undefined {
  const { bucketPlace } = spreadOf(text)
  const bucket = bucketPlace === undefined ? undefined : params[bucketPlace]
  return typeof bucket === 'number' ? bucket : undefined
}
