import type { IncomingMessage } from 'node:http'

const ABSOLUTE_FORM = /^https?:\/\/([^/?#]*)(.*)$/i

/**
 * Rewrites a request in absolute form (`GET http://host/path`) to the usual form. The host of the target
 * replaces the Host header (RFC 9112, section 3.2.2), so that routes, logs and rules see one spelling.
 */
export function rewriteAbsoluteForm(request: IncomingMessage): void {
  const { url = '/' } = request
  if (url.startsWith('/')) return
  const [, host, rest = ''] = ABSOLUTE_FORM.exec(url) ?? []
  if (host === undefined) return
  request.url = rest.startsWith('/') ? rest : `/${rest}`
  request.headers.host = host
}

/**
 * Returns true if a path contains the fixed parts of its route literally. The router also matches a path that
 * escapes them (`/%6detrics`) or ends in a fragment (`/metrics#`), which a proxy's rule for `/metrics` misses.
 */
export function isLiteralPath(target: string, route: string): boolean {
  const queryAt = target.indexOf('?')
  const path = queryAt === -1 ? target : target.slice(0, queryAt)
  if (path.includes('#')) return false
  if (!path.includes('%')) return true
  const parts = path.split('/')
  for (const [index, fixedPart] of route.split('/').entries()) {
    if (fixedPart === '*') return true
    const parameterAt = fixedPart.indexOf(':')
    const part = parts[index] ?? ''
    if (
      parameterAt === -1 ? part !== fixedPart : !part.startsWith(fixedPart.slice(0, parameterAt))
    ) {
      return false
    }
  }
  return true
}

/** Counts the Host headers of a request. Node shows the first one only. */
export function countHostHeaders({ rawHeaders }: Pick<IncomingMessage, 'rawHeaders'>): number {
  let count = 0
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]
    if (name?.length === 4 && name.toLowerCase() === 'host') count += 1
  }
  return count
}
