import type { TelemetrySettings, Tracing } from './tracing.ts'

/** Opens the traces of a server. Undefined: they are off, and no module of OpenTelemetry is loaded. */
export async function openTracing(
  settings: TelemetrySettings | undefined,
): Promise<Tracing | undefined> {
  if (settings === undefined) return undefined
  const { createTracing } = await import('./open-telemetry.ts')
  return createTracing(settings)
}
