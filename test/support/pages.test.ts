import { readFileSync } from 'node:fs'
import { glob } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { launchChromium } from './chromium.ts'
import { DESKTOP, expectAccessible, openPage, startShop } from './pages.ts'

test('the page check reports a contrast fault in the second color scheme', async () => {
  const browser = await launchChromium()
  const shop = await startShop(`<h1>Heading</h1><p>Text</p>
    <style>@media (prefers-color-scheme: dark) { p { background: #222; color: #333 } }</style>`)
  try {
    const { page } = await openPage(browser, shop.origin, DESKTOP)
    await page.emulateMedia({ colorScheme: 'light' })
    await expectAccessible(page)
    await page.emulateMedia({ colorScheme: 'dark' })
    await expect(expectAccessible(page)).rejects.toThrow('color-contrast')
    // After a change of the page all rules are checked again.
    await page.evaluate(`document.querySelector('p').outerHTML = '<img src="/picture">'`)
    await expect(expectAccessible(page)).rejects.toThrow('image-alt')
  } finally {
    await browser.close()
    shop.close()
  }
})

test('in every style sheet the dark color scheme changes only colors', async () => {
  const rules: string[] = []
  for await (const file of glob('src/**/*.css')) {
    const css = readFileSync(file, 'utf8').replaceAll(/\/\*.*?\*\//gs, '')
    const schemes = css.matchAll(/@media[^{]*prefers-color-scheme[^{]*\{\s*:root \{([^}]*)\}\s*\}/g)
    const results = [...schemes].map(([, properties]) => String(properties))
    expect(css.match(/prefers-color-scheme/g) ?? [], file).toHaveLength(results.length)
    rules.push(...results.flatMap((properties) => properties.split(';')))
  }
  const properties = rules.map((rule) => rule.trim()).filter((rule) => rule !== '')
  expect(properties.length).toBeGreaterThan(0)
  expect(properties.filter((one) => !/^--[\w-]+: (?:#[\da-f]{3,8}|\d+% \d+%)$/.test(one))).toEqual(
    [],
  )
})
