import { expect, test } from 'vitest'
import {
  ACCOUNT_COUNT_MAX,
  BUSY_ACCOUNT_COUNT,
  CUSTOMER_COUNT_MAX,
  isChargeRefused,
  isOpeningRefused,
  UNKNOWN_COUNT_OF_ACCOUNT_MAX,
  UNKNOWN_COUNT_OF_ADDRESS_MAX,
} from './attempt-limit.ts'

test.each([
  [0, 0, false],
  [0, 1_000, false],
  [BUSY_ACCOUNT_COUNT - 1, 1_000, false],
  [BUSY_ACCOUNT_COUNT, CUSTOMER_COUNT_MAX - 1, false],
  [BUSY_ACCOUNT_COUNT, CUSTOMER_COUNT_MAX, true],
  [ACCOUNT_COUNT_MAX - 1, 0, false],
  [ACCOUNT_COUNT_MAX, 0, true],
])(
  'after %i charges of the account and %i charges of the address the next charge is refused: %s',
  (ofAccount, ofAddress, isRefused) => {
    expect(isChargeRefused({ ofAccount, ofAddress })).toBe(isRefused)
  },
)

test.each([
  [0, 0, false],
  [0, UNKNOWN_COUNT_OF_ADDRESS_MAX - 1, false],
  [0, UNKNOWN_COUNT_OF_ADDRESS_MAX, true],
  [UNKNOWN_COUNT_OF_ACCOUNT_MAX, 0, false],
  [UNKNOWN_COUNT_OF_ACCOUNT_MAX - 1, 1, false],
  [UNKNOWN_COUNT_OF_ACCOUNT_MAX, 1, true],
])(
  'after %i unknown ids at the account and %i from the address the next opening is refused: %s',
  (ofAccount, ofAddress, isRefused) => {
    expect(isOpeningRefused({ ofAccount, ofAddress })).toBe(isRefused)
  },
)
