import { ApiError } from '../../api/errors.ts'
import { kindOf, type ValueRefused } from '../../api/read-fields.ts'
import type { JsonValue } from '../../api/read-json.ts'
import { suggestionFor } from '../../domain/nearest.ts'

/** Texts without digits: words, and the names of events and routes. */
const SHOWN_WORDS = /^[A-Za-z_ .,:+!-]{1,40}$/
/** Texts with digits: times, amounts and lengths of time. Card numbers have more digits, and credentials are longer. */
const SHOWN_TEXT = /^(?=(?:\D*\d){1,8}\D*$)[\w .,:+-]{1,20}$/

/**
 * Describes a value in the errors of the control API, which only a developer reads: short, harmless texts are repeated.
 * Other values are described in words, because they may be card numbers or credentials.
 */
export function shownValue(value: JsonValue): string {
  const isShown = typeof value === 'string' && (SHOWN_WORDS.test(value) || SHOWN_TEXT.test(value))
  return isShown ? `the text "${value}"` : kindOf(value)
}

/** Adds the value and the nearest choice to the message about a value of the wrong form. Other errors stay the same. */
export function withShownValue(error: ValueRefused): ApiError {
  const { choices, field, must, value } = error
  if (typeof value !== 'string') return error
  return new ApiError(
    'invalid_parameter',
    field,
    `${must}, but it is ${shownValue(value)}${suggestionFor(value, choices) || '.'}`,
  )
}
