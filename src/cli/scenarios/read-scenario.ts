import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js'
import type { Static } from 'typebox'
import {
  type Document,
  isCollection,
  isMap,
  isNode,
  isScalar,
  LineCounter,
  parseDocument,
} from 'yaml'
import { isObject } from '../../client/transport.ts'
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
    throw new ScenarioUnreadable(
      `${fileName} is longer than ${SCENARIO_BYTES_MAX / 1_048_576} MiB.`,
    )
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
    // Nested aliases would expand to much more than the file's length.
    throw unreadable([], error instanceof Error ? error.message : String(error))
  }
  const refuse = (error: ErrorObject, above: Path) => {
    const { message, path } = problemOf(error, above)
    return unreadable(path, message)
  }
  const {
    account = 'in',
    name,
    seed = 'scenario',
    steps,
  } = checkWith(checkFile, file, (error) => refuse(error, []))

  const names = new Set<string>(GIVEN_NAMES)
  const scenarioSteps = steps.map((step, index): ScenarioStep => {
    const path = ['steps', index]
    const { options, rest } = splitOptions(step)
    const { repeat = 1, title } = checkWith(checkOptions, options, (error) => refuse(error, path))
    const [kind, ...others] = Object.keys(rest)
    if (kind === undefined || others.length > 0 || !isStepKind(kind)) {
      const wrong = others.length > 0 ? others[0] : kind
      const cause = kind === undefined ? 'has none' : `has ${Object.keys(rest).join(' and ')}`
      throw unreadable(
        wrong === undefined ? path : [...path, wrong],
        `steps[${index}] must be of one kind, but ${cause}. The kinds are: ${Object.keys(STEPS).join(', ')}.`,
      )
    }
    const value = checkWith(CHECKS.get(kind), rest[kind], (error) => refuse(error, [...path, kind]))
    for (const { name: usedName, path: place } of namesIn(value, STEPS[kind])) {
      if (names.has(usedName)) continue
      const where = [...path, kind, ...place]
      throw unreadable(
        where,
        `${shownPath(where)} must name an earlier step, but none has the name ${usedName}. ${namesText(names)}`,
      )
    }
    const stepName = isObject(value) ? value.as : undefined
    if (stepName !== undefined) names.add(String(stepName))
    return { kind, value, title, repeat, line: lineAt(document, lines, path) }
  })
  return { name, account, seed: String(seed), steps: scenarioSteps }
}

function namesText(names: ReadonlySet<string>): string {
  const stepNames = [...names].slice(GIVEN_NAMES.length)
  const stepNamesText =
    stepNames.length === 0 ? 'No earlier step has a name' : `The names are: ${stepNames.join(', ')}`
  return `${stepNamesText}. A \${…} can also begin with ${GIVEN_NAMES.join(' or ')}.`
}

type Path = readonly (string | number)[]

const ajv = new Ajv2020({ strict: false, verbose: true })
const checkFile = ajv.compile<Static<typeof ScenarioFile>>(ScenarioFile)
const checkOptions = ajv.compile<Static<typeof StepOptions>>(StepOptions)
const CHECKS: ReadonlyMap<StepKind, ValidateFunction<unknown>> = new Map(
  Object.keys(STEPS)
    .filter(isStepKind)
    .map((kind) => [kind, ajv.compile(STEPS[kind])]),
)

function isStepKind(kind: string): kind is StepKind {
  return Object.hasOwn(STEPS, kind)
}

/** Throws the error of `refuse` for a value that does not fit the schema. */
function checkWith<Value>(
  validate: ValidateFunction<Value> | undefined,
  value: unknown,
  refuse: (error: ErrorObject) => Error,
): Value {
  if (validate?.(value)) return value
  // The last error is about the whole value, the ones before it about its alternatives.
  const error = validate?.errors?.at(-1)
  throw error === undefined ? new Error('a schema gave no error') : refuse(error)
}

function splitOptions(step: object) {
  const { repeat, title, ...rest }: Readonly<Record<string, unknown>> = { ...step }
  const options = {
    ...(repeat !== undefined && { repeat }),
    ...(title !== undefined && { title }),
  }
  return { options, rest }
}

function problemOf(error: ErrorObject, above: Path): { message: string; path: Path } {
  const within = error.instancePath
    .split('/')
    .slice(1)
    .map((part) => (/^\d+$/.test(part) ? Number(part) : part.replaceAll('~1', '/')))
  const path = [...above, ...within]
  const place = shownPath(path)
  const { missingProperty, additionalProperty }: ErrorObject['params'] = error.params
  if (missingProperty !== undefined) {
    return { path, message: `${shownPath([...path, missingProperty])} is required.` }
  }
  if (additionalProperty !== undefined) {
    const { properties = {} } = error.parentSchema ?? {}
    const wrong = [...path, additionalProperty]
    const message = `${shownPath(wrong)} is not a field. The fields are: ${Object.keys(properties).join(', ')}.`
    return { path: wrong, message }
  }
  const { 'x-expected': expected = 'an object' } = error.parentSchema ?? {}
  return { path, message: `${place} must be ${expected}, but it is ${kindOf(error.data)}.` }
}

function kindOf(value: unknown): string {
  if (value === null || value === undefined) return 'empty'
  if (Array.isArray(value)) return `a list of ${value.length}`
  if (typeof value === 'object') return 'an object'
  const text = String(value)
  return text.length > 60 ? `a text of ${text.length} characters` : `${text || 'an empty text'}`
}

function shownPath(path: Path): string {
  const text = path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${part}`)).join('')
  return text.replace(/^\./, '') || 'The file'
}

/** Returns the line of a value, or of the closest value around it. */
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
    const range = isNode(node) ? node.range : undefined
    offset = place?.[0] ?? range?.[0] ?? offset
  }
  return lines.linePos(offset).line
}
