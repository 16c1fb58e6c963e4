import { describe, expect, test } from 'vitest'
import { readSettings } from './read-settings.ts'

const LIVE = {
  live: true,
  data: './paydesk.db',
  secretKey: 'ab'.repeat(32),
  processor: './processor.js',
  publicUrl: 'https://pay.example.com',
}
const OIDC = {
  oidcIssuer: 'https://id.example.com/',
  oidcClientId: 'paydesk',
  oidcClientSecret: 'secret',
  oidcRoles: 'admins=administrator, cn=team=support',
}
const read = (flags: Record<string, unknown>) => readSettings(flags, {})

describe('the settings of OpenID Connect', () => {
  test('give the provider and its rules, with defaults', () => {
    expect(read({ ...LIVE, ...OIDC }).openid).toEqual({
      issuer: 'https://id.example.com/',
      clientId: 'paydesk',
      clientSecret: 'secret',
      scopes: 'openid profile email',
      name: 'your organization',
      rules: {
        roleClaim: 'groups',
        roles: new Map([
          ['admins', 'administrator'],
          ['cn=team', 'support'],
        ]),
        accountsClaim: undefined,
        trustsEmails: false,
      },
    })
    expect(read(LIVE).openid).toBeUndefined()
  })

  test.each([
    ['oidcIssuer', 'http://id.example.com'],
    ['oidcIssuer', 'https://id.example.com/?tenant=1'],
    ['oidcIssuer', 'https://id.example.com/.well-known/openid-configuration'],
    ['oidcIssuer', 'id.example.com'],
    ['oidcClientId', 'pay desk'],
    ['oidcScopes', 'profile email'],
    ['oidcRoles', 'admins'],
    ['oidcRoles', 'admins=owner'],
    ['oidcRoles', 'admins=viewer,admins=support'],
    ['oidcRoles', '=viewer'],
    ['oidcName', 'a'.repeat(41)],
  ])('refuse %s %j', (key, value) => {
    expect(() => read({ ...LIVE, ...OIDC, [key]: value })).toThrow('must be')
  })

  test.each([
    ['oidcClientId', '--oidc-issuer needs --oidc-client-id.'],
    ['oidcClientSecret', '--oidc-issuer needs PAYDESK_OIDC_CLIENT_SECRET'],
    ['oidcRoles', '--oidc-issuer needs --oidc-roles'],
    ['publicUrl', '--oidc-issuer needs --public-url'],
    ['oidcIssuer', '--oidc-roles needs --oidc-issuer'],
  ])('without %s are refused', (key, sentence) => {
    expect(() => read({ ...LIVE, ...OIDC, [key]: undefined })).toThrow(sentence)
  })

  test('are refused in a sandbox', () => {
    expect(() => read(OIDC)).toThrow('--oidc-issuer works only in live mode')
  })
})
