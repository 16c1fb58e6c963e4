import { COMMAND_NAME } from '../program/command-name.ts'
import type { Settings } from './settings/read-settings.ts'

/** The program cannot start, in a sentence for the person who started it. */
export class CannotStart extends Error {}

/** Explains why a server cannot listen. `flag`: the setting that chooses its port. */
export function listenSentence(
  error: unknown,
  { host, port }: Pick<Settings, 'host' | 'port'>,
  flag = '--port',
): string {
  const { code, message } = error as { code?: string; message: string }
  switch (code) {
    case 'EADDRINUSE':
      return `Port ${port} on ${host} is in use. End the program that uses it, or choose another with ${flag} (0 picks a free one). To run this server beside another Paydesk, name another data file too: ${COMMAND_NAME} serve ${flag} 0 --data other.db`
    case 'EACCES':
      return `Port ${port} needs more rights than this user has. Choose one above 1023 with ${flag}.`
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return `${host} is not an address of this machine. Choose another with --host.`
    default:
      return `The server cannot listen on ${host}:${port}: ${message}.`
  }
}
