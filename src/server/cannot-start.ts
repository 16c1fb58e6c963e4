import { COMMAND_NAME } from '../program/command-name.ts'
import type { Settings } from './settings/read-settings.ts'

/** The program cannot start, in a sentence for the person who started it. */
export class CannotStart extends Error {}

/** The address of a server, and the facts of its database if the error can suggest another data file. */
type Listener = Pick<Settings, 'host' | 'port'> & Partial<Pick<Settings, 'database' | 'mode'>>

/** Explains why a server cannot listen. `flag`: the setting that chooses its port. */
export function listenSentence(error: unknown, listener: Listener, flag = '--port'): string {
  const { host, port } = listener
  const { code, message } = error as { code?: string; message: string }
  switch (code) {
    case 'EADDRINUSE':
      return `Port ${port} on ${host} is in use. End the program that uses it, or choose another port with ${flag} (0 picks a free one).${dataFileHint(listener)}`
    case 'EACCES':
      return `Port ${port} needs more rights than this user has. Choose one above 1023 with ${flag}.`
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return `${host} is not an address of this machine. Choose another with --host.`
    default:
      return `The server cannot listen on ${host}:${port}: ${message}.`
  }
}

/** Suggests another data file for a second sandbox. Other servers can share a database, or have no file. */
function dataFileHint({ database, mode }: Listener): string {
  if (mode !== 'sandbox' || database?.kind !== 'sqlite' || database.file === ':memory:') return ''
  return ` To run this server beside another Paydesk, name another data file too: ${COMMAND_NAME} serve --port 0 --data other.db`
}
