/**
 * The texts of `src/domain/currency.ts` and `src/domain/country.ts`, from kept packages.
 *
 * Both are lists that an outside body changes every few years; printing them keeps two packages of
 * data out of the running program.
 */
import currencies from 'currency-codes'
import countries from 'i18n-iso-countries/codes.json' with { type: 'json' }

/** What the package's list (published 2024-06-25) lacks. Source: ISO 4217 amendments 176, 177, 180. */
const ADDED: Record<string, number> = { XCG: 2 }
/** Currencies that have been withdrawn since: ANG by XCG in 2025, CUC in 2021, BGN by EUR in 2026. */
const WITHDRAWN = new Set(['ANG', 'CUC', 'BGN', 'HRK', 'SLL', 'ZWL'])

/** Codes for metals, bond units, funds, testing and "no currency" cannot be charged. */
function isMoney(entry: { code: string; countries: string[] }): boolean {
  return !/^X(?!AF|CD|OF|PF|CG)/.test(entry.code) && !WITHDRAWN.has(entry.code)
}

/** Gives the text of `src/domain/currency.ts`. */
export function printCurrencies(): string {
  const exponents = new Map<string, number>(Object.entries(ADDED))
  for (const entry of currencies.data) {
    if (isMoney(entry)) exponents.set(entry.code, entry.digits)
  }
  const rows = [...exponents].sort(([a], [b]) => (a < b ? -1 : 1))
  return `// Printed by npm run print. Do not edit.

/** The ISO 4217 currencies that money can be asked in, with their digits after the decimal point. */
export const CURRENCY_EXPONENTS = {
${rows.map(([code, digits]) => `  ${code}: ${digits},`).join('\n')}
} as const
`
}

/** Gives the text of `src/domain/country.ts`. */
export function printCountries(): string {
  const codes = countries.map(([alpha2]) => alpha2).filter((code) => code !== 'XK')
  return `// Printed by npm run print. Do not edit.

/** The ISO 3166-1 alpha-2 country codes. */
export const COUNTRY_CODES: ReadonlySet<string> = new Set(
  (
${chunks(codes.sort(), 24)
  .map(
    (chunk, index) =>
      `    ${index === 0 ? '' : '+ '}'${chunk.join(' ')}${index === Math.ceil(codes.length / 24) - 1 ? '' : ' '}'`,
  )
  .join('\n')}
  ).split(' '),
)
`
}

function chunks<T>(items: readonly T[], size: number): T[][] {
  const result: T[][] = []
  for (let start = 0; start < items.length; start += size)
    result.push(items.slice(start, start + size))
  return result
}
