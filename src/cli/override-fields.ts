import { questionFor } from '../domain/nearest.ts'

/** A field to change in a sample: its path and its value as typed. */
export type Override = { readonly path: string; readonly value: string }

/** An override that does not fit the sample. The message is one sentence. */
export class OverrideRefused extends Error {}

/** A patch as a tree. A leaf is JSON text, so that numbers keep all their digits. */
type Patch = Map<string, Patch | string>

/** Reads `payment_method.upi.upi_id=asha@okbank`. Undefined: there is no path or no `=`. */
export function parseOverride(text: string): Override | undefined {
  const [, path, value] = /^([^=\s]+)=(.*)$/s.exec(text) ?? []
  return path === undefined || value === undefined ? undefined : { path, value }
}

/**
 * Writes a JSON merge patch that sets fields of a sample. A value gets the type of the sample's field: amounts stay
 * texts. A path may begin with the sample's own name, such as `payment.amount`. Throws OverrideRefused.
 */
export function patchText(
  overrides: readonly Override[],
  sample: Readonly<Record<string, unknown>>,
  name: string,
): string {
  const patch: Patch = new Map()
  for (const { path, value } of overrides) {
    const steps = path.split('.')
    const isNamed = steps.length > 1 && steps[0] === name && !Object.hasOwn(sample, name)
    put({ patch, sample, path }, isNamed ? steps.slice(1) : steps, value)
  }
  return textOf(patch)
}

function put(
  { patch, path, sample }: { patch: Patch; sample: unknown; readonly path: string },
  [step = '', ...rest]: readonly string[],
  value: string,
): void {
  const fields = isRecord(sample) ? sample : {}
  if (!Object.hasOwn(fields, step)) {
    throw new OverrideRefused(
      `${path} is not a field of the sample: ${step === '' ? 'a name is empty' : `there is no ${step}`}.${questionFor(step, Object.keys(fields))} The fields are ${Object.keys(fields).join(', ')}.`,
    )
  }
  const field = fields[step]
  if (rest.length === 0) {
    patch.set(step, leafText(field, value, path))
    return
  }
  if (!isRecord(field)) {
    throw new OverrideRefused(`${path} is not a field of the sample: ${step} has no fields.`)
  }
  const below = patch.get(step)
  const next: Patch = below instanceof Map ? below : new Map()
  patch.set(step, next)
  put({ patch: next, sample: field, path }, rest, value)
}

function leafText(field: unknown, value: string, path: string): string {
  switch (typeof field) {
    case 'string':
      return JSON.stringify(value)
    case 'number':
      if (/^-?\d+(?:\.\d+)?$/.test(value)) return value
      throw new OverrideRefused(`${path} must be a number, such as ${field}.`)
    case 'boolean':
      if (value === 'true' || value === 'false') return value
      throw new OverrideRefused(`${path} must be true or false.`)
    default:
      throw new OverrideRefused(
        `${path} is an object or a list. Name a field in it, or use --data with JSON.`,
      )
  }
}

function textOf(patch: Patch): string {
  const fields = [...patch].map(
    ([name, value]) => `${JSON.stringify(name)}:${value instanceof Map ? textOf(value) : value}`,
  )
  return `{${fields.join(',')}}`
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
