import { InvalidArgumentError } from 'commander'
import { type AccountId, parseAccountId } from '../domain/id.ts'

/** The flags of a command. */
export type Flags = Readonly<Record<string, unknown>>

/** The environment of the process. */
export type Environment = Readonly<Record<string, string | undefined>>

/** Reads an id. Any other text could reach another path of the API. */
export function idFrom(text: string): string {
  if (!/^\d{1,16}$/.test(text)) throw new InvalidArgumentError('An id has 1 to 16 digits.')
  return text
}

/** Reads an account id, and adds it to those before it. */
export function accountIdsFrom(
  text: string,
  before: readonly AccountId[] = [],
): readonly AccountId[] {
  return [...before, accountIdFrom(text)]
}

/** Reads an account id. */
export function accountIdFrom(text: string): AccountId {
  const id = parseAccountId(text)
  if (id === undefined) {
    throw new InvalidArgumentError('An account id is a whole number of at most 16 digits.')
  }
  return id
}

const ROW_COUNT_MAX = 10_000

/** Reads the number of rows that a list shows. */
export function rowCountFrom(text: string): number {
  if (!/^[1-9]\d{0,4}$/.test(text) || Number(text) > ROW_COUNT_MAX) {
    throw new InvalidArgumentError(`It must be a whole number from 1 to ${ROW_COUNT_MAX}.`)
  }
  return Number(text)
}

/** Reads a number. The server checks its range. */
export function numberFrom(text: string): number {
  if (!/^\d{1,9}(?:\.\d{1,9})?$/.test(text)) throw new InvalidArgumentError('It must be a number.')
  return Number(text)
}
