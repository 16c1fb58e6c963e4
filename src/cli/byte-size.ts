const UNITS = ['kB', 'MB', 'GB', 'TB'] as const

/** Writes a number of bytes for a person: `512 bytes`, `12.3 MB`. A unit is a thousand of the one before. */
export function byteSize(count: number): string {
  let size = count
  let unit = 'bytes'
  for (const larger of UNITS) {
    if (size < 1_000) break
    size /= 1_000
    unit = larger
  }
  return `${size.toLocaleString('en', { maximumFractionDigits: 1 })} ${unit}`
}
