import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Logger } from 'pino'
import type { Clock } from '../domain/clock.ts'
import { guardProcessor } from '../processors/guarded-processor.ts'
import { isProcessor, type Processor } from '../processors/processor.ts'
import { CannotStart } from './cannot-start.ts'

/** Loads the processor that a module exports by default. Throws CannotStart. */
export async function loadProcessor(path: string): Promise<Processor> {
  let exported: unknown
  try {
    const module = (await import(pathToFileURL(resolve(path)).href)) as { default?: unknown }
    exported = module.default
  } catch (error) {
    throw new CannotStart(
      `The processor module ${path} cannot be loaded: ${(error as Error).message}. Check --processor.`,
    )
  }
  if (!isProcessor(exported)) {
    throw new CannotStart(
      `The processor module ${path} must have a default export with name, charge, findCharge and refund.`,
    )
  }
  return exported
}

/** Makes the guard that keeps a processor's failures from reaching the program, and logs them. */
export function guardFor(logger: Logger) {
  return (module: Processor, clock: Clock): Processor =>
    guardProcessor(module, {
      clock,
      // Money that could not be given back needs a person.
      report: (trouble) =>
        logger[trouble.call === 'refund' ? 'error' : 'warn'](
          trouble,
          'the processor’s answer was not a good one',
        ),
    })
}
