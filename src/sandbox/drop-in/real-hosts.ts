/**
 * The host names of the real service: the API of each edition and of the service's own sandbox, the accounts servers,
 * and the server of the widget's script.
 *
 * Source: Zoho Payments API reference and the official SDKs (seen 2026-11-22).
 */
export const REAL_HOSTS = [
  'payments.zoho.in',
  'paymentssandbox.zoho.in',
  'payments.zoho.com',
  'accounts.zoho.in',
  'accounts.zoho.com',
  'static.zohocdn.com',
] as const
