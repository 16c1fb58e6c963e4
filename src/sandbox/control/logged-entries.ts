import type { PaymentAttempt } from '../../domain/payment-attempt.ts'
import type { PaymentLink } from '../../domain/payment-link.ts'
import { configurationsOf } from '../../operations/configurations.ts'
import type { LinkTimelineSource } from '../../operations/link-timeline.ts'
import type { LoggedEntries } from '../../operations/session-timeline.ts'
import type { PaymentSessionRecord } from '../../operations/store.ts'
import type { TimelineEntry } from '../../wire/timeline-entry.ts'
import type { LoggedRequest } from '../log/logged-request.ts'
import { LOG_COUNT_MAX, queryLog, type RequestLog } from '../log/request-log.ts'
import { udfNote } from './udf-note.ts'

/** Returns the functions that add the entries of a request log to timelines. */
export function loggedEntriesFrom(
  log: Pick<RequestLog, 'entries'>,
): Required<Pick<LinkTimelineSource, 'loggedEntriesOf' | 'requestEntriesOf'>> {
  return {
    loggedEntriesOf: (session, attempts) => sessionEntries(log, session, attempts),
    requestEntriesOf: (link) =>
      queryLog(log.entries(), { kind: 'api', countMax: LOG_COUNT_MAX })
        .filter((request) => isAbout(request, link))
        .toReversed()
        .map(callEntry),
  }
}

/** Without webhooks: the store keeps webhooks for more time than the log does. */
function sessionEntries(
  log: Pick<RequestLog, 'entries'>,
  session: PaymentSessionRecord,
  attempts: readonly PaymentAttempt[],
): LoggedEntries {
  const paymentIds = attempts.map((attempt): string => attempt.id)
  const requests = queryLog(log.entries(), {
    paymentSessionId: session.id,
    paymentIds,
    countMax: LOG_COUNT_MAX,
  })
    .toReversed()
    .filter(({ kind }) => kind !== 'webhook')
  const isOfAttempt = ({ kind, paymentId = '' }: LoggedRequest) =>
    kind === 'processor' && paymentIds.includes(paymentId)
  return {
    notes: udfNotes(session),
    requests: requests.filter((request) => !isOfAttempt(request)).map(callEntry),
    callsOf: ({ id }) =>
      requests.filter((request) => isOfAttempt(request) && request.paymentId === id).map(callEntry),
  }
}

function udfNotes(session: PaymentSessionRecord): readonly TimelineEntry[] {
  const note = udfNote(configurationsOf(session).hostedPage)
  return note === undefined ? [] : [{ time_ms: session.createdAtMs, kind: 'session', ...note }]
}

/** Returns true if a request of the API or a form of the link's page names the link. */
function isAbout({ path, response }: LoggedRequest, { id, url }: PaymentLink): boolean {
  const [pathOnly = ''] = path.split('?')
  return (
    pathOnly.split('/').includes(id) ||
    pathOnly.endsWith(url.slice(url.lastIndexOf('/'))) ||
    // The request that created the link: only its answer has the id.
    (pathOnly.endsWith('/paymentlinks') &&
      response?.body.includes(`"payment_links":{"payment_link_id":"${id}"`) === true)
  )
}

function callEntry({
  atMs,
  failure,
  faultId,
  id,
  kind,
  method,
  path,
  repeatCount,
  response,
}: LoggedRequest): TimelineEntry {
  return {
    time_ms: atMs,
    kind: kind === 'api' ? 'request' : 'processor',
    text: `${method} ${path.split('?')[0]}`,
    detail: failure ?? (repeatCount === undefined ? undefined : `repeated ${repeatCount} times`),
    status: response === undefined ? 'no answer' : String(response.status),
    request_id: String(id),
    ...(faultId !== undefined && { fault_id: faultId }),
  }
}
