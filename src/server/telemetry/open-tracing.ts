import type { TelemetrySettings, Tracing } from './tracing.ts'

/** Undefined: traces are off, and no module of OpenTelemetry is loaded. */
export async function openTracing(
  settings: TelemetrySettings | undefined,
): Promise<Tracing | undefined> {
  if (settings === undefined) return undefined
  const { createTracing } = await import('./open-telemetry.ts')
  return createTracing(settings)
}
