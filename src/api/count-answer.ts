import type { ApiDeps } from './deps.ts'

type CountedAnswer = {
  readonly id: string
  readonly method: string
  /** The pattern of the route. */
  readonly route: string
  readonly status: number
  readonly milliseconds: number
}

/** Counts an answer when it is sent, and logs it if the access log includes it. */
export function countAnswer(
  {
    accessLog,
    logger,
    metrics,
    nameRequest,
  }: Pick<ApiDeps, 'accessLog' | 'logger' | 'metrics' | 'nameRequest'>,
  { id, method, milliseconds, route, status }: CountedAnswer,
): void {
  metrics.countRequest(method, route, status, milliseconds)
  nameRequest?.({ id, method, route })
  if (accessLog === 'off' || (accessLog === 'errors' && status < 400)) return
  logger.info(
    {
      requestId: id,
      method,
      route,
      status,
      milliseconds: Math.round(milliseconds * 10) / 10,
    },
    'request',
  )
}
