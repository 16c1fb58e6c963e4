import { expect, test } from 'vitest'
import { basePathOf, withoutBasePath } from './base-path.ts'

test.each([
  [undefined, ''],
  ['https://pay.example', ''],
  ['https://pay.example/', ''],
  ['https://shop.example/pay', '/pay'],
  ['https://shop.example/pay/v2/', '/pay/v2'],
])('the base path of %s is "%s"', (publicUrl, expected) => {
  expect(basePathOf(publicUrl)).toBe(expected)
})

test.each([
  ['/pay/demo?x=1', '/demo?x=1'],
  ['/pay', '/'],
  ['/pay?x=1', '/?x=1'],
  ['/pay/', '/'],
  ['/demo', '/demo'],
  ['/payments', '/payments'],
  ['/pay/pay/demo', '/pay/demo'],
])('below /pay the target %s becomes %s', (target, expected) => {
  expect(withoutBasePath(target, '/pay')).toBe(expected)
})
