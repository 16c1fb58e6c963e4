/** The languages of customers' pages and messages, in the order in which they are offered. */
export const LANGUAGE_CODES = ['en', 'hi', 'ur'] as const
/** A language of customers' pages and messages: English, Hindi or Urdu. */
export type Language = (typeof LANGUAGE_CODES)[number]
