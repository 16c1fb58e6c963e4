/** Runs tests that the console has generated. */
import { stripTypeScriptTypes } from 'node:module'
import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import type { Sandbox } from '../../src/testing/index.ts'

type Body = (fixtures: { readonly tenant: Sandbox; readonly page?: Page }) => Promise<void>

/** Runs the only test of a file's text. Rejects if it fails. `page`: for a test of Playwright. */
export async function runCopiedTest(text: string, tenant: Sandbox, page?: Page): Promise<void> {
  const code = stripTypeScriptTypes(text).replaceAll(/^import .*$/gm, '')
  const bodies: Body[] = []
  const test = (_title: string, body: Body) => bodies.push(body)
  const base = { extend: () => test }
  // The test gets its fixtures below.
  const names = page === undefined ? { expect, test } : { expect: expectOnPage, base, fixtures: {} }
  new Function(...Object.keys(names), code)(...Object.values(names))
  expect(bodies).toHaveLength(1)
  await bodies[0]?.({ tenant, ...(page !== undefined && { page }) })
}

/** Vitest's matchers, and the only matcher of Playwright's `expect` that such tests use. */
function expectOnPage(value: unknown) {
  if (typeof value !== 'object' || value === null || !('waitFor' in value)) return expect(value)
  const { waitFor } = value as { readonly waitFor: () => Promise<void> }
  return { toBeVisible: () => waitFor.call(value) }
}
