import { WEBHOOK_ENDPOINT_COUNT_MAX } from '../../domain/webhook-endpoint.ts'
import type { RegistrationRefusal } from '../../operations/register-webhook-endpoint.ts'
import { REPLAY_COUNT_MAX, type ResendRefusal } from '../../operations/resend-webhook-events.ts'
import { ApiError } from '../errors.ts'

/** Makes the error of a refused registration. */
export function registrationError(refusal: RegistrationRefusal): ApiError {
  return refusal.notRegistered === 'unreachable'
    ? unreachableError(refusal.detail)
    : new ApiError(
        'invalid_parameter',
        undefined,
        `The account has ${WEBHOOK_ENDPOINT_COUNT_MAX} webhook endpoints, the maximum: change or delete one of them.`,
      )
}

/** Makes the error of a URL whose test request failed. `detail` completes the sentence "but …". */
export function unreachableError(detail: string): ApiError {
  return new ApiError(
    'invalid_parameter',
    'url',
    `url must answer a test request with a 2xx, 400, 401 or 403, but ${detail}.`,
  )
}

/** Makes the error of an event that cannot be sent again. */
export function resendError({ notSent }: ResendRefusal): ApiError {
  switch (notSent) {
    case 'endpoint_not_active':
      return new ApiError(
        'invalid_parameter',
        'webhook_url_id',
        'The webhook endpoint is not active: set its status to active first.',
      )
    case 'no_endpoint':
      return new ApiError(
        'invalid_parameter',
        'event_id',
        'No active webhook endpoint of this account has this event’s type among its enabled_events.',
      )
    case 'too_many_events':
      return new ApiError(
        'invalid_parameter',
        'from',
        `There are more than ${REPLAY_COUNT_MAX} events between from and to: choose a shorter period or fewer event_types.`,
      )
  }
}
