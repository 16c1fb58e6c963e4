import { InvalidArgumentError } from 'commander'
import { isPlainText } from '../domain/text.ts'

/** Reads the name of an account or a client, which pages show. Throws InvalidArgumentError. */
export function nameFrom(value: string): string {
  if (!isPlainText(value)) {
    throw new InvalidArgumentError('It must have 1 to 200 characters on one line.')
  }
  return value
}
