import { StoreUnavailable } from '../operations/store.ts'

/** Returns the HTTP status for an error. */
export function errorStatus(error: unknown): number {
  if (error instanceof StoreUnavailable) return 503
  const isKnown = typeof error === 'object' && error !== null && 'statusCode' in error
  return isKnown && typeof error.statusCode === 'number' ? error.statusCode : 500
}
