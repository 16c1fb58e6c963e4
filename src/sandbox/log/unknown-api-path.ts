import { API_ROUTES } from '../../api/routes.ts'
import { nearestName } from '../../domain/nearest.ts'
import { scrubName } from './scrub.ts'

type KnownRoute = { readonly method: string; readonly path: string }

const API_PATH = '/api/v1'
/** An id in a path: `{}` stands for all ids. */
const ID = /^\d+$/

const SERVED_ROUTES: readonly KnownRoute[] = [
  ...API_ROUTES.map(({ method, url }) => ({ method, path: `${API_PATH}${url}` })),
  { method: 'POST', path: '/oauth/v2/token' },
  { method: 'POST', path: '/oauth/v2/token/revoke' },
  { method: 'GET', path: '/oauth/v2/auth' },
]

/**
 * Explains a mistyped path. Undefined: the path is similar to no path that an application calls.
 */
export function explainUnknownPath(method: string, url: string): string | undefined {
  const path = pathWithoutIds(url)
  const nearRoute = nearestRoute(method, path, SERVED_ROUTES)
  if (nearRoute === undefined) return undefined
  return `${method} ${scrubName(path)} is not served, did you mean ${nearRoute.method} ${nearRoute.path}?`
}

/** Finds the route that a mistyped path most likely stands for. A route with the request's method comes first. */
export function nearestRoute(
  method: string,
  path: string,
  routes: readonly KnownRoute[],
): KnownRoute | undefined {
  const orderedRoutes = routes.toSorted(
    (one, other) => Number(other.method === method) - Number(one.method === method),
  )
  const paths = orderedRoutes.map((one) => pathWithoutIds(one.path))
  // The most frequent mistake is a base URL without `/api/v1`.
  const plain = pathWithoutIds(path)
  const whole = paths.includes(API_PATH + plain) ? API_PATH + plain : plain
  const nearest = paths.includes(whole) ? whole : nearestName(whole, paths)
  return nearest === undefined ? undefined : orderedRoutes[paths.indexOf(nearest)]
}

function pathWithoutIds(url: string): string {
  const [path = ''] = url.split('?')
  return path
    .split('/')
    .map((part) => (ID.test(part) || /^\{\w*\}$/.test(part) ? '{}' : part))
    .join('/')
    .replace(/(?<=.)\/+$/, '')
}
