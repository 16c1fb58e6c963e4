/** A value of a cell. Undefined: the cell is empty. `decimal`: a number as text, such as `-100.50`. */
export type CsvCell = string | number | undefined | { readonly decimal: string }

/**
 * The beginnings of a text that spreadsheet programs take for a formula. Some programs also accept the full-width and
 * the small forms, and ignore blanks, line ends and invisible characters before a formula.
 */
const FORMULA = /^[\s\p{Cc}\p{Cf}]*[=+\-@−＝＋－＠﹢﹣﹦﹫]|^[\t\r\n]/u

/**
 * Writes rows as CSV (RFC 4180). A text that a spreadsheet program would run as a formula gets an
 * apostrophe before it.
 */
export function csvOf(rows: readonly (readonly CsvCell[])[]): string {
  return rows.map((cells) => `${cells.map(cellText).join(',')}\r\n`).join('')
}

function cellText(cell: CsvCell): string {
  if (cell === undefined) return ''
  if (typeof cell === 'number') return String(cell)
  if (typeof cell === 'object') return cell.decimal
  const text = FORMULA.test(cell) ? `'${cell}` : cell
  // Quoted for semicolons and tabs too, because some programs end a cell at them.
  return /[",;\t\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
