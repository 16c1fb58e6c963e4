const KEY = 'paydesk-account'

/** Keeps the id of the shown account in the browser, so that an address without an account shows it too. */
export function keepAccount(id: string): void {
  try {
    localStorage.setItem(KEY, id)
  } catch {
    // The browser stores nothing for this page.
  }
}

/** Returns the account that was shown last. Undefined: none was, or the browser stores nothing. */
export function keptAccount(): string | undefined {
  try {
    return localStorage.getItem(KEY) ?? undefined
  } catch {
    return undefined
  }
}
