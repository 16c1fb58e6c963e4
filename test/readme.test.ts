/** The README's example is a test of this suite. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const read = (path: string) => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8')

test('the README shows a complete shop test of less than 25 lines, which is part of the test suite', () => {
  const [, example = ''] = /```ts\n([\s\S]*?)```/.exec(read('README.md')) ?? []
  expect(example).toBe(read('examples/express-shop/shop.test.ts'))
  expect(example.trimEnd().split('\n').length).toBeLessThan(25)
})
