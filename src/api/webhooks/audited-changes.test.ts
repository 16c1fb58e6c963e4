import { afterAll, beforeAll, expect, test } from 'vitest'
import { inProcessCli } from '../../../test/support/in-process-cli.ts'
import { type Receiver, startReceiver } from '../../../test/support/receiver.ts'
import {
  ACCOUNT_ID,
  startTestServer,
  type TestServer,
  TOKEN,
} from '../../../test/support/server.ts'
import { hashSecret } from '../../domain/secret.ts'
import { tokenIdOf } from '../../domain/token-id.ts'

let server: TestServer
let receiver: Receiver
beforeAll(async () => {
  server = await startTestServer('memory')
  receiver = await startReceiver(() => ({ status: 204 }))
})
afterAll(async () => {
  await server.close()
  await receiver.close()
})

test('the audit log records who changed an endpoint or its key by the API or a command, without the key and without the URL’s query', async () => {
  const url = `${receiver.url}/hooks?secret=hidden`
  const body = { name: 'Shop', url, enabled_events: ['payment.succeeded'] }
  const { webhook } = (await server.call('POST', '/webhooks', body)).body
  const id: string = webhook.webhook_url_id
  const rotation = await server.call('POST', `/webhooks/${id}/rotatekey`)
  const paydesk = inProcessCli({ PAYDESK_API_URL: server.baseUrl })
  const output = JSON.parse((await paydesk('webhook', 'rotate-key', id, '--json')).out)
  expect(output).toMatchObject({
    webhook_url_id: id,
    signing_key: expect.stringMatching(/^whsec_/),
    previous_key_expiry_time: expect.any(Number),
  })
  await server.call('PUT', `/webhooks/${id}`, { name: 'Books' })
  await server.call('DELETE', `/webhooks/${id}`)

  const entries = await server.tenant.store.auditLog.list({ objectId: id }, 9)
  expect(entries.map(({ action }) => action)).toEqual([
    'webhook_endpoint.delete',
    'webhook_endpoint.update',
    'webhook_endpoint.rotate_key',
    'webhook_endpoint.rotate_key',
    'webhook_endpoint.create',
  ])
  const actor = {
    kind: 'access_token',
    name: `${tokenIdOf(hashSecret(TOKEN))} of account ${ACCOUNT_ID}`,
  }
  for (const entry of entries) expect(entry.actor).toEqual(actor)
  expect(entries[1]).toMatchObject({ before: { name: 'Shop' }, after: { name: 'Books' } })
  expect(entries.at(-1)?.after).toMatchObject({ url: `${receiver.url}/hooks?…` })
  const texts = JSON.stringify(entries)
  const keys = [webhook.signing_key, rotation.body.webhook.signing_key, output.signing_key]
  for (const secret of [...keys, 'hidden', TOKEN]) expect(texts).not.toContain(secret)
})

test('the audit log records that a holder has revoked a token, and ignores an unknown token', async () => {
  const revoke = (token: string) =>
    fetch(`${server.baseUrl}/oauth/v2/token/revoke`, {
      method: 'POST',
      body: new URLSearchParams({ token }),
    })
  await revoke('1000.unknown')
  await revoke(TOKEN)
  const entries = await server.tenant.store.auditLog.list({ action: 'token.revoke' }, 9)
  const id = tokenIdOf(hashSecret(TOKEN))
  expect(entries).toMatchObject([{ objectId: id, actor: { kind: 'token_holder', name: id } }])
})
