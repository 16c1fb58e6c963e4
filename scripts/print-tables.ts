/** Prints `src/domain/currency.ts`, `country.ts` and `dialing-code.ts` from maintained packages.
 *
 * The standards change every few years. With printed tables the running program and the checkout page do not load three
 * packages of data.
 */
import currencies from 'currency-codes'
import countries from 'i18n-iso-countries/codes.json' with { type: 'json' }
import metadata from 'libphonenumber-js/metadata.min.json'
import { getCountries, getCountryCallingCode } from 'libphonenumber-js/min'

/** Currencies that the package's list (published 2024-06-25) lacks. Source: ISO 4217 amendments 176, 177, 180. */
const ADDED: Record<string, number> = { XCG: 2 }
/** Currencies that the package's list still has, but that were withdrawn: CUC in 2021, ANG (now XCG) in 2025, BGN (now EUR) in 2026. */
const WITHDRAWN = new Set(['ANG', 'CUC', 'BGN'])

/**
 * Returns true if an entry is money: codes for metals, bond units, funds, testing and "no currency" cannot be
 * charged.
 */
function isMoney(entry: { code: string; countries: string[] }): boolean {
  return !/^X(?!AF|CD|OF|PF|CG)/.test(entry.code) && !WITHDRAWN.has(entry.code)
}

/** Returns the text of `src/domain/currency.ts`. */
export function printCurrencies(): string {
  const exponents = new Map<string, number>(Object.entries(ADDED))
  for (const entry of currencies.data) {
    if (isMoney(entry)) exponents.set(entry.code, entry.digits)
  }
  const rows = [...exponents].sort(([a], [b]) => (a < b ? -1 : 1))
  return `// Printed by npm run print. Do not edit.

/** The supported ISO 4217 currencies, with their digits after the decimal point. */
export const CURRENCY_EXPONENTS = {
${rows.map(([code, digits]) => `  ${code}: ${digits},`).join('\n')}
} as const
`
}

/** Returns the text of `src/domain/country.ts`. */
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

/** Returns the text of `src/domain/dialing-code.ts`. */
export function printDialingCodes(): string {
  const knownNames = new Set(countries.map(([alpha2]) => alpha2))
  const byCountry = getCountries()
    .filter((country) => knownNames.has(country) && country !== 'XK')
    .map((country) => [country, getCountryCallingCode(country)] as const)
  const ofCountries = new Set<string>(byCountry.map(([, code]) => code))
  const others = [
    ...Object.keys(metadata.country_calling_codes),
    ...Object.keys(metadata.nonGeographic ?? {}),
  ].filter((code) => !ofCountries.has(code))
  return `// Printed by npm run print. Do not edit.

/** The dialing codes of countries, without the plus sign, by ISO 3166-1 alpha-2 code. */
export const COUNTRY_DIALING_CODES: ReadonlyMap<string, string> = new Map(
  (
${texts(
  byCountry.map((row) => row.join(' ')),
  8,
  ',',
)}
  )
    .split(',')
    .map((row) => row.split(' ') as [string, string]),
)

/** Dialing codes of no country in that list: satellites, networks, shared numbers. */
export const OTHER_DIALING_CODES: readonly string[] = '${others.join(' ')}'.split(' ')
`
}

function texts(items: readonly string[], size: number, separator: string): string {
  const lines = chunks(items, size).map((chunk) => chunk.join(separator))
  return lines
    .map((line, index) => {
      const end = index === lines.length - 1 ? '' : separator
      return `    ${index === 0 ? '' : '+ '}'${line}${end}'`
    })
    .join('\n')
}

function chunks<T>(items: readonly T[], size: number): T[][] {
  const result: T[][] = []
  for (let start = 0; start < items.length; start += size)
    result.push(items.slice(start, start + size))
  return result
}
