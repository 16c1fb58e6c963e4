import { expect, test } from 'vitest'
import { isRedirectUri } from './redirect-uri.ts'

test.each([
  ['https://shop.example/cb', true],
  ['https://shop.example/cb?x=1%202', true],
  ['http://localhost:3000/cb', true],
  ['http://127.0.0.1/cb', true],
  ['http://[::1]:8080/cb', true],
  ['com.example.app:/cb', true],
  ['https://shop.example/cb?country=in', true],
  ['https://shop.example/cb?code=1', false],
  ['https://shop.example/cb?a=1&State=x', false],
  ['https://shop.example/cb?c%6Fde[]=1', false],
  ['https://shop.example/cb?error.description=x', false],
  ['https://shop.example/cb?accounts-server=x', false],
  ['https://shop.example/cb?[code]=1', false],
  ['https://shop.example/cb?code%00x=1', false],
  ['https://shop.example/cb?co%09de=1', false],
  ['https://shop.example/cb?%u0063ode=1', false],
  ['https://shop.example/cb?code.x=1', false],
  ['https://shop.example/cb&code=1', false],
  ['http://shop.example/cb', false],
  ['javascript:alert(1)', false],
  ['data:text/html,x', false],
  ['myapp:/cb', false],
  ['https://a;sandbox/', false],
  ['https://a,b/', false],
  ['https:a.b', false],
  ['https://u:p@a.b/', false],
  ['https://a.b/#x', false],
  ['https://a.b/ x', false],
  ['/cb', false],
  ['', false],
])('%j is a valid redirect URI: %s', (uri, mayGet) => {
  expect(isRedirectUri(uri)).toBe(mayGet)
})
