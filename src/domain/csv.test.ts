import { expect, test } from 'vitest'
import { type CsvCell, csvOf } from './csv.ts'

test('an exported cell is never a formula, and numbers stay unchanged', () => {
  expect(csvOf([['=HYPERLINK("x")', '+1', '-1', '@a', '\tb', '\rc', -1, 'a=b', 'a;=b']])).toBe(
    '"\'=HYPERLINK(""x"")",\'+1,\'-1,\'@a,"\'\tb","\'\rc",-1,a=b,"a;=b"\r\n',
  )
})

test.each([
  ['\n=1', '"\'\n=1"'],
  ['＝1', "'＝1"],
  ['＋1', "'＋1"],
  ['－1', "'－1"],
  ['＠a', "'＠a"],
  ['﹦1', "'﹦1"],
  ['−1', "'−1"],
  [' =1', "' =1"],
  ['\u00a0\u200b\ufeff=1', "'\u00a0\u200b\ufeff=1"],
  ['\u0085=1', "'\u0085=1"],
])(
  'a cell that begins with a line feed, a blank or another form of a sign is never a formula: %j',
  (text, cell) => {
    expect(csvOf([[text]])).toBe(`${cell}\r\n`)
  },
)

test('an amount keeps its sign, because it is a number', () => {
  const cells: readonly CsvCell[] = [{ decimal: '-100.50' }, { decimal: '0.00' }]
  expect(csvOf([cells])).toBe('-100.50,0.00\r\n')
})

test('commas, quotes and line ends stay inside their cell', () => {
  expect(
    csvOf([
      ['id', 'body'],
      [7, 'a, "b"\nc'],
      [undefined, ''],
    ]),
  ).toBe('id,body\r\n7,"a, ""b""\nc"\r\n,\r\n')
})
