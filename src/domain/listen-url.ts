type ListenAddress = { readonly address: string; readonly family: string; readonly port: number }

/** Addresses for all interfaces of a machine. A server can listen there, but a browser cannot open them. */
const ALL_ADDRESSES: readonly string[] = ['0.0.0.0', '::']

/** Returns the URL that opens a server on this machine: `http://127.0.0.1:4242`. Throws unless it listens on TCP. */
export function listenUrlOf(listening: ListenAddress | string | null): string {
  if (listening === null || typeof listening === 'string') throw new Error('not listening on TCP')
  const { address, family, port } = listening
  if (ALL_ADDRESSES.includes(address)) return `http://localhost:${port}`
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`
}
