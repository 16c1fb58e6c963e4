import { ACCOUNT_ROUTES } from './account-routes.ts'
import { AUDIT_ROUTES } from './audit-routes.ts'
import type { AccountRoute, ServerRoute } from './console-route.ts'
import { DISPUTE_ROUTES } from './dispute-routes.ts'
import { EXPORT_ACCOUNT_ROUTES, EXPORT_SERVER_ROUTES } from './export-routes.ts'
import { LEDGER_ACCOUNT_ROUTES, LEDGER_SERVER_ROUTES } from './ledger-routes.ts'
import { NEW_ACCOUNT_ROUTES } from './new-account-routes.ts'
import { OPERATOR_ROUTES } from './operator-routes.ts'
import { OVERVIEW_ROUTES } from './overview-routes.ts'
import { REFUND_APPROVAL_ROUTES } from './refund-approval-routes.ts'
import { SAVED_SEARCH_ROUTES } from './saved-search-routes.ts'
import { SEARCH_ROUTES } from './search-routes.ts'
import { STORY_ROUTES } from './story-routes.ts'

/** The console's own routes for the whole server. Their permissions cover all accounts. */
export const CONSOLE_SERVER_ROUTES: readonly ServerRoute[] = [
  ...LEDGER_SERVER_ROUTES,
  ...NEW_ACCOUNT_ROUTES,
  ...OPERATOR_ROUTES,
  ...AUDIT_ROUTES,
  ...EXPORT_SERVER_ROUTES,
]

/** The console's own routes for one account, which the query names as `account_id`. */
export const CONSOLE_ACCOUNT_ROUTES: readonly AccountRoute[] = [
  ...OVERVIEW_ROUTES,
  ...DISPUTE_ROUTES,
  ...LEDGER_ACCOUNT_ROUTES,
  ...ACCOUNT_ROUTES,
  ...STORY_ROUTES,
  ...REFUND_APPROVAL_ROUTES,
  ...EXPORT_ACCOUNT_ROUTES,
  ...SAVED_SEARCH_ROUTES,
  ...SEARCH_ROUTES,
]
