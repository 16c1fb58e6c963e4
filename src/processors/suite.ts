/**
 * The contract of a processor as tests: `paydesk/processor/suite`. It needs no test framework, and works with every
 * framework that has a function `test(name, run)`: Vitest, node:test, Jest.
 */
import { CheckSkipped, type ProcessorCheck } from './checks.ts'
import { PROCESSOR_CHECKS } from './processor-checks.ts'
import { observeProcessor, type ProcessorUnderTest } from './processor-under-test.ts'

export { CheckFailed, type ProcessorCheck } from './checks.ts'
export { PROCESSOR_CHECKS } from './processor-checks.ts'
/** The processor and the values that its checks need. */
export type { ProcessorTestSetup, ProcessorUnderTest } from './processor-under-test.ts'

/**
 * The function of a test framework that adds a test. Frameworks that can skip a running test pass a context with the
 * method `skip`.
 */
export type AddTest = (name: string, run: (...context: unknown[]) => Promise<void>) => unknown

/**
 * Adds a test for each rule of the contract to a test framework.
 *
 * `make` runs once, in the first test. A rule that does not apply to the processor is skipped with the reason. Jest
 * cannot skip a running test: the test passes there, and a warning has the reason.
 *
 *     import { test } from 'vitest' // or from 'node:test'
 *     processorSuite('acme', async () => ({ processor: acme, ...setup }), test)
 */
export function processorSuite(
  name: string,
  make: () => Promise<ProcessorUnderTest>,
  test: AddTest,
): void {
  let subject: Promise<ProcessorUnderTest> | undefined
  for (const check of PROCESSOR_CHECKS) {
    // Jest passes a callback to a function with a named argument, and waits until the test calls it.
    test(`the processor ${name}: ${check.name}`, async (...contexts) => {
      subject ??= make()
      try {
        await check.run(observeProcessor(await subject))
      } catch (error) {
        if (!(error instanceof CheckSkipped)) throw error
        skip(contexts[0], `${check.name}: ${error.message}`)
      }
    })
  }
}

/** `context`: the framework's argument of a test; node:test's is an object, Vitest's a function. */
function skip(context: unknown, reason: string): void {
  const { skip: skipTest } = Object(context) as { readonly skip?: unknown }
  if (typeof skipTest === 'function') skipTest.call(context, reason)
  // biome-ignore lint/suspicious/noConsole: a passed test hides that its rule was not checked.
  else console.warn(`Skipped: ${reason}`)
}

/** The result of one check. `reason` is present unless the check passed. */
export type CheckResult = {
  readonly name: string
  readonly result: 'passed' | 'failed' | 'skipped'
  readonly reason?: string
}

/**
 * Runs checks one after the other, and returns their results. It never throws.
 *
 * `onResult` runs after each check, for reports that are printed step by step.
 */
export async function runProcessorChecks(
  subject: ProcessorUnderTest,
  {
    checks = PROCESSOR_CHECKS,
    onResult = () => {},
  }: {
    readonly checks?: readonly ProcessorCheck[]
    readonly onResult?: (result: CheckResult) => void
  } = {},
): Promise<readonly CheckResult[]> {
  const results: CheckResult[] = []
  for (const check of checks) {
    const result = await resultOf(check, subject)
    results.push(result)
    onResult(result)
  }
  return results
}

async function resultOf(
  { name, run }: ProcessorCheck,
  subject: ProcessorUnderTest,
): Promise<CheckResult> {
  try {
    await run(observeProcessor(subject))
    return { name, result: 'passed' }
  } catch (error) {
    if (error instanceof CheckSkipped) return { name, result: 'skipped', reason: error.message }
    const reason = error instanceof Error ? error.message : String(error)
    return { name, result: 'failed', reason }
  }
}
