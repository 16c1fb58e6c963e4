import { EXIT_CODES } from './exit-codes.ts'
import { printError } from './print-error.ts'

/** The signals that end a command early, with the exit code of each: 128 plus the signal's number. */
export const INTERRUPTIONS: Readonly<Partial<Record<NodeJS.Signals, number>>> = {
  SIGHUP: 129,
  SIGINT: 130,
  SIGTERM: 143,
}

/** Handles signals until `stop` is called: the first one aborts `signal`, and a second one ends the process at once. */
export function watchInterruption() {
  const controller = new AbortController()
  let signalName: NodeJS.Signals | undefined
  const onSignal = (name: NodeJS.Signals) => {
    signalName ??= name
    controller.abort()
    stop()
  }
  const names = Object.keys(INTERRUPTIONS) as readonly NodeJS.Signals[]
  const stop = () => {
    for (const name of names) process.off(name, onSignal)
  }
  for (const name of names) process.on(name, onSignal)
  return { signal: controller.signal, signalName: () => signalName, stop }
}

/** Prints that a signal ended a command, and sets the exit code of the signal. */
export function reportInterruption(
  signalName: NodeJS.Signals,
  message: string,
  isJson: boolean,
): void {
  const exitCode = INTERRUPTIONS[signalName] ?? EXIT_CODES.refused.code
  process.exitCode = exitCode
  printError({ exitCode, message }, isJson)
}
