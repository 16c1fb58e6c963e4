import { Ajv2020 } from 'ajv/dist/2020.js'
import { type Static, type TObject, type TProperties, type TSchema, Type } from 'typebox'
import { PaydeskError } from '../../client/index.ts'
import type { ToolTarget } from './target-server.ts'

/** The effect of a tool on stored data. `destroys`: data is lost for good. */
type ToolEffect = 'reads' | 'adds' | 'destroys'

/** A tool that an agent can call. */
export type Tool = {
  readonly name: string
  readonly title: string
  readonly description: string
  readonly effect: ToolEffect
  /** True: two calls have the same effect as one. */
  readonly isIdempotent: boolean
  /** The servers it is offered for: a live server has no control API. */
  readonly where: 'anywhere' | 'controlled' | 'uncontrolled'
  readonly input: TProperties
  readonly output: TProperties
  /** Returns an object that matches `output`. Throws PaydeskError. */
  readonly run: (target: ToolTarget, args: never) => Promise<object>
}

/** Makes a tool; the types of its arguments come from `input`. */
export function tool<Input extends TProperties>(
  definition: Omit<Tool, 'run' | 'where' | 'isIdempotent' | 'input'> & {
    readonly input: Input
    readonly where?: Tool['where']
    readonly isIdempotent?: boolean
    readonly run: (target: ToolTarget, args: Static<TObject<Input>>) => Promise<object>
  },
): Tool {
  return { where: 'anywhere', isIdempotent: definition.effect === 'reads', ...definition }
}

/** Makes the schema of an object that the API's document describes. */
export function wireObject(description: string): TSchema {
  return Type.Object({}, { additionalProperties: true, description })
}

/** Makes the schema of a list of objects of the API. */
export function wireList(description: string): TSchema {
  return Type.Array(Type.Object({}, { additionalProperties: true }), { description })
}

/** Makes the schema of one of several texts. */
export function oneOf<const Value extends string>(values: readonly Value[], description: string) {
  return Type.Unsafe<Value>({ type: 'string', enum: [...values], description })
}

/** Makes the schema of an id. Any other text could reach another path of the API. */
export function idField(description: string) {
  return Type.String({ pattern: '^\\d{1,16}$', description })
}

/** The maximum number of rows that a list gives. */
export const ROW_COUNT_MAX = 50

/** The arguments that select rows of a list. */
export const PAGE_FIELDS = {
  limit: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: ROW_COUNT_MAX,
      default: 20,
      description: 'The maximum number of rows, newest first.',
    }),
  ),
  page: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 2_000, default: 1, description: 'The page number.' }),
  ),
}

/** Translates the arguments of `PAGE_FIELDS` to the API's names. */
export function pageOf(limit = 20, page = 1) {
  return { per_page: limit, page }
}

/** An error as an agent sees it. */
export type ToolProblem = {
  readonly code: string
  readonly message: string
  /** The path of the wrong argument. */
  readonly field?: string
  readonly status?: number
}

/** Converts a client's error into an agent's. Undefined: the error is a bug in Paydesk. */
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

/** Makes the function that checks arguments by a schema, and returns the first problem or undefined. */
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
        ? 'is required'
        : additionalProperty !== undefined
          ? 'is not an argument of this tool'
          : allowedValues !== undefined
            ? `must be one of ${allowedValues.join(', ')}`
            : (first?.message ?? 'is wrong')
    return { code: 'invalid_argument', message: `${field} ${must}.`, field }
  }
}

/**
 * The limits of a text in an answer, in characters. If the answer is still too long, the next limit
 * applies.
 */
const TEXT_LENGTHS_MAX = [4_000, 1_000, 200] as const
/** The longest answer, in characters of JSON. */
const ANSWER_LENGTH_MAX = 60_000

/** Cuts texts and lists so that an agent can read the answer. */
export function limitSize(answer: object): Record<string, unknown> {
  let cut: unknown = answer
  for (const lengthMax of TEXT_LENGTHS_MAX) {
    cut = cutValue(answer, lengthMax, ROW_COUNT_MAX)
    if (JSON.stringify(cut).length <= ANSWER_LENGTH_MAX) return cut as Record<string, unknown>
  }
  return cutValue(answer, 200, 10) as Record<string, unknown>
}

function cutValue(value: unknown, lengthMax: number, countMax: number): unknown {
  if (typeof value === 'string') {
    if (value.length <= lengthMax) return value
    return `${value.slice(0, lengthMax)}… (cut: ${value.length} characters)`
  }
  if (Array.isArray(value)) {
    return value.slice(0, countMax).map((one) => cutValue(one, lengthMax, countMax))
  }
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => [name, cutValue(one, lengthMax, countMax)]),
  )
}
