import { describe, expect, test } from 'vitest'
import { BUCKET_COUNT } from '../domain/id.ts'
import { createCreationBuckets } from './creation-buckets.ts'

/** Buckets of three nodes in turns: bucket 0 on a, 1 on b, 2 on c, 3 on a. The drawn bucket is always the same. */
function threeNodes(drawnBucket: number, unreachable: readonly string[] = []) {
  let nowMs = 1_000
  const placeOf = (bucket: number) => 'abc'[bucket % 3]
  const buckets = createCreationBuckets(
    {
      placeOf,
      isReachable: (bucket) => !unreachable.includes(placeOf(bucket) ?? ''),
      unreachable: () => unreachable,
    },
    { below: () => drawnBucket, bytes: (count) => new Uint8Array(count) },
    () => nowMs,
  )
  return {
    buckets,
    placeOf,
    pass: (ms: number) => {
      nowMs += ms
    },
  }
}

describe('the bucket of the next creations', () => {
  test('is on a node that answers', () => {
    const { buckets } = threeNodes(4, ['b'])
    expect(buckets.draw()).toBe(5)
    expect(buckets.isReachable(4)).toBe(false)
    expect(buckets.isReachable(5)).toBe(true)
  })

  test('is on a node without a running batch, or else on one whose batches are young', () => {
    const { buckets, pass, placeOf } = threeNodes(0)
    const end = buckets.begin([0])
    pass(300)
    expect(placeOf(buckets.draw())).toBe('b')
    buckets.begin([1])
    expect(placeOf(buckets.draw())).toBe('c')
    buckets.begin([2])
    // All nodes are busy, and the batch of node a is slow.
    expect(buckets.draw()).toBe(4)
    end()
    expect(buckets.draw()).toBe(0)
  })

  test('is not the bucket of a running batch, on one machine too', () => {
    const buckets = createCreationBuckets(undefined, {
      below: () => 255,
      bytes: (count) => new Uint8Array(count),
    })
    expect(buckets.draw()).toBe(255)
    buckets.begin([255, 0])
    expect(buckets.draw()).toBe(1)
    const all = buckets.begin(Array.from({ length: BUCKET_COUNT }, (_, bucket) => bucket))
    expect(buckets.draw()).toBe(255)
    all()
    expect(buckets.draw()).toBe(1)
  })
})
