import { expect, test } from 'vitest'
import {
  accessOf,
  needsMoreClaims,
  type ProviderRules,
  personOf,
  subjectOf,
} from './provider-access.ts'

const RULES: ProviderRules = {
  roleClaim: 'groups',
  roles: new Map([
    ['team', 'support'],
    ['leads', 'manager'],
    ['17', 'viewer'],
  ]),
  accountsClaim: undefined,
  trustsEmails: false,
}
const NO_ROLE = { refused: 'no_role' }
const NO_ACCOUNTS = { refused: 'no_accounts' }

test.each([
  ['one text', 'team', 'support'],
  ['a list', ['everyone', 'team'], 'support'],
  ['several roles: the one with the most permissions', ['team', 'leads', '17'], 'manager'],
  ['a number', 17, 'viewer'],
])('%s gives a role', (_name, groups, role) => {
  expect(accessOf({ groups }, RULES)).toEqual({ role, accountIds: 'unchanged' })
})

test.each([
  ['an absent claim', undefined],
  ['null', null],
  ['an empty list', []],
  ['an unknown value', ['Team', 'team ', 'teams']],
  ['a value inside an object', { team: true }],
  ['a nested list', [['team']]],
  ['true', true],
])('%s gives no role', (_name, groups) => {
  expect(accessOf({ groups }, RULES)).toEqual(NO_ROLE)
})

test.each([
  ['all', undefined],
  [['all', '1234567'], undefined],
  ['1234567', ['1234567']],
  [
    [1234567, '1234567', '7654321'],
    ['1234567', '7654321'],
  ],
])(
  'the accounts claim %j gives the account ids %j, where undefined means all',
  (accounts, accountIds) => {
    const rules = { ...RULES, accountsClaim: 'accounts' }
    expect(accessOf({ groups: 'team', accounts }, rules)).toEqual({ role: 'support', accountIds })
  },
)

test.each([[undefined], [[]], ['ALL'], [['1234567', 'tea']], [{}]])(
  'the accounts claim %j gives no access',
  (accounts) => {
    const rules = { ...RULES, accountsClaim: 'accounts' }
    expect(accessOf({ groups: 'team', accounts }, rules)).toEqual(NO_ACCOUNTS)
  },
)

test('a claim is found by a name with dots or by a path, and an inherited property of an object is no claim', () => {
  const at = (roleClaim: string, claims: Record<string, unknown>) =>
    accessOf(claims, { ...RULES, roleClaim, roles: new Map([['team', 'support']]) })
  expect(at('realm.roles', { realm: { roles: ['team'] } })).toMatchObject({ role: 'support' })
  expect(at('https://x.example/roles', { 'https://x.example/roles': 'team' })).toMatchObject({
    role: 'support',
  })
  expect(at('constructor.name', {})).toEqual(NO_ROLE)
  expect(at('realm.roles', { realm: null })).toEqual(NO_ROLE)
})

test.each([
  [
    { email: 'A@B.co', email_verified: true, name: 'Asha' },
    { name: 'Asha', email: 'a@b.co' },
  ],
  [
    { email: 'a@b.co', email_verified: true, name: 'A\nB' },
    { name: 'a@b.co', email: 'a@b.co' },
  ],
  [{ email: 'a@b.co', email_verified: false }, { refused: 'email_unverified' }],
  [{ email: 'a@b.co', email_verified: 'true' }, { refused: 'email_unverified' }],
  [{ email: 'a@b.co' }, { refused: 'email_unverified' }],
  [{ email_verified: true }, { refused: 'no_email' }],
  [{ email: 'a b@b.co', email_verified: true }, { refused: 'no_email' }],
  [{ email: `${'a'.repeat(255)}@b.co`, email_verified: true }, { refused: 'no_email' }],
])('the claims %j are the person %j', (claims, person) => {
  expect(personOf(claims, RULES)).toEqual(person)
})

test('with trusted addresses email_verified may be absent, but the value false is refused', () => {
  const rules = { ...RULES, trustsEmails: true }
  expect(personOf({ email: 'a@b.co' }, rules)).toMatchObject({ email: 'a@b.co' })
  expect(personOf({ email: 'a@b.co', email_verified: false }, rules)).toEqual({
    refused: 'email_unverified',
  })
})

test('a subject is a text that every database can store', () => {
  expect(subjectOf({ sub: 'auth0|17' })).toBe('auth0|17')
  for (const sub of [undefined, '', 17, 'a\u0000', '\ud800', 'a'.repeat(255)]) {
    expect(subjectOf({ sub })).toBeUndefined()
  }
})

test('UserInfo is read for a claim that the ID token lacks', () => {
  expect(needsMoreClaims({ email: 'a@b.co', groups: [] }, RULES)).toBe(false)
  expect(needsMoreClaims({ email: 'a@b.co' }, RULES)).toBe(true)
  const rules = { ...RULES, accountsClaim: 'accounts' }
  expect(needsMoreClaims({ email: 'a@b.co', groups: [] }, rules)).toBe(true)
})
