import { StoreUnavailable } from '../operations/store.ts'

/** The HTTP status for an error: 503 for an outage of the database, its own `statusCode`, or 500. */
export function errorStatus(error: unknown): number {
  if (error instanceof StoreUnavailable) return 503
  const isKnown = typeof error === 'object' && error !== null && 'statusCode' in error
  return isKnown && typeof error.statusCode === 'number' ? error.statusCode : 500
}
