import type { Static } from 'typebox'
import type { AccountId } from '../../domain/id.ts'
import type { WebhookEndpoint } from '../../domain/webhook-endpoint.ts'
import type { WebhookEventType } from '../../domain/webhook-event.ts'
import type { WebhookEndpointChange } from '../../operations/change-webhook-endpoint.ts'
import type { WebhookEndpointRequest } from '../../operations/register-webhook-endpoint.ts'
import type { ReplayRequest } from '../../operations/resend-webhook-events.ts'
import type { Page, WebhookDeliveryFilter } from '../../operations/store.ts'
import { readWebhookUrl, type WebhookTargets } from '../../webhooks/address-guard.ts'
import { ApiError } from '../errors.ts'
import {
  compileFields,
  decimalText,
  type FieldRules,
  kindOf,
  type Problem,
} from '../read-fields.ts'
import type { JsonObject, JsonValue } from '../read-json.ts'
import { PAGE_RULES, readPage } from '../read-page.ts'
import { DeliveryListQuery, ReplayBody, WebhookChangeBody, WebhookCreateBody } from './schemas.ts'

const invalid = (must: string): Problem => ({ code: 'invalid_parameter', must })

const URL_RULES: FieldRules<WebhookTargets> = {
  url: (value, targets) => {
    const read = readWebhookUrl(value as string, targets)
    return 'mustBe' in read ? invalid(`must ${read.mustBe}`) : undefined
  },
}

const readCreateFields = compileFields(WebhookCreateBody, URL_RULES)
const readChangeFields = compileFields(WebhookChangeBody, URL_RULES)

/** Reads a registration's body. Throws ApiError for the first field that is wrong. */
export function parseWebhookCreate(
  body: JsonValue,
  accountId: AccountId,
  targets: WebhookTargets,
): WebhookEndpointRequest {
  const fields = readCreateFields(body, targets) as Static<typeof WebhookCreateBody>
  const { description = '' } = fields
  return {
    accountId,
    name: fields.name,
    url: fields.url,
    ...(description !== '' && { description }),
    enabledEvents: fields.enabled_events,
  }
}

/** Reads the body of a change. Throws ApiError for the first field that is wrong, or for none at all. */
export function parseWebhookChange(
  body: JsonValue,
  targets: WebhookTargets,
): WebhookEndpointChange {
  const fields = readChangeFields(body, targets) as Static<typeof WebhookChangeBody>
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

/** Reads the query of an endpoint's log. Throws ApiError for the first parameter that is wrong. */
export function parseDeliveryList(query: JsonObject): {
  readonly filter: WebhookDeliveryFilter
  readonly page: Page
} {
  const fields = readListFields(query, undefined) as Static<typeof DeliveryListQuery>
  return {
    page: readPage(fields as JsonObject),
    filter: {
      ...(fields.status !== undefined && { status: fields.status }),
      ...(fields.event_type !== undefined && { eventType: fields.event_type }),
    },
  }
}

const DAY_MS = 24 * 60 * 60_000
/** How long the span of a replay can be, in days. */
const REPLAY_DAYS_MAX = 31

const DATE_TIME =
  /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d)(?::(\d\d)(?:\.\d{1,9})?)?(?:Z|[+-](\d\d):(\d\d))$/

/** Reads a time with its zone, or seconds. Undefined: it is none. Gives milliseconds. */
function readMoment(value: JsonValue): number | undefined {
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
  // The platform's parser takes the 31st of a month that has 30 for the next month's first.
  const isDay = new Date(Date.UTC(year, month - 1, day))
    .toISOString()
    .startsWith(value.slice(0, 10))
  const isTime = hour < 24 && minute < 60 && second < 60 && zoneHour < 24 && zoneMinute < 60
  return isDay && isTime ? Date.parse(value) : undefined
}

function momentProblem(value: JsonValue): Problem | undefined {
  return readMoment(value) === undefined
    ? invalid(
        `must be a time with its zone, such as 2026-11-22T09:30:00+05:30, or whole seconds since 1970, but it is ${kindOf(value)}`,
      )
    : undefined
}

const REPLAY_RULES: FieldRules<Pick<WebhookEndpoint, 'enabledEvents'>> = {
  from: momentProblem,
  to: (value, _endpoint, input) => {
    const problem = momentProblem(value)
    if (problem !== undefined) return problem
    const spanMs = (readMoment(value) ?? 0) - (readMoment(input.from as JsonValue) ?? 0)
    if (spanMs <= 0) return invalid('must be after from')
    return spanMs > REPLAY_DAYS_MAX * DAY_MS
      ? invalid(
          `must be at most ${REPLAY_DAYS_MAX} days after from: replay one span after the other`,
        )
      : undefined
  },
  'event_types[]': (value, { enabledEvents }) =>
    enabledEvents.includes(value as WebhookEventType)
      ? undefined
      : invalid(`must be one of the endpoint’s enabled_events: ${enabledEvents.join(', ')}`),
}
const readReplayFields = compileFields(ReplayBody, REPLAY_RULES)

/** Reads a replay's body. Throws ApiError for the first field that is wrong. */
export function parseReplay(
  body: JsonValue,
  endpoint: Pick<WebhookEndpoint, 'enabledEvents'>,
): ReplayRequest {
  const fields = readReplayFields(body, endpoint)
  return {
    fromMs: readMoment(fields.from as JsonValue) ?? 0,
    toMs: readMoment(fields.to as JsonValue) ?? 0,
    types: (fields.event_types as WebhookEventType[] | undefined) ?? endpoint.enabledEvents,
  }
}
