/** The contract of a store, as tests that every engine passes. */
import { describe } from 'vitest'
import type { OpenEngine } from '../../../test/support/stored-rows.ts'
import type { Engine } from '../engine/engine.ts'
import { accountTests } from './store-accounts-suite.ts'
import { attemptTests } from './store-attempts-suite.ts'
import { auditTests } from './store-audit-suite.ts'
import { claimTests } from './store-claims-suite.ts'
import { customerTests } from './store-customers-suite.ts'
import { deliveryTests } from './store-deliveries-suite.ts'
import { deliveryClaimTests } from './store-delivery-claims-suite.ts'
import { ledgerTests } from './store-ledger-suite.ts'

import { linkTests } from './store-links-suite.ts'
import { mandateTests } from './store-mandates-suite.ts'
import { messageTests } from './store-messages-suite.ts'
import { migrationTests } from './store-migrations-suite.ts'
import { paymentMethodTests } from './store-payment-methods-suite.ts'
import { payoutTests } from './store-payouts-suite.ts'
import { publicIdTests } from './store-public-ids-suite.ts'
import { refundAndTransferTests } from './store-refunds-suite.ts'
import { retentionTests } from './store-retention-suite.ts'
import { sandboxTests } from './store-sandbox-suite.ts'
import { sealedTests } from './store-sealed-suite.ts'
import { sessionTransactionTests } from './store-session-transactions-suite.ts'
import { sessionTests } from './store-sessions-suite.ts'
import { stepTests } from './store-steps-suite.ts'
import { virtualAccountTests } from './store-virtual-accounts-suite.ts'
import { webhookTests } from './store-webhooks-suite.ts'

/**
 * Runs the suite. `open` makes a migrated database without rows for each test, `openEmpty` one without tables.
 * `openTwice` opens one database for two servers, if the engine allows it.
 */
export function storeSuite(
  name: string,
  open: OpenEngine,
  openTwice?: () => Promise<readonly [Engine, Engine]>,
  openEmpty: OpenEngine = open,
): void {
  describe(`the store on ${name}`, () => {
    migrationTests(openEmpty)
    publicIdTests(open, openEmpty)
    sessionTests(open)
    attemptTests(open)
    sessionTransactionTests(open)
    refundAndTransferTests(open)
    linkTests(open)
    virtualAccountTests(open)
    mandateTests(open)
    paymentMethodTests(open)
    ledgerTests(open)
    retentionTests(open)
    payoutTests(open)
    stepTests(open)
    claimTests(open)
    sandboxTests(open)
    messageTests(open)
    accountTests(open)
    auditTests(open)
    sealedTests(open)
    customerTests(open)
    webhookTests(open)
    deliveryTests(open)
    deliveryClaimTests(open, openTwice)
  })
}
