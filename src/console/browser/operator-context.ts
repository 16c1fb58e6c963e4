import { createContext } from 'preact'
import { useContext } from 'preact/hooks'
import type { OperatorConsoleFacts } from '../console-facts.ts'

/** The facts of the page. Undefined only outside the live console. */
export const OperatorContext = createContext<OperatorConsoleFacts | undefined>(undefined)

/** Returns the facts of the page: the signed-in operator and the accounts. */
export function useOperatorFacts(): OperatorConsoleFacts {
  const facts = useContext(OperatorContext)
  if (facts === undefined) throw new Error('a view is rendered outside the live console')
  return facts
}
