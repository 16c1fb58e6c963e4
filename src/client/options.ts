/**
 * Throws a TypeError for an unknown option. Otherwise a misspelled option of a program without types would have no
 * effect. `subject` begins the error: `A client`.
 */
export function refuseUnknownOptions(
  subject: string,
  options: object,
  knownNames: Readonly<Record<string, true>>,
): void {
  const names = Object.keys(knownNames)
  for (const name of Object.keys(options)) {
    if (Object.hasOwn(knownNames, name)) continue
    const nearest = names.find(
      (one) => one.toLowerCase() === name.toLowerCase().replaceAll('_', ''),
    )
    const suggestion = nearest === undefined ? '' : `, did you mean ${nearest}?`
    const end = suggestion === '' ? '.' : ''
    throw new TypeError(
      `${subject} has no option ${name}${suggestion}${end} The options are: ${names.join(', ')}.`,
    )
  }
}
