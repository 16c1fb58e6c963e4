/** The sentences for the errors of a browser's dialog for passkeys, by their names. */
export type PasskeySentences = {
  readonly NotAllowedError: string
  readonly InvalidStateError: string
  readonly SecurityError: string
  /** For every other error. */
  readonly other: string
}
