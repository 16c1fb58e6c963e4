import { useState } from 'preact/hooks'

const KEY = 'paydesk-account'

/** Keeps the id of the chosen account in the browser, so that a new page shows it too. Undefined: none was chosen. */
export function useChosenAccount(): readonly [string | undefined, (id: string) => void] {
  const [id, setId] = useState(storedId)
  const choose = (chosenId: string) => {
    setId(chosenId)
    try {
      localStorage.setItem(KEY, chosenId)
    } catch {
      // The browser stores nothing for this page.
    }
  }
  return [id, choose]
}

function storedId(): string | undefined {
  try {
    return localStorage.getItem(KEY) ?? undefined
  } catch {
    return undefined
  }
}
