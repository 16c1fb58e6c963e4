/** The result of looking up a terminal. */
export type TerminalOutcome =
  | { readonly kind: 'found' }
  | { readonly kind: 'not_found' }
  | { readonly kind: 'unknown'; readonly reason: string }

/**
 * The capability of a processor to take payments at terminals. Money moves only through `charge`: its instrument
 * `terminal` asks the processor to show the amount on a terminal.
 */
export type Terminals = {
  /** Finds a terminal by the id that the merchant sends: 1 to 50 characters. */
  readonly find: (terminalId: string) => Promise<TerminalOutcome>
}
