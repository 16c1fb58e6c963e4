import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  type CheckoutServer,
  startCheckoutServer,
  stillClock,
} from '../../../test/support/checkout.ts'
import { type PageAnswer, visit } from '../../../test/support/customer.ts'
import {
  type CreatedLink,
  cancelLink,
  createLink,
  expectedLinkSignature,
  retrieveLink,
  updateLink,
} from '../../../test/support/payment-links.ts'
import { call } from '../../../test/support/server.ts'
import { readSignedPaymentLinkReturn } from '../../client/signatures.ts'
import { SANDBOX_VALUES } from '../../sandbox/well-known.ts'

let server: CheckoutServer
beforeAll(async () => {
  server = await startCheckoutServer('memory', {}, { clock: stillClock() })
})
afterAll(() => server.close())

/** Returns the text of a page, without the data of its script. */
const show = async (path: string, language = 'en') => {
  const answer = await visit(server.baseUrl, `${path}?lang=${language}`)
  return { ...answer, text: answer.text.replaceAll(/<script.*?<\/script>/gs, '') }
}
/** Returns the answer, whose location is the next page. */
const press = ({ path }: CreatedLink, language = 'en') =>
  visit(server.baseUrl, `${path}?lang=${language}`, {})
async function openCheckout(link: CreatedLink): Promise<string> {
  const { location = '', status } = await press(link)
  expect([status, location]).toEqual([303, expect.stringMatching(/^\/hostedcheckout\/[\w-]{60}\?/)])
  return location.split('?')[0] ?? ''
}
const pay = (path: string, upiId = 'success@paydesk', number = '1', asScript = false) =>
  visit(
    server.baseUrl,
    `${path}/pay`,
    { method: 'upi', upi_channel: 'collect', upi_id: upiId, number },
    asScript,
  )
const decide = (path: string, act: 'approve' | 'refuse') =>
  visit(server.baseUrl, `${path}/sandbox`, { act })
const sessionsOf = async () =>
  (await call(server.baseUrl, 'GET', '/paymentsessions')).body.page_context.total as number
/** The URL that a page without JavaScript loads automatically. */
const refreshOf = ({ text }: PageAnswer) =>
  /http-equiv="refresh" content="\d+;url=([^"]+)"/.exec(text)?.[1]?.replaceAll('&amp;', '&') ?? ''

describe('the page of an active link', () => {
  test('shows the merchant, the amount, the description, the reference and the last day', async () => {
    // The end of 22 December in India.
    const expiresAtMs = Date.UTC(2030, 11, 22, 18, 30)
    const { path } = await createLink(server, { expiresAtMs })
    const { status, text } = await show(path)
    expect(status).toBe(200)
    const wantedTexts = ['₹1,499.90', 'Order 8841: two books and a lamp', 'INV-8841', '22 Dec 2030']
    for (const part of wantedTexts) expect(text).toContain(part)
    expect(text.match(/<button/g)).toHaveLength(1)
    expect(text).not.toMatch(/asha@example|9000000001/)
  })

  test('is read by previews of messengers without any effect', async () => {
    const link = await createLink(server)
    const before = [await sessionsOf(), await retrieveLink(server, link)]
    for (const method of ['GET', 'HEAD', 'GET']) {
      const response = await fetch(link.url, { method })
      expect(response.status).toBe(200)
      await response.arrayBuffer()
    }
    expect((await visit(server.baseUrl, `${link.path}/state`)).status).toBe(200)
    expect([await sessionsOf(), await retrieveLink(server, link)]).toEqual(before)
  })

  test('loads only its own files, sends no referrer and cannot be framed or cached', async () => {
    const { url } = await createLink(server)
    const { headers } = await fetch(url)
    expect(headers.get('content-security-policy')).toMatch(
      /^default-src 'none'; script-src 'self';.*form-action 'self'; frame-ancestors 'none'/,
    )
    expect(headers.get('referrer-policy')).toBe('no-referrer')
    expect(headers.get('cache-control')).toBe('no-store')
    expect(headers.get('x-content-type-options')).toBe('nosniff')
  })

  test('escapes the merchant’s texts', async () => {
    const { path } = await createLink(server, {
      description: '</script><script>alert(1)</script>',
      referenceId: '"><img src=x>',
    })
    const { text } = await visit(server.baseUrl, path)
    expect(text).not.toMatch(/<script>alert|<img src=x/)
  })
})

describe('an unknown key', () => {
  test('gets one page with 404, regardless of its text, and the page reveals nothing about a link', async () => {
    const { path } = await createLink(server)
    const key = path.split('/').at(-1) ?? ''
    const wrongKey = key.replace(/.$/, (last) => (last === '0' ? '1' : '0'))
    const texts = await Promise.all(
      [wrongKey, key.toUpperCase(), key.slice(1), '0'.repeat(52), 'x'].map(async (text) => {
        const answer = await visit(server.baseUrl, `/paymentlink/${text}`)
        expect(answer.status).toBe(404)
        expect((await visit(server.baseUrl, `/paymentlink/${text}`, {})).status).toBe(404)
        expect((await visit(server.baseUrl, `/paymentlink/${text}/state`)).status).toBe(404)
        return answer.text
      }),
    )
    expect(new Set(texts).size).toBe(1)
    expect(texts[0]).toContain('Payment not found')
    expect(texts[0]).not.toMatch(/1,499|8841/)
  })

  test('gets 404 even if it is the key of a link on another server', async () => {
    const other = await startCheckoutServer()
    try {
      const { path } = await createLink(other)
      expect((await visit(server.baseUrl, path)).status).toBe(404)
    } finally {
      await other.close()
    }
  })
})

describe('the button', () => {
  test('opens one session for all customers while this session can be paid', async () => {
    const link = await createLink(server)
    const before = await sessionsOf()
    const paths = new Set([await openCheckout(link), await openCheckout(link)])
    expect(await sessionsOf()).toBe(before + 1)
    expect(paths.size).toBe(2)
    const [first = ''] = paths
    const { text } = await show(first)
    expect(text).toContain('Order 8841: two books and a lamp')
    // The customer's data is filled in.
    expect(text).toContain('value="asha@example.com"')
    expect(text).toContain('Cancel and go back')
  })

  test('works only on our own pages', async () => {
    const link = await createLink(server)
    const before = await sessionsOf()
    for (const site of ['cross-site', 'same-site']) {
      const response = await fetch(link.url, {
        method: 'POST',
        redirect: 'manual',
        headers: { 'sec-fetch-site': site },
        body: new URLSearchParams(),
      })
      expect(response.status).toBe(404)
    }
    expect(await sessionsOf()).toBe(before)
    const own = await fetch(link.url, {
      method: 'POST',
      redirect: 'manual',
      headers: { 'sec-fetch-site': 'same-origin' },
    })
    expect(own.status).toBe(303)
  })

  test('keeps the customer’s language', async () => {
    const link = await createLink(server)
    expect((await press(link, 'ur')).location).toMatch(/\?lang=ur$/)
  })
})

describe('a canceled link', () => {
  test('has a page with 410 that says so, and opens nothing', async () => {
    const link = await createLink(server)
    const checkout = await openCheckout(link)
    await cancelLink(server, link)
    const { status, text } = await show(link.path)
    expect(status).toBe(410)
    expect(text).toContain('This payment link was canceled')
    expect(text).toContain('You were not charged.')
    expect(text).not.toContain('<button')
    expect(await press(link)).toMatchObject({ status: 303, location: `${link.path}?lang=en` })
    // The checkout that the customer opened before the cancellation is canceled too.
    const form = await show(checkout)
    expect(form.text).toContain('This payment was canceled')
    expect(refreshOf(form)).toBe(`${link.path}?lang=en`)
  })
})

describe('the checkout of a link', () => {
  test('returns the customer with a signature, and only after the payment', async () => {
    const link = await createLink(server, { returnUrl: 'https://shop.example/back?o=8841' })
    const checkout = await openCheckout(link)
    await pay(checkout)
    expect((await show(checkout)).text).not.toContain('shop.example')
    await decide(checkout, 'approve')
    const url = refreshOf(await show(checkout))
    const { payments } = await retrieveLink(server, link)
    expect(url.startsWith('https://shop.example/back?o=8841&payment_link_id=')).toBe(true)
    expect(readSignedPaymentLinkReturn(url, SANDBOX_VALUES.signingKey)).toEqual({
      payment_link_id: link.id,
      payment_id: payments[0]?.payment_id,
      amount: '1499.90',
      status: 'succeeded',
      payment_link_reference: 'INV-8841',
    })
    expect(new URL(url).searchParams.get('signature')).toBe(expectedLinkSignature(url))
  })

  test('returns to the newest return URL of the link, without a reference if the link has none', async () => {
    const link = await createLink(server, { returnUrl: 'https://shop.example/old' })
    const checkout = await openCheckout(link)
    await updateLink(server, link, { referenceId: '', returnUrl: 'https://shop.example/new' })
    await pay(checkout)
    await decide(checkout, 'approve')
    const url = refreshOf(await show(checkout))
    expect(url.startsWith('https://shop.example/new?payment_link_id=')).toBe(true)
    expect(new URL(url).searchParams.has('payment_link_reference')).toBe(false)
    expect(new URL(url).searchParams.get('signature')).toBe(expectedLinkSignature(url))
  })

  test('shows the receipt if the link has no return URL', async () => {
    const link = await createLink(server)
    const checkout = await openCheckout(link)
    await pay(checkout)
    await decide(checkout, 'approve')
    const { text } = await show(checkout)
    expect(text).toContain('Payment complete')
    expect(text).toContain('You may close this page.')
    const { payments, status } = await retrieveLink(server, link)
    expect(status).toBe('paid')
    const page = await show(link.path)
    expect(page.status).toBe(200)
    expect(page.text).toContain('This has been paid')
    expect(page.text).toContain(payments[0]?.payment_id)
    expect(page.text).not.toContain('<form')
    expect((await press(link)).location).toBe(`${link.path}?lang=en`)
  })

  test('says that a payment is being processed, on its own page and on that of the link', async () => {
    const link = await createLink(server, { returnUrl: 'https://shop.example/back' })
    const checkout = await openCheckout(link)
    await pay(checkout, 'pending@paydesk')
    const waiting = await show(checkout)
    expect(refreshOf(waiting)).toBe(`${checkout}?lang=en`)
    const page = await show(link.path)
    expect(page.status).toBe(200)
    expect(page.text).toContain('This payment is being processed')
    expect(page.text).not.toContain('<form')
    expect(refreshOf(page)).toBe(`${link.path}?lang=en`)
    expect((await press(link)).location).toBe(`${link.path}?lang=en`)
    await decide(checkout, 'refuse')
    expect((await show(link.path)).text).toContain('<form')
  })

  test('shows no customer what another one has entered', async () => {
    const link = await createLink(server)
    const checkout = await openCheckout(link)
    await pay(checkout, 'asha.private@paydesk')
    const waiting = (await visit(server.baseUrl, checkout)).text
    expect(waiting).toContain('We sent a request for ₹1,499.90. Open your UPI app and approve it.')
    await decide(checkout, 'refuse')
    const again = await openCheckout(link)
    const texts = [waiting, (await visit(server.baseUrl, again)).text]
    await pay(again, 'asha.private@paydesk', '2')
    await decide(again, 'approve')
    texts.push((await visit(server.baseUrl, again)).text)
    for (const text of texts) expect(text).not.toContain('asha.private')
  })

  test('goes back to the link when the customer cancels, and the link can be opened again', async () => {
    const link = await createLink(server, { returnUrl: 'https://shop.example/back' })
    const checkout = await openCheckout(link)
    const cancellation = await visit(server.baseUrl, `${checkout}/cancel?lang=hi`, {})
    expect(cancellation).toMatchObject({ status: 303, location: `${link.path}?lang=hi` })
    const before = await sessionsOf()
    const next = await openCheckout(link)
    expect(await sessionsOf()).toBe(before + 1)
    expect((await show(next)).text).toContain('How would you like to pay?')
  })

  test('goes back to the link when all attempts are used up', async () => {
    const link = await createLink(server)
    const checkout = await openCheckout(link)
    for (const number of ['1', '2', '3', '4', '5']) {
      await pay(checkout, 'pending@paydesk', number)
      await decide(checkout, 'refuse')
    }
    const failedPage = await show(checkout)
    expect(failedPage.text).toContain('No attempts are left on this page.')
    expect(failedPage.text).toContain('Back to the payment link')
    expect(refreshOf(failedPage)).toBe(`${link.path}?lang=en`)
    await openCheckout(link)
  })

  test('sends the second customer of a link to the page of the link while another payment is with the processor, and after that payment', async () => {
    const link = await createLink(server)
    const first = await openCheckout(link)
    await visit(server.baseUrl, `${first}/cancel`, {})
    const open = await openCheckout(link)
    // A session that was opened before the link was updated stays open beside the next one.
    await updateLink(server, link, { description: 'Order 8842' })
    const second = await openCheckout(link)
    expect((await show(second)).text).toContain('Order 8842')
    await pay(open, 'pending@paydesk')
    const page = `${link.path}?lang=en`
    expect((await pay(second)).location).toBe(page)
    expect(JSON.parse((await pay(second, 'success@paydesk', '1', true)).text)).toEqual({
      leaveTo: page,
    })
    expect((await visit(server.baseUrl, `${second}?lang=en`)).location).toBe(page)
    await decide(open, 'approve')
    expect((await pay(second)).location).toMatch(/hostedcheckout/)
    expect(refreshOf(await show(second))).toBe(page)
    expect((await retrieveLink(server, link)).payments).toHaveLength(1)
  })
})

describe('time', () => {
  test('an open form that has expired leads back to the link, and the link ends after its last day', async () => {
    const expiresAtMs = server.tenant.clock.nowMs() + 20 * 60_000
    const link = await createLink(server, { expiresAtMs })
    const later = await createLink(server)
    const [checkout, other] = [await openCheckout(link), await openCheckout(later)]
    server.advance(16 * 60_000)
    const form = await show(other)
    expect(form.text).toContain('This payment has expired')
    expect(refreshOf(form)).toBe(`${later.path}?lang=en`)
    await openCheckout(later)
    server.advance(10 * 60_000)
    const page = await show(link.path)
    expect(page.status).toBe(410)
    expect(page.text).toContain('This payment link has expired')
    expect((await press(link)).location).toBe(`${link.path}?lang=en`)
    expect((await pay(checkout)).location).toBe(`${checkout}?lang=en`)
    expect((await show(checkout)).text).toContain('This payment has expired')
    expect((await retrieveLink(server, link)).status).toBe('expired')
  })
})

test('behind a proxy with a path the page and the button stay below that path', async () => {
  const proxiedServer = await startCheckoutServer('memory', {
    publicUrl: 'https://pay.shop.example/pay',
  })
  try {
    const { url } = await createLink(proxiedServer)
    expect(url.startsWith('https://pay.shop.example/pay/paymentlink/')).toBe(true)
    const path = new URL(url).pathname.replace('/pay/', '/')
    const page = await visit(proxiedServer.localUrl, path)
    expect(page.text).toContain(`action="/pay${path}?lang=en"`)
    const { location } = await visit(proxiedServer.localUrl, path, {})
    expect(location).toMatch(/^\/pay\/hostedcheckout\/[\w-]{60}\?lang=en$/)
    const checkout = await visit(proxiedServer.localUrl, location?.replace('/pay/', '/') ?? '')
    expect(checkout.text).toContain(`"linkPath":"/pay${path}?lang=en"`)
  } finally {
    await proxiedServer.close()
  }
})

test('the button of a link answers 429 with a page if it is pressed too often, and the page of the link still opens', async () => {
  const limitedServer = await startCheckoutServer('memory', { rateLimits: 'on' })
  try {
    const link = await createLink(limitedServer)
    const statuses: number[] = []
    for (let count = 0; count < 31; count += 1) {
      statuses.push((await visit(limitedServer.baseUrl, link.path, {})).status)
    }
    expect(new Set(statuses.slice(0, 30))).toEqual(new Set([303]))
    expect(statuses[30]).toBe(429)
    const refusal = await fetch(link.url, { method: 'POST', redirect: 'manual' })
    expect([refusal.status, refusal.headers.get('retry-after')]).toEqual([429, '60'])
    expect(await refusal.text()).toContain('Please wait a moment')
    expect((await visit(limitedServer.baseUrl, link.path)).status).toBe(200)
  } finally {
    await limitedServer.close()
  }
})
