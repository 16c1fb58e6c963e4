import type { AccountId } from '../domain/id.ts'
import type { Client } from '../operations/store.ts'
import type { Row, Sql } from './engine/engine.ts'

const SELECT = 'select id, name, secret_hash, account_ids, redirect_uris, is_machine from clients'

function clientFrom(row: Row): Client {
  return {
    id: row.id as string,
    name: row.name as string,
    secretHash: row.secret_hash as string,
    accountIds: JSON.parse(row.account_ids as string) as AccountId[],
    redirectUris: JSON.parse(row.redirect_uris as string) as string[],
    isMachine: row.is_machine === 1,
  }
}

/** What an id can be. Anything else is not asked for: PostgreSQL takes no NUL in a text. */
const CLIENT_ID = /^[\x21-\x7e]{1,128}$/

/** Undefined: there is no such client. */
export async function findClient(sql: Sql, id: string): Promise<Client | undefined> {
  if (!CLIENT_ID.test(id)) return undefined
  const [row] = await sql.all(`${SELECT} where id = $1`, [id])
  return row && clientFrom(row)
}

/** Lists all clients by id. */
export async function listClients(sql: Sql): Promise<readonly Client[]> {
  return (await sql.all(`${SELECT} order by id`, [])).map(clientFrom)
}

/** Stores a client, or what has changed of it. */
export async function putClient(sql: Sql, client: Client, nowMs: number): Promise<void> {
  await sql.run(
    `insert into clients (id, name, secret_hash, account_ids, redirect_uris, is_machine, created_at_ms)
     values ($1, $2, $3, $4, $5, $6, $7)
     on conflict (id) do update set name = excluded.name, secret_hash = excluded.secret_hash,
       account_ids = excluded.account_ids, redirect_uris = excluded.redirect_uris,
       is_machine = excluded.is_machine`,
    [
      client.id,
      client.name,
      client.secretHash,
      JSON.stringify(client.accountIds),
      JSON.stringify(client.redirectUris),
      client.isMachine ? 1 : 0,
      nowMs,
    ],
  )
}
