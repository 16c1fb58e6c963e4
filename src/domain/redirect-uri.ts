import { isLoopbackHost } from './loopback.ts'
import { parameterIn } from './return-parameters.ts'

/**
 * The parameters that the accounts server adds. A redirect URI must not contain them: some applications would read
 * the URI's value instead of the server's.
 */
export const ANSWER_PARAMETERS: readonly string[] = [
  'code',
  'state',
  'location',
  'accounts-server',
  'error',
  'error_description',
]

/**
 * Returns true if authorization codes may go to a URI. Its scheme is https, http on this machine, or an application's
 * own scheme in the form of a reversed domain (`com.example.app:/callback`).
 *
 * Stricter than URLs, because the URI becomes part of a header and of a policy. Source: RFC 8252, sections 7 and 8.
 */
export function isRedirectUri(text: string): boolean {
  if (text.length > 2048 || /[\s;,'"<>\\]/.test(text) || !URL.canParse(text)) return false
  const { protocol, hostname, hash, username, password } = new URL(text)
  if (parameterIn(text, ANSWER_PARAMETERS) !== undefined) return false
  if (hash !== '' || username !== '' || password !== '') return false
  if (protocol === 'https:') return /^https:\/\/[^/]/i.test(text)
  if (protocol === 'http:') return isLoopbackHost(hostname)
  return /^[a-z][a-z0-9+-]*(?:\.[a-z0-9+-]+)+:$/.test(protocol)
}
