import type { Client } from '../domain/records.ts'

/** Makes the object of an OAuth client, for operators. It has no secret. Paydesk only. */
export function clientFields(client: Client) {
  return {
    client_id: client.id,
    name: client.name,
    account_ids: client.accountIds,
    redirect_uris: client.redirectUris,
    machine: client.isMachine,
  }
}
