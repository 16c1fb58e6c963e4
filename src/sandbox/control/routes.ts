import { FAULT_ROUTES } from '../faults/fault-routes.ts'
import { REQUEST_ROUTES } from '../log/request-routes.ts'
import { BANK_TRANSFER_ROUTES } from './bank-transfer-routes.ts'
import { CLOCK_ROUTES } from './clock-routes.ts'
import { CONSOLE_ROUTES } from './console-routes.ts'
import type { ControlRoute } from './control-route.ts'
import { DISPUTE_CONTROL_ROUTES } from './dispute-routes.ts'
import { LEDGER_ROUTES } from './ledger-routes.ts'
import { MANDATE_CONTROL_ROUTES } from './mandate-routes.ts'
import { MESSAGE_ROUTES } from './message-routes.ts'
import { PAYMENT_LINK_CONTROL_ROUTES } from './payment-link-routes.ts'
import { PAYMENT_METHOD_CONTROL_ROUTES } from './payment-method-routes.ts'
import { PAYOUT_CONTROL_ROUTES } from './payout-routes.ts'
import { SNAPSHOT_ROUTES } from './snapshot-routes.ts'
import { TENANT_ROUTES } from './tenant-routes.ts'
import { TERMINAL_CONTROL_ROUTES } from './terminal-routes.ts'
import { TRIGGER_ROUTES } from './trigger-routes.ts'

/** Every route of the control API, in the order of its description. */
export const CONTROL_ROUTES: readonly ControlRoute[] = [
  ...CLOCK_ROUTES,
  ...TENANT_ROUTES,
  ...SNAPSHOT_ROUTES,
  ...TRIGGER_ROUTES,
  ...BANK_TRANSFER_ROUTES,
  ...MANDATE_CONTROL_ROUTES,
  ...PAYMENT_METHOD_CONTROL_ROUTES,
  ...PAYOUT_CONTROL_ROUTES,
  ...DISPUTE_CONTROL_ROUTES,
  ...TERMINAL_CONTROL_ROUTES,
  ...PAYMENT_LINK_CONTROL_ROUTES,
  ...LEDGER_ROUTES,
  ...MESSAGE_ROUTES,
  ...FAULT_ROUTES,
  ...REQUEST_ROUTES,
  ...CONSOLE_ROUTES,
]
