import type { Static, TArray, TObject, TProperties, TSchema, TUnion } from 'typebox'
import type { JsonNumber } from './read-json.ts'

/** The key of the mark on a schema. The mark means that a rule converts the field's value to another type. */
declare const PARSED: unique symbol

/** The mark itself. It exists in types only. */
export type Parsed<Value> = { readonly [PARSED]: Value }

/** Marks a schema: a rule must convert its field to a `Value`, such as the Money of an amount. */
export function parsedAs<Value>() {
  return <Schema extends TSchema>(schema: Schema): Schema & Parsed<Value> =>
    schema as Schema & Parsed<Value>
}

/** The value of a field before its rule. A number that JavaScript would round is a JsonNumber. */
export type Plain<Schema> = Schema extends TUnion
  ? Extract<Static<Schema>, number> extends never
    ? Static<Schema>
    : Static<Schema> | JsonNumber
  : Schema extends TSchema
    ? Static<Schema>
    : never

/** The value of a field after its rule. */
export type ValueOf<Schema> =
  Schema extends Parsed<infer Value>
    ? Value
    : Schema extends TObject<infer Properties>
      ? FieldsOf<Properties>
      : Schema extends TArray<infer Item>
        ? readonly ValueOf<Item>[]
        : Plain<Schema>

type Optional = { readonly '~optional': true }

/** The values of an object's fields after their rules. */
export type FieldsOf<Properties extends TProperties> = {
  readonly [Name in keyof Properties as Properties[Name] extends Optional ? never : Name]: ValueOf<
    Properties[Name]
  >
} & {
  readonly [Name in keyof Properties as Properties[Name] extends Optional ? Name : never]?: ValueOf<
    Properties[Name]
  >
}
