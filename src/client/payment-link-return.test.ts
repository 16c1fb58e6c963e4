import { expect, test } from 'vitest'
import { signPaymentLinkReturn, signRedirect } from '../domain/signature.ts'
import type { PaymentLinkReturnValues } from '../domain/signed-text.ts'
import {
  PaymentSignatureError,
  type ReturnUrl,
  readSignedPaymentLinkReturn,
  readSignedPaymentLinkReturnAsync,
  readSignedRedirect,
  requireSignedPaymentLinkReturn,
  requireSignedPaymentLinkReturnAsync,
  verifyPaymentLinkReturn,
  verifyPaymentLinkReturnAsync,
} from './signatures.ts'

const KEY = 'sandbox_signing_key_0123456789abcdef'

const PAID = {
  payment_link_id: '5000000051007',
  payment_id: '5000000051033',
  amount: '1499.90',
  status: 'succeeded',
} as const

// Known answers, made by another program from the documented formula.
const RETURNS = [
  {
    name: 'with a reference',
    values: { ...PAID, payment_link_reference: 'INV-8841' },
    signature: '638544a89c8d56c0cba1fd4c53ca1d968117ae8be1001c199319ce8a1d1139a3',
  },
  {
    name: 'without a reference',
    values: PAID,
    signature: 'f9f06f23e638c808ceb63f5a12df3366e2e2880bb948b6f69d0678901bdc0478',
  },
] as const

const urlOf = (values: PaymentLinkReturnValues, key = KEY): string =>
  `https://shop.example/back?o=8841&${new URLSearchParams({
    ...values,
    signature: signPaymentLinkReturn(values, key),
  })}`

/** Reads by all six functions, which must agree. */
async function read(url: ReturnUrl, key = KEY) {
  const signedReturn = readSignedPaymentLinkReturn(url, key)
  expect(await readSignedPaymentLinkReturnAsync(url, key)).toEqual(signedReturn)
  expect(verifyPaymentLinkReturn(url, key)).toBe(signedReturn !== undefined)
  expect(await verifyPaymentLinkReturnAsync(url, key)).toBe(signedReturn !== undefined)
  const requirement = requireSignedPaymentLinkReturnAsync(url, key)
  if (signedReturn === undefined) {
    const { code, parameter } = refusalOf(url, key)
    await expect(requirement).rejects.toMatchObject({ code, parameter })
  } else {
    expect([requireSignedPaymentLinkReturn(url, key), await requirement]).toEqual([
      signedReturn,
      signedReturn,
    ])
  }
  return signedReturn
}

function refusalOf(url: ReturnUrl, key = KEY): PaymentSignatureError {
  try {
    requireSignedPaymentLinkReturn(url, key)
  } catch (error) {
    if (error instanceof PaymentSignatureError) return error
    throw error
  }
  throw new Error('the return was accepted')
}

test.each(RETURNS)('the return from a link $name has the known signature', (one) => {
  expect(signPaymentLinkReturn(one.values, KEY)).toBe(one.signature)
})

test.each(RETURNS)(
  'the return from a link $name can be read as a URL, a query or parameters',
  async ({ signature, values }) => {
    const parameters = new URLSearchParams({ ...values, signature, mine: '1' })
    const url = `https://shop.example/back?o=8841&${parameters}`
    const forms = [url, new URL(url), parameters, `?${parameters}`, `/back?${parameters}`]
    for (const form of [...forms, `${url}#/orders?tab=2`]) {
      expect(await read(form)).toEqual({ payment_link_reference: undefined, ...values })
    }
  },
)

test.each(RETURNS)(
  'the return from a link $name is refused after any change',
  async ({ values }) => {
    const url = urlOf(values)
    expect(await read(url, `${KEY}x`)).toBeUndefined()
    for (const [name, value] of Object.entries(values)) {
      const changedUrl = new URL(url)
      changedUrl.searchParams.set(name, `${value}1`)
      expect(await read(changedUrl)).toBeUndefined()
      changedUrl.searchParams.delete(name)
      expect(await read(changedUrl)).toBeUndefined()
    }
    const more = ['&status=succeeded', '&amount[]=1', '&Payment_Link_Reference=x', '&x=1;status=a']
    for (const addition of [...more, '&payment.link_id=1', '#/done?amount=1.00']) {
      expect(refusalOf(`${url}${addition}`)).toMatchObject({ code: 'parameter_ambiguous' })
    }
  },
)

test('a reference with dots stays whole, and cannot change another value', async () => {
  const values = { ...PAID, payment_link_reference: '50.failed.INV.1 & ü' }
  expect(await read(urlOf(values))).toEqual(values)
  const signature = signPaymentLinkReturn(values, KEY)
  // The same signed text, split at other dots.
  const shiftedValues = {
    ...values,
    amount: '1499',
    status: '90',
    payment_link_reference: 'succeeded.x',
  }
  expect(await read(new URLSearchParams({ ...shiftedValues, signature }))).toBeUndefined()
  const longer = { ...values, status: 'succeeded.50', payment_link_reference: 'failed.INV.1 & ü' }
  expect(signPaymentLinkReturn(longer, KEY)).toBe(signature)
  expect(await read(new URLSearchParams({ ...longer, signature }))).toBeUndefined()
})

test('a session’s redirect is no return from a link, and a return from a link is no redirect', () => {
  const session = { payments_session_id: '7', payment_session_status: 'succeeded', amount: '1.00' }
  const redirect = new URLSearchParams({ ...session, signature: signRedirect(session, KEY) })
  expect(refusalOf(redirect)).toMatchObject({ parameter: 'payment_link_id' })
  // The parts of the redirect's signed text under the names of a return.
  const renamedParameters = new URLSearchParams({
    payment_link_id: '7',
    payment_id: 'succeeded',
    amount: '',
    status: '',
    payment_link_reference: '1.00......',
    signature: redirect.get('signature') ?? '',
  })
  expect(readSignedPaymentLinkReturn(renamedParameters, KEY)).toBeUndefined()
  expect(readSignedRedirect(urlOf(PAID), KEY)).toBeUndefined()
})

test.each([
  ['parameter_missing', undefined, 'https://shop.example/back?o=1', KEY],
  ['parameter_missing', 'payment_id', urlOf(PAID).replace(/&payment_id=\d+/, ''), KEY],
  ['parameter_missing', 'signature', urlOf(PAID).replace(/&signature=\w+/, ''), KEY],
  ['parameter_malformed', 'amount', urlOf(PAID).replace('1499.90', '1499,90'), KEY],
  ['parameter_malformed', 'signature', urlOf(PAID).replace(/signature=\w+/, 'signature=AB'), KEY],
  ['parameter_ambiguous', 'amount', `${urlOf(PAID)}&amount=1.00`, KEY],
  ['wrong_key', undefined, urlOf(PAID), `"${KEY}"`],
  ['wrong_key', undefined, urlOf(PAID), 'whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8='],
  ['signature_mismatch', 'signature', urlOf(PAID).replace('1499.90', '1.00'), KEY],
])('a refused return has the reason %s and the parameter %s: %s', (code, parameter, url, key) => {
  const error = refusalOf(url, key)
  expect([error.code, error.parameter]).toEqual([code, parameter])
  expect(error.message).not.toContain('5000000051')
})

test('an empty signing key throws an error for every return', async () => {
  for (const key of ['', ' ', undefined as unknown as string]) {
    expect(() => verifyPaymentLinkReturn(urlOf(PAID), key)).toThrow(/signing key is empty/)
    const later = verifyPaymentLinkReturnAsync(urlOf(PAID), key)
    await expect(later).rejects.toThrow(/signing key is empty/)
  }
})
