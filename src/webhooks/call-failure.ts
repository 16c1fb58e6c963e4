import { isPortWithoutTls } from '../domain/no-tls.ts'
import { GuardError } from './guarded-agent.ts'

/** The reason why a call got no answer. */
export type CallFailureReason =
  | 'refused_address'
  | 'dns'
  | 'connect'
  | 'tls'
  | 'timeout'
  | 'reset'
  | 'protocol'

/** A reason with one sentence for people. The sentence repeats nothing that was sent or received. */
export type CallFailure = { readonly reason: CallFailureReason; readonly detail: string }

/** The progress of a call: a connection, its TLS handshake, the status and headers, the body. */
export type CallPhase = 'connect' | 'handshake' | 'answer' | 'body'

/** Descriptions of the usual error codes of Node and OpenSSL. */
const SENTENCES: ReadonlyMap<string, string> = new Map([
  ['ECONNREFUSED', 'The connection was refused.'],
  ['EHOSTUNREACH', 'The host cannot be reached.'],
  ['ENETUNREACH', 'The network of the host cannot be reached.'],
  ['ETIMEDOUT', 'The host did not accept a connection.'],
  ['CERT_HAS_EXPIRED', 'The certificate has expired.'],
  ['CERT_NOT_YET_VALID', 'The certificate is not valid yet.'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'The certificate is self-signed.'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'The certificate is for another host.'],
  ['SELF_SIGNED_CERT_IN_CHAIN', 'The certificate is from an unknown authority.'],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'The authority of the certificate is unknown.'],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'The certificate chain is incomplete.'],
])

/** Describes an error of a socket or of the HTTP parser, by the call's progress. */
export function callFailureFrom(error: unknown, phase: CallPhase): CallFailure {
  if (error instanceof GuardError) return { reason: error.reason, detail: error.message }
  const code = codeOf(error)
  const sentence = SENTENCES.get(code)
  const codeNote = code === '' ? '' : ` (${code})`
  if (phase === 'connect') {
    return { reason: 'connect', detail: sentence ?? `The connection failed${codeNote}.` }
  }
  if (isPortWithoutTls(error)) {
    return { reason: 'tls', detail: 'The port does not speak TLS: use http:// or another port.' }
  }
  if (phase === 'handshake' || /^ERR_(?:SSL|TLS)_/.test(code)) {
    return { reason: 'tls', detail: sentence ?? `The TLS handshake failed${codeNote}.` }
  }
  if (code.startsWith('HPE_')) {
    return { reason: 'protocol', detail: `The answer is not valid HTTP${codeNote}.` }
  }
  return connectionLoss(phase)
}

/** Describes a connection that ended before the end of the answer. */
export function connectionLoss(phase: CallPhase): CallFailure {
  return {
    reason: 'reset',
    detail:
      phase === 'body'
        ? 'The connection was closed in the middle of the answer.'
        : 'The connection was closed without an answer.',
  }
}

/** Describes a timeout by the call's progress. */
export function callTimedOut(phase: CallPhase, timeoutMs: number): CallFailure {
  const missing = {
    connect: 'No connection was made',
    handshake: 'The TLS handshake did not finish',
    answer: 'No answer came',
    body: 'The answer was not complete',
  }[phase]
  return { reason: 'timeout', detail: `${missing} within ${timeoutMs / 1000} s.` }
}

/** Returns the error's code, which Node or OpenSSL chose. Its message could contain a server's text. */
function codeOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  return /^[A-Z0-9_]{1,60}$/.test(code) ? code : ''
}
