import type { Keys } from '../domain/secret.ts'
import type { Store } from './store.ts'

/**
 * Makes a server seal and sign with the database's secret key, which a command may have replaced. False: the server does
 * not have that key.
 */
export async function followSecretKey({
  keys,
  store,
}: {
  readonly keys: Keys
  readonly store: Pick<Store, 'installation'>
}): Promise<boolean> {
  const check = await store.installation.findFact('secret_key_check')
  return check === undefined || keys.use(check)
}
