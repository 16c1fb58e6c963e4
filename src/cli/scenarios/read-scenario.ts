import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js'
import { type Document, isCollection, isMap, isScalar, LineCounter, parseDocument } from 'yaml'
import { ScenarioFile, STEPS, type StepKind, StepOptions } from './scenario-steps.ts'
import { GIVEN_NAMES, namesIn } from './step-values.ts'

/** A step of the file. */
export type ScenarioStep = {
  readonly kind: StepKind
  /** The value of the key that names its kind. */
  readonly value: unknown
  readonly title: string | undefined
  readonly repeat: number
  /** Its first line in the file, from 1. */
  readonly line: number
}

/** A scenario that was read from a file. */
export type Scenario = {
  readonly name: string
  readonly seed: string
  readonly account: 'in' | 'us'
  readonly steps: readonly ScenarioStep[]
}

/** The file is not a scenario. The message has the file's name, the line and the reason. */
export class ScenarioUnreadable extends Error {}

/** The longest file, in bytes. */
export const SCENARIO_BYTES_MAX = 1_048_576

/** Reads a scenario from the text of its file. Throws ScenarioUnreadable. */
export function readScenario(text: string, fileName: string): Scenario {
  if (Buffer.byteLength(text) > SCENARIO_BYTES_MAX) {
    throw new ScenarioUnreadable(`${fileName} is longer than 1 MiB.`)
  }
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  const unreadable = (path: Path, message: string) =>
    new ScenarioUnreadable(`${fileName}:${lineAt(document, lines, path)}: ${message}`)
  const [mistake] = document.errors
  if (mistake !== undefined) {
    const { line } = lines.linePos(mistake.pos[0])
    throw new ScenarioUnreadable(`${fileName}:${line}: This is not YAML: ${mistake.message}`)
  }
  let file: unknown
  try {
    file = document.toJS()
  } catch (error) {
    // Nested aliases would expand to far more than the file's own length.
    throw unreadable([], (error as Error).message)
  }
  const refuse = (error: ErrorObject, above: Path) => {
    const { message, path } = problemOf(error, above)
    return unreadable(path, message)
  }
  check(checks.file, file, (error) => refuse(error, []))
  const {
    account = 'in',
    name,
    seed = 'scenario',
    steps,
  } = file as {
    readonly name: string
    readonly seed?: string | number
    readonly account?: 'in' | 'us'
    readonly steps: readonly Readonly<Record<string, unknown>>[]
  }

  const known = new Set<string>(GIVEN_NAMES)
  const read = steps.map((step, index): ScenarioStep => {
    const path = ['steps', index]
    const { repeat, title, ...rest } = step
    check(checks.options, definedOf({ repeat, title }), (error) => refuse(error, path))
    const [kind, ...others] = Object.keys(rest)
    if (kind === undefined || others.length > 0 || !Object.hasOwn(STEPS, kind)) {
      const wrong = others.length > 0 ? others[0] : kind
      const came = kind === undefined ? 'has none' : `has ${Object.keys(rest).join(' and ')}`
      throw unreadable(
        wrong === undefined ? path : [...path, wrong],
        `steps[${index}] must be of one kind, but ${came}. The kinds are: ${Object.keys(STEPS).join(', ')}.`,
      )
    }
    const value = rest[kind]
    check(checks.kinds[kind as StepKind], value, (error) => refuse(error, [...path, kind]))
    for (const { name: wanted, path: at } of namesIn(value, STEPS[kind as StepKind])) {
      if (known.has(wanted)) continue
      const where = [...path, kind, ...at]
      throw unreadable(
        where,
        `${shownPath(where)} must name an earlier step, but none has the name ${wanted}. The names are: ${[...known].join(', ')}.`,
      )
    }
    const { as } = (typeof value === 'object' ? (value ?? {}) : {}) as { readonly as?: string }
    if (as !== undefined) known.add(as)
    return {
      kind: kind as StepKind,
      value,
      title: title as string | undefined,
      repeat: (repeat as number | undefined) ?? 1,
      line: lineAt(document, lines, path),
    }
  })
  return { name, account, seed: String(seed), steps: read }
}

type Path = readonly (string | number)[]

const ajv = new Ajv2020({ strict: false, verbose: true })
const checks = {
  file: ajv.compile(ScenarioFile),
  options: ajv.compile(StepOptions),
  kinds: Object.fromEntries(
    Object.entries(STEPS).map(([kind, schema]) => [kind, ajv.compile(schema)]),
  ) as Record<StepKind, ValidateFunction>,
}

function check(
  validate: ValidateFunction,
  value: unknown,
  refuse: (error: ErrorObject) => Error,
): void {
  if (validate(value)) return
  // The last error is about the whole value, the ones before it about its alternatives.
  const error = validate.errors?.at(-1)
  if (error !== undefined) throw refuse(error)
}

/** Makes a sentence and a path of a schema error. */
function problemOf(error: ErrorObject, above: Path): { message: string; path: Path } {
  const within = error.instancePath
    .split('/')
    .slice(1)
    .map((part) => (/^\d+$/.test(part) ? Number(part) : part.replaceAll('~1', '/')))
  const path = [...above, ...within]
  const at = shownPath(path)
  const { missingProperty, additionalProperty } = error.params as Record<string, string>
  if (missingProperty !== undefined) {
    return { path, message: `${shownPath([...path, missingProperty])} is required.` }
  }
  if (additionalProperty !== undefined) {
    const { properties = {} } = error.parentSchema as { readonly properties?: object }
    const wrong = [...path, additionalProperty]
    const message = `${shownPath(wrong)} is not a field. The fields are: ${Object.keys(properties).join(', ')}.`
    return { path: wrong, message }
  }
  const { 'x-expected': expected = 'an object' } = error.parentSchema as Record<string, string>
  return { path, message: `${at} must be ${expected}, but it is ${kindOf(error.data)}.` }
}

function kindOf(value: unknown): string {
  if (value === null || value === undefined) return 'empty'
  if (Array.isArray(value)) return `a list of ${value.length}`
  if (typeof value === 'object') return 'an object'
  const text = String(value)
  return text.length > 60 ? `a text of ${text.length} characters` : `${text || 'an empty text'}`
}

/** Shape: `steps[3].refund.amount`. */
function shownPath(path: Path): string {
  const shown = path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${part}`)).join('')
  return shown.replace(/^\./, '') || 'The file'
}

/** Gives the line of a value, or of the closest value around it. */
function lineAt(document: Document.Parsed, lines: LineCounter, path: Path): number {
  let node: unknown = document.contents
  let offset = document.contents?.range?.[0] ?? 0
  for (const part of path) {
    if (!isCollection(node)) break
    // The key's line is a better hint than its value's.
    const pair = isMap(node)
      ? node.items.find(({ key }) => isScalar(key) && key.value === part)
      : undefined
    const place = isScalar(pair?.key) ? pair.key.range : undefined
    node = node.get(part, true)
    const { range } = (node ?? {}) as { readonly range?: readonly number[] | null }
    offset = place?.[0] ?? range?.[0] ?? offset
  }
  return lines.linePos(offset).line
}

function definedOf(values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined))
}
