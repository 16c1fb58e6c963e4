import { createHash, createHmac } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import axe from 'axe-core'
import type { Browser, BrowserContextOptions, Frame, FrameLocator, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createControl } from '../../src/client/control.ts'
import { createAccount } from '../../src/operations/create-account.ts'
import { SANDBOX_VALUES } from '../../src/sandbox/well-known.ts'
import { systemClock } from '../../src/server/clock.ts'
import { type CheckoutServer, startCheckoutServer } from '../support/checkout.ts'
import { launchChromium } from '../support/chromium.ts'
import { DESKTOP, expectAccessible, openPage, photograph, SIZES } from '../support/pages.ts'
import { TEST_ACTOR } from '../support/stored-rows.ts'

type Widget = {
  readonly requestPaymentMethod: (options?: unknown) => Promise<unknown>
  readonly close: () => unknown
  readonly destroy: () => void
  readonly said?: readonly string[]
}
/** The result of a widget's promise. */
type WidgetResult = { readonly resolved?: unknown; readonly rejected?: { readonly code: string } }

declare global {
  interface Window {
    ZPayments: new (options?: unknown) => Widget
    OldZPayments: new (options: unknown) => Widget
    widget: Widget
    result: Promise<WidgetResult>
  }
}

const { accountId: ACCOUNT_ID, apiKey: API_KEY, signingKey: SIGNING_KEY } = SANDBOX_VALUES
const SCRIPT = '/zpay/zpay-js/v1/zpayments.js'
const OLD_SCRIPT = readFileSync(new URL('../support/old-widget-script.js', import.meta.url))
const NOT_A_SESSION = '251234567890123'

let browser: Browser
let server: CheckoutServer
let merchant: Server
let shop: string

beforeAll(async () => {
  browser = await launchChromium()
  server = await startCheckoutServer('memory', {}, { clock: systemClock })
  const bytes = Buffer.from(await (await fetch(`${server.baseUrl}${SCRIPT}`)).arrayBuffer())
  const integrity = `sha384-${createHash('sha384').update(bytes).digest('base64')}`
  merchant = createServer((request, response) => {
    if (request.url?.startsWith('/old.js')) {
      response.setHeader('content-type', 'text/javascript').end(OLD_SCRIPT)
      return
    }
    const base = server.baseUrl
    const isOld = request.url === '/old'
    // The strictest policy of a merchant: no inline style, no inline script, and no text as code.
    response.setHeader(
      'content-security-policy',
      `default-src 'none'; script-src 'self' ${base}; frame-src 'self' ${base}; require-trusted-types-for 'script'; trusted-types 'none'; form-action 'none'`,
    )
    response.setHeader('content-type', 'text/html').end(
      `<!doctype html><html lang="en"><meta name="viewport" content="width=device-width"><title>Shop</title>
        ${isOld ? `<script src="/old.js?base=${base}"></script>` : `<script src="${base}${SCRIPT}" integrity="${integrity}" crossorigin="anonymous"></script>`}
        <main><h1>Your basket</h1><button id="pay">Pay</button></main></html>`,
    )
  })
  await new Promise<void>((resolve) => merchant.listen(0, 'localhost', resolve))
  // A different site, not only a different port, so that Chromium runs its frames in a separate process.
  shop = `http://localhost:${(merchant.address() as AddressInfo).port}`
})
afterAll(async () => {
  await browser.close()
  merchant.close()
  await server.close()
})

/** Creates a session without return URLs, as for the widget. */
async function createSession(amount = 1499.9): Promise<string> {
  const answer = await server.call('POST', '/paymentsessions', { amount, currency: 'INR' })
  expect(answer.status).toBe(201)
  return answer.body.payments_session.payments_session_id
}

/** Opens the merchant's page. */
const visit = (options: BrowserContextOptions = DESKTOP, path = '/') =>
  openPage(browser, `${shop}${path}`, options, [server.baseUrl])

type PaymentRequest = {
  readonly id?: string
  readonly accountId?: string
  readonly apiKey?: string
  readonly more?: object
  readonly isOld?: boolean
}

/** Creates a widget and requests a payment, in one step. */
const request = (
  page: Page,
  { accountId = ACCOUNT_ID, apiKey = API_KEY, ...fields }: PaymentRequest,
) =>
  page.evaluate(
    ({ accountId, apiKey, id, isOld, more }) => {
      const Widget = isOld ? window.OldZPayments : window.ZPayments
      window.widget ??= new Widget({
        account_id: accountId,
        domain: 'IN',
        otherOptions: { api_key: apiKey, is_test_mode: true },
      })
      window.result = window.widget
        .requestPaymentMethod({
          amount: '1499.90',
          currency_code: 'INR',
          payments_session_id: id,
          ...(!isOld && { onClose: () => {} }),
          ...more,
        })
        .then(
          (value) => ({ resolved: value }),
          (error) => ({ rejected: error }),
        )
    },
    { accountId, apiKey, ...fields },
  )

const resultOf = (page: Page): Promise<WidgetResult> => page.evaluate(() => window.result)
/** Returns the result, or `open` if there is none yet. */
const endedYet = (page: Page): Promise<WidgetResult | 'open'> =>
  page.evaluate(() => Promise.race([window.result, 'open' as const]))
const frameOf = (page: Page): FrameLocator => page.frameLocator('#zpay-wrapper iframe')
const inFrame = async (page: Page): Promise<Frame> => {
  const handle = await page.locator('#zpay-wrapper iframe').elementHandle()
  return (await handle?.contentFrame()) as Frame
}
/** Waits until the checkout is shown. */
const waitForCheckout = (page: Page) => frameOf(page).locator('h1.amount').waitFor()
const overflows = (page: Page) =>
  page.evaluate(() => [document.documentElement.style.overflow, document.body.style.overflow])

async function payByCard(page: Page, otp = '123456'): Promise<void> {
  const frame = frameOf(page)
  await frame.locator('input[name=method][value=card]').check()
  await frame.locator('#card_number').fill('4111111111111111')
  await frame.locator('#card_expiry').fill('12/40')
  await frame.locator('#card_cvv').fill('123')
  await frame.locator('#card_name').fill('Asha Rao')
  await frame.locator('form.pay button.primary').click()
  await frame.locator('#otp').fill(otp)
  await frame.locator('button[value=approve]').click()
}

/** Checks the value that the payment resolved with. The signature is computed by the documented formula. */
async function expectPayment(payment: unknown, id: string): Promise<void> {
  const { body } = await server.call('GET', `/paymentsessions/${id}`)
  const { payments, status } = body.payments_session
  expect(status).toBe('succeeded')
  const paymentId = payments[0].payment_id
  expect(payment).toEqual({
    payment_id: paymentId,
    payments_session_id: id,
    payment_session_id: id,
    message: 'success',
    signature: createHmac('sha256', SIGNING_KEY).update(`${paymentId}|${id}`).digest('hex'),
  })
}

const GLITCH =
  'Something went wrong and it looks like a temporary glitch. Please try again in some time.'
/** The messages of the real service's script. For any other code the server chooses the message. */
const MESSAGES: ReadonlyMap<string, string> = new Map([
  ['widget_closed', 'Checkout widget closed by user'],
  ['inadequate_params_to_load_widget', 'Required params to load the widget are not found!'],
  ['widget_failed_to_load', GLITCH],
  ['widget_validation_error', GLITCH],
  [
    'ach_widget_validation_error',
    'Payment could not be processed as the session was terminated. You can try initiating the payment again.',
  ],
])
const rejection = (code: string) => ({
  rejected: { code, message: MESSAGES.get(code) ?? expect.any(String) },
})

describe.each(SIZES)('on a %s', (size, options) => {
  test('a card payment with 3-D Secure resolves with a signature, and the page is then as before', async () => {
    const { complaints, page } = await visit(options)
    const id = await createSession()
    await page.evaluate(() => {
      document.body.style.overflow = 'clip'
    })
    await page.locator('#pay').focus()
    await request(page, { id })
    await waitForCheckout(page)
    expect(await overflows(page)).toEqual(['hidden', 'hidden'])
    await photograph(page, `widget ${size}`)
    await payByCard(page)
    const { resolved: payment } = await resultOf(page)
    await expectPayment(payment, id)
    expect(await overflows(page)).toEqual(['', 'clip'])
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('pay')
    expect(await page.locator('#zpay-backdrop').isVisible()).toBe(false)
    expect(complaints).toEqual([])
    await page.context().close()
  })

  test('the page and the frame pass axe, and the focus moves into the frame', async () => {
    const { page } = await visit(options)
    await request(page, { id: await createSession() })
    await waitForCheckout(page)
    await page.waitForFunction(() => document.activeElement?.tagName === 'IFRAME')
    await expectAccessible(page)
    const frame = await inFrame(page)
    await frame.evaluate(axe.source)
    const violations = await frame.evaluate(
      'axe.run().then(({ violations }) => violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]))',
    )
    expect(violations).toEqual([])
    expect(await frame.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true)
    const box = await frame.locator('.close').boundingBox()
    expect([box?.width, box?.height].map((size) => Math.round(size ?? 0))).toEqual([44, 44])
    await page.context().close()
  })

  test('the customer can close the widget by its button and by the Escape key, and pay later', async () => {
    const { page } = await visit(options)
    const id = await createSession()
    await request(page, { id })
    await frameOf(page).getByRole('button', { name: 'Close' }).click()
    expect(await resultOf(page)).toEqual(rejection('widget_closed'))
    expect(await overflows(page)).toEqual(['', ''])

    await request(page, { id })
    await waitForCheckout(page)
    await page.waitForFunction(() => document.activeElement?.tagName === 'IFRAME')
    await page.keyboard.press('Escape')
    expect(await resultOf(page)).toEqual(rejection('widget_closed'))

    await request(page, { id })
    await payByCard(page)
    await expectPayment((await resultOf(page)).resolved, id)
    await page.context().close()
  })

  test('the customer can close the widget on the bank’s page', async () => {
    const { page } = await visit(options)
    await request(page, { id: await createSession() })
    const frame = frameOf(page)
    await frame.locator('input[name=method][value=card]').check()
    await frame.locator('#card_number').fill('4111111111111111')
    await frame.locator('#card_expiry').fill('12/40')
    await frame.locator('#card_cvv').fill('123')
    await frame.locator('#card_name').fill('Asha Rao')
    await frame.locator('form.pay button.primary').click()
    await frame.locator('#otp').waitFor()
    await page.locator('#zpay-wrapper').getByRole('button', { name: 'Close' }).click()
    expect(await resultOf(page)).toEqual(rejection('widget_closed'))
    await page.context().close()
  })
})

describe('the widget rejects with an error', () => {
  test('for a session that is unknown, of another account, canceled or expired', async () => {
    const { page } = await visit()
    await request(page, { id: NOT_A_SESSION })
    expect(await resultOf(page)).toEqual(rejection('invalid_payment_session'))
    await request(page, {})
    expect(await resultOf(page)).toEqual(rejection('invalid_payment_session'))

    const canceledId = await createSession()
    await server.call('PUT', `/paymentsessions/${canceledId}/cancel`)
    await server.call('POST', `/paymentsessions/${canceledId}/cancel`)
    await request(page, { id: canceledId })
    expect(await resultOf(page)).toEqual(rejection('invalid_payment_session'))

    const expiredId = await createSession()
    server.advance(16 * 60_000)
    await request(page, { id: expiredId })
    expect(await resultOf(page)).toEqual(rejection('session_expired'))
    expect(await overflows(page)).toEqual(['', ''])

    const others = await createSession()
    const more = { accountId: SANDBOX_VALUES.usAccountId }
    await page.evaluate(() => Reflect.deleteProperty(window, 'widget'))
    await request(page, { id: others, ...more })
    expect(await resultOf(page)).toEqual(rejection('invalid_payment_session'))
    await page.context().close()
  })

  test('for a session that expires while the widget is open', async () => {
    const { page } = await visit()
    await request(page, { id: await createSession() })
    await waitForCheckout(page)
    server.advance(16 * 60_000)
    expect(await resultOf(page)).toEqual(rejection('session_expired'))
    await page.context().close()
  })

  test('for a wrong API key', async () => {
    const { page } = await visit()
    await request(page, { id: await createSession(), apiKey: `${API_KEY.slice(0, -1)}2` })
    expect(await resultOf(page)).toEqual(rejection('authorization_error'))
    await page.context().close()
  })

  test('for a missing account id or API key, before it adds a frame', async () => {
    const { complaints, page } = await visit()
    await request(page, { id: await createSession(), accountId: '' })
    expect(await resultOf(page)).toEqual(rejection('inadequate_params_to_load_widget'))
    expect(await page.locator('iframe').count()).toBe(0)
    await page.evaluate(() => Reflect.deleteProperty(window, 'widget'))
    await request(page, { id: await createSession(), apiKey: '' })
    expect(await resultOf(page)).toEqual(rejection('inadequate_params_to_load_widget'))
    expect(complaints).toEqual([])
    await page.context().close()
  })

  test('for a call without a widget, and nothing throws', async () => {
    const { page } = await visit()
    const codes = await page.evaluate(async () => {
      const widget = new window.ZPayments() as unknown as Record<
        string,
        (givenValue?: unknown) => Promise<unknown>
      > & { onboarding: Record<string, (givenValue?: unknown) => unknown>; settings: typeof widget }
      widget.onboarding.on?.('open')
      widget.onboarding.close?.()
      const sessionIds = [
        widget.collectBankAccounts?.({ client_secret: 'x' }),
        widget.verifyPaymentMethod?.({}),
        widget.onboarding.open?.({ selector: '#a' }),
        widget.settings.route?.('payments'),
        widget.getSessionId?.(),
        widget.close?.(),
      ]
      return Promise.all(
        sessionIds.map((one) =>
          Promise.resolve(one).then(
            (value) => value ?? 'nothing',
            ({ code }: { code: string }) => code,
          ),
        ),
      )
    })
    expect(codes).toEqual([
      'ach_widget_validation_error',
      'widget_validation_error',
      'not_supported',
      'not_supported',
      '',
      'nothing',
    ])
    await page.context().close()
  })
})

describe('the embedding page', () => {
  test('can close the widget, open another session, and remove the widget', async () => {
    const { complaints, page } = await visit()
    const id = await createSession()
    await request(page, { id })
    await waitForCheckout(page)
    const isSame = await page.evaluate(async (id) => {
      const [a, b] = [1, 2].map(() =>
        window.widget.requestPaymentMethod({ payments_session_id: id }),
      )
      return a === b
    }, id)
    expect(isSame).toBe(true)
    await page.evaluate(() => window.widget.close())
    expect(await resultOf(page)).toEqual(rejection('widget_closed'))

    await request(page, { id })
    const first = await page.evaluateHandle(() => ({ result: window.result }))
    const other = await createSession(250)
    await request(page, { id: other })
    expect(await first.evaluate(({ result }) => result)).toEqual(rejection('widget_closed'))
    await waitForCheckout(page)
    expect(await frameOf(page).locator('h1.amount').textContent()).toContain('250.00')

    await page.evaluate(() => window.widget.destroy())
    expect(await resultOf(page)).toEqual(rejection('widget_closed'))
    expect(await page.locator('#zpay-wrapper').count()).toBe(0)
    await request(page, { id: other })
    await waitForCheckout(page)
    expect(complaints).toEqual([])
    await page.context().close()
  })

  test('passes the customer’s details, which the customer can correct and which are in no URL', async () => {
    const { page } = await visit()
    const id = await createSession()
    const address = { name: 'Asha Rao', email: 'asha@example.com', phone: '9000000001' }
    await request(page, { id, more: { address } })
    await frameOf(page).getByText('asha@example.com · 9000000001').click()
    expect(await frameOf(page).locator('#email').inputValue()).toBe('asha@example.com')
    expect(await frameOf(page).locator('#card_name').inputValue()).toBe('Asha Rao')
    expect((await inFrame(page)).url()).not.toContain('#')
    await page.context().close()
  })

  test('gets the result of a UPI payment that is approved on the phone, and the customer gets a receipt', async () => {
    const { page } = await visit()
    const id = await createSession(450)
    await request(page, { id, more: { address: { email: 'widget@shop.example' } } })
    const frame = frameOf(page)
    await frame.locator('input[name=method][value=upi]').check()
    await frame.locator('form.pay button.primary').click()
    await expectPayment((await resultOf(page)).resolved, id)
    const receipts = (await createControl({ baseUrl: server.baseUrl }).messages.list()).filter(
      ({ to }) => to === 'widget@shop.example',
    )
    expect(receipts).toMatchObject([
      { kind: 'receipt', text: expect.stringContaining('₹450.00'), language: 'en' },
    ])
    await page.context().close()
  })

  test('can use the widget before it has a body, and before the frame has loaded', async () => {
    const { page } = await visit()
    const id = await createSession()
    const parameters = { ACCOUNT_ID, API_KEY, id }
    await page.addInitScript(({ ACCOUNT_ID, API_KEY, id }) => {
      if (window !== window.top) return
      // Runs right after the widget's script, like a script in the page's head.
      const timer = setInterval(() => {
        if (window.ZPayments === undefined) return
        clearInterval(timer)
        window.widget = new window.ZPayments({
          account_id: ACCOUNT_ID,
          edition: 'IN',
          otherOptions: { zApiKey: API_KEY },
        })
        void window.widget.requestPaymentMethod({ payments_session_id: id }).catch(() => {})
      }, 0)
    }, parameters)
    await page.reload()
    await waitForCheckout(page)
    await page.context().close()
  })
})

describe('messages', () => {
  test('from another window or another origin are ignored', async () => {
    const { page } = await visit()
    const id = await createSession()
    await request(page, { id })
    await waitForCheckout(page)
    const say = (frame: Page | Frame) =>
      frame.evaluate(() => {
        window.parent.postMessage({ action: 'charge', payload: { payment_id: '1' } }, '*')
        window.parent.postMessage({ action: 'close' }, '*')
      })
    // The page itself: every script on it can send messages to it.
    await say(page)
    // Another frame of our origin: the origin is right, the window is wrong.
    const other = await page.evaluateHandle((base) => {
      const frame = document.createElement('iframe')
      frame.title = 'Another'
      frame.src = `${base}/hostedcheckout/none`
      document.querySelector('main')?.append(frame)
      return frame
    }, `${server.baseUrl}`)
    await say((await other.contentFrame()) as Frame)
    // The widget's frame after it opened another site: the window is right, the origin is wrong.
    await page.locator('#zpay-wrapper iframe').evaluate((frame: HTMLIFrameElement) => {
      frame.src = '/elsewhere'
    })
    await frameOf(page).getByRole('heading', { name: 'Your basket' }).waitFor()
    await say(await inFrame(page))
    await page.waitForTimeout(300)
    expect(await endedYet(page)).toBe('open')
    await page.context().close()
  })

  test('to the frame are accepted only from the embedding page', async () => {
    const { page } = await visit()
    await page.evaluate(
      ({ ACCOUNT_ID }) => {
        window.widget = new window.ZPayments({
          account_id: ACCOUNT_ID,
          otherOptions: { api_key: 'x' },
        })
        const frame = document.createElement('iframe')
        frame.title = 'Another'
        frame.name = 'another'
        frame.src = '/another'
        document.querySelector('main')?.append(frame)
      },
      { ACCOUNT_ID },
    )
    const id = await createSession()
    const widgetFrame = await inFrame(page)
    await widgetFrame.waitForLoadState()
    const before = widgetFrame.url()
    const another = page.frame('another') as Frame
    await another.waitForLoadState()
    await another.evaluate(
      ({ API_KEY, id }) => {
        const frame =
          window.parent.document.querySelector<HTMLIFrameElement>('#zpay-wrapper iframe')
        const payload = { payments_session_id: id, zApiKey: API_KEY }
        frame?.contentWindow?.postMessage({ action: 'open', payload }, '*')
      },
      { API_KEY, id },
    )
    await page.waitForTimeout(300)
    expect(widgetFrame.url()).toBe(before)
    await page.context().close()
  })
})

describe('framing', () => {
  const shell = (accountId: string, query: string) =>
    fetch(`${server.baseUrl}/charge/${accountId}?${query}`)
  const ancestorsOf = (response: Response) =>
    /frame-ancestors ([^;]*)/.exec(response.headers.get('content-security-policy') ?? '')?.[1]

  test('is permitted for exactly the origins that the page requests and the account allows', async () => {
    const allowedValues = ['https://shop.example', 'https://m.shop.example:8443']
    const { account } = await createAccount(
      { ...server.tenant, actor: TEST_ACTOR },
      'Kirana',
      'IN',
      {
        frameOrigins: allowedValues,
      },
    )
    const any = ACCOUNT_ID
    const six = Array.from({ length: 6 }, (_, i) => `https://s${i}.example`).join()
    const ROWS: [account: string, query: string, status: number, ancestors: string][] = [
      [
        account.id,
        'frameorigin=https://shop.example&host=https://shop.example',
        200,
        'https://shop.example',
      ],
      [account.id, `frameorigin=${allowedValues.join()}`, 200, allowedValues.join(' ')],
      [
        account.id,
        'frameorigin=https://shop.example,https://evil.example',
        200,
        'https://shop.example',
      ],
      [account.id, 'frameorigin=https://evil.example', 403, "'none'"],
      [account.id, 'frameorigin=https://shop.example/', 403, "'none'"],
      [account.id, '', 403, "'none'"],
      ['60000000001', 'frameorigin=https://shop.example', 404, "'none'"],
      ['nobody', 'frameorigin=https://shop.example', 404, "'none'"],
      [any, 'host=http://localhost:3000', 200, 'http://localhost:3000'],
      [any, 'frameorigin=https://a.example;sandbox', 403, "'none'"],
      [any, "frameorigin=*,'self',null,file://,https://*.example", 403, "'none'"],
      [any, `frameorigin=https://${'a'.repeat(100)}.example`, 403, "'none'"],
      [any, `frameorigin=${six}`, 403, "'none'"],
    ]
    for (const [id, query, status, ancestors] of ROWS) {
      const response = await shell(id, query)
      expect([query, response.status, ancestorsOf(response)]).toEqual([query, status, ancestors])
    }
  })

  test('by another origin or for an unknown account shows nothing, rejects at once, and the page’s console says what to check', async () => {
    const auditDeps = { ...server.tenant, actor: TEST_ACTOR }
    const { account, secrets } = await createAccount(auditDeps, 'Kirana', 'IN', {
      frameOrigins: ['https://shop.example'],
    })
    const { page } = await visit()
    const errors: string[] = []
    page.on('console', (message) => {
      if (message.text().startsWith('ZPayments: ')) errors.push(message.text())
    })
    await page.addInitScript(() => {
      const onLoad = ({ target }: Event) => {
        if (target instanceof HTMLIFrameElement) target.dataset.loaded = ''
      }
      document.addEventListener('load', onLoad, true)
    })
    // The page's clock is stopped, so that the limit of 15 seconds cannot end.
    const startMs = Date.UTC(2026, 0, 1)
    await page.clock.install({ time: startMs })
    for (const [index, accountId] of [account.id, '60000000001', 'nobody'].entries()) {
      await page.reload()
      await page.clock.pauseAt(startMs + (index + 1) * 86_400_000)
      await request(page, { id: NOT_A_SESSION, accountId, apiKey: secrets.apiKey })
      await page.locator('iframe[data-loaded]').waitFor({ state: 'attached' })
      await page.clock.runFor(1_000)
      expect(await resultOf(page)).toEqual(rejection('widget_failed_to_load'))
      expect(errors.at(-1)).toBe(
        `ZPayments: the payment page did not load. Check that ${server.baseUrl} is reachable, that account ${accountId} exists there, and that it allows pages of ${shop} to show the widget.`,
      )
    }
    expect(await overflows(page)).toEqual(['', ''])
    await page.context().close()
  })

  test('without an answer of the server is ended after 15 seconds', async () => {
    const { page } = await visit()
    await page.route('**/charge/**', () => {})
    await page.clock.install()
    await page.reload()
    await request(page, { id: NOT_A_SESSION })
    await page.clock.runFor(8_000)
    expect(await endedYet(page)).toBe('open')
    expect(await page.locator('#zpay-spinner').isVisible()).toBe(true)
    await page.clock.runFor(8_000)
    expect(await resultOf(page)).toEqual(rejection('widget_failed_to_load'))
    expect(await overflows(page)).toEqual(['', ''])
    await page.context().close()
  })

  test('opens a checkout only with its own account, a permitted origin and an unchanged key', async () => {
    const { page } = await visit()
    await request(page, { id: await createSession() })
    await waitForCheckout(page)
    const url = (await inFrame(page)).url().replace(server.baseUrl, '').split('?')[0] ?? ''
    const [, , , key, frame] = url.split('/')
    const get = (path: string) => fetch(`${server.baseUrl}${path}`)
    const own = await get(url)
    expect([own.status, ancestorsOf(own)]).toEqual([200, shop])
    const nobodys = Buffer.from('file://').toString('base64url')
    for (const path of [
      `/charge/${SANDBOX_VALUES.usAccountId}/${key}/${frame}`,
      `/charge/60000000001/${key}/${frame}`,
      `/charge/${ACCOUNT_ID}/${key}/${nobodys}`,
      `/charge/${ACCOUNT_ID}/${key?.slice(0, -1)}${key?.endsWith('A') ? 'B' : 'A'}/${frame}`,
    ]) {
      expect([path, (await get(path)).status]).toEqual([path, 404])
    }
    await page.context().close()
  })

  test('needs only public values, which open nothing else, show no contact data and cancel nothing', async () => {
    const answer = await server.call('POST', '/paymentsessions', {
      amount: 10,
      currency: 'INR',
      configurations: {
        hosted_page_parameters: {
          success_url: 'https://shop.example/thanks',
          failure_url: 'https://shop.example/sorry',
          name: 'Asha Rao',
          email: 'asha@shop.example',
          phone: '9000000001',
        },
      },
    })
    const { access_key: pageKey, payments_session_id: id } = answer.body.payments_session
    const openAnswer = await fetch(`${server.baseUrl}/charge/${ACCOUNT_ID}/open`, {
      method: 'POST',
      body: new URLSearchParams({ api_key: API_KEY, payments_session_id: id, origin: shop }),
    })
    const { path } = (await openAnswer.json()) as { path: string }
    const [, , , frameKey, frame] = path.split('/')
    const statusOf = async (one: string) => (await fetch(`${server.baseUrl}${one}`)).status
    expect(await statusOf(path)).toBe(200)
    expect(await statusOf(`/hostedcheckout/${frameKey}`)).toBe(404)
    expect(await statusOf(`/charge/${ACCOUNT_ID}/${pageKey}/${frame}`)).toBe(404)

    const state = await (await fetch(`${server.baseUrl}${path}/state`)).text()
    for (const secret of ['9000000001', 'asha@shop.example', 'shop.example/thanks', 'signature=']) {
      expect(state).not.toContain(secret)
    }
    await fetch(`${server.baseUrl}${path}/cancel`, { method: 'POST', redirect: 'manual' })
    const session = await server.call('GET', `/paymentsessions/${id}`)
    expect(session.body.payments_session.status).toBe('created')
  })

  test('of a session is refused on pages of another merchant', async () => {
    const body = new URLSearchParams({
      payments_session_id: await createSession(),
      api_key: API_KEY,
      origin: shop,
    })
    const open = (site: string) =>
      fetch(`${server.baseUrl}/charge/${ACCOUNT_ID}/open`, {
        method: 'POST',
        body,
        headers: { 'sec-fetch-site': site },
      }).then((response) => response.json())
    expect(await open('same-origin')).toEqual({ path: expect.any(String) })
    expect(await open('cross-site')).toMatchObject({ code: 'authorization_error' })
  })
})

describe('the script', () => {
  test('is small and cacheable, and can be checked by its digest', async () => {
    const answer = await fetch(`${server.baseUrl}${SCRIPT}`)
    const text = await answer.text()
    expect(gzipSync(text, { level: 9 }).length).toBeLessThanOrEqual(5 * 1024)
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-type': 'text/javascript; charset=utf-8',
      'content-encoding': 'gzip',
      'access-control-allow-origin': '*',
      'cross-origin-resource-policy': 'cross-origin',
      'cache-control': 'public, max-age=300',
    })
    const plain = await fetch(`${server.baseUrl}${SCRIPT}`, {
      headers: { 'accept-encoding': 'identity' },
    })
    expect([plain.headers.get('content-encoding'), await plain.text()]).toEqual([null, text])
    const again = await fetch(`${server.baseUrl}${SCRIPT}`, {
      headers: { 'if-none-match': answer.headers.get('etag') ?? '' },
    })
    expect(again.status).toBe(304)
  })
})

describe('the script of the real service', () => {
  test('can pay twice in the same frame, although it sends every message twice', async () => {
    const { complaints, page } = await visit(DESKTOP, '/old')
    const [first, second] = [await createSession(), await createSession(250)]
    await request(page, { id: first, isOld: true })
    await payByCard(page)
    await expectPayment((await resultOf(page)).resolved, first)

    await request(page, { id: second, isOld: true })
    await frameOf(page).locator('h1.amount', { hasText: '250.00' }).waitFor()
    await payByCard(page)
    await expectPayment((await resultOf(page)).resolved, second)
    const messages = await page.evaluate(() => window.widget.said ?? [])
    expect(messages.filter((action) => action === 'widget_booted').length).toBeGreaterThan(2)
    // The script posts to the frame before our page has loaded in it, which Chromium allows.
    expect(complaints).toEqual([])
    await page.context().close()
  })

  test('gets an error for an unknown session, and a message after the customer has closed the widget', async () => {
    const { page } = await visit(DESKTOP, '/old')
    await request(page, { id: NOT_A_SESSION, isOld: true })
    expect(await resultOf(page)).toEqual({
      rejected: { code: 'invalid_payment_session', message: 'Payment session is invalid.' },
    })
    const id = await createSession()
    await request(page, { id, isOld: true })
    await frameOf(page).getByRole('button', { name: 'Close' }).click()
    expect(await resultOf(page)).toEqual(rejection('widget_closed'))
    // The page requests the same session again, which the frame still shows.
    await request(page, { id, isOld: true })
    await payByCard(page)
    await expectPayment((await resultOf(page)).resolved, id)
    await page.context().close()
  })
})
