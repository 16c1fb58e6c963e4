import { Option } from 'commander'

/**
 * Makes the flag for JSON output. `output`: the flag's description, such as `print one line of JSON for each event`.
 */
export function jsonOption(output = 'print JSON'): Option {
  return new Option('--json', output)
}
