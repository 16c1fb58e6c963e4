import { medianOf, type Rates, ratioOf } from './rounds.ts'

/** Prints rows of cells in columns, the first one to the left and the others to the right. */
export function printTable(rows: readonly (readonly string[])[]): void {
  const widthOf = (column: number) => Math.max(...rows.map((row) => row[column]?.length ?? 0))
  for (const [first = '', ...others] of rows) {
    const cells = others.map((cell, index) => cell.padStart(widthOf(index + 1)))
    console.log(`  ${[first.padEnd(widthOf(0)), ...cells].join('  ')}`)
  }
}

/** Gives the cells of the median, the least and the greatest value, as whole numbers. */
export function spreadCells(values: readonly number[]): readonly string[] {
  return [medianOf(values), Math.min(...values), Math.max(...values)].map((value) =>
    Math.round(value).toLocaleString('en-US'),
  )
}

/** Prints what contenders did a second, with their ratios to one of them. */
export function printRates(all: readonly Rates[], to: Rates): void {
  printTable([
    ['', 'median/s', 'min', 'max', `of ${to.name}`],
    ...all.map((rates) => [
      rates.name,
      ...spreadCells(rates.perRound),
      ratioOf(rates, to).toFixed(2),
    ]),
  ])
}

/** Prints whether what was expected holds, and answers it. */
export function printVerdict(measured: string, expected: string, isMet: boolean): boolean {
  console.log(`${measured} (expected ${expected}) ${isMet ? 'ok' : 'MISSED'}`)
  return isMet
}
