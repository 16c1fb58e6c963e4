import { describe, expect, test } from 'vitest'
import type { AccountId, WebhookEventId } from '../domain/id.ts'
import { prepareSandbox } from '../sandbox/tenants/prepare.ts'
import { SANDBOX_VALUES } from '../sandbox/well-known.ts'
import { openCore } from '../server/core.ts'
import { readSettings } from '../server/settings/read-settings.ts'
import { eventSourceOf, writeWebhookEvent } from './write-webhook-event.ts'

describe('an event', () => {
  test('whose id another process has used is stored with another id', async () => {
    const core = await openCore(readSettings({ memory: true, logLevel: 'silent' }, {}))
    await prepareSandbox(core, SANDBOX_VALUES)
    const { ids, store } = core
    const accountId = SANDBOX_VALUES.accountId as AccountId
    const sessions = [ids.paymentSession(7), ids.paymentSession(7)] as const
    const [takenEventId, free] = sessions.map(ids.webhookEvent) as [WebhookEventId, WebhookEventId]

    const draws = [takenEventId, takenEventId, free]
    const deps = { ...core, ids: { ...ids, webhookEvent: () => draws.shift() ?? free } }
    for (const id of sessions) {
      const object = { payment: { payments_session_id: id } }
      await store.transaction((tx) =>
        writeWebhookEvent(tx, deps, eventSourceOf({ accountId, id }), {
          type: 'payment.failed',
          object,
        }),
      )
    }

    const storedEvents = await Promise.all([takenEventId, free].map(store.webhookEvents.find))
    expect(storedEvents.map((event) => event?.subject.id)).toEqual(sessions)
    // The body has the id under which the event is stored.
    expect(storedEvents.map((event) => String(JSON.parse(event?.bodyJson ?? '').event_id))).toEqual(
      [takenEventId, free],
    )
    await store.close()
  })
})
