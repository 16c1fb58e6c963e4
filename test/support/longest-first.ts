import { BaseSequencer, type TestSpecification } from 'vitest/node'

/**
 * The files and folders that take longest, from the longest. Vitest orders new files by their size, and some of these are
 * small: a long file that starts last leaves a core idle.
 */
export const LONGEST = [
  'test/crash/killed-deliveries.test.ts',
  'test/packages/packages.test.ts',
  'test/crash/',
  'test/browser/checkout-states.test.ts',
  'test/browser/console-views.test.ts',
  'test/cli-commands.test.ts',
  'test/browser/live-console.test.ts',
  'test/browser/checkout-life.test.ts',
  'test/cli.test.ts',
  'test/browser/',
  'src/store/store.test.ts',
  'test/simulation/',
  'test/security/',
] as const

/** Starts the longest files first. All other files keep Vitest's order. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const inOrder = await super.sort(files)
    return inOrder.toSorted((one, other) => placeOf(one) - placeOf(other))
  }
}

function placeOf({ moduleId }: TestSpecification): number {
  const place = LONGEST.findIndex((path) => moduleId.includes(`/${path}`))
  return place === -1 ? LONGEST.length : place
}
