/** The time for which a customer sees the outcome before the page redirects to the shop or the payment link, in seconds. */
export const RETURN_AFTER_SECONDS = { succeeded: 3, other: 6 } as const
