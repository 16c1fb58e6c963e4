import type { AccountId } from '../../domain/id.ts'
import type { WebhookEndpoint } from '../../domain/webhook-endpoint.ts'
import type { WebhookEndpointChange } from '../../operations/change-webhook-endpoint.ts'
import type { WebhookEndpointRequest } from '../../operations/register-webhook-endpoint.ts'
import type { ReplayRequest } from '../../operations/resend-webhook-events.ts'
import type { WebhookDeliveryFilter } from '../../operations/store.ts'
import { readWebhookUrl, type WebhookTargets } from '../../webhooks/address-guard.ts'
import { ApiError } from '../errors.ts'
import { compileFields, compileFieldsWith, decimalText, kindOf, Problem } from '../read-fields.ts'
import type { JsonNumber, JsonObject, JsonValue } from '../read-json.ts'
import { PAGE_RULES, type RequestedPage, readPage } from '../read-page.ts'
import { DeliveryListQuery, ReplayBody, WebhookChangeBody, WebhookCreateBody } from './schemas.ts'

const URL_RULES = {
  url: (text: string, targets: WebhookTargets) => {
    const reading = readWebhookUrl(text, targets)
    return 'mustBe' in reading ? new Problem(`must ${reading.mustBe}`) : undefined
  },
}

const readCreateFields = compileFieldsWith<WebhookTargets>()(WebhookCreateBody, URL_RULES)
const readChangeFields = compileFieldsWith<WebhookTargets>()(WebhookChangeBody, URL_RULES)

/** Reads a registration's body. Throws ApiError for the first wrong field. */
export function parseWebhookCreate(
  body: JsonValue,
  accountId: AccountId,
  targets: WebhookTargets,
): WebhookEndpointRequest {
  const fields = readCreateFields(body, targets)
  const { description = '' } = fields
  return {
    accountId,
    name: fields.name,
    url: fields.url,
    ...(description !== '' && { description }),
    enabledEvents: fields.enabled_events,
  }
}

/** Reads the body of a change. Throws ApiError for the first wrong field, or if it has no field. */
export function parseWebhookChange(
  body: JsonValue,
  targets: WebhookTargets,
): WebhookEndpointChange {
  const fields = readChangeFields(body, targets)
  const { enabled_events: enabledEvents, ...rest } = fields
  if (Object.keys(fields).length === 0) {
    const names = Object.keys(WebhookChangeBody.properties).join(', ')
    throw new ApiError(
      'missing_parameter',
      'body',
      `The request body must have at least one of ${names}; null leaves a field as it is.`,
    )
  }
  return { ...rest, ...(enabledEvents !== undefined && { enabledEvents }) }
}

const readListFields = compileFields(DeliveryListQuery, PAGE_RULES, 'The query')

/** Reads the query of an endpoint's log. Throws ApiError for the first wrong parameter. */
export function parseDeliveryList(query: JsonObject): {
  readonly filter: WebhookDeliveryFilter
  readonly page: RequestedPage
} {
  const fields = readListFields(query, undefined)
  return {
    page: readPage(fields),
    filter: {
      ...(fields.status !== undefined && { status: fields.status }),
      ...(fields.event_type !== undefined && { eventType: fields.event_type }),
    },
  }
}

const DAY_MS = 24 * 60 * 60_000
const REPLAY_DAYS_MAX = 31

const DATE_TIME =
  /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d)(?::(\d\d)(?:\.\d{1,9})?)?(?:Z|[+-](\d\d):(\d\d))$/

/** Reads a time with its zone, or seconds since 1970, as milliseconds. Undefined: the text is not a time. */
function readMoment(value: string | number | JsonNumber): number | undefined {
  if (typeof value !== 'string') return Number(decimalText(value)) * 1000
  const match = DATE_TIME.exec(value)
  if (match === null) return undefined
  const [
    year = 0,
    month = 0,
    day = 0,
    hour = 0,
    minute = 0,
    second = 0,
    zoneHour = 0,
    zoneMinute = 0,
  ] = match.slice(1).map((part) => Number(part ?? 0))
  // The platform's parser reads 31 June as 1 July.
  const isDay = new Date(Date.UTC(year, month - 1, day))
    .toISOString()
    .startsWith(value.slice(0, 10))
  const isTime = hour < 24 && minute < 60 && second < 60 && zoneHour < 24 && zoneMinute < 60
  return isDay && isTime ? Date.parse(value) : undefined
}

/** Returns milliseconds since 1970. */
const momentRule = (value: string | number | JsonNumber): number | Problem =>
  readMoment(value) ??
  new Problem(
    `must be a time with its zone, such as 2026-11-22T09:30:00+05:30, or whole seconds since 1970, but it is ${kindOf(value)}`,
  )

const readReplayFields = compileFieldsWith<Pick<WebhookEndpoint, 'enabledEvents'>>()(ReplayBody, {
  from: momentRule,
  to: (value, _endpoint, { from: fromMs = 0 }) => {
    const toMs = momentRule(value)
    if (toMs instanceof Problem) return toMs
    const spanMs = toMs - fromMs
    if (spanMs <= 0) return new Problem('must be after from')
    return spanMs > REPLAY_DAYS_MAX * DAY_MS
      ? new Problem(
          `must be at most ${REPLAY_DAYS_MAX} days after from: replay one period after the other`,
        )
      : toMs
  },
  event_types: {
    each: (type, { enabledEvents }) =>
      enabledEvents.includes(type)
        ? undefined
        : new Problem(`must be one of the endpoint’s enabled_events: ${enabledEvents.join(', ')}`),
  },
})

/** Reads a replay's body. Throws ApiError for the first wrong field. */
export function parseReplay(
  body: JsonValue,
  endpoint: Pick<WebhookEndpoint, 'enabledEvents'>,
): ReplayRequest {
  const { event_types: types = endpoint.enabledEvents, from, to } = readReplayFields(body, endpoint)
  return { fromMs: from, toMs: to, types }
}
