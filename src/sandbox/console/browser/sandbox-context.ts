import { createContext } from 'preact'
import { useContext } from 'preact/hooks'
import type { ClockState, SandboxFacts } from './wire.ts'

/** The context that only the views of a sandbox have. */
export type SandboxConsole = {
  readonly facts: SandboxFacts
  readonly clock: ClockState | undefined
}

/** Undefined only outside the console of a sandbox. */
export const SandboxContext = createContext<SandboxConsole | undefined>(undefined)

/** Returns the context of the views of a sandbox. */
export function useSandbox(): SandboxConsole {
  const context = useContext(SandboxContext)
  if (context === undefined) throw new Error('a view is rendered outside the sandbox')
  return context
}
