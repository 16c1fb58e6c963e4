import type { Random } from '../domain/random.ts'
import { hashSecret } from '../domain/secret.ts'
import { clientFields } from '../wire/client.ts'
import type { Client, Store, Transaction } from './store.ts'
import { type AuditDeps, writeAuditEntry } from './write-audit-entry.ts'

type Deps = AuditDeps & { readonly random: Random }

type ClientRequest = Pick<Client, 'name' | 'accountIds' | 'redirectUris' | 'isMachine'>

/** A new client with its secret, which cannot be read later. */
type NewClient = { readonly client: Client; readonly secret: string }

/** Makes an OAuth client with a new id and secret. */
export function createClient(
  deps: Deps & { readonly store: Pick<Store, 'transaction'> },
  request: ClientRequest,
): Promise<NewClient> {
  return deps.store.transaction((tx) => createClientIn(tx, deps, request))
}

/** Does the same as `createClient` in a transaction. */
export async function createClientIn(
  tx: Pick<Transaction, 'auditLog' | 'clients'>,
  deps: Deps,
  request: ClientRequest,
): Promise<NewClient> {
  const secret = drawClientSecret(deps.random)
  const id = Buffer.from(deps.random.bytes(15)).toString('hex').toUpperCase()
  const client: Client = {
    ...request,
    id: `1000.${id}`,
    secret: { value: hashSecret(secret) },
  }
  const nowMs = deps.clock.nowMs()
  await tx.clients.put(client, nowMs)
  const after = clientFields(client, nowMs)
  await writeAuditEntry(tx, deps, { action: 'client.create', objectId: client.id, after })
  return { client, secret }
}

/** Draws a new secret of a client. */
export function drawClientSecret(random: Random): string {
  return Buffer.from(random.bytes(21)).toString('hex')
}
