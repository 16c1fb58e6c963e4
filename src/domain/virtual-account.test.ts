import { describe, expect, test } from 'vitest'
import { containsCardNumber } from './card.ts'
import type { AccountId, VirtualAccountId } from './id.ts'
import {
  changeVirtualAccount,
  closeVirtualAccount,
  drawTransferReference,
  drawVirtualAccountNumber,
  PAID_MINOR_MAX,
  takeTransfer,
  type VirtualAccount,
  virtualAccountAt,
  virtualAccountEndsAtMs,
} from './virtual-account.ts'

const CREATED_MS = Date.UTC(2025, 10, 22, 8, 26, 40)
const ACCOUNT: VirtualAccount = {
  id: '5000000071001' as VirtualAccountId,
  accountId: '60000000001' as AccountId,
  accountNumber: 'PAYDK7QF2MZ4XWB3N5T',
  ifscCode: 'PAYD0SANDBX',
  beneficiaryName: 'Shop Test',
  description: 'Dealer deposits',
  paidMinor: 0n,
  status: 'active',
  createdAtMs: CREATED_MS,
  changedAtMs: CREATED_MS,
}
const LATER_MS = CREATED_MS + 1_000

describe('the end of a virtual account', () => {
  const ROWS: readonly [string, Partial<VirtualAccount>, string][] = [
    ['one year after its creation', {}, '2026-11-22T08:26:40.000Z'],
    [
      'one year after the last transfer',
      { lastTransferAtMs: Date.UTC(2026, 0, 2, 3, 4, 5, 6) },
      '2027-01-02T03:04:05.006Z',
    ],
    // The day ends in India, five and a half hours before it ends in UTC.
    ['the end of its last day', { expiresOn: '2026-10-25' }, '2026-10-25T18:30:00.000Z'],
    [
      'after one year without a transfer, even if its last day is later',
      { expiresOn: '2027-10-25' },
      '2026-11-22T08:26:40.000Z',
    ],
    [
      'on 1 March, one year after a transfer on 29 February',
      { lastTransferAtMs: Date.UTC(2028, 1, 29, 6) },
      '2029-03-01T06:00:00.000Z',
    ],
  ]
  test.each(ROWS)('is %s', (_, more, expected) => {
    expect(new Date(virtualAccountEndsAtMs({ ...ACCOUNT, ...more })).toISOString()).toBe(expected)
  })

  test('closes it at that millisecond, without any job', () => {
    const one = { ...ACCOUNT, expiresOn: '2026-10-25' }
    const endsAtMs = virtualAccountEndsAtMs(one)
    expect(virtualAccountAt(one, endsAtMs - 1)).toBe(one)
    const closedAccount = { ...one, status: 'closed', changedAtMs: endsAtMs }
    expect(virtualAccountAt(one, endsAtMs)).toEqual(closedAccount)
    expect(virtualAccountAt(one, endsAtMs + 86_400_000)).toEqual(closedAccount)
  })
})

describe('a transfer', () => {
  const limitedAccount = { ...ACCOUNT, minimumMinor: 10_000n, maximumMinor: 1_000_000n }
  const ROWS: readonly [string, bigint, string | undefined][] = [
    ['below the minimum', 9_999n, 'transfer_out_of_range'],
    ['of the minimum', 10_000n, undefined],
    ['of the maximum', 1_000_000n, undefined],
    ['above the maximum', 1_000_001n, 'transfer_out_of_range'],
  ]
  test.each(ROWS)('%s, %s paise, gets the decline code %s', (_, amountMinor, declineCode) => {
    const result = takeTransfer(limitedAccount, amountMinor, LATER_MS)
    expect(result.declineCode).toBe(declineCode)
    expect(result.account).toEqual({
      ...limitedAccount,
      lastTransferAtMs: LATER_MS,
      paidMinor: declineCode === undefined ? amountMinor : 0n,
    })
  })

  test('of any amount succeeds if the account has no limits, and adds to the sum', () => {
    const first = takeTransfer(ACCOUNT, 1n, LATER_MS).account
    expect(takeTransfer(first, 10n ** 12n, LATER_MS).account.paidMinor).toBe(10n ** 12n + 1n)
  })

  test('is out of range if the sum would not be exact as a JSON number', () => {
    const full = { ...ACCOUNT, paidMinor: PAID_MINOR_MAX - 1n }
    expect(takeTransfer(full, 1n, LATER_MS).account.paidMinor).toBe(PAID_MINOR_MAX)
    expect(takeTransfer(full, 2n, LATER_MS).declineCode).toBe('transfer_out_of_range')
    expect(Number('9999999999999.99').toString()).toBe('9999999999999.99')
  })

  test.each([
    ['that the merchant has closed', { status: 'closed' as const }],
    ['whose last day has ended', { expiresOn: '2025-11-21' }],
  ])('to an account %s is late, and changes nothing', (_, more) => {
    const closedAccount = { ...ACCOUNT, ...more }
    expect(takeTransfer(closedAccount, 100n, LATER_MS)).toEqual({
      account: closedAccount,
      declineCode: 'transfer_late',
    })
  })

  test('on a clock that has jumped back does not shorten the life of the account', () => {
    const usedAccount = { ...ACCOUNT, lastTransferAtMs: LATER_MS }
    expect(takeTransfer(usedAccount, 1n, CREATED_MS).account.lastTransferAtMs).toBe(LATER_MS)
  })
})

describe('a change', () => {
  test('replaces fields and the time of the last change', () => {
    expect(changeVirtualAccount(ACCOUNT, { description: 'Other' }, LATER_MS)).toEqual({
      ...ACCOUNT,
      description: 'Other',
      changedAtMs: LATER_MS,
    })
  })

  test('of a closed account is refused, and so is a second close', () => {
    const result = closeVirtualAccount(ACCOUNT, LATER_MS)
    expect(result).toEqual({ ...ACCOUNT, status: 'closed', changedAtMs: LATER_MS })
    if ('refused' in result) throw new Error('refused')
    const refusal = { refused: 'virtual_account_closed' }
    expect(closeVirtualAccount(result, LATER_MS)).toEqual(refusal)
    expect(changeVirtualAccount(result, { description: 'x' }, LATER_MS)).toEqual(refusal)
    const expiredAccount = { ...ACCOUNT, expiresOn: '2025-11-21' }
    expect(closeVirtualAccount(expiredAccount, LATER_MS)).toEqual(refusal)
    expect(changeVirtualAccount(expiredAccount, { expiresOn: '2030-01-01' }, LATER_MS)).toEqual(
      refusal,
    )
  })
})

test('drawn numbers have their form and hide no card number', () => {
  let next = 0
  const random = {
    bytes: (count: number) => new Uint8Array(count),
    below: (bound: number) => {
      next = (next * 1_103_515_245 + 12_345) % 2_147_483_648
      return (next >> 8) % bound
    },
  }
  for (let count = 0; count < 200; count += 1) {
    const number = drawVirtualAccountNumber(random)
    expect(number).toMatch(/^PAYD[A-Z2-7]{15}$/)
    expect(drawTransferReference(random)).toMatch(/^PAYD[A-Z2-7]{12}$/)
    expect(containsCardNumber(number)).toBe(false)
  }
})
