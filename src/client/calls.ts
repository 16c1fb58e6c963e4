import type { Static, TSchema } from 'typebox'
import type { CallOptions, Send } from './send.ts'
import { isObject } from './transport.ts'
import { fillPath, type QueryValues } from './url.ts'

/** The operations of an API, in the form of `methods.ts` and `control-methods.ts`. */
type MethodTable = Readonly<Record<string, Method>>
type Method = {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  readonly path: string
  readonly answer?: string
  readonly rows?: string
  readonly rowId?: string
}
/** The schemas of the operations of a `MethodTable`. */
type SchemaTable<Methods> = {
  readonly [Id in keyof Methods]: {
    readonly body: TSchema | undefined
    readonly query: TSchema | undefined
    readonly answer: TSchema
  }
}

/** The operations with one object in their answer. */
type ObjectId<Methods> = {
  [Id in keyof Methods]: Methods[Id] extends { readonly answer: string } ? Id : never
}[keyof Methods]
/** The operations whose answer is a page of a list. */
type ListId<Methods> = {
  [Id in keyof Methods]: Methods[Id] extends { readonly rows: string } ? Id : never
}[keyof Methods]

type Field<Fields, Name> = Name extends keyof Fields ? Fields[Name] : never
/** The whole answer of an operation. */
export type AnswerOf<Schemas, Id> =
  Field<Schemas, Id> extends { readonly answer: infer Schema extends TSchema }
    ? Static<Schema>
    : never
/** The object in the answer of an operation. */
type ObjectOf<Methods, Schemas, Id extends keyof Methods> = Field<
  AnswerOf<Schemas, Id>,
  Field<Methods[Id], 'answer'>
>
/** A page of a list: its rows under their own name, and `page_context`. */
type PageOf<Schemas, Id> = Omit<AnswerOf<Schemas, Id>, 'code' | 'message'>
type RowOf<Methods, Schemas, Id extends keyof Methods> =
  Field<AnswerOf<Schemas, Id>, Field<Methods[Id], 'rows'>> extends readonly (infer Row)[]
    ? Row
    : never

type ParameterIn<Path> = Path extends `${string}{${infer Name}}${infer Rest}`
  ? Name | ParameterIn<Rest>
  : never
type PathInput<Path> = [ParameterIn<Path>] extends [never]
  ? { readonly path?: undefined }
  : { readonly path: { readonly [Name in ParameterIn<Path>]: string | number } }
/** A value whose lists and fields are read-only, because a client does not change its input. */
type SentFields<Value> = Value extends readonly (infer Item)[]
  ? readonly SentFields<Item>[]
  : Value extends object
    ? { readonly [Key in keyof Value]: SentFields<Value[Key]> }
    : Value
type BodyInput<Schema> = Schema extends TSchema
  ? { readonly body: SentFields<Static<Schema>> | string }
  : { readonly body?: undefined }
/** The path's parameters, the query and the options of a call. */
type PlainInput<Path> = PathInput<Path> & {
  readonly query?: object | undefined
  readonly options?: CallOptions | undefined
}
/** The input of an operation. A body of type text is sent unchanged, so that its numbers keep all digits. */
export type Input<Methods, Schemas, Id extends keyof Methods> = PlainInput<
  Field<Methods[Id], 'path'>
> &
  BodyInput<Field<Field<Schemas, Id>, 'body'>>

/** The calls of operations by their names in the API's description. A failed call rejects with a `PaydeskError`. */
export type Calls<Methods extends MethodTable, Schemas extends SchemaTable<Methods>> = {
  /** Returns the object in the answer. */
  readonly call: <Id extends ObjectId<Methods>>(
    id: Id,
    input: Input<Methods, Schemas, Id>,
  ) => Promise<ObjectOf<Methods, Schemas, Id>>
  /** Returns the whole answer, with its envelope. */
  readonly answer: <Id extends keyof Methods>(
    id: Id,
    input: Input<Methods, Schemas, Id>,
  ) => Promise<AnswerOf<Schemas, Id>>
  /** Makes a call whose answer is only an envelope. */
  readonly run: <Id extends Exclude<keyof Methods, ObjectId<Methods> | ListId<Methods>>>(
    id: Id,
    input: Input<Methods, Schemas, Id>,
  ) => Promise<void>
  /** Returns one page of a list. */
  readonly page: <Id extends ListId<Methods>>(
    id: Id,
    input: PlainInput<Field<Methods[Id], 'path'>>,
  ) => Promise<PageOf<Schemas, Id>>
  /** Returns the rows of all pages. With a cursor each page begins after the last row of the previous page. */
  readonly rows: <Id extends ListId<Methods>>(
    id: Id,
    input: PlainInput<Field<Methods[Id], 'path'>>,
  ) => AsyncGenerator<RowOf<Methods, Schemas, Id>, void, undefined>
}

/** The cursor of the first page of a list. */
const FIRST_CURSOR = 'start'
/** The maximum number of rows that a page can have. */
const PER_PAGE_MAX = 200

type AnyInput = {
  readonly path?: Readonly<Record<string, string | number>> | undefined
  readonly body?: unknown
  readonly query?: object | undefined
  readonly options?: CallOptions | undefined
}

/**
 * Makes the functions that call the operations. Methods, paths and types come from the list of routes. `hasCursors`:
 * false for the real service, which pages by numbers only and may refuse a parameter that it does not know.
 */
export function createCalls<Methods extends MethodTable, Schemas extends SchemaTable<Methods>>(
  methods: Methods,
  send: Send,
  { hasCursors = true }: { readonly hasCursors?: boolean } = {},
): Calls<Methods, Schemas> {
  // A missing parameter rejects, like all other errors of a call.
  const sendOperation = async (method: Method, { body, options, path = {}, query }: AnyInput) =>
    send({
      method: method.method,
      path: fillPath(method.path, path),
      query: query as QueryValues | undefined,
      body,
      options,
    })
  async function* rowsOf(method: Method, input: AnyInput): AsyncGenerator<Body, void, undefined> {
    const { rowId = '', rows: key = '' } = method
    let before = new Set<unknown>()
    let place: { readonly cursor?: string; readonly page?: number } = hasCursors
      ? { cursor: FIRST_CURSOR }
      : { page: 1 }
    for (let number = 1; ; number += 1) {
      const query = { per_page: PER_PAGE_MAX, ...input.query, page: undefined, ...place }
      const answer = await sendOperation(method, { ...input, query })
      const rows = Array.isArray(answer[key]) ? answer[key].filter(isObject) : []
      for (const row of rows) if (!before.has(row[rowId])) yield row
      before = new Set(rows.map((row) => row[rowId]))
      const { page_context: context } = answer
      if (!isObject(context) || context.has_more_page !== true) return
      const { next_cursor: cursor } = context
      // An earlier version of the server has page numbers only.
      place = typeof cursor === 'string' ? { cursor } : { page: number + 1 }
    }
  }
  const methodOf = (id: keyof Methods): Method => {
    const method = methods[id]
    if (method === undefined) throw new TypeError(`There is no operation ${String(id)}.`)
    return method
  }
  const calls = {
    page: async (id: keyof Methods, input: AnyInput) =>
      withoutEnvelope(await sendOperation(methodOf(id), input)),
    call: async (id: keyof Methods, input: AnyInput) => {
      const method = methodOf(id)
      const answer = await sendOperation(method, input)
      // If the key has another name, this returns the whole body, like the real service's libraries.
      return answer[method.answer ?? ''] ?? withoutEnvelope(answer)
    },
    answer: (id: keyof Methods, input: AnyInput) => sendOperation(methodOf(id), input),
    run: async (id: keyof Methods, input: AnyInput) => {
      await sendOperation(methodOf(id), input)
    },
    rows: (id: keyof Methods, input: AnyInput) => rowsOf(methodOf(id), input),
  }
  // The server's answers have the types of their schemas.
  return calls as unknown as Calls<Methods, Schemas>
}

type Body = Readonly<Record<string, unknown>>

function withoutEnvelope({ code: _code, message: _message, ...rest }: Body): Body {
  return rest
}
