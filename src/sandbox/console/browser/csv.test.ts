import { expect, test } from 'vitest'
import { csvOf } from './csv.ts'

test('an exported cell is never a formula, and numbers stay unchanged', () => {
  expect(csvOf([['=HYPERLINK("x")', '+1', '-1', '@a', '\tb', '\rc', -1, 'a=b']])).toBe(
    '"\'=HYPERLINK(""x"")",\'+1,\'-1,\'@a,\'\tb,"\'\rc",-1,a=b\r\n',
  )
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
