import { createHmac } from 'node:crypto'
import { equalSecrets, type Keys } from '../domain/secret.ts'

/**
 * The token that proves that a request comes from a page of the console. Only a page of the same origin can read it, so a
 * page of another site cannot send it. It belongs to one session.
 */
export function consoleTokenOf(sessionTokenHash: string, { form }: Pick<Keys, 'form'>): string {
  return tokenBy(sessionTokenHash, form)
}

/** Returns true if one of the server's secret keys made this token for the session. */
export function isConsoleToken(
  token: string,
  sessionTokenHash: string,
  { derivedKeys }: Pick<Keys, 'derivedKeys'>,
): boolean {
  return derivedKeys.some(({ form }) => equalSecrets(token, tokenBy(sessionTokenHash, form)))
}

function tokenBy(sessionTokenHash: string, key: Uint8Array): string {
  return createHmac('sha256', key).update(`console token ${sessionTokenHash}`).digest('base64url')
}
