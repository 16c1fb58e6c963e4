/**
 * Returns the path under which a public URL serves Paydesk: `/pay` for `https://shop.example/pay`,
 * empty for `https://pay.example`. An undefined URL means that clients reach the server directly.
 */
export function basePathOf(publicUrl: string | undefined): string {
  return publicUrl === undefined ? '' : new URL(publicUrl).pathname.replace(/\/+$/, '')
}

/**
 * Removes the base path from a request's target, because a proxy may keep it or strip it. A target without it does
 * not change: `/payments` is not below `/pay`.
 */
export function withoutBasePath(target: string, basePath: string): string {
  if (!target.startsWith(basePath)) return target
  const rest = target.slice(basePath.length)
  if (rest.startsWith('/')) return rest
  return rest === '' || rest.startsWith('?') ? `/${rest}` : target
}
