import { UDF_NAMES } from '../../client/verification/redirect.ts'

/**
 * Gives the warning of a session's timeline about udf values with dots, which the signature of a redirect cannot tell
 * apart. Undefined: no value has one.
 */
export function udfNote(
  /** The parameters of the hosted page, by their names on the wire. */
  hosted: Readonly<Record<string, unknown>> = {},
): { readonly text: string; readonly detail: string } | undefined {
  const dotted = UDF_NAMES.filter((name) => String(hosted[name] ?? '').includes('.'))
  if (dotted.length === 0) return undefined
  return {
    text: `Dots in ${dotted.join(', ')}: the redirect does not prove any udf value`,
    detail:
      'The signature joins its values with dots, so a customer can move text from one udf to another. Take udf values from the retrieved session.',
  }
}
