import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import express from 'express'
import type { PaydeskClient } from 'paydesk/client'
import { readSignedRedirect } from 'paydesk/signatures'
import { verifyWebhook, type WebhookEvent, WebhookSignatureError } from 'paydesk/webhooks'

/** An order. Here it is in memory; in your shop it is a row of a table. */
export type Order = {
  readonly id: string
  readonly amount: string
  readonly sessionId: string
  readonly checkoutUrl: string
  status: 'open' | 'paid'
  shipmentCount: number
}

/** The options of a shop. */
export type ShopOptions = {
  readonly paydesk: PaydeskClient
  /** The account's key, which signs the customer's return from the checkout. */
  readonly signingKey: string
  readonly port?: number
  /** Returns the time in milliseconds. A test passes the sandbox's clock. */
  readonly nowMs?: () => number | Promise<number>
}

/** Opens a shop that takes payments with Paydesk's checkout and receives their outcomes as webhooks. */
export async function openShop({ nowMs = Date.now, paydesk, port = 0, signingKey }: ShopOptions) {
  const orders = new Map<string, Order>()
  const eventIds = new Set<number>() // In your shop: a table with event_id as its key.
  const events: WebhookEvent[] = []
  let webhookKey: string | undefined
  let url = ''

  async function placeOrder(amount: string): Promise<Order> {
    const id = randomUUID()
    const session = await paydesk.paymentSessions.create(
      {
        amount,
        currency: 'INR',
        description: 'Brass lamp',
        reference_number: id,
        configurations: {
          hosted_page_parameters: { success_url: `${url}/thanks`, failure_url: `${url}/sorry` },
        },
      },
      { idempotencyKey: id }, // A repeated request creates no second session.
    )
    const order: Order = {
      id,
      amount,
      sessionId: session.payments_session_id,
      status: 'open',
      shipmentCount: 0,
      checkoutUrl: paydesk.checkoutUrl(session),
    }
    orders.set(id, order)
    return order
  }

  /** Retrieves the current state, because events can arrive twice, late, and in any order. */
  async function bringUpToDate(order: Order): Promise<void> {
    const { status } = await paydesk.paymentSessions.retrieve(order.sessionId)
    if (status !== 'succeeded' || order.status === 'paid') return
    order.status = 'paid'
    order.shipmentCount += 1
  }

  const app = express()

  app.post('/orders', express.json(), async (request, response) => {
    const order = await placeOrder(String(request.body.amount))
    response.redirect(303, order.checkoutUrl)
  })

  app.get(['/thanks', '/sorry'], async (request, response) => {
    const redirect = readSignedRedirect(request.url, signingKey)
    if (redirect === undefined) return response.status(400).send('Not from Paydesk')
    // Do not use request.query: a parameter can have two values there.
    const order = orderOf(redirect.payments_session_id)
    if (order === undefined) return response.status(404).send('No such order')
    await bringUpToDate(order)
    return response.send(order.status === 'paid' ? 'Thank you' : 'Not paid yet')
  })

  // The signature covers the bytes, so nothing may parse the body before the verification.
  app.post('/webhooks', express.raw({ type: '*/*' }), async (request, response) => {
    if (webhookKey === undefined) return response.sendStatus(401) // The test request of the registration.
    let event: WebhookEvent
    try {
      event = verifyWebhook(request.body, request.headers, webhookKey, { nowMs: await nowMs() })
    } catch (error) {
      if (!(error instanceof WebhookSignatureError)) throw error
      return response.status(400).send(error.message)
    }
    events.push(event)
    const order = orderOf(event.event_object.payment?.payments_session_id)
    if (order !== undefined && !eventIds.has(event.event_id)) {
      await bringUpToDate(order)
      eventIds.add(event.event_id) // Not earlier: a failed event must be delivered again.
    }
    return response.sendStatus(204)
  })

  function orderOf(sessionId: string | undefined): Order | undefined {
    return [...orders.values()].find((order) => order.sessionId === sessionId)
  }

  const server = app.listen(port, '127.0.0.1')
  await once(server, 'listening')
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  // In production, register the endpoint once, by hand, and store the key with your secrets.
  const webhook = await paydesk.webhooks.create({
    name: 'Shop',
    url: `${url}/webhooks`,
    enabled_events: ['payment.succeeded', 'payment.failed'],
  })
  webhookKey = webhook.signing_key

  return {
    url,
    orders,
    placeOrder,
    received: events,
    close: async () => {
      server.close()
      server.closeAllConnections()
    },
  }
}
