/** A value of a cell. Undefined: the cell is empty. */
export type CsvCell = string | number | undefined

/** The beginnings of a text that spreadsheet programs take for a formula. */
const FORMULA = /^[=+\-@\t\r]/

/**
 * Writes rows as CSV (RFC 4180). A text that a spreadsheet program would run as a formula gets an apostrophe in front.
 */
export function csvOf(rows: readonly (readonly CsvCell[])[]): string {
  return rows.map((cells) => `${cells.map(cellText).join(',')}\r\n`).join('')
}

function cellText(cell: CsvCell): string {
  if (typeof cell === 'number') return String(cell)
  if (cell === undefined) return ''
  const text = FORMULA.test(cell) ? `'${cell}` : cell
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
