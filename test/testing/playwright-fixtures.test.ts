import { chromium } from 'playwright-core'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { fixtures, type TestFixtures, type WorkerFixtures } from '../../src/testing/playwright.ts'

/**
 * Runs tests like Playwright's runner: the worker's fixtures once around all tests, the test's fixtures around each.
 */
async function runWorker(
  sandboxOptions: WorkerFixtures['sandboxOptions'],
  tests: readonly ((all: TestFixtures & WorkerFixtures) => Promise<void>)[],
): Promise<WorkerFixtures> {
  const [[, { option }], [openSandbox, { scope }]] = [fixtures.sandboxOptions, fixtures.sandbox]
  expect({ option, scope }).toEqual({ option: true, scope: 'worker' })
  let workerFixtures: WorkerFixtures | undefined
  await openSandbox({ sandboxOptions } as WorkerFixtures, async (sandbox) => {
    workerFixtures = { sandboxOptions, sandbox }
    for (const play of tests) {
      const all = { ...workerFixtures } as TestFixtures & WorkerFixtures
      await fixtures.tenant(all, (tenant) => play({ ...all, tenant }))
    }
  })
  return workerFixtures as WorkerFixtures
}

let browser: Awaited<ReturnType<typeof chromium.launch>>
beforeAll(async () => {
  browser = await chromium.launch({
    executablePath: inject('chromium'),
    args: ['--no-sandbox', '--disable-dev-shm-usage'],
  })
})
afterAll(() => browser.close())

test('each Playwright test has its own tenant, and its page can pay on the tenant’s checkout', async () => {
  const baseUrls: string[] = []
  const pay = async ({ tenant }: TestFixtures) => {
    baseUrls.push(tenant.baseUrl)
    const session = await tenant.client.paymentSessions.create({
      amount: '42.50',
      currency: 'INR',
      description: 'Brass lamp',
    })
    const page = await browser.newPage()
    await page.goto(tenant.client.checkoutUrl(session))
    expect(await page.textContent('body')).toContain('42.50')
    await tenant.pay(session, { method: 'upi', outcome: 'succeeded' })
    await page.reload()
    await page.close()
    expect((await tenant.client.payments.list()).payments.length).toBe(1)
  }
  const { sandbox } = await runWorker({}, [pay, pay])
  expect(new Set(baseUrls).size).toBe(2)
  await expect(sandbox.clock.read()).rejects.toMatchObject({ code: 'connection_failed' })
})

test('with a seed a Playwright test has the same accounts in every run', async () => {
  const accounts: string[] = []
  const note = async ({ tenant }: TestFixtures) => void accounts.push(tenant.accountId)
  await runWorker({ seed: 'one' }, [note, note])
  await runWorker({ seed: 'one' }, [note])
  expect(new Set(accounts).size).toBe(1)
})

test('the error of a Playwright test reaches the runner, and the tenant is still deleted', async () => {
  let url = ''
  const fails = runWorker({}, [
    async ({ tenant }) => {
      url = tenant.baseUrl
      throw new Error('the test has failed')
    },
  ])
  await expect(fails).rejects.toThrow('the test has failed')
  await expect(fetch(url)).rejects.toThrow()
})
