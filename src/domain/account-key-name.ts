/** The keys of an account. */
export const ACCOUNT_KEY_NAMES = ['signing', 'api', 'owner'] as const
/**
 * A key of an account: `signing` signs redirects and the widget's results, `api` lets the merchant's pages open the
 * widget, and `owner` confirms consent pages.
 */
export type AccountKeyName = (typeof ACCOUNT_KEY_NAMES)[number]
