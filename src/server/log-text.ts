import { styleText } from 'node:util'
import { withoutControls } from '../domain/terminal-text.ts'

const LEVELS: ReadonlyMap<unknown, readonly [string, 'dim' | 'green' | 'yellow' | 'red']> = new Map(
  [
    [20, ['debug', 'dim']],
    [30, ['info', 'green']],
    [40, ['warn', 'yellow']],
    [50, ['error', 'red']],
    [60, ['fatal', 'red']],
  ],
)

/**
 * Writes a line of the JSON log for a person: `14:03:22 warn  request refused  route=/api/v1/payments status=404`. A
 * stack follows on separate lines. `stream`: its terminal decides about colors. A line that is not a JSON object stays
 * unchanged.
 */
export function logText(line: string, stream: NodeJS.WritableStream): string {
  const fields = parseLine(line)
  if (fields === undefined) return line
  const { err, level, msg, time, ...others } = fields
  const [name, style] = LEVELS.get(level) ?? [String(level), 'dim' as const]
  const rest = Object.entries(others).map(([key, value]) => `${key}=${valueText(value)}`)
  const { stack, ...facts } = isRecord(err) ? err : {}
  for (const [key, value] of Object.entries(facts)) {
    if (key !== 'type') rest.push(`${key}=${valueText(value)}`)
  }
  const applyStyle = (text: string, format: typeof style) =>
    styleText(format, text, { stream, validateStream: true })
  const head = [
    applyStyle(timeText(time), 'dim'),
    applyStyle(name.padEnd(5), style),
    withoutControls(String(msg ?? '')),
    applyStyle(withoutControls(rest.join(' ')), 'dim'),
  ]
  const lines =
    typeof stack === 'string' ? stack.split('\n').map((one) => `    ${withoutControls(one)}`) : []
  return `${[head.join(' ').trimEnd(), ...lines].join('\n')}\n`
}

function parseLine(line: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(line)
    return isRecord(value) ? value : undefined
  } catch {
    return undefined
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function valueText(value: unknown): string {
  return typeof value === 'string' && /^[^\s="]+$/.test(value) ? value : JSON.stringify(value)
}

/** Writes the local time of day. */
function timeText(time: unknown): string {
  const at = new Date(Number(time))
  return [at.getHours(), at.getMinutes(), at.getSeconds()]
    .map((part) => String(part).padStart(2, '0'))
    .join(':')
}
