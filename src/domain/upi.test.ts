import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isUpiId, upiLink } from './upi.ts'

describe('a UPI ID', () => {
  test.each(['asha@okbank', 'asha.rao-1_2@okbank', '9876543210@upi', 'AS@B2', 'success@paydesk'])(
    '%j is a UPI ID',
    (text) => {
      expect(isUpiId(text)).toBe(true)
    },
  )

  test.each([
    '',
    'asha',
    'asha@',
    '@okbank',
    'a@okbank',
    'asha@ok.bank',
    'asha@1bank',
    'asha rao@okbank',
    'asha@okbank ',
    'asha@ok@bank',
    'आशा@okbank',
    `${'a'.repeat(257)}@okbank`,
    'asha@okbank\n',
  ])('%j is not a UPI ID', (text) => {
    expect(isUpiId(text)).toBe(false)
  })
})

describe('a UPI link', () => {
  const payee = {
    upiId: 'shop@okbank',
    name: 'Shop & Sons',
    reference: '123',
    amount: { amountMinor: 10_050n, currency: 'INR' },
    note: '',
  } as const

  test('contains the payee, the amount and the note', () => {
    expect(upiLink({ ...payee, note: 'Order 1 + 2' })).toBe(
      'upi://pay?pa=shop@okbank&pn=Shop%20%26%20Sons&tr=123&am=100.50&cu=INR&tn=Order%201%20%2B%202',
    )
  })

  test('has no note parameter without a note', () => {
    expect(upiLink(payee)).toBe(
      'upi://pay?pa=shop@okbank&pn=Shop%20%26%20Sons&tr=123&am=100.50&cu=INR',
    )
  })

  test('can be parsed with any name and note, and has at most 50 characters of the note', () => {
    const text = fc.string({
      unit: fc.oneof(fc.constantFrom('😀', '₹', '&', '\ud83d'), fc.string()),
    })
    fc.assert(
      fc.property(text, text, (name, note) => {
        const { searchParams } = new URL(upiLink({ ...payee, name, note }))
        expect(searchParams.get('pn')).toBe(name.toWellFormed())
        expect(searchParams.get('tn') ?? '').toBe([...note.toWellFormed()].slice(0, 50).join(''))
        expect(searchParams.get('am')).toBe('100.50')
      }),
    )
  })
})
