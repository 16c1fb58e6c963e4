import type { PaymentLink } from '../../domain/payment-link.ts'

/** Returns the path of a link's page, below the server's base path. */
export function paymentLinkPath({ url }: Pick<PaymentLink, 'url'>, basePath: string): string {
  return `${basePath}/paymentlink/${url.slice(url.lastIndexOf('/') + 1)}`
}
