import { expect, test } from 'vitest'
import { COUNTRY_CODES } from './country.ts'
import { COUNTRY_DIALING_CODES, OTHER_DIALING_CODES } from './dialing-code.ts'
import { dialingCodeOf, readPhone } from './phone.ts'

test.each([
  ['9000000001', undefined, { digits: '9000000001' }],
  ['90000 00001', 'IN', { digits: '9000000001', dialingCode: '+91' }],
  ['+91 90000-00001', undefined, { digits: '9000000001', dialingCode: '+91' }],
  ['(+91) 90000.00001', 'US', { digits: '9000000001', dialingCode: '+91' }],
  ['+1 555-0100', undefined, { digits: '5550100', dialingCode: '+1' }],
  ['+358 40 1234567', undefined, { digits: '401234567', dialingCode: '+358' }],
  ['123456789012345', undefined, { digits: '123456789012345' }],
  ['9000000001', 'AQ', { digits: '9000000001' }],
  ['+999 1234', undefined, { refused: 'dialing_code_unknown' }],
  ['+91', undefined, { refused: 'dialing_code_unknown' }],
  ['1234567890123456', undefined, { refused: 'no_number' }],
  ['', undefined, { refused: 'no_number' }],
  [' - ', undefined, { refused: 'no_number' }],
  ['91+9000000001', undefined, { refused: 'no_number' }],
  ['++919000000001', undefined, { refused: 'no_number' }],
  ['9000000001 ext 4', undefined, { refused: 'no_number' }],
  ['90000\t00001', undefined, { refused: 'no_number' }],
  ['1 2 3 4 5 6 7 8 9 0 1 2 3 4', undefined, { refused: 'no_number' }],
] as const)('the number %j with the country %s is read as %j', (text, country, expected) => {
  expect(readPhone(text, country)).toEqual(expected)
})

test('no dialing code is the start of another one, and each country in the table exists', () => {
  const codes = [...new Set([...COUNTRY_DIALING_CODES.values(), ...OTHER_DIALING_CODES])]
  expect(codes.length).toBeGreaterThan(200)
  expect(
    codes.filter((code) => codes.some((other) => other !== code && code.startsWith(other))),
  ).toEqual([])
  expect(
    [...COUNTRY_DIALING_CODES.keys()].filter((country) => !COUNTRY_CODES.has(country)),
  ).toEqual([])
  expect([dialingCodeOf('IN'), dialingCodeOf('US'), dialingCodeOf('CA')]).toEqual([
    '+91',
    '+1',
    '+1',
  ])
})
