/** Codes of OpenSSL for bytes that are not TLS. */
const NO_TLS_CODES: readonly unknown[] = [
  'ERR_SSL_PACKET_LENGTH_TOO_LONG',
  'ERR_SSL_WRONG_VERSION_NUMBER',
]

/** Returns true if a call by https failed because the port speaks plain HTTP. */
export function isPortWithoutTls(error: unknown): boolean {
  const { code, message = '' } = (error ?? {}) as { code?: unknown; message?: string }
  // Node reports a failed write as EPROTO, with OpenSSL's reason in the message.
  const isNamedInMessage = /wrong version number|packet length too long/i.test(message)
  return NO_TLS_CODES.includes(code) || (code === 'EPROTO' && isNamedInMessage)
}
