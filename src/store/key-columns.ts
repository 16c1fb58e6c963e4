import type { StoredKey } from '../domain/account-keys.ts'
import { optionalText, optionalWhole, text } from './columns.ts'

/** Makes the three columns of a secret: its value, the previous value, and the end of the previous value's validity. */
export function keyColumns<Source>(key: (source: Source) => StoredKey) {
  return {
    value: text<Source, string>((source) => key(source).value),
    previous: optionalText<Source, string>((source) => key(source).previous?.value),
    untilMs: optionalWhole<Source>((source) => key(source).previous?.untilMs),
  }
}

/** Makes a secret from the values of its columns. */
export function keyFrom(
  value: string,
  previous: string | undefined,
  untilMs: number | undefined,
): StoredKey {
  return previous === undefined || untilMs === undefined
    ? { value }
    : { value, previous: { value: previous, untilMs } }
}
