/**
 * The contract of a messenger as tests: `paydesk/messenger/suite`. It needs no test framework, and works with every
 * framework that has a function `test(name, run)`: Vitest, node:test, Jest.
 */
import {
  MESSENGER_CHECKS,
  type MessengerCheckOutcome,
  type MessengerUnderTest,
} from './messenger-checks.ts'

export {
  MESSENGER_CHECKS,
  type MessengerCheck,
  type MessengerCheckOutcome,
  type MessengerUnderTest,
} from './messenger-checks.ts'

/** A broken rule of the contract. The message of the error is the reason. */
export class MessengerCheckFailed extends Error {
  override readonly name = 'MessengerCheckFailed'
}

/** The function of a test framework that adds a test. */
export type AddMessengerTest = (name: string, run: () => Promise<void>) => unknown

/**
 * Adds a test for each rule of the contract to a test framework. The tests send real messages to the addresses of the
 * setup.
 *
 * `make` runs once, in the first test. A rule that does not apply to the messenger passes.
 *
 *     import { test } from 'vitest' // or from 'node:test'
 *     messengerSuite('acme', async () => ({ messenger: acme, addresses: { sms: '+919000000001' } }), test)
 */
export function messengerSuite(
  name: string,
  make: () => Promise<MessengerUnderTest>,
  test: AddMessengerTest,
): void {
  let subject: Promise<MessengerUnderTest> | undefined
  for (const check of MESSENGER_CHECKS) {
    test(`the messenger ${name}: ${check.name}`, async () => {
      subject ??= make()
      const outcome = await check.run(await subject)
      if (outcome.result === 'failed') throw new MessengerCheckFailed(outcome.reason)
    })
  }
}

/** The result of one check. */
export type MessengerCheckResult = { readonly name: string } & MessengerCheckOutcome

/** Runs the checks one after the other, and returns their results. It never throws. */
export async function runMessengerChecks(
  subject: MessengerUnderTest,
): Promise<readonly MessengerCheckResult[]> {
  const results: MessengerCheckResult[] = []
  for (const { name, run } of MESSENGER_CHECKS) results.push({ name, ...(await run(subject)) })
  return results
}
