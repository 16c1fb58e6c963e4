import { Ajv2020 } from 'ajv/dist/2020.js'
import { type Static, type TObject, type TProperties, type TSchema, Type } from 'typebox'
import { PaydeskError } from '../../client/index.ts'
import type { Reached } from './place.ts'

/** What a tool does to what is there. `destroys`: something is lost that cannot be had back. */
export type ToolEffect = 'reads' | 'adds' | 'destroys'

/** One thing that an agent can do. */
export type Tool = {
  readonly name: string
  readonly title: string
  readonly description: string
  readonly effect: ToolEffect
  /** Whether asking twice comes to the same as asking once. */
  readonly isIdempotent: boolean
  /** Which servers it is offered for: a live one has no control API. */
  readonly where: 'anywhere' | 'controlled' | 'uncontrolled'
  readonly input: TProperties
  readonly output: TProperties
  /** Gives what `output` says. Throws PaydeskError. */
  readonly run: (reached: Reached, args: never) => Promise<object>
}

/** Makes a tool, whose arguments are of the type that its input says. */
export function tool<Input extends TProperties>(
  made: Omit<Tool, 'run' | 'where' | 'isIdempotent' | 'input'> & {
    readonly input: Input
    readonly where?: Tool['where']
    readonly isIdempotent?: boolean
    readonly run: (reached: Reached, args: Static<TObject<Input>>) => Promise<object>
  },
): Tool {
  return { where: 'anywhere', isIdempotent: made.effect === 'reads', ...made }
}

/** An object as the wire has it, which is described in the API's own document. */
export function wireObject(description: string): TSchema {
  return Type.Object({}, { additionalProperties: true, description })
}

/** A list of such objects. */
export function wireList(description: string): TSchema {
  return Type.Array(Type.Object({}, { additionalProperties: true }), { description })
}

/** One of several texts. */
export function oneOf<const Value extends string>(values: readonly Value[], description: string) {
  return Type.Unsafe<Value>({ type: 'string', enum: [...values], description })
}

/** Takes one thing out of the envelope of an answer. */
export function pick(answer: Readonly<Record<string, unknown>>, key: string): object {
  return { [key]: answer[key] }
}

/** The id of something. What has another shape would be another path of the API. */
export function idField(description: string) {
  return Type.String({ pattern: '^\\d{1,16}$', description })
}

/** How many rows a list gives at most. */
export const ROW_COUNT_MAX = 50

/** Which rows of a list are wanted. */
export const PAGE_FIELDS = {
  limit: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: ROW_COUNT_MAX,
      default: 20,
      description: 'How many rows at most, newest first.',
    }),
  ),
  page: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 2_000, default: 1, description: 'Which page of them.' }),
  ),
}

/** Gives the same as the API asks for it. */
export function pageOf(limit = 20, page = 1) {
  return { per_page: limit, page }
}

/** What an agent is told when something was not done. */
export type ToolProblem = {
  readonly code: string
  readonly message: string
  /** The path of the argument that is wrong. */
  readonly field?: string
  readonly status?: number
}

/** Says what went wrong. Undefined: it is a bug of ours. */
export function problemFrom(error: unknown): ToolProblem | undefined {
  if (!(error instanceof PaydeskError)) return undefined
  const { code, field, message, status } = error
  return {
    code,
    message,
    ...(field !== undefined && { field }),
    ...(status !== undefined && { status }),
  }
}

const ajv = new Ajv2020({ strict: false, validateSchema: false })

/** Checks arguments by a schema. Gives the first problem, or undefined. */
export function createArgumentCheck(
  schema: TSchema,
): (args: Readonly<Record<string, unknown>>) => ToolProblem | undefined {
  let validate: ReturnType<typeof ajv.compile> | undefined
  return (args) => {
    validate ??= ajv.compile(schema)
    if (validate(args)) return undefined
    const [first] = validate.errors ?? []
    const { missingProperty, additionalProperty, allowedValues } = (first?.params ?? {}) as {
      missingProperty?: string
      additionalProperty?: string
      allowedValues?: readonly unknown[]
    }
    const above = (first?.instancePath ?? '').slice(1).replaceAll('/', '.')
    const field = [above, missingProperty ?? additionalProperty].filter(Boolean).join('.')
    const must =
      missingProperty !== undefined
        ? 'is needed'
        : additionalProperty !== undefined
          ? 'is not an argument of this tool'
          : allowedValues !== undefined
            ? `must be one of ${allowedValues.join(', ')}`
            : (first?.message ?? 'is wrong')
    return { code: 'invalid_argument', message: `${field} ${must}.`, field }
  }
}

/** How long a text in an answer may be, in characters: less where the answer would be too long with it. */
const TEXT_LENGTHS_MAX = [4_000, 1_000, 200] as const
/** How long an answer may be, in characters of JSON. */
const ANSWER_LENGTH_MAX = 60_000

/** Cuts what is too long for an agent to read: texts, lists, and the answer as a whole. */
export function bounded(answer: object): Record<string, unknown> {
  let cut: unknown = answer
  for (const lengthMax of TEXT_LENGTHS_MAX) {
    cut = boundedBy(answer, lengthMax, ROW_COUNT_MAX)
    if (JSON.stringify(cut).length <= ANSWER_LENGTH_MAX) return cut as Record<string, unknown>
  }
  return boundedBy(answer, 200, 10) as Record<string, unknown>
}

function boundedBy(value: unknown, lengthMax: number, countMax: number): unknown {
  if (typeof value === 'string') {
    if (value.length <= lengthMax) return value
    return `${value.slice(0, lengthMax)}… (cut: it has ${value.length} characters)`
  }
  if (Array.isArray(value)) {
    return value.slice(0, countMax).map((one) => boundedBy(one, lengthMax, countMax))
  }
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => [name, boundedBy(one, lengthMax, countMax)]),
  )
}
