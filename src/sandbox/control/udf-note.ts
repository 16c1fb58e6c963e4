import { UDF_NAMES } from '../../client/verification/redirect.ts'

/**
 * Returns the warning of a session's timeline about udf values with dots, because the signature of a redirect does
 * not separate them safely. Undefined: no value has a dot.
 */
export function udfNote(
  /** The parameters of the hosted page, by their names on the wire. */
  parameters: Readonly<Record<string, unknown>> = {},
): { readonly text: string; readonly detail: string } | undefined {
  const udfNames = UDF_NAMES.filter((name) => String(parameters[name] ?? '').includes('.'))
  if (udfNames.length === 0) return undefined
  return {
    text: `Dots in ${udfNames.join(', ')}: the redirect does not prove any udf value`,
    detail:
      'The signature joins its values with dots, so a customer can move text from one udf to another. Take udf values from the retrieved session.',
  }
}
