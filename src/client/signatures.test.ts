import fc from 'fast-check'
import { expect, test } from 'vitest'
import { signRedirect, signWidgetMethod, signWidgetPayment } from '../domain/signature.ts'
import {
  PAYMENT_SIGNATURE_ERROR_CODES,
  PaymentSignatureError,
  type RedirectValues,
  type ReturnUrl,
  readSignedRedirect,
  readSignedRedirectAsync,
  readSignedWidgetPayment,
  readSignedWidgetPaymentAsync,
  requireSignedRedirect,
  requireSignedRedirectAsync,
  requireSignedWidgetPayment,
  requireSignedWidgetPaymentAsync,
  verifyRedirect,
  verifyRedirectAsync,
  verifyWidgetMethod,
  verifyWidgetMethodAsync,
  verifyWidgetPayment,
  verifyWidgetPaymentAsync,
  type WidgetPayment,
} from './signatures.ts'

const KEY = 'sandbox_signing_key_0123456789abcdef'

// Known answers, made by another program from the documented formula.
const REDIRECTS = [
  {
    name: 'success',
    values: {
      payments_session_id: '251234567890123',
      payment_session_status: 'succeeded',
      payment_id: '251234567890456',
      payment_status: 'succeeded',
      amount: '100.50',
      udf1: 'example_udf_1',
      udf5: 'example udf 5 & more',
    },
    signature: '01e2b045b9f479c18abbaffc9099d2640befdbc3409b76fab4ff500655c9d579',
    read: { udf: { udf1: 'example_udf_1', udf5: 'example udf 5 & more' } },
  },
  {
    name: 'failure without an attempt',
    values: {
      payments_session_id: '251234567890123',
      payment_session_status: 'failed',
      amount: '100.50',
    },
    signature: '447e9f8940d0c80991ee6d459b2705d6268884c11a492d75e97d4ac9aec5faf6',
    read: { payment_id: undefined, payment_status: undefined, udf: {} },
  },
  {
    name: 'approved mandate',
    values: {
      payments_session_id: '5000000061007',
      payment_session_status: 'succeeded',
      payment_id: '5000000061033',
      payment_status: 'succeeded',
      amount: '1.00',
      mandate_id: '5000000062001',
    },
    signature: 'ff7ee78f3a912dcc40d6834112743952962f603af18baecd8b84f7297e186e9a',
    read: { mandate_id: '5000000062001', udf: {} },
  },
] as const

/** Returns the error of a refusal, or the values. */
function settle<Value>(act: () => Value): Value | PaymentSignatureError {
  try {
    return act()
  } catch (error) {
    if (error instanceof PaymentSignatureError) return error
    throw error
  }
}

/** Checks in both implementations that the throwing function agrees with the one that returns undefined. */
async function expectSame<Value>(
  value: Value | undefined,
  now: () => Value,
  later: () => Promise<Value>,
): Promise<void> {
  const result = settle(now)
  const resultLater = await later().catch((error: unknown) => error)
  if (value === undefined) {
    expect(result).toBeInstanceOf(PaymentSignatureError)
    const { code, message, parameter } = result as PaymentSignatureError
    expect(resultLater).toMatchObject({ code, message, parameter })
  } else {
    expect([result, resultLater]).toEqual([value, value])
  }
}

/** Reads by both implementations, which must agree. */
async function readBothWays(url: ReturnUrl, key = KEY) {
  const redirect = readSignedRedirect(url, key)
  expect(await readSignedRedirectAsync(url, key)).toEqual(redirect)
  expect(verifyRedirect(url, key)).toBe(redirect !== undefined)
  expect(await verifyRedirectAsync(url, key)).toBe(redirect !== undefined)
  await expectSame(
    redirect,
    () => requireSignedRedirect(url, key),
    () => requireSignedRedirectAsync(url, key),
  )
  return redirect
}

const queryOf = (values: RedirectValues) =>
  `${new URLSearchParams({ ...values, signature: signRedirect(values, KEY) })}`

const PAID: RedirectValues = { ...REDIRECTS[0].values, payment_session_status: 'failed' }
const GENUINE = `https://shop.example/thanks?order=1&${queryOf(PAID)}`

test.each(REDIRECTS)('the redirect of a $name has the known signature', (one) => {
  expect(signRedirect(one.values, KEY)).toBe(one.signature)
})

test.each(REDIRECTS)(
  'the redirect of a $name can be read as a URL, a query or parameters',
  async (one) => {
    const udf = { udf1: undefined, udf5: undefined }
    const expected = { ...one.values, ...udf, ...one.read }
    const parameters = new URLSearchParams({ ...one.values, signature: one.signature, mine: '1' })
    const url = `https://shop.example/thanks?order=1&${parameters}`
    const forms = [
      url,
      new URL(url),
      parameters,
      `${parameters}`,
      `?${parameters}`,
      `/thanks?${parameters}`,
      url.replaceAll('+', '%20'),
      url.replaceAll('payment_id', 'payment%5Fid'),
      `${url}&udf3=&payment=1`,
    ]
    for (const form of forms) expect(await readBothWays(form)).toEqual(expected)
  },
)

test.each(REDIRECTS)('the redirect of a $name is refused after any change', async (one) => {
  const parameters = new URLSearchParams({ ...one.values, signature: one.signature })
  const url = `https://shop.example/thanks?order=1&${parameters}`
  expect(await readBothWays(url, `${KEY}x`)).toBeUndefined()
  expect(await readBothWays(url.replace(/signature=\w+/, ''))).toBeUndefined()
  expect(await readBothWays(url.replace(/signature=\w+/, 'signature='))).toBeUndefined()
  for (const [name, value] of Object.entries(one.values)) {
    const changedParameters = new URLSearchParams(parameters)
    changedParameters.set(name, `${value}1`)
    expect(await readBothWays(changedParameters)).toBeUndefined()
    changedParameters.delete(name)
    expect(await readBothWays(changedParameters)).toBeUndefined()
  }
})

test('a fragment in the merchant’s URL does not affect the result', async () => {
  const before = await readBothWays(GENUINE)
  expect(before).toBeDefined()
  for (const fragment of ['#frag', '#/spa/route', '#/orders?tab=2', '#amount', '#']) {
    expect(await readBothWays(`${GENUINE}${fragment}`)).toEqual(before)
    expect(await readBothWays(new URL(`${GENUINE}${fragment}`))).toEqual(before)
  }
  const hashUrl = `https://shop.example/?${queryOf(PAID)}#/spa/route`
  expect(await readBothWays(hashUrl)).toEqual(before)
})

// Each URL adds a value that some framework returns instead of the signed one, or beside it.
test.each([
  [
    'a duplicate parameter with the forged value last',
    '&payment_session_status=succeeded&amount=99999.00',
  ],
  ['a duplicate parameter with the same value', '&amount=100.50'],
  ['a duplicate parameter without a value', '&amount'],
  ['an added parameter with a value', '&udf3=x'],
  ['a second signature', '&signature=0'],
  ['a list in PHP syntax', '&amount[]=99999.00'],
  ['a percent-encoded list in PHP syntax', '&amount%5B%5D=99999.00'],
  ['a list with an index, as qs reads it', '&amount[0]=99999.00'],
  ['an object in bracket syntax', '&payment_session_status[x]=succeeded'],
  ['an object in dot syntax', '&amount.x=1'],
  ['a dot, which PHP reads as an underscore', '&payment.session_status=succeeded'],
  ['a space, which PHP reads as an underscore', '&payment+session%20status=succeeded'],
  ['an open bracket, which PHP reads as an underscore', '&payment[session_status=succeeded'],
  ['a space before the name', '&+amount=99999.00'],
  ['brackets around the name, as Rails reads them', '&[amount]=99999.00'],
  ['a NUL after the name', '&amount%00x=99999.00'],
  ['capital letters, as ASP.NET ignores them', '&Amount=99999.00'],
  ['a percent-encoded name', '&am%6Funt=99999.00'],
  ['escapes of older ASP.NET versions', '&%u0061mount=99999.00'],
  ['a semicolon as separator', '&x=1;amount=99999.00'],
  ['a second question mark', '&x=?amount=1&amount=99999.00'],
  ['a query in a hash route', '#/done?amount=99999.00'],
  ['a fragment that looks like a query', '#amount=99999.00'],
])(
  'a genuine redirect with another spelling of a signed parameter is refused: %s',
  async (_, more) => {
    expect(await readBothWays(GENUINE)).toBeDefined()
    expect(await readBothWays(`${GENUINE}${more}`)).toBeUndefined()
    const [page = '', query = ''] = GENUINE.split('?')
    if (more.startsWith('&')) {
      expect(await readBothWays(`${page}?${more.slice(1)}&${query}`)).toBeUndefined()
      expect(await readBothWays(`${more.slice(1)}&${query}`)).toBeUndefined()
    }
  },
)

test('a bare query is never read as a URL, even when its start looks like a URL', async () => {
  const query = queryOf(PAID)
  expect(await readBothWays(query)).toBeDefined()
  for (const start of ['', '/=1&', 'https://shop.example/&', '/;']) {
    expect(await readBothWays(`${start}amount=99999.00&x=?${query}`)).toBeUndefined()
  }
})

test('a value that frameworks decode in different ways is refused', async () => {
  const genuine = queryOf({ ...PAID, udf1: 'a;b', udf2: '%zz' })
  expect(await readBothWays(genuine)).toBeDefined()
  expect(await readBothWays(genuine.replace('a%3Bb', 'a;b'))).toBeUndefined()
  expect(await readBothWays(genuine.replace('%25zz', '%zz'))).toBeUndefined()
})

test('dots in udf values cannot move text into another returned value', async () => {
  const valuesWithDots = { ...PAID, udf1: 'a.b', udf2: 'order-7', udf5: '' }
  const genuine = await readBothWays(queryOf(valuesWithDots))
  expect(genuine).toMatchObject({ amount: '100.50', payments_session_id: '251234567890123' })
  expect(genuine?.udf).toBeUndefined()
  // The same signed text, split at other dots.
  const signature = signRedirect(valuesWithDots, KEY)
  const shiftedValues = { ...valuesWithDots, udf1: 'a', udf2: 'b', udf3: 'order-7', udf5: '.' }
  expect(await readBothWays(new URLSearchParams({ ...shiftedValues, signature }))).toEqual(genuine)
})

test('the dot of the amount cannot move text into the amount or the mandate', async () => {
  const values = { ...PAID, udf1: 'u', udf5: '' }
  const signature = signRedirect(values, KEY)
  const shiftedValues = {
    ...values,
    amount: '100',
    mandate_id: '50',
    udf1: '',
    udf2: 'u',
    udf5: '.',
  }
  expect(signRedirect(shiftedValues, KEY)).toBe(signature)
  expect(await readBothWays(new URLSearchParams({ ...shiftedValues, signature }))).toBeUndefined()
})

test('at most one reading of a signed text is accepted, for any customer input', () => {
  const text = fc.string({ unit: fc.constantFrom('.', '5', 'a', ';'), maxLength: 6 })
  const amount = fc.constantFrom('100', '100.5', '100.50', '1.000', '0.0001')
  const mandate = fc.constantFrom('', '50000', '5000000062001')
  const payment = fc.constantFrom(['', ''], ['1', 'failed'], ['22', 'succeeded'])
  fc.assert(
    fc.property(
      amount,
      mandate,
      payment,
      fc.array(text, { maxLength: 5 }),
      fc.nat(),
      (...input) => {
        const [paidAmount, mandate_id, [payment_id = '', payment_status = ''], udfs, seed] = input
        const udf = Object.fromEntries(udfs.map((one, index) => [`udf${index + 1}`, one]))
        const ids = { payments_session_id: '7', payment_session_status: 'succeeded' }
        const values = {
          ...ids,
          payment_id,
          payment_status,
          amount: paidAmount,
          mandate_id,
          ...udf,
        }
        const signature = signRedirect(values, KEY)
        const original = readSignedRedirect(new URLSearchParams({ ...values, signature }), KEY)
        expect(original).toMatchObject({ ...ids, amount: paidAmount })

        // Splits the signed text at any ten of its dots.
        const parts = [7, 'succeeded', payment_id, payment_status, paidAmount, mandate_id]
        const joinedText = [...parts, ...[0, 1, 2, 3, 4].map((index) => udfs[index] ?? '')].join(
          '.',
        )
        const dots = [...joinedText.matchAll(/\./g)].map(({ index }) => index)
        const cuts = dots
          .map((dot, index) => ({ dot, order: (index * 7919 + seed) % 1009 }))
          .toSorted((one, other) => one.order - other.order)
          .slice(0, 10)
          .map(({ dot }) => dot)
          .toSorted((one, other) => one - other)
        const names = Object.keys({ ...ids, payment_id, payment_status, amount: '', mandate_id })
        const all = [...names, 'udf1', 'udf2', 'udf3', 'udf4', 'udf5']
        const another = new URLSearchParams({ signature })
        all.forEach((name, index) => {
          const start = index === 0 ? 0 : (cuts[index - 1] ?? 0) + 1
          another.set(name, joinedText.slice(start, cuts[index] ?? joinedText.length))
        })
        const forgery = readSignedRedirect(another, KEY)
        if (forgery !== undefined) expect(forgery).toEqual(original)
      },
    ),
  )
})

const WIDGET = {
  payment_id: '251234567890456',
  payment_session_id: '251234567890123',
  signature: '3f5f16f4081e39e57795f36e29b7d4c37e35fc29a4b653c768d1875515978770',
}

/** Reads by both implementations, which must agree. */
async function readWidget(payment: unknown) {
  const input = payment as WidgetPayment
  const ids = readSignedWidgetPayment(input, KEY)
  expect(await readSignedWidgetPaymentAsync(input, KEY)).toEqual(ids)
  expect(verifyWidgetPayment(input, KEY)).toBe(ids !== undefined)
  expect(await verifyWidgetPaymentAsync(input, KEY)).toBe(ids !== undefined)
  await expectSame(
    ids,
    () => requireSignedWidgetPayment(input, KEY),
    () => requireSignedWidgetPaymentAsync(input, KEY),
  )
  return ids
}

test('a widget payment has the known signature, and is refused after a change', async () => {
  expect(signWidgetPayment(WIDGET, KEY)).toBe(WIDGET.signature)
  const ids = { payment_id: '251234567890456', payments_session_id: '251234567890123' }
  expect(await readWidget(WIDGET)).toEqual(ids)
  expect(await readWidget({ ...WIDGET, message: 'success' })).toEqual(ids)
  expect(await readWidget({ ...WIDGET, payment_id: '1' })).toBeUndefined()
  expect(await readWidget({ ...WIDGET, payment_session_id: '1' })).toBeUndefined()
  expect(await readWidget({ ...WIDGET, signature: undefined })).toBeUndefined()
})

test('a widget payment whose payments_session_id is not the signed session is refused', async () => {
  const { payment_session_id: id } = WIDGET
  expect(await readWidget({ ...WIDGET, payments_session_id: id })).toBeDefined()
  for (const other of ['1', '', [id], { id }, Number(id), false]) {
    expect(await readWidget({ ...WIDGET, payments_session_id: other })).toBeUndefined()
  }
})

test('a widget payment with wrong types or ambiguous values is refused', async () => {
  const shiftedValues = { payment_id: '1|2', payment_session_id: '3' }
  const hostile = [
    null,
    undefined,
    'text',
    [],
    {},
    7,
    { ...WIDGET, payment_id: [WIDGET.payment_id] },
    { ...WIDGET, payment_session_id: { toString: () => WIDGET.payment_session_id } },
    { ...WIDGET, signature: [WIDGET.signature] },
    { ...shiftedValues, signature: signWidgetPayment(shiftedValues, KEY) },
  ]
  for (const one of hostile) expect(await readWidget(one)).toBeUndefined()
})

function redirectRefusal(url: string, key = KEY): readonly [string, string | undefined, string] {
  const error = settle(() => requireSignedRedirect(url, key))
  if (!(error instanceof PaymentSignatureError)) throw new Error('the redirect was accepted')
  return [error.code, error.parameter, error.message]
}

const without = (name: string) => GENUINE.replace(new RegExp(`&${name}=[^&]*`), '')
const REFUSALS: readonly (readonly [string, string | undefined, string, string?])[] = [
  ['parameter_missing', undefined, 'https://shop.example/thanks?order=1'],
  ['parameter_missing', undefined, ''],
  ['parameter_missing', 'payments_session_id', without('payments_session_id')],
  ['parameter_missing', 'payment_session_status', without('payment_session_status')],
  ['parameter_missing', 'amount', without('amount')],
  ['parameter_missing', 'signature', without('signature')],
  ['parameter_malformed', 'amount', GENUINE.replace('amount=100.50', 'amount=100,50')],
  ['parameter_malformed', 'payment_id', GENUINE.replace('payment_id=2', 'payment_id=x')],
  ['parameter_malformed', 'signature', GENUINE.replace(/signature=\w+/, 'signature=AB')],
  ['parameter_ambiguous', 'amount', `${GENUINE}&amount=1.00`],
  ['parameter_ambiguous', 'amount', `${GENUINE}&Amount[]=1.00`],
  ['parameter_ambiguous', 'payment_id', `${GENUINE}&payment.id=1`],
  ['wrong_key', undefined, GENUINE, ` ${KEY}\n`],
  ['wrong_key', undefined, GENUINE, `"${KEY}"`],
  ['wrong_key', undefined, GENUINE, 'whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8='],
  ['wrong_key', undefined, GENUINE, 'sandbox_webhook_key_0123456789abcdef'],
  ['signature_mismatch', 'signature', GENUINE.replace('100.50', '1.00')],
  ['signature_mismatch', 'signature', GENUINE, `${KEY}x`],
]

test.each(REFUSALS.map(([code, parameter, url, key = KEY]) => ({ code, parameter, url, key })))(
  'a refused redirect has the reason $code and the parameter $parameter: $url',
  (row) => {
    const [code, parameter, message] = redirectRefusal(row.url, row.key)
    expect([code, parameter]).toEqual([row.code, row.parameter])
    if (parameter !== undefined && parameter !== 'signature') expect(message).toContain(parameter)
  },
)

test('the code of a refusal is one of a closed list, and the message contains neither the key nor a value', () => {
  const codes = REFUSALS.map(([, , url, key]) => {
    const [code, , message] = redirectRefusal(url, key)
    expect(message).not.toContain('251234567890')
    expect(message).not.toContain('100,50')
    expect(message).not.toContain((key ?? KEY).trim())
    return code
  })
  const mismatch = settle(() =>
    requireSignedWidgetPayment({ ...WIDGET, payments_session_id: '1' }, KEY),
  )
  expect(mismatch).toMatchObject({ code: 'session_mismatch', parameter: 'payments_session_id' })
  codes.push('session_mismatch')
  expect(new Set(codes)).toEqual(new Set(PAYMENT_SIGNATURE_ERROR_CODES))
})

test.each([
  ['parameter_missing', 'payment_id', { payment_id: undefined }],
  ['parameter_missing', 'payment_session_id', { payment_session_id: undefined }],
  ['parameter_missing', 'signature', { signature: undefined }],
  ['parameter_malformed', 'payment_id', { payment_id: ['251234567890456'] }],
  ['parameter_malformed', 'payment_session_id', { payment_session_id: 7 }],
  ['signature_mismatch', 'signature', { payment_id: '1' }],
])('a refused widget payment has the reason %s and the parameter %s', (code, parameter, change) => {
  const input = { ...WIDGET, ...change } as unknown as WidgetPayment
  const refusal = settle(() => requireSignedWidgetPayment(input, KEY))
  expect(refusal).toMatchObject({ name: 'PaymentSignatureError', code, parameter })
})

test('an empty signing key throws an error', async () => {
  const forgery = { ...WIDGET, signature: '0'.repeat(64) }
  for (const key of ['', ' ', '""', "''", '"', undefined as unknown as string]) {
    expect(() => verifyRedirect(GENUINE, key)).toThrow(/signing key is empty/)
    expect(() => readSignedWidgetPayment(forgery, key)).toThrow(/signing key is empty/)
    await expect(verifyRedirectAsync(GENUINE, key)).rejects.toThrow(/signing key is empty/)
    await expect(verifyWidgetPaymentAsync(forgery, key)).rejects.toThrow(/signing key is empty/)
  }
})

// The known answer of the contract, section 8.
const SAVED = {
  payment_method_id: '5000000081033',
  payment_method_session_id: '5000000081007',
  signature: '8f29be65c2f28a1950020bd84e18aae34f4aa4a7298445e10b4f8d4d72580559',
}

test('a saved payment method has the known signature, and every change of it is refused', async () => {
  const { signature, ...ids } = SAVED
  expect(signWidgetMethod(ids, KEY)).toBe(signature)
  expect(verifyWidgetMethod(SAVED, KEY)).toBe(true)
  expect(await verifyWidgetMethodAsync(SAVED, KEY)).toBe(true)
  const changes: readonly object[] = [
    { payment_method_id: '5000000081034' },
    { payment_method_session_id: '5000000081008' },
    { payment_method_id: 5000000081033 },
    { signature: undefined },
    { signature: signature.replace('8', '9') },
  ]
  for (const change of changes) {
    expect(verifyWidgetMethod({ ...SAVED, ...change }, KEY)).toBe(false)
  }
  expect(verifyWidgetMethod(SAVED, `${KEY}x`)).toBe(false)
})
