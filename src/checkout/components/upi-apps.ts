/**
 * The URL schemes of UPI apps. Every app accepts the standard link. A link with an app's own scheme opens the app
 * that the customer has chosen. Source: the apps' integration pages (seen 2026-11-22).
 */
export const UPI_APPS = [
  { name: 'Google Pay', scheme: 'tez://upi/pay' },
  { name: 'PhonePe', scheme: 'phonepe://pay' },
  { name: 'Paytm', scheme: 'paytmmp://pay' },
] as const
