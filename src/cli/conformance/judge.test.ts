import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Expectation, types, words } from './exchange.ts'
import { ALL_EXCHANGES } from './exchanges/all.ts'
import { judge } from './judge.ts'

const answer = (json: unknown, status = 200) => ({
  status,
  contentType: 'application/json; charset=utf-8',
  retryAfter: '',
  text: 'the text',
  json,
})

describe('an expectation accepts an answer that fits, and names the difference of another answer', () => {
  test.each<[string, Expectation, unknown, unknown, string]>([
    ['an equal value', { at: 'a.b', equals: '1.00' }, { a: { b: '1.00' } }, { a: { b: 1 } }, '1'],
    ['a missing value', { at: 'a', equals: '' }, { a: '' }, {}, 'absent'],
    ['one of two values', { at: 'a', oneOf: ['x', 'y'] }, { a: 'y' }, { a: 'z' }, '"z"'],
    ['a form', { at: 'a', matches: '^\\d+$', form: 'digits' }, { a: '17' }, { a: 17 }, '17'],
    [
      'types',
      { at: 'a', types: types({ integer: 'time', string: 'id' }) },
      { a: { time: 1, more: {} } },
      { a: { time: '1', id: 2 } },
      'time: string, id: integer',
    ],
    ['a number', { at: '', types: types({ number: 'n' }) }, { n: 1 }, { n: '1' }, 'n: string'],
    [
      'the keys',
      { at: 'a', required: ['x'], optional: ['y'] },
      { a: { x: 1, y: 2 } },
      { a: { y: 2, z: 3 } },
      'missing: x; not in the contract: z',
    ],
    ['the order', { at: '', order: words('a b c') }, { a: 1, c: 1 }, { c: 1, a: 1 }, 'c, a'],
    ['a difference', { at: 'e', minus: 'c', difference: 9 }, { c: 1, e: 10 }, { c: 1 }, 'NaN'],
    ['a unit', { at: 't', digits: 10 }, { t: 1763800000 }, { t: 1763800000000 }, '13 digits'],
    ['a length', { at: 'l', lengthMax: 1 }, { l: [1] }, { l: [1, 2] }, '2 elements'],
    ['a whole body', { at: '0', equals: 1 }, [1], [], 'absent'],
    // Fields of the prototype are no fields.
    ['no inherited field', { at: 'constructor', equals: 'x' }, { constructor: 'x' }, {}, 'absent'],
  ])('%s', (_, expectation, good, bad, received) => {
    expect(judge(expectation, answer(good)).conforms).toBe(true)
    expect(judge(expectation, answer(bad))).toMatchObject({ conforms: false, received })
  })

  test('for a status and for a content type', () => {
    expect(judge({ status: [200, 201] }, answer({}, 201)).conforms).toBe(true)
    expect(judge({ status: [200] }, answer({}, 302))).toMatchObject({ received: '302' })
    expect(judge({ contentType: 'application/json' }, answer({})).conforms).toBe(true)
  })

  test('and names the content type of a body that is not JSON', () => {
    const page = { ...answer(undefined), contentType: 'text/html', text: '<p>' }
    expect(judge({ at: 'a', equals: 1 }, page)).toEqual({
      conforms: false,
      expected: '1',
      received: 'a body that is not JSON (text/html)',
    })
  })
})

test('any JSON body can be judged by every check', () => {
  const checks = ALL_EXCHANGES.flatMap((one) => one.checks)
  fc.assert(
    fc.property(fc.jsonValue(), fc.constantFrom(...checks), (body, one) => {
      const { expected, received } = judge(one.expect, answer(body))
      expect([typeof expected, typeof received]).toEqual(['string', 'string'])
    }),
    { numRuns: 300 },
  )
})

test('a body that is nested deeper than a program can write is judged, and differs', () => {
  const deep = JSON.parse(`${'['.repeat(100_000)}${']'.repeat(100_000)}`)
  const { conforms, received } = judge({ at: 'a', equals: 1 }, answer({ a: deep }))
  expect([conforms, received]).toEqual([false, expect.any(String)])
  expect(judge({ at: 'a', types: types({ string: 'b' }) }, answer({ a: deep })).conforms).toBe(
    false,
  )
})

test('every check has a unique id, and the value of every placeholder is given at the start or saved by an earlier exchange', () => {
  const ids = ALL_EXCHANGES.flatMap((exchange) =>
    exchange.checks.map((one) => `${exchange.id}.${one.id}`),
  )
  expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([])
  const knownNames = new Set(['currency', 'payment_id', 'webhook_url', 'run', 'terminal_id'])
  for (const { id, request, saves } of ALL_EXCHANGES) {
    const text = JSON.stringify(request)
    const names = [...text.matchAll(/\{([a-z]\w*)\}/g)].map(([, name]) => name ?? '')
    expect([id, names.filter((name) => !knownNames.has(name))]).toEqual([id, []])
    for (const name of Object.keys(saves ?? {})) knownNames.add(name)
  }
})
