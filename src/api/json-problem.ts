import { type ParseErrorCode, printParseErrorCode, visit } from 'jsonc-parser'

/** The first mistake in a text that is not JSON. Lines and columns count from 1, columns in characters of UTF-16. */
type JsonProblem = { readonly line: number; readonly column: number; readonly cause: string }

const CAUSES: Readonly<Record<string, string>> = {
  InvalidSymbol: 'not a JSON value; texts and names of fields need double quotation marks',
  InvalidNumberFormat: 'a number is malformed',
  PropertyNameExpected: 'the name of a field in quotation marks is expected',
  ValueExpected: 'a value is expected',
  ColonExpected: 'a colon is expected',
  CommaExpected: 'a comma is expected',
  CloseBraceExpected: 'a closing brace is expected',
  CloseBracketExpected: 'a closing bracket is expected',
  EndOfFileExpected: 'the end of the text is expected',
  InvalidCommentToken: 'JSON has no comments',
  UnexpectedEndOfComment: 'JSON has no comments',
  UnexpectedEndOfString: 'a text has no closing quotation mark in its line',
  UnexpectedEndOfNumber: 'a number is malformed',
  InvalidUnicode: 'a text has a malformed \\u escape',
  InvalidEscapeCharacter: 'a text has an unknown escape after a backslash',
  InvalidCharacter: 'a text has a control character without an escape',
}

/**
 * Finds the first mistake in a text that `JSON.parse` refuses. If the mistake is in a JSON string or a number, its
 * position is the start of this string or number. Undefined: the position is unknown, for example because the text is
 * nested too deep.
 */
export function findJsonProblem(text: string): JsonProblem | undefined {
  const problems: { readonly offset: number; readonly code: ParseErrorCode }[] = []
  try {
    const options = { disallowComments: true, allowTrailingComma: false }
    const onError = (code: ParseErrorCode, offset: number) => problems.push({ offset, code })
    visit(text, { onError }, options)
  } catch (error) {
    // The parser calls itself for each level.
    if (!(error instanceof RangeError)) throw error
    return undefined
  }
  const [problem] = problems
  if (problem === undefined) return undefined
  const lines = text.slice(0, problem.offset).split(/\r\n|\r|\n/)
  return {
    line: lines.length,
    column: (lines.at(-1) ?? '').length + 1,
    cause: CAUSES[printParseErrorCode(problem.code)] ?? 'not JSON',
  }
}
