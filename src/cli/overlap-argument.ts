import { type Command, InvalidArgumentError, Option } from 'commander'
import { KEY_OVERLAP_MS, KEY_OVERLAP_MS_MAX } from '../domain/account-keys.ts'
import { parseDuration } from '../domain/duration.ts'

/** Adds the flag for how long the old secret stays valid. */
export function withOverlap(command: Command): Command {
  return command.addOption(
    new Option(
      '--overlap <duration>',
      'how long the replaced key or secret stays valid, such as 2h or 7d, up to 30d. Use 0 if it has leaked: it then stops working within 20 seconds.',
    )
      .argParser(overlapFrom)
      .default(KEY_OVERLAP_MS, '24h'),
  )
}

function overlapFrom(text: string): number {
  const overlapMs = parseDuration(text)
  if (overlapMs === undefined || overlapMs > KEY_OVERLAP_MS_MAX) {
    throw new InvalidArgumentError('It must be a duration such as 2h or 7d, at most 30d.')
  }
  return overlapMs
}
