import { expect, test } from 'vitest'
import { isStatementDescriptor, statementDescriptorOf } from './account.ts'

test.each([
  ['Asha Lamps', undefined, 'Asha Lamps'],
  ['Asha Lamps and Carpets of Jaipur', undefined, 'Asha Lamps and Carpets'],
  ['Asha Lamps and Carpets of Jaipur', 'ASHA LAMPS', 'ASHA LAMPS'],
])(
  'statements of the account %s with the descriptor %s show the text %s',
  (name, statementDescriptor, shownName) => {
    const account = statementDescriptor === undefined ? { name } : { name, statementDescriptor }
    expect(statementDescriptorOf(account)).toBe(shownName)
  },
)

test.each([
  ['A', true],
  ['ASHA LAMPS JAIPUR 0001', true],
  ['ASHA LAMPS JAIPUR 00012', false],
  ['', false],
  ['A\u0000B', false],
])('%j is a valid statement descriptor: %s', (text, isOne) => {
  expect(isStatementDescriptor(text)).toBe(isOne)
})
