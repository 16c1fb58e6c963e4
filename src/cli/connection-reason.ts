import { isPortWithoutTls } from '../domain/no-tls.ts'

/** Describes in a few words the reason for a request without an answer. `error`: the error that the request threw. */
export function connectionReason(error: unknown): string {
  const { cause, code, message, name } = factsOf(error)
  // A client's error contains the error of `fetch`, which contains the connection's error.
  if (cause !== undefined && code !== 'timeout') return connectionReason(cause)
  if (code === 'timeout' || name === 'TimeoutError') return 'no answer in time'
  if (code === 'ECONNREFUSED') return 'nothing listens there'
  if (isPortWithoutTls(error)) return 'the port speaks http, not https: write http:// in the URL'
  return String(message || code || 'the connection failed')
}

/** Returns true if nothing listens at the address, so that the request was not sent. */
export function isConnectionRefused(error: unknown): boolean {
  const { cause, code } = factsOf(error)
  return code === 'ECONNREFUSED' || (cause !== undefined && isConnectionRefused(cause))
}

function factsOf(error: unknown): Readonly<Record<string, unknown>> {
  if (!(error instanceof Error)) return {}
  const { cause, message, name } = error
  return { cause, message, name, code: 'code' in error ? error.code : undefined }
}
