/**
 * Makes the pictures of the documents: the checkout page in some of its states, and a timeline in the console. Needs
 * Chromium, and fonts for Hindi and Urdu (Debian: fonts-noto-core): `npm run pictures`.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { SANDBOX_VALUES } from '../src/sandbox/well-known.ts'
import { findChromium, needProgram } from '../test/support/system-tools.ts'

const PAYDESK = fileURLToPath(new URL('../bin/paydesk.js', import.meta.url))
/** The maximum size of a picture. */
const PICTURE_BYTES_MAX = 110_000

const pathOf = (name: string) => fileURLToPath(new URL(`../docs/${name}.png`, import.meta.url))

const server = spawn(process.execPath, [PAYDESK, 'serve', '--memory'], {
  stdio: ['ignore', 'pipe', 'inherit'],
})
let output = ''
server.stdout.on('data', (chunk) => {
  output += chunk
})
while (!output.includes('Ctrl-C')) await once(server.stdout, 'data')
const BASE = 'http://127.0.0.1:4242'

const browser = await chromium.launch({
  executablePath: needProgram('Chromium', 'chromium', findChromium),
  args: ['--no-sandbox', '--disable-gpu'],
})
try {
  for (const [name, options, language, reach] of STATES())
    await pictureCheckout(name, options, language, reach)
  await pictureConsole()
} finally {
  await browser.close()
  server.kill('SIGTERM')
}

type Picture = [
  name: string,
  options: BrowserContextOptions,
  language: string,
  reach: (page: Page) => Promise<void>,
]

/** The pictures. This is a function because it uses constants that are declared below. */
function STATES(): Picture[] {
  const phone = { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true }
  const laptop = { viewport: { width: 1160, height: 720 } }
  const dark = { colorScheme: 'dark' } as const
  const card = async (page: Page) => {
    await page.locator('input[value=card]').check()
    await page.locator('#card_number').fill('6071489876543212')
    await page.locator('#card_expiry').fill('09 / 40')
    await page.locator('#card_name').focus()
  }
  const decline = async (page: Page) => {
    await card(page)
    await page.locator('#card_cvv').fill('123')
    await page.locator('#card_name').fill('Insufficient Funds')
    await page.locator('button.primary').click()
    await page.locator('#otp').fill('123456')
    await page.locator('button[value=approve]').click()
    await page.locator('.declined').waitFor()
  }
  const upi = async (page: Page) => {
    await page.locator('button.primary').click()
    await page.locator('.busy').waitFor()
  }
  const payByNetBanking = async (page: Page) => {
    await page.locator('input[value=netbanking]').check()
    await page.locator('input[name=bank]').first().check()
    await page.locator('button.primary').click()
    await page.locator('button[value=approve]').click()
    await page.locator('.return .link').click()
  }
  return [
    ['checkout', laptop, 'en', card],
    ['pictures/upi-desktop-dark', { ...laptop, ...dark }, 'en', upi],
    ['pictures/card-phone', phone, 'en', card],
    ['pictures/declined-phone', phone, 'en', decline],
    ['pictures/paid-phone-hindi', phone, 'hi', payByNetBanking],
    ['pictures/card-phone-urdu-dark', { ...phone, ...dark }, 'ur', card],
  ]
}

async function pictureCheckout(
  name: string,
  options: BrowserContextOptions,
  language: string,
  reach: (page: Page) => Promise<void>,
): Promise<void> {
  const response = await fetch(
    `${BASE}/api/v1/paymentsessions?account_id=${SANDBOX_VALUES.accountId}`,
    {
      method: 'POST',
      headers: { authorization: `Zoho-oauthtoken ${SANDBOX_VALUES.accessToken}` },
      body: JSON.stringify({
        amount: 1499.9,
        currency: 'INR',
        description: 'Order 8841',
        invoice_number: 'INV-8841',
        meta_data: [
          { key: 'item 1', value: 'Two books | 599.90' },
          { key: 'item 2', value: 'Brass lamp | 900' },
        ],
        configurations: {
          hosted_page_parameters: {
            success_url: `${BASE}/demo/done`,
            failure_url: `${BASE}/demo/done`,
            name: 'Asha Rao',
          },
        },
      }),
    },
  )
  const { payments_session: session } = (await response.json()) as {
    payments_session: { access_key: string }
  }
  const context = await browser.newContext(options)
  const page = await context.newPage()
  await page.goto(`${BASE}/hostedcheckout/${session.access_key}?lang=${language}`)
  await page.locator('html.scripted').waitFor()
  await reach(page)
  await page.waitForTimeout(300)
  // The sandbox's test panel is for developers, and the documents describe it in words.
  await page.locator('.panel').evaluateAll((all) => {
    for (const one of all) one.remove()
  })
  await save(page, name)
  await context.close()
}

/** A session's timeline in the console, after an attempt that failed and one that succeeded. */
async function pictureConsole(): Promise<void> {
  const response = await fetch(`${BASE}/_sandbox/sessions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      session: { amount: 1499.9, description: 'Two books and a lamp', invoice_number: 'INV-8841' },
      attempts: [
        { method: 'card', outcome: 'failed', decline_code: 'insufficient_funds' },
        { method: 'upi', outcome: 'succeeded' },
      ],
    }),
  })
  const { payments_session: session } = (await response.json()) as {
    payments_session: { payments_session_id: string }
  }
  const page = await browser.newPage({ viewport: { width: 1110, height: 540 } })
  await page.goto(`${BASE}/console/sessions/${session.payments_session_id}`)
  await page.locator('.timeline').waitFor()
  await save(page, 'pictures/console', false)
  await page.context().close()
}

async function save(page: Page, name: string, fullPage = true): Promise<void> {
  const path = pathOf(name)
  await page.screenshot({ path, fullPage })
  const { size } = statSync(path)
  console.log(`${name}: ${size} bytes`)
  if (size > PICTURE_BYTES_MAX) throw new Error(`${name} is larger than ${PICTURE_BYTES_MAX} bytes`)
}
