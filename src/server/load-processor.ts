import type { Logger } from 'pino'
import type { Clock } from '../domain/clock.ts'
import { guardProcessor } from '../processors/guarded-processor.ts'
import { isProcessor, type Processor } from '../processors/processor.ts'
import {
  connectProcessor,
  ProcessorServerUnusable,
  type RemoteProcessor,
} from '../processors/remote/remote-processor.ts'
import type { ProcessorServer, SenderDeps } from '../processors/remote/send-call.ts'
import { CannotStart } from './cannot-start.ts'
import { systemClock } from './clock.ts'
import { importNamedModule } from './import-named-module.ts'
import { createRandom } from './random.ts'
import type { Settings } from './settings/read-settings.ts'

/** Undefined: no processor is set. Throws CannotStart or SettingsUnusable. */
export async function loadProcessor(
  { processor, processorKeys }: Pick<Settings, 'processor' | 'processorKeys'>,
  traceHeaders?: SenderDeps['traceHeaders'],
): Promise<Processor | undefined> {
  if (processor === undefined) return undefined
  if (processor.kind === 'module') return loadModule(processor.path)
  const server = { url: processor.url, keys: processorKeys }
  return (await connectServer(server, traceHeaders)).processor
}

/** Requests the description of a processor server. Throws CannotStart. */
export async function connectServer(
  server: ProcessorServer,
  traceHeaders?: SenderDeps['traceHeaders'],
): Promise<RemoteProcessor> {
  try {
    return await connectProcessor(server, {
      clock: systemClock,
      drawBytes: createRandom().bytes,
      ...(traceHeaders !== undefined && { traceHeaders }),
    })
  } catch (error) {
    if (error instanceof ProcessorServerUnusable) throw new CannotStart(error.message)
    throw error
  }
}

/** Loads the processor that is a module's default export. Throws as `importNamedModule`. */
export async function loadModule(path: string, source = '--processor'): Promise<Processor> {
  const { default: moduleValue } = await importNamedModule('processor module', path, source)
  if (!isProcessor(moduleValue)) {
    throw new CannotStart(
      `The processor module ${path} must have a default export with the members name, charge, findCharge and refund.`,
    )
  }
  return moduleValue
}

/** Makes the guard of a processor, which logs problems of its calls and keeps its faults from the program. */
export function guardFor(logger: Logger) {
  return (module: Processor, clock: Clock): Processor =>
    guardProcessor(module, {
      clock,
      // A failed refund of late money needs a person's attention.
      report: (trouble) =>
        logger[trouble.call === 'refund' ? 'error' : 'warn'](
          trouble,
          'a call to the processor had a problem',
        ),
    })
}
