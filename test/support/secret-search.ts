/** Searches for forbidden digits and texts in every form that a program could write. */

/** A searched text or file. */
export type Haystack = {
  /** Describes the place, for the report. */
  readonly where: string
  readonly text: string
  /** True: a binary file, in which three digits count as a code only if they are a whole value. */
  readonly isBinary?: boolean
}

/** A forbidden value, and the patterns of its traces. */
export type Secret = {
  readonly what: string
  readonly isIn: (haystack: SearchedText) => boolean
}
type SearchedText = Haystack & {
  /** The text without random texts. */
  readonly words: string
}

/** Makes the patterns of an account or card number: with and without separators, in base64 and in hex. */
export function numberSecret(digits: string): Secret {
  const spacedDigits = [...digits].join(String.raw`(?:[\s\u00a0.+_-]|%20|&nbsp;)?`)
  // A number that was parsed has lost its leading zeros.
  const asNumber = digits.replace(/^0+/, '')
  const pattern = new RegExp(String.raw`${spacedDigits}|(?<!\d)${asNumber}(?!\d)`)
  const inFours = digits.replaceAll(/(\d{4})(?=\d)/g, '$1 ')
  const encodings = encodingsOf(digits, inFours, inFours.replaceAll(' ', '-'))
  return { what: digits, isIn: ({ text }) => pattern.test(text) || encodings.test(text) }
}

/**
 * A random key, hash or sealed value. It can contain any three digits between two hyphens by chance, so plain codes
 * in it do not count. An encoded code is found by its encoding.
 */
const RANDOM_TEXT = /(?<![\w-])[\w-]{40,}/g

/** Makes the patterns of a security code. It is short, so it counts only as a separate word. */
export function codeSecret(digits: string): Secret {
  const asWord = new RegExp(String.raw`(?<![0-9A-Za-z]|\d\.)${digits}(?![0-9A-Za-z]|\.\d)`)
  const asValue = new RegExp(String.raw`(?:["'=]|cv[vc][_"':=\s\\]{0,6})${digits}["'&\s\\]`, 'i')
  const encodings = encodingsOf(`cvv=${digits}`, `cvv":"${digits}`, `cvv":${digits}`)
  return {
    what: `security code ${digits}`,
    isIn: ({ isBinary, text, words }) =>
      asValue.test(text) || encodings.test(text) || (isBinary !== true && asWord.test(words)),
  }
}

/** Makes the patterns of a text, such as a token. */
export function textSecret(what: string, text: string): Secret {
  const encodings = encodingsOf(text)
  return { what, isIn: (haystack) => haystack.text.includes(text) || encodings.test(haystack.text) }
}

/** Returns `where: what` for each found secret, once. */
export function findSecrets(haystacks: readonly Haystack[], secrets: readonly Secret[]): string[] {
  const finds = haystacks.flatMap((haystack) => {
    const text = withWesternDigits(haystack.text)
    const texts = [text, text.replaceAll(/%(?=[2-7][0-9a-f])(..)/gi, (_, hex) => fromHex(hex))]
    const textsToSearch = texts.map((one) => ({
      ...haystack,
      text: one,
      words: haystack.isBinary === true ? one : one.replaceAll(RANDOM_TEXT, ''),
    }))
    return secrets
      .filter(({ isIn }) => textsToSearch.some(isIn))
      .map(({ what }) => `${haystack.where}: ${what}`)
  })
  return [...new Set(finds)]
}

const fromHex = (hex: string) => String.fromCharCode(Number.parseInt(hex, 16))

/** The digits zero of the scripts in which customers type. */
const ZEROS = [...'०٠۰０'].map((zero) => zero.codePointAt(0) as number)

function withWesternDigits(text: string): string {
  return text.replaceAll(/[०-९٠-٩۰-۹０-９]/g, (digit) => {
    const code = digit.codePointAt(0) as number
    return String(code - (ZEROS.find((zero) => code >= zero && code < zero + 10) ?? code))
  })
}

/** Matches each text in hex, and in base64 at every position of the encoded bytes. */
function encodingsOf(...texts: readonly string[]): RegExp {
  const parts = texts.flatMap((text) => {
    const hex = Buffer.from(text).toString('hex')
    return [hex, hex.toUpperCase(), ...[0, 1, 2].map((byteCount) => base64Core(text, byteCount))]
  })
  return new RegExp(
    parts.map((part) => part.replaceAll('+', '[+-]').replaceAll('/', '[/_]')).join('|'),
  )
}

/** Returns the base64 characters that depend only on the text, with `byteCount` bytes in front of it. */
function base64Core(text: string, byteCount: number): string {
  const bytes = Buffer.concat([Buffer.alloc(byteCount), Buffer.from(text)])
  const [start, end] = [Math.ceil((byteCount * 8) / 6), Math.floor((bytes.length * 8) / 6)]
  return bytes.toString('base64').slice(start, end)
}
