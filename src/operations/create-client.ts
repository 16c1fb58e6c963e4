import type { Random } from '../domain/random.ts'
import { hashSecret } from '../domain/secret.ts'
import { clientFields } from '../wire/client.ts'
import type { Client, Store } from './store.ts'
import { type AuditDeps, writeAuditEntry } from './write-audit-entry.ts'

type Deps = AuditDeps & {
  readonly random: Random
  readonly store: Pick<Store, 'transaction'>
}

/** Makes an OAuth client with a new id and secret. The secret cannot be read later. */
export async function createClient(
  deps: Deps,
  request: Pick<Client, 'name' | 'accountIds' | 'redirectUris' | 'isMachine'>,
): Promise<{ readonly client: Client; readonly secret: string }> {
  const secret = drawClientSecret(deps.random)
  const id = Buffer.from(deps.random.bytes(15)).toString('hex').toUpperCase()
  const client: Client = {
    ...request,
    id: `1000.${id}`,
    secret: { value: hashSecret(secret) },
  }
  await deps.store.transaction(async (tx) => {
    await tx.clients.put(client, deps.clock.nowMs())
    const after = clientFields(client, deps.clock.nowMs())
    await writeAuditEntry(tx, deps, { action: 'client.create', objectId: client.id, after })
  })
  return { client, secret }
}

/** Draws a new secret of a client. */
export function drawClientSecret(random: Random): string {
  return Buffer.from(random.bytes(21)).toString('hex')
}
