/** Reads the reader's choice. Null: there is none, or the browser stores nothing. */
export function readChoice(name: string): string | null {
  try {
    return localStorage.getItem(name)
  } catch {
    return null
  }
}

/** Stores a choice of the reader for other pages, if the browser stores anything. */
export function storeChoice(name: string, value: string): void {
  try {
    localStorage.setItem(name, value)
  } catch {
    // Without storage the choice applies only to this page.
  }
}
