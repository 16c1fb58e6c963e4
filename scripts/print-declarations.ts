/** Prints schemas as TypeScript types, for the declarations of the packages: users need no TypeBox. */
import type { TSchema } from 'typebox'

/** Replaces TypeBox in the declarations: a schema names the type of its values. */
export const TYPEBOX_DECLARATIONS = `/** A schema. It exists in types only. */
export interface TSchema {
  readonly '~static': unknown
}
/** The schema of a \`Value\`. */
export interface SchemaOf<Value> {
  readonly '~static': Value
}
/** The type of a schema's values. */
export type Static<Schema extends TSchema> = Schema['~static']
`

/** `exports`: the values of the loaded module. */
export function printDeclarations(exports: Readonly<Record<string, unknown>>): string {
  const lines = Object.entries(exports)
    .filter((entry): entry is [string, TSchema] => isSchema(entry[1]))
    .map(([name, schema]) => `export declare const ${name}: SchemaOf<${printType(schema)}>\n`)
  return `import type { SchemaOf } from 'typebox'\n${lines.join('')}`
}

const KEYWORDS = ['type', 'const', 'enum', 'anyOf', 'properties'] as const

function isSchema(value: unknown): value is TSchema {
  return typeof value === 'object' && value !== null && KEYWORDS.some((name) => name in value)
}

/** A schema of JSON, with the keywords that decide the type of its values. */
type Keywords = {
  readonly type?: string
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly anyOf?: readonly Keywords[]
  readonly items?: Keywords
  readonly properties?: Readonly<Record<string, Keywords>>
  readonly required?: readonly string[]
  readonly patternProperties?: Readonly<Record<string, Keywords>>
  readonly description?: string
}

const NAMES_OF_TYPES: Readonly<Record<string, string>> = {
  string: 'string',
  number: 'number',
  integer: 'number',
  boolean: 'boolean',
  null: 'null',
}

/** Prints the type of a schema's values. Throws an Error for a keyword that it does not know. */
export function printType(schema: Keywords, indent = ''): string {
  if (schema.const !== undefined) return JSON.stringify(schema.const)
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(' | ')
  if (schema.anyOf) return schema.anyOf.map((one) => `(${printType(one, indent)})`).join(' | ')
  if (schema.type === 'array') return `(${printType(schema.items ?? {}, indent)})[]`
  if (schema.type === 'object') return printObject(schema, indent)
  if (schema.type === undefined) return 'unknown'
  const name = NAMES_OF_TYPES[schema.type]
  if (name === undefined) throw new Error(`a schema has the unknown type ${schema.type}`)
  return name
}

function printObject({ patternProperties, properties, required }: Keywords, indent: string) {
  const [values] = Object.values(patternProperties ?? {})
  if (values !== undefined) return `{ [name: string]: ${printType(values, indent)} }`
  const inner = `${indent}  `
  const fields = Object.entries(properties ?? {}).map(([name, field]) => {
    const mark = required?.includes(name) ? '' : '?'
    const text = field.description?.replaceAll('*/', '* /')
    const comment = text === undefined ? '' : `${inner}/** ${text} */\n`
    return `${comment}${inner}${name}${mark}: ${printType(field, inner)}\n`
  })
  return fields.length === 0 ? '{}' : `{\n${fields.join('')}${indent}}`
}
