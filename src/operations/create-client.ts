import type { Clock } from '../domain/clock.ts'
import type { Random } from '../domain/random.ts'
import { hashSecret } from '../domain/secret.ts'
import type { Client, Store } from './store.ts'

type Deps = {
  readonly clock: Clock
  readonly random: Random
  readonly store: Pick<Store, 'transaction'>
}

/** Makes an OAuth client with a new id and secret. The secret can be read only now. */
export async function createClient(
  { clock, random, store }: Deps,
  request: Pick<Client, 'name' | 'accountIds' | 'redirectUris' | 'isMachine'>,
): Promise<{ readonly client: Client; readonly secret: string }> {
  const hex = (byteCount: number) => Buffer.from(random.bytes(byteCount)).toString('hex')
  const secret = hex(21)
  const client: Client = {
    ...request,
    id: `1000.${hex(15).toUpperCase()}`,
    secretHash: hashSecret(secret),
  }
  await store.transaction((tx) => tx.clients.put(client, clock.nowMs()))
  return { client, secret }
}
