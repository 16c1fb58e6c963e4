/** The header of the Zoho Payments API with the signatures of a webhook. */
export const ZOHO_SIGNATURE_HEADER = 'x-zoho-webhook-signature'
/** The header of Standard Webhooks with the event's id. */
export const WEBHOOK_ID_HEADER = 'webhook-id'
/** The header of Standard Webhooks with the time of signing, in seconds. */
export const WEBHOOK_TIMESTAMP_HEADER = 'webhook-timestamp'
/** The header of Standard Webhooks with the signatures of a webhook. */
export const STANDARD_SIGNATURE_HEADER = 'webhook-signature'
