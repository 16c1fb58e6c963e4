import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { visit } from '../../../test/support/customer.ts'
import { startTestServer, type TestServer, US_ACCOUNT_ID } from '../../../test/support/server.ts'
import { createControl } from '../../client/control.ts'

const FORM = { method: 'upi', upi_channel: 'collect', upi_id: 'success@paydesk' }

describe('the outbox of a sandbox', () => {
  let server: TestServer
  let control: ReturnType<typeof createControl>
  beforeAll(async () => {
    server = await startTestServer('memory')
    control = createControl({ baseUrl: server.baseUrl })
  })
  afterAll(() => server.close())

  /** Pays a new session on its page, and waits for the success by moving the clock. */
  async function pay(language: string, form: Readonly<Record<string, string>>): Promise<string> {
    const { body } = await server.call('POST', '/paymentsessions', {
      amount: 100.5,
      currency: 'INR',
      description: 'Order 8841',
    })
    const { access_key: key, payments_session_id: id } = body.payments_session
    const answer = await visit(server.baseUrl, `/hostedcheckout/${key}/pay?lang=${language}`, {
      ...FORM,
      ...form,
    })
    expect(answer.status).toBe(303)
    await control.clock.advance('10s')
    const story = await control.sessions.story(id)
    expect(story.payments[0]?.status).toBe('succeeded')
    return story.payments[0]?.payment_id ?? ''
  }

  test('has the receipt of each payment with an e-mail address, in the language of the page', async () => {
    expect(await control.messages.list()).toEqual([])
    await pay('en', {})
    expect(await control.messages.list()).toEqual([])
    const paymentId = await pay('ur', { email: 'asha@shop.example' })
    const [message, ...others] = await control.messages.list()
    expect(others).toEqual([])
    expect(message).toMatchObject({
      kind: 'receipt',
      channel: 'email',
      to: 'asha@shop.example',
      language: 'ur',
      payment_id: paymentId,
      text: expect.stringContaining('₹100.50'),
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
    })
    expect(message).not.toHaveProperty('html')
    expect(message).not.toHaveProperty('link')

    const retrievedMessage = await control.messages.retrieve(message?.message_id ?? '')
    expect(retrievedMessage).toMatchObject({
      ...message,
      html: expect.stringContaining('dir="rtl"'),
    })
    const { text } = await visit(server.baseUrl, `/console/messages/${message?.message_id}/mail`)
    expect(text).toBe(retrievedMessage.html)

    await pay('en', { email: 'ben@shop.example' })
    expect(await control.messages.list({ payment_id: paymentId })).toEqual([message])
    const ofOther = { payment_id: paymentId, account_id: US_ACCOUNT_ID }
    expect(await control.messages.list(ofOther)).toEqual([])
    expect(await control.messages.list({ payment_link_id: '1' })).toEqual([])
    const newest = await control.messages.list({ limit: 1 })
    expect(newest.map(({ to }) => to)).toEqual(['ben@shop.example'])
    expect(await control.messages.list({ account_id: US_ACCOUNT_ID })).toEqual([])
  })

  test('refuses an unknown id and a bad filter with a sentence', async () => {
    await expect(control.messages.retrieve('1')).rejects.toMatchObject({ status: 404 })
    await expect(control.messages.list({ limit: 201 })).rejects.toMatchObject({
      status: 400,
      message: expect.stringContaining('a whole number from 1 to 200'),
    })
    await expect(control.messages.list({ payment_id: 'x' })).rejects.toMatchObject({
      field: 'payment_id',
    })
    const page = await visit(server.baseUrl, '/console/messages/1/mail')
    expect(page.status).toBe(404)
  })
})
