import { type ComponentChildren, createContext } from 'preact'
import { useContext, useLayoutEffect } from 'preact/hooks'
import type { OperatorPermission } from '../../domain/operator.ts'
import type { Edition } from '../../domain/payment-method.ts'

/** The context of every view. */
export type Console = {
  /** The account of the listed objects. */
  readonly accountId: string
  readonly setAccountId: (id: string) => void
  readonly edition: Edition
  /** Returns true if the reader has a permission. The server checks it again. In a sandbox everything is permitted. */
  readonly may: (permission: OperatorPermission) => boolean
  /** True: changes are real, so a view asks before one that cannot be undone. */
  readonly isLive: boolean
  /**
   * Shows a message, and announces it to screen readers without interrupting them. `language`: `en` for an English text
   * of the server. Undefined: the text is in the language of the page.
   */
  readonly say: (text: string, tone?: 'good' | 'bad', language?: 'en') => void
  /** The tools of every list with filters. Undefined: none. */
  readonly listTools?: ComponentChildren
  /** The time by the clock of the sandbox, or in the live console by that of the browser. */
  readonly nowMs: () => number
}

/** Undefined only outside the console. */
export const ConsoleContext = createContext<Console | undefined>(undefined)

/** Returns the context of every view. */
export function useConsole(): Console {
  const context = useContext(ConsoleContext)
  if (context === undefined) throw new Error('a view is rendered outside the console')
  return context
}

/**
 * Switches the lists to the account of an object, because a URL can open an object of any account.
 * Undefined: the object is still loading.
 */
export function useAccountOf(object: { readonly account_id: string } | undefined): void {
  const { setAccountId } = useConsole()
  // This effect runs before the browser shows the object, because it must not replace an account that the reader chooses
  // afterwards.
  useLayoutEffect(() => {
    if (object !== undefined) setAccountId(object.account_id)
  }, [object?.account_id])
}
