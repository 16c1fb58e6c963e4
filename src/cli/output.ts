import { terminalJson, terminalLines, withoutControls } from '../domain/terminal-text.ts'
import { applyStyle, styledStatus } from './styles.ts'

/** Writes a line to the standard output. Texts of other programs in it cannot control the terminal. */
export function print(line: string): void {
  process.stdout.write(`${terminalLines(line)}\n`)
}

/** Writes a line to the error output, like `print`. */
export function printNote(line: string): void {
  process.stderr.write(`${terminalLines(line)}\n`)
}

/** Writes a warning to the error output. It does not change the exit code. */
export function printWarning(sentence: string): void {
  printNote(`${applyStyle('waiting', 'Warning:', process.stderr)} ${sentence}`)
}

/** Writes a value as indented JSON. */
export function printJson(value: unknown): void {
  print(terminalJson(JSON.stringify(value, null, 2)))
}

/** Writes a value as one line of JSON, for streams. */
export function printJsonLine(value: unknown): void {
  print(terminalJson(JSON.stringify(value)))
}

/** Writes the result of a deletion: a sentence, or JSON with the id of the deleted object. */
export function printDeletedIds(
  { json }: { readonly json?: unknown },
  ids: Readonly<Record<string, string>>,
  sentence: string,
): void {
  if (json === true) printJson({ ...ids, is_deleted: true })
  else print(sentence)
}

/** The names of columns and rows whose values have the color of a status. */
const STATUS_NAMES: ReadonlySet<string> = new Set(['Answer', 'Result', 'Status'])

/** Writes each name with its value on a separate line. Rows without a value are omitted. */
export function printTable(rows: readonly (readonly [string, string | undefined])[]): void {
  const filledRows = rows
    .filter((row): row is readonly [string, string] => Boolean(row[1]))
    .map(([name, value]): [string, string] => [plain(name), plain(value)])
  const width = Math.max(...filledRows.map(([name]) => name.length))
  for (const [name, value] of filledRows) {
    const text = STATUS_NAMES.has(name) ? styledStatus(value) : value
    print(`${applyStyle('quiet', name.padEnd(width))}  ${text}`)
  }
}

/**
 * Writes rows in columns below a header. A column whose name begins with a blank contains numbers and is aligned to
 * the right.
 */
export function printColumns(
  header: readonly string[],
  rows: readonly (readonly (string | undefined)[])[],
): void {
  const cells = [header.map((name) => name.trim()), ...rows.map((row) => row.map(plain))]
  const widths = header.map((_, column) =>
    Math.max(...cells.map((row) => row[column]?.length ?? 0)),
  )
  for (const [index, row] of cells.entries()) {
    const last = row.findLastIndex((text) => text !== '')
    const line = row.slice(0, last + 1).map((text, column) => {
      const width = widths[column] ?? 0
      const isNumber = header[column]?.startsWith(' ') === true
      const cell = isNumber ? text.padStart(width) : column === last ? text : text.padEnd(width)
      if (index === 0) return applyStyle('heading', cell)
      return STATUS_NAMES.has(header[column]?.trim() ?? '') ? styledStatus(cell) : cell
    })
    print(line.join('  '))
  }
}

/** Returns a text of another program in one line, without control characters. */
export function plain(text: string | undefined): string {
  return withoutControls(text ?? '')
}

/**
 * Writes a time as all commands do: `2026-11-22 14:03:22 +05:30`. `offsetMinutes`: the minutes by which the zone is
 * ahead of UTC. Undefined: the local zone.
 */
export function showTime(
  atMs: number,
  offsetMinutes = -new Date(atMs).getTimezoneOffset(),
): string {
  const time = new Date(atMs + offsetMinutes * 60_000).toISOString()
  const ahead = Math.abs(offsetMinutes)
  const zone = [Math.floor(ahead / 60), ahead % 60].map(twoDigits).join(':')
  return `${time.slice(0, 10)} ${time.slice(11, 19)} ${offsetMinutes < 0 ? '-' : '+'}${zone}`
}

/** Writes a time in ISO 8601 as the end of a span: `until 2026-11-22 14:03:22 +05:30`. Undefined: there is none. */
export function untilText(isoTime: string | undefined): string | undefined {
  return isoTime === undefined ? undefined : `until ${showTime(Date.parse(isoTime))}`
}

function twoDigits(number: number): string {
  return String(number).padStart(2, '0')
}
