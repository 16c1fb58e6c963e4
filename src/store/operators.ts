import type { OperatorIdentity, OperatorRecord, OperatorSession } from '../domain/operator.ts'
import { OPERATOR_SESSION_MS } from '../domain/operator-session.ts'
import { SIGN_IN_LIMITS, type SignInCount } from '../domain/sign-in-limit.ts'
import type { Store, Transaction } from '../operations/store.ts'
import {
  columns,
  json,
  optionalJson,
  optionalMinor,
  optionalText,
  optionalWhole,
  text,
  whole,
} from './columns.ts'
import type { StoreContext, TransactionContext } from './context.ts'
import type { Row, Sql } from './engine/engine.ts'
import { assignInsertedColumns, assignParameters } from './engine/statement.ts'
import { passkeysIn, passkeysOf } from './passkeys.ts'
import { savedSearchesIn, savedSearchesOf } from './saved-searches.ts'

/** The value of `last_code_step` before the first code. */
const NO_CODE_STEP = -1

const OPERATOR = columns<OperatorRecord>()({
  id: text(({ id }) => id),
  email: text(({ email }) => email),
  name: text(({ name }) => name),
  role: text(({ role }) => role),
  account_ids: optionalJson(({ accountIds }) => accountIds),
  refund_max: optionalMinor(({ refundMaxMinor }) => refundMaxMinor),
  account_refund_max: optionalJson(
    ({ accountRefundMax: limits }) =>
      limits && [...limits].map(([id, minor]) => [id, String(minor)] as const),
  ),
  created_at_ms: whole(({ createdAtMs }) => createdAtMs),
  accepted_at_ms: optionalWhole(({ acceptedAtMs }) => acceptedAtMs),
  disabled_at_ms: optionalWhole(({ disabledAtMs }) => disabledAtMs),
  password_hash: optionalText(({ credentials }) => credentials?.passwordHash),
  code_secret_sealed: optionalText(({ credentials }) => credentials?.codeSecretSealed),
  last_code_step: whole(({ credentials }) => credentials?.lastCodeStep ?? NO_CODE_STEP),
  recovery_hashes: json(({ credentials }) => credentials?.recoveryHashes ?? []),
  invitation_hash: optionalText(({ invitation }) => invitation?.tokenHash),
  invitation_ends_at_ms: optionalWhole(({ invitation }) => invitation?.endsAtMs),
  provider_issuer: optionalText(({ identity }) => identity?.issuer),
  provider_subject: optionalText(({ identity }) => identity?.subject),
})
const SELECT = `select ${OPERATOR.list()} from operators`
const FIXED: readonly string[] = ['id', 'email', 'created_at_ms']
const CHANGING = OPERATOR.names.filter((name) => !FIXED.includes(name))

function operatorFrom(row: Row): OperatorRecord {
  const values = OPERATOR.read(row)
  const { code_secret_sealed: codeSecretSealed, password_hash: passwordHash } = values
  const { invitation_ends_at_ms: endsAtMs, invitation_hash: tokenHash } = values
  const { provider_issuer: issuer, provider_subject: subject } = values
  return {
    id: values.id,
    email: values.email,
    name: values.name,
    role: values.role,
    accountIds: values.account_ids,
    refundMaxMinor: values.refund_max,
    accountRefundMax:
      values.account_refund_max &&
      new Map(values.account_refund_max.map(([id, minor]) => [id, BigInt(minor)])),
    createdAtMs: values.created_at_ms,
    acceptedAtMs: values.accepted_at_ms,
    disabledAtMs: values.disabled_at_ms,
    credentials:
      passwordHash === undefined || codeSecretSealed === undefined
        ? undefined
        : {
            passwordHash,
            codeSecretSealed,
            lastCodeStep: values.last_code_step,
            recoveryHashes: values.recovery_hashes,
          },
    invitation:
      tokenHash === undefined || endsAtMs === undefined ? undefined : { tokenHash, endsAtMs },
    identity: issuer === undefined || subject === undefined ? undefined : { issuer, subject },
  }
}

/** A text that every engine can compare: PostgreSQL refuses one with NUL. */
const COMPARABLE = /^[\x20-\x7e\u00a0-\uffff]{1,254}$/

async function findBy(
  sql: Sql,
  column: 'id' | 'email' | 'invitation_hash',
  value: string,
  lock = '',
): Promise<OperatorRecord | undefined> {
  if (!COMPARABLE.test(value)) return undefined
  const [row] = await sql.all(`${SELECT} where ${column} = $1${lock}`, [value])
  return row && operatorFrom(row)
}

async function findByIdentity(
  sql: Sql,
  { issuer, subject }: OperatorIdentity,
  lock: string,
): Promise<OperatorRecord | undefined> {
  const [row] = await sql.all(
    `${SELECT} where provider_issuer = $1 and provider_subject = $2${lock}`,
    [issuer, subject],
  )
  return row && operatorFrom(row)
}

async function insertOperator(sql: Sql, operator: OperatorRecord): Promise<boolean> {
  const rows = await sql.all(
    `insert into operators ${OPERATOR.insert()} on conflict do nothing returning id`,
    OPERATOR.values(operator),
  )
  return rows.length === 1
}

async function updateOperator(sql: Sql, operator: OperatorRecord): Promise<void> {
  await sql.run(`update operators set ${assignParameters(CHANGING, 2)} where id = $1`, [
    operator.id,
    ...OPERATOR.valuesOf(CHANGING, operator),
  ])
}

const SESSION = columns<OperatorSession>()({
  token_hash: text(({ tokenHash }) => tokenHash),
  operator_id: text(({ operatorId }) => operatorId),
  created_at_ms: whole(({ createdAtMs }) => createdAtMs),
  seen_at_ms: whole(({ seenAtMs }) => seenAtMs),
  browser: optionalText(({ browser }) => browser),
})

const SELECT_SESSION = `select ${SESSION.list()} from operator_sessions`

async function findSession(sql: Sql, tokenHash: string): Promise<OperatorSession | undefined> {
  const [row] = await sql.all(`${SELECT_SESSION} where token_hash = $1`, [tokenHash])
  return row && sessionFrom(row)
}

/** The maximum number of listed sessions of an operator. */
const SESSION_COUNT_MAX = 100

async function listSessions(sql: Sql, operatorId: string): Promise<readonly OperatorSession[]> {
  const rows = await sql.all(
    `${SELECT_SESSION} where operator_id = $1 order by created_at_ms desc limit ${SESSION_COUNT_MAX}`,
    [operatorId],
  )
  return rows.map(sessionFrom)
}

function sessionFrom(row: Row): OperatorSession {
  const values = SESSION.read(row)
  return {
    tokenHash: values.token_hash,
    operatorId: values.operator_id,
    createdAtMs: values.created_at_ms,
    seenAtMs: values.seen_at_ms,
    browser: values.browser,
  }
}

const COUNT = columns<SignInCount>()({
  failure_count: whole(({ failureCount }) => failureCount),
  started_at_ms: whole(({ startedAtMs }) => startedAtMs),
})

/** Locks a count. A new row is stored first, so that simultaneous first tries wait for each other. */
async function lockCount(
  { engine, sql }: Pick<TransactionContext, 'engine' | 'sql'>,
  key: string,
): Promise<SignInCount | undefined> {
  await sql.run(
    `insert into sign_in_counts (key, ${COUNT.list()}) values ($1, 0, 0) on conflict (key) do nothing`,
    [key],
  )
  const [row] = await sql.all(
    `select ${COUNT.list()} from sign_in_counts where key = $1${engine.rowLock}`,
    [key],
  )
  const values = row && COUNT.read(row)
  if (values === undefined || values.failure_count === 0) return undefined
  return { failureCount: values.failure_count, startedAtMs: values.started_at_ms }
}

async function putCount(sql: Sql, key: string, count: SignInCount): Promise<void> {
  await sql.run(
    `insert into sign_in_counts (key, ${COUNT.list()}) values ($1, $2, $3)
     on conflict (key) do update set ${assignInsertedColumns(COUNT.names)}`,
    [key, ...COUNT.values(count)],
  )
}

/** The longest window of a count of failures. */
const WINDOW_MS_MAX = Math.max(...Object.values(SIGN_IN_LIMITS).map(({ windowMs }) => windowMs))

/** Deletes sessions, counts of failures and used challenges after their time. Returns the number of deleted rows. */
export async function deleteEndedSignIns(sql: Sql, nowMs: number): Promise<number> {
  const sessionCount = await sql.run('delete from operator_sessions where created_at_ms <= $1', [
    nowMs - OPERATOR_SESSION_MS,
  ])
  const countCount = await sql.run('delete from sign_in_counts where started_at_ms <= $1', [
    nowMs - WINDOW_MS_MAX,
  ])
  const challengeCount = await sql.run('delete from used_challenges where ends_at_ms <= $1', [
    // A clock that was ahead must not make a used challenge new.
    nowMs - WINDOW_MS_MAX,
  ])
  return sessionCount + countCount + challengeCount
}

async function useChallenge(sql: Sql, challengeHash: string, endsAtMs: number): Promise<boolean> {
  const rows = await sql.all(
    `insert into used_challenges (challenge_hash, ends_at_ms) values ($1, $2)
     on conflict (challenge_hash) do nothing returning challenge_hash`,
    [challengeHash, endsAtMs],
  )
  return rows.length === 1
}

/** Makes a store's functions for operators. */
export const operatorsOf = ({ read, readLong }: StoreContext): Store['operators'] => ({
  areAny: async () => (await read.all('select 1 as one from operators limit 1', [])).length > 0,
  find: (id) => findBy(read, 'id', id),
  findByEmail: (email) => findBy(read, 'email', email),
  findByInvitation: (tokenHash) => findBy(read, 'invitation_hash', tokenHash),
  list: async () => (await readLong.all(`${SELECT} order by email`, [])).map(operatorFrom),
  findSession: (tokenHash) => findSession(read, tokenHash),
  listSessions: (operatorId) => listSessions(read, operatorId),
  ...passkeysOf(read),
  ...savedSearchesOf(read),
})

/** Makes a transaction's functions for operators. */
export const operatorsIn = ({ engine, sql }: TransactionContext): Transaction['operators'] => ({
  insert: (operator) => insertOperator(sql, operator),
  lock: (id) => findBy(sql, 'id', id, engine.rowLock),
  lockByIdentity: (identity) => findByIdentity(sql, identity, engine.rowLock),
  update: (operator) => updateOperator(sql, operator),
  insertSession: async (session) => {
    await sql.run(`insert into operator_sessions ${SESSION.insert()}`, SESSION.values(session))
  },
  touchSession: async (tokenHash, seenAtMs) => {
    await sql.run('update operator_sessions set seen_at_ms = $2 where token_hash = $1', [
      tokenHash,
      seenAtMs,
    ])
  },
  deleteSession: (tokenHash) =>
    sql.run('delete from operator_sessions where token_hash = $1', [tokenHash]),
  deleteSessions: (operatorId) =>
    sql.run('delete from operator_sessions where operator_id = $1', [operatorId]),
  deleteOtherSessions: (operatorId, tokenHash) =>
    sql.run('delete from operator_sessions where operator_id = $1 and token_hash <> $2', [
      operatorId,
      tokenHash,
    ]),
  lockCount: (key) => lockCount({ engine, sql }, key),
  putCount: (key, count) => putCount(sql, key, count),
  deleteCount: async (key) => {
    await sql.run('delete from sign_in_counts where key = $1', [key])
  },
  useChallenge: (challengeHash, endsAtMs) => useChallenge(sql, challengeHash, endsAtMs),
  ...passkeysOf(sql),
  ...savedSearchesOf(sql),
  ...passkeysIn(sql),
  ...savedSearchesIn(sql),
})
