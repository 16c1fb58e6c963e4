import { previousAt } from '../domain/account-keys.ts'
import type { Client } from '../domain/records.ts'

/** Makes the object of an OAuth client, for operators. It has no secret. Paydesk only. */
export function clientFields({ secret, ...client }: Client, nowMs: number) {
  const previous = previousAt(secret, nowMs)
  return {
    client_id: client.id,
    name: client.name,
    account_ids: client.accountIds,
    redirect_uris: client.redirectUris,
    is_machine: client.isMachine,
    previous_secret_expires: previous && new Date(previous.untilMs).toISOString(),
  }
}
