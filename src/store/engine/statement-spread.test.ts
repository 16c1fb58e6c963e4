import { expect, test } from 'vitest'
import { inReachableBuckets } from './engine.ts'
import { bucketOfStatement, spreadOf } from './statement-spread.ts'

test.each([
  ['a condition', 'select 1 from refunds where bucket = $2 and id = $1', [7, 3], 3],
  ['an alias', 'select 1 from refunds t where t.bucket = $1 and t.id = $2', [200, 1], 200],
  [
    'the first value',
    'insert into refunds (bucket, id) values ($1, $2), ($3, $4)',
    [9, 1, 9, 2],
    9,
  ],
  ['no bucket', 'select 1 from refunds where account_id = $1', [5], undefined],
  ['buckets in a list', 'select 1 from refunds where bucket = any($1)', ['{1}'], undefined],
])(
  'the only bucket of a statement is found, if the statement names one: %s',
  (_, text, params, bucket) => {
    expect(bucketOfStatement(text, params)).toBe(bucket)
  },
)

test('a statement without a bucket needs all nodes, unless it leaves out those that do not answer', () => {
  const nodes = {
    placeOf: () => 'a',
    isReachable: (bucket: number) => bucket > 253,
    unreachable: () => ['b'],
  }
  const text = 'select min(ask_at_ms) from refunds where ask_at_ms > $1'
  expect(spreadOf(text)).toMatchObject({ isFanOut: true, needsAll: true })
  const reachable = inReachableBuckets({ nodes })
  expect(reachable).toBe(" and bucket = any('{254,255}'::smallint[])")
  expect(spreadOf(text + reachable)).toMatchObject({ isFanOut: true, needsAll: false })
  expect(inReachableBuckets({})).toBe('')
})

test.each([
  'select 1 from accounts where id = $1',
  // A column with the name of a distributed table.
  'select id, payment_methods from accounts where id = $1',
  'insert into accounts (id, payment_methods) values ($1, $2)',
  'update accounts set payment_methods = $2 where id = $1',
])('a statement that uses only reference tables does not need all nodes: %s', (text) => {
  expect(spreadOf(text)).toMatchObject({ isFanOut: false, needsAll: false })
})

test.each([
  'select 1 from payment_methods where ask_at_ms <= $1',
  'select * from (select id from\n payment_methods) x',
  'select 1 from accounts a join payment_methods m on m.account_id = a.id',
  'update payment_methods set status = $1',
  'delete from payment_methods where id = $1',
])('a statement of a distributed table that names no bucket needs all nodes: %s', (text) => {
  expect(spreadOf(text)).toMatchObject({ isFanOut: true, needsAll: true })
})

test.each([
  ['select 1 from refunds where bucket = $1 and id = $2', 'read'],
  ['insert into refunds (bucket, id) values ($1, $2)', 'insert'],
  ['select 1 from refunds where bucket = $1 and id = $2 for no key update', undefined],
  ['select 1 from refunds join clients using (id) where bucket = $1', undefined],
  ['select 1 from refunds where account_id = $1', undefined],
  ['update refunds set status = $2 where bucket = $1', undefined],
  ['with a as (insert into refunds (bucket) values ($1)) select 1 from a', undefined],
])('%s has the nodeWork %s', (text, nodeWork) => {
  expect(spreadOf(text).nodeWork).toBe(nodeWork)
})
