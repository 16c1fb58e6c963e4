import type { Passkey } from '../domain/passkey.ts'
import type { Store, Transaction } from '../operations/store.ts'
import { columns, optionalWhole, text, whole } from './columns.ts'
import type { Row, Sql } from './engine/engine.ts'

const PASSKEY = columns<Passkey>()({
  credential_id: text(({ credentialId }) => credentialId),
  operator_id: text(({ operatorId }) => operatorId),
  name: text(({ name }) => name),
  public_key: text(({ publicKey }) => publicKey),
  sign_count: whole(({ signCount }) => signCount),
  created_at_ms: whole(({ createdAtMs }) => createdAtMs),
  used_at_ms: optionalWhole(({ usedAtMs }) => usedAtMs),
})
const SELECT = `select ${PASSKEY.list()} from operator_passkeys`

function passkeyFrom(row: Row): Passkey {
  const values = PASSKEY.read(row)
  return {
    credentialId: values.credential_id,
    operatorId: values.operator_id,
    name: values.name,
    publicKey: values.public_key,
    signCount: values.sign_count,
    createdAtMs: values.created_at_ms,
    usedAtMs: values.used_at_ms,
  }
}

/** Makes the functions that read passkeys. */
export const passkeysOf = (sql: Sql): Pick<Store['operators'], 'findPasskey' | 'listPasskeys'> => ({
  findPasskey: async (credentialId) => {
    const [row] = await sql.all(`${SELECT} where credential_id = $1`, [credentialId])
    return row && passkeyFrom(row)
  },
  listPasskeys: async (operatorId) => {
    const rows = await sql.all(
      `${SELECT} where operator_id = $1 order by created_at_ms, credential_id`,
      [operatorId],
    )
    return rows.map(passkeyFrom)
  },
})

/** Makes the functions that write passkeys. */
export const passkeysIn = (
  sql: Sql,
): Pick<
  Transaction['operators'],
  'deletePasskey' | 'deletePasskeys' | 'insertPasskey' | 'updatePasskey'
> => ({
  insertPasskey: async (passkey) => {
    const rows = await sql.all(
      `insert into operator_passkeys ${PASSKEY.insert()}
       on conflict (credential_id) do nothing returning credential_id`,
      PASSKEY.values(passkey),
    )
    return rows.length === 1
  },
  updatePasskey: async ({ credentialId, signCount, usedAtMs }) => {
    await sql.run(
      'update operator_passkeys set sign_count = $2, used_at_ms = $3 where credential_id = $1',
      [credentialId, signCount, usedAtMs ?? null],
    )
  },
  deletePasskey: async (credentialId) => {
    await sql.run('delete from operator_passkeys where credential_id = $1', [credentialId])
  },
  deletePasskeys: async (operatorId) => {
    await sql.run('delete from operator_passkeys where operator_id = $1', [operatorId])
  },
})
