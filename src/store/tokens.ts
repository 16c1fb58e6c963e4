import type { AccountId } from '../domain/id.ts'
import type {
  AccessToken,
  AuthorizationCode,
  Grant,
  ListedToken,
  Store,
  TokenFilter,
  Transaction,
} from '../operations/store.ts'
import {
  columns,
  json,
  omitUndefined,
  optionalText,
  optionalWhole,
  text,
  whole,
  words,
} from './columns.ts'
import type { StoreContext, TransactionContext } from './context.ts'
import type { Engine, Row, Sql, SqlValue } from './engine/engine.ts'

const GRANT = columns<Grant>()({
  client_id: text(({ clientId }) => clientId),
  account_ids: json(({ accountIds }) => accountIds),
  scopes: words(({ scopes }) => scopes),
  grant_id: text(({ grantId }) => grantId),
})

function grantFrom(row: Row): Grant {
  const values = GRANT.read(row)
  return {
    clientId: values.client_id,
    accountIds: values.account_ids,
    scopes: values.scopes,
    grantId: values.grant_id,
  }
}

type StoredCode = { readonly codeHash: string; readonly code: AuthorizationCode }

const CODE = columns<StoredCode>()({
  code_hash: text(({ codeHash }) => codeHash),
  client_id: text(({ code }) => code.clientId),
  account_ids: json(({ code }) => code.accountIds),
  scopes: words(({ code }) => code.scopes),
  grant_id: text(({ code }) => code.grantId),
  redirect_uri: text(({ code }) => code.redirectUri),
  code_challenge: optionalText(({ code }) => code.codeChallenge),
  expires_at_ms: whole(({ code }) => code.expiresAtMs),
})

async function insertAuthorizationCode(
  sql: Sql,
  codeHash: string,
  code: AuthorizationCode,
): Promise<void> {
  await sql.run(`insert into authorization_codes ${CODE.insert()}`, CODE.values({ codeHash, code }))
}

async function useAuthorizationCode(
  sql: Sql,
  codeHash: string,
  nowMs: number,
): Promise<AuthorizationCode | { readonly usedCode: AuthorizationCode } | undefined> {
  const updateCount = await sql.run(
    'update authorization_codes set used_at_ms = $2 where code_hash = $1 and used_at_ms is null',
    [codeHash, nowMs],
  )
  const [row] = await sql.all(
    `select ${CODE.list()} from authorization_codes where code_hash = $1`,
    [codeHash],
  )
  if (row === undefined) return undefined
  const values = CODE.read(row)
  const code: AuthorizationCode = omitUndefined({
    ...grantFrom(row),
    redirectUri: values.redirect_uri,
    expiresAtMs: values.expires_at_ms,
    codeChallenge: values.code_challenge,
  })
  return updateCount === 1 ? code : { usedCode: code }
}

/** A refresh token to store. The newest `countMax` tokens of the client for these accounts are kept. */
type RefreshTokenInsert = {
  readonly tokenHash: string
  readonly grant: Grant
  readonly nowMs: number
  readonly countMax: number
}

async function insertRefreshToken(
  { engine, sql }: Pick<TransactionContext, 'engine' | 'sql'>,
  { countMax, grant, nowMs, tokenHash }: RefreshTokenInsert,
): Promise<void> {
  // The lock on the client's row makes simultaneous grants take turns; otherwise they would count the same tokens.
  await sql.all(`select id from clients where id = $1${engine.rowLock}`, [grant.clientId])
  const accountIds = JSON.stringify(grant.accountIds)
  const [last] = await sql.all(
    'select coalesce(max(sequence), 0) as sequence from refresh_tokens where client_id = $1 and account_ids = $2',
    [grant.clientId, accountIds],
  )
  const sequence = Number(last?.sequence ?? 0) + 1
  await sql.run(
    `insert into refresh_tokens (token_hash, ${GRANT.list()}, sequence, created_at_ms)
     values ($1, $2, $3, $4, $5, $6, $7)`,
    [tokenHash, ...GRANT.values(grant), sequence, nowMs],
  )
  await sql.run(
    `delete from refresh_tokens where client_id = $1 and account_ids = $2 and sequence not in (
       select sequence from refresh_tokens where client_id = $1 and account_ids = $2
       order by sequence desc limit $3)`,
    [grant.clientId, accountIds, countMax],
  )
}

async function insertAccessToken(
  sql: Sql,
  tokenHash: string,
  token: AccessToken,
  refreshTokenHash: string | undefined,
): Promise<void> {
  await sql.run(
    `insert into access_tokens (token_hash, ${GRANT.list()}, refresh_token_hash, expires_at_ms)
     values ($1, $2, $3, $4, $5, $6, $7)`,
    [tokenHash, ...GRANT.values(token), refreshTokenHash ?? null, token.expiresAtMs ?? null],
  )
}

const EXPIRY = optionalWhole((expiresAtMs: number | undefined) => expiresAtMs)

async function findAccessToken(sql: Sql, tokenHash: string): Promise<AccessToken | undefined> {
  const [row] = await sql.all(
    `select ${GRANT.list()}, expires_at_ms from access_tokens where token_hash = $1`,
    [tokenHash],
  )
  return row && omitUndefined({ ...grantFrom(row), expiresAtMs: EXPIRY.read(row.expires_at_ms) })
}

async function lockRefreshToken(
  engine: Engine,
  sql: Sql,
  tokenHash: string,
): Promise<Grant | undefined> {
  const [row] = await sql.all(
    `select ${GRANT.list()} from refresh_tokens where token_hash = $1${engine.rowLock}`,
    [tokenHash],
  )
  return row && grantFrom(row)
}

async function deleteGrantTokens(sql: Sql, grantId: string): Promise<void> {
  await sql.run('delete from refresh_tokens where grant_id = $1', [grantId])
  await sql.run('delete from access_tokens where grant_id = $1', [grantId])
}

async function deleteDirectTokens(sql: Sql, grantId: string): Promise<void> {
  await sql.run('delete from refresh_tokens where grant_id = $1', [grantId])
  await sql.run('delete from access_tokens where grant_id = $1 and refresh_token_hash is null', [
    grantId,
  ])
}

async function deleteToken(sql: Sql, tokenHash: string): Promise<boolean> {
  const refreshCount = await sql.run('delete from refresh_tokens where token_hash = $1', [
    tokenHash,
  ])
  const accessCount = await sql.run(
    'delete from access_tokens where token_hash = $1 or refresh_token_hash = $1',
    [tokenHash],
  )
  return refreshCount + accessCount > 0
}

async function deleteTokensOfClient(
  sql: Sql,
  clientId: string,
  nowMs: number,
  accountIds: readonly AccountId[] | undefined,
): Promise<number> {
  const isForAccount = accountIds?.map((_, index) => `account_ids like $${index + 2}`).join(' or ')
  const isChosen = `client_id = $1${isForAccount === undefined ? '' : ` and (${isForAccount})`}`
  const params = [clientId, ...(accountIds ?? []).map((id) => `%"${id}"%`)]
  const accessCount = await sql.run(
    `delete from access_tokens
     where (expires_at_ms is null or expires_at_ms > $${params.length + 1}) and ((${isChosen})
       or refresh_token_hash in (select token_hash from refresh_tokens where ${isChosen}))`,
    [...params, nowMs],
  )
  return accessCount + (await sql.run(`delete from refresh_tokens where ${isChosen}`, params))
}

const TOKEN_KIND = text((kind: ListedToken['kind']) => kind)
const TOKEN_HASH = text((tokenHash: string) => tokenHash)

async function listTokens(
  sql: Sql,
  { clientId, hashStart }: TokenFilter,
  nowMs: number,
  countMax: number,
): Promise<readonly ListedToken[]> {
  const params: SqlValue[] = [nowMs, countMax]
  const conditions = ['(expires_at_ms is null or expires_at_ms > $1)']
  if (clientId !== undefined) conditions.push(`client_id = $${params.push(clientId)}`)
  if (hashStart !== undefined) {
    conditions.push(`substr(token_hash, 1, ${hashStart.length}) = $${params.push(hashStart)}`)
  }
  const rows = await sql.all(
    `select * from (
       select 'access' as kind, token_hash, ${GRANT.list()}, expires_at_ms from access_tokens
       union all
       select 'refresh' as kind, token_hash, ${GRANT.list()}, null from refresh_tokens) t
     where ${conditions.join(' and ')}
     order by client_id, kind desc, expires_at_ms desc, token_hash limit $2`,
    params,
  )
  return rows.map((row) => {
    const { accountIds, clientId: clientOfToken, scopes } = grantFrom(row)
    return omitUndefined({
      kind: TOKEN_KIND.read(row.kind),
      tokenHash: TOKEN_HASH.read(row.token_hash),
      clientId: clientOfToken,
      accountIds,
      scopes,
      expiresAtMs: EXPIRY.read(row.expires_at_ms),
    })
  })
}

/** Makes a store's functions for OAuth tokens. */
export const tokensOf = ({ read, readLong }: StoreContext): Store['tokens'] => ({
  list: (filter, nowMs, countMax) => listTokens(readLong, filter, nowMs, countMax),
  findAccessToken: (tokenHash) => findAccessToken(read, tokenHash),
})

/** Makes a transaction's functions for OAuth tokens. */
export const tokensIn = ({ engine, sql }: TransactionContext): Transaction['tokens'] => ({
  list: (filter, nowMs, countMax) => listTokens(sql, filter, nowMs, countMax),
  deleteCodes: async (clientId) => {
    await sql.run('delete from authorization_codes where client_id = $1', [clientId])
  },
  insertCode: (codeHash, code) => insertAuthorizationCode(sql, codeHash, code),
  useCode: (codeHash, nowMs) => useAuthorizationCode(sql, codeHash, nowMs),
  insertRefreshToken: (tokenHash, grant, nowMs, countMax) =>
    insertRefreshToken({ engine, sql }, { tokenHash, grant, nowMs, countMax }),
  lockRefreshToken: (tokenHash) => lockRefreshToken(engine, sql, tokenHash),
  insertAccessToken: (tokenHash, token, refreshTokenHash) =>
    insertAccessToken(sql, tokenHash, token, refreshTokenHash),
  deleteAllByGrant: (grantId) => deleteGrantTokens(sql, grantId),
  deleteDirectByGrant: (grantId) => deleteDirectTokens(sql, grantId),
  deleteAllByClient: (clientId, nowMs, accountIds) =>
    deleteTokensOfClient(sql, clientId, nowMs, accountIds),
  delete: (tokenHash) => deleteToken(sql, tokenHash),
})
