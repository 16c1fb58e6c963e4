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
import { operatorTests } from './store-operators-suite.ts'
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

/** The functions that open an engine for the tests. */
export type EngineOpeners = {
  /** Makes a migrated database without rows for each test. */
  readonly open: OpenEngine
  /** Opens one database for two servers. Undefined: the engine does not allow it. */
  readonly openTwice?: (() => Promise<readonly [Engine, Engine]>) | undefined
  /** Makes a database without tables. */
  readonly openEmpty: OpenEngine
}

const TESTS: readonly ((openers: EngineOpeners) => void)[] = [
  ({ openEmpty }) => migrationTests(openEmpty),
  ({ open, openEmpty }) => publicIdTests(open, openEmpty),
  ({ open }) => sessionTests(open),
  ({ open }) => attemptTests(open),
  ({ open }) => sessionTransactionTests(open),
  ({ open }) => refundAndTransferTests(open),
  ({ open }) => linkTests(open),
  ({ open }) => virtualAccountTests(open),
  ({ open }) => mandateTests(open),
  ({ open }) => paymentMethodTests(open),
  ({ open }) => ledgerTests(open),
  ({ open }) => retentionTests(open),
  ({ open }) => payoutTests(open),
  ({ open }) => stepTests(open),
  ({ open }) => claimTests(open),
  ({ open }) => sandboxTests(open),
  ({ open }) => messageTests(open),
  ({ open }) => accountTests(open),
  ({ open }) => auditTests(open),
  ({ open }) => operatorTests(open),
  ({ open }) => sealedTests(open),
  ({ open }) => customerTests(open),
  ({ open }) => webhookTests(open),
  ({ open }) => deliveryTests(open),
  ({ open, openTwice }) => deliveryClaimTests(open, openTwice),
]

/** Runs the suite. */
export function storeSuite(
  name: string,
  open: OpenEngine,
  openTwice?: EngineOpeners['openTwice'],
  openEmpty: OpenEngine = open,
): void {
  partOfStoreSuite(name, { open, openTwice, openEmpty })
}

/** Runs one part of the suite, so that the files of several parts run at the same time. `part` counts from 0. */
export function partOfStoreSuite(
  name: string,
  openers: EngineOpeners,
  { part, partCount }: { readonly part: number; readonly partCount: number } = {
    part: 0,
    partCount: 1,
  },
): void {
  describe(`the store on ${name}`, () => {
    TESTS.forEach((runTests, index) => {
      if (index % partCount === part) runTests(openers)
    })
  })
}
