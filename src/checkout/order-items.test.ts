import { expect, test } from 'vitest'
import { itemsOf } from './order-items.ts'

const itemsFrom = (entries: readonly (readonly [key: string, value: string])[] | undefined) =>
  itemsOf({
    amount: { amountMinor: 1n, currency: 'INR' },
    echoedJson: JSON.stringify({ meta_data: entries?.map(([key, value]) => ({ key, value })) }),
  })

test.each([
  ['item', true],
  ['Item', true],
  ['item1', true],
  ['item 2', true],
  ['item_3', true],
  ['item-44', true],
  ['items', false],
  ['item 100', false],
  ['my item', false],
  ['item_id', false],
])('an entry with the key %s is a line item: %s', (key, isShown) => {
  expect(itemsFrom([[key, 'Lamp']])).toEqual(isShown ? [{ name: 'Lamp' }] : [])
})

test.each([
  ['Brass lamp | 1499.9', { name: 'Brass lamp', amount: '₹1,499.90' }],
  ['Brass lamp|1499', { name: 'Brass lamp', amount: '₹1,499.00' }],
  ['Voucher | -100', { name: 'Voucher', amount: '-₹100.00' }],
  ['Delivery | 0.00', { name: 'Delivery', amount: '₹0.00' }],
  ['Gold | 100000', { name: 'Gold', amount: '₹1,00,000.00' }],
  ['Lamp | 1.005', { name: 'Lamp | 1.005' }],
  ['Lamp | red', { name: 'Lamp | red' }],
  ['Lamp | red | 10', { name: 'Lamp | red', amount: '₹10.00' }],
  ['| 10', { name: '| 10' }],
])('the value %s is read as one line item', (value, item) => {
  expect(itemsFrom([['item', value]])).toEqual([item])
})

test('a list without items is empty, and blank items are omitted', () => {
  expect(itemsFrom(undefined)).toEqual([])
  expect(itemsFrom([['item', '  ']])).toEqual([])
})
