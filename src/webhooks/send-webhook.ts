import { isAccepted } from '../domain/webhook-delivery.ts'
import { type SignedWebhook, signWebhook } from '../domain/webhook-signature.ts'
import type { PostWebhook, WebhookAnswer } from './post-webhook.ts'

type Webhook = SignedWebhook & { readonly url: string }

/** Signs and sends one webhook, and never throws. A receiver can get it twice. */
export type SendWebhook = (webhook: Webhook) => Promise<WebhookAnswer>

/** Makes the function that signs webhooks and sends them by `post`. */
export function createWebhookSender(post: PostWebhook): SendWebhook {
  return ({ url, ...message }) => post({ url, headers: signWebhook(message), body: message.body })
}

/**
 * The statuses with which a receiver refuses a signature. The receiver does not have the new key yet, so such an answer
 * proves that the URL works.
 */
const SIGNATURE_REFUSALS: readonly number[] = [400, 401, 403]

/**
 * Returns the problem of a URL by its answer to a test event, as the end of a sentence: "it answered with the status
 * 500". Undefined: the URL works.
 */
export function problemOfUrl(answer: WebhookAnswer): string | undefined {
  if (answer.kind === 'failed') {
    const { detail } = answer
    return `${detail.charAt(0).toLowerCase()}${detail.slice(1).replace(/\.$/, '')}`
  }
  const { status } = answer
  if (isAccepted(status) || SIGNATURE_REFUSALS.includes(status)) return undefined
  return status >= 300 && status < 400
    ? `it answered with the status ${status}, and redirects are not followed`
    : `it answered with the status ${status}`
}
