import { createContext } from 'preact'
import { useContext } from 'preact/hooks'
import type { ClockState, SandboxFacts } from './wire.ts'

/** The context of every view. */
export type Console = {
  readonly facts: SandboxFacts
  /** The account of the listed objects. */
  readonly accountId: string
  readonly setAccountId: (id: string) => void
  /** Says what became of something, to everybody, politely. */
  readonly say: (text: string, tone?: 'good' | 'bad') => void
  readonly clock: ClockState | undefined
  /** The time that the sandbox goes by, in milliseconds. */
  readonly nowMs: () => number
}

/** Undefined only outside of the console. */
export const ConsoleContext = createContext<Console | undefined>(undefined)

/** Gives what every view goes by. */
export function useConsole(): Console {
  const given = useContext(ConsoleContext)
  if (given === undefined) throw new Error('a view stands outside of the console')
  return given
}
