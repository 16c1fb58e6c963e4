import { afterAll, beforeAll, expect, test } from 'vitest'
import { liveSettingsAt, makePlace, type Place } from '../../test/support/engines.ts'
import { freePort } from '../../test/support/postgres-cluster.ts'
import { type SignedInOperator, signInOperatorOf } from '../../test/support/signed-in.ts'
import { type Server, startServer } from '../server/start-server.ts'

let place: Place
let server: Server
let operator: SignedInOperator

beforeAll(async () => {
  place = await makePlace('file')
  const port = String(await freePort())
  const settings = liveSettingsAt(place, { port, publicUrl: `http://127.0.0.1:${port}/pay` })
  server = await startServer(settings)
  operator = await signInOperatorOf(server)
})
afterAll(async () => {
  await server.close()
  place.remove()
})

const read = (path: string, headers: Readonly<Record<string, string>> = {}) =>
  fetch(`${server.baseUrl}/console${path}`, { redirect: 'manual', headers })
const sessionCookie = () => `${operator.cookie.name}=${operator.cookie.value}`

test.each<
  readonly [
    string,
    { readonly cookie?: string; readonly 'accept-language'?: string },
    string,
    string,
    string,
  ]
>([
  ['no preference', {}, 'en', 'ltr', 'Sign in'],
  ['a browser in Urdu', { 'accept-language': 'ur-PK,en;q=0.5' }, 'ur', 'rtl', 'سائن ان'],
  ['a browser in German', { 'accept-language': 'de, hi;q=0.9, en;q=0.8' }, 'hi', 'ltr', 'साइन इन'],
  [
    'a choice other than the browser’s language',
    { 'accept-language': 'ur', cookie: '__Host-paydesk-language=hi' },
    'hi',
    'ltr',
    'साइन इन',
  ],
  [
    'a cookie with an unknown language',
    { 'accept-language': 'ur', cookie: '__Host-paydesk-language=xx' },
    'ur',
    'rtl',
    'سائن ان',
  ],
])(
  'the HTML of a page has the chosen language before any script runs: %s',
  async (_, headers, language, direction, title) => {
    const page = await (await read('/sign-in', headers)).text()
    expect(page).toContain(`<html lang="${language}" dir="${direction}"`)
    expect(page).toContain(`<title>${title}</title>`)
    const cookies = { ...headers, cookie: `${sessionCookie()}; ${headers.cookie ?? ''}` }
    for (const path of ['/payments', '/access']) {
      const signedInPage = await (await read(path, cookies)).text()
      expect(signedInPage).toContain(`<html lang="${language}" dir="${direction}"`)
    }
  },
)

test.each([
  ['/sign-in?lang=ur', 'ur', '/pay/console/sign-in'],
  ['/payments?status=paid&lang=hi-IN&page=2', 'hi', '/pay/console/payments?status=paid&page=2'],
])(
  'a choice in the address is remembered, and the redirect removes it: %s',
  async (path, language, next) => {
    const answer = await read(path)
    expect([answer.status, answer.headers.get('location')]).toEqual([303, next])
    expect(answer.headers.get('set-cookie')).toMatch(
      new RegExp(
        `^__Host-paydesk-language=${language}; Max-Age=31536000; Path=/; Secure; HttpOnly; SameSite=Lax$`,
      ),
    )
  },
)

test('an unknown language changes nothing', async () => {
  const answer = await read('/sign-in?lang=xx"><script>')
  expect([answer.status, answer.headers.get('set-cookie')]).toEqual([200, null])
  expect(await answer.text()).toContain('<html lang="en" dir="ltr"')
})
