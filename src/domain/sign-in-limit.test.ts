import { expect, test } from 'vitest'
import { countTry, SIGN_IN_LIMITS, type SignInCountKind } from './sign-in-limit.ts'

const NOW_MS = 1_000_000_000

test.each(Object.keys(SIGN_IN_LIMITS) as SignInCountKind[])(
  'the count of the kind %s refuses tries above its limit until its window ends',
  (kind) => {
    const { failuresMax, windowMs } = SIGN_IN_LIMITS[kind]
    let count = countTry(kind, undefined, NOW_MS)
    for (let tries = 1; tries < failuresMax; tries += 1)
      count = countTry(kind, count, NOW_MS + tries)
    expect(count).toEqual({ failureCount: failuresMax, startedAtMs: NOW_MS })
    expect(countTry(kind, count, NOW_MS + windowMs - 1)).toBeUndefined()
    expect(countTry(kind, count, NOW_MS + windowMs)).toEqual({
      failureCount: 1,
      startedAtMs: NOW_MS + windowMs,
    })
    // The clock was ahead when the window began.
    expect(countTry(kind, count, NOW_MS - 1)).toEqual({ failureCount: 1, startedAtMs: NOW_MS - 1 })
  },
)
