import type { Client, Store, Transaction } from '../operations/store.ts'
import { columns, flag, json, text, whole } from './columns.ts'
import type { StoreContext, TransactionContext } from './context.ts'
import type { Row, Sql } from './engine/engine.ts'
import { assignInsertedColumns } from './engine/statement.ts'
import { keyColumns, keyFrom } from './key-columns.ts'

type StoredClient = { readonly client: Client; readonly nowMs: number }

const SECRET = keyColumns<StoredClient>(({ client }) => client.secret)

const CLIENT = columns<StoredClient>()({
  id: text(({ client }) => client.id),
  name: text(({ client }) => client.name),
  secret_hash: SECRET.value,
  previous_secret_hash: SECRET.previous,
  previous_secret_until_ms: SECRET.untilMs,
  account_ids: json(({ client }) => client.accountIds),
  redirect_uris: json(({ client }) => client.redirectUris),
  is_machine: flag(({ client }) => client.isMachine),
  created_at_ms: whole(({ nowMs }) => nowMs),
})
const SELECT = `select ${CLIENT.list()} from clients`

function clientFrom(row: Row): Client {
  const values = CLIENT.read(row)
  return {
    id: values.id,
    name: values.name,
    secret: keyFrom(
      values.secret_hash,
      values.previous_secret_hash,
      values.previous_secret_until_ms,
    ),
    accountIds: values.account_ids,
    redirectUris: values.redirect_uris,
    isMachine: values.is_machine,
  }
}

/** The format of a client id. Other texts are not looked up, because PostgreSQL refuses a text with NUL. */
const CLIENT_ID = /^[\x21-\x7e]{1,128}$/

async function findClient(sql: Sql, id: string, lock = ''): Promise<Client | undefined> {
  if (!CLIENT_ID.test(id)) return undefined
  const [row] = await sql.all(`${SELECT} where id = $1${lock}`, [id])
  return row && clientFrom(row)
}

async function listClients(sql: Sql): Promise<readonly Client[]> {
  return (await sql.all(`${SELECT} order by id`, [])).map(clientFrom)
}

async function putClient(sql: Sql, client: Client, nowMs: number): Promise<void> {
  const changing = CLIENT.names.filter((name) => name !== 'id' && name !== 'created_at_ms')
  await sql.run(
    `insert into clients ${CLIENT.insert()} on conflict (id) do update set ${assignInsertedColumns(changing)}`,
    CLIENT.values({ client, nowMs }),
  )
}

/** The database deletes the client's codes and tokens with it. */
async function deleteClient(sql: Sql, id: string): Promise<void> {
  await sql.run('delete from clients where id = $1', [id])
}

/** Makes a store's functions for OAuth clients. */
export const clientsOf = ({ read, readLong }: StoreContext): Store['clients'] => ({
  find: (id) => findClient(read, id),
  list: () => listClients(readLong),
})

/** Makes a transaction's functions for OAuth clients. */
export const clientsIn = ({ engine, sql }: TransactionContext): Transaction['clients'] => ({
  put: (client, nowMs) => putClient(sql, client, nowMs),
  lock: (id) => findClient(sql, id, engine.rowLock),
  delete: (id) => deleteClient(sql, id),
})
