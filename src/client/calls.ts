import type { Static, TSchema } from 'typebox'
import { METHODS, type MethodSchemas } from './methods.ts'
import type { CallOptions, Send } from './send.ts'
import { fillPath, type QueryValues } from './url.ts'

type Methods = typeof METHODS
/** The operations with one object in their answer. */
type ObjectId = {
  [Id in keyof Methods]: Methods[Id] extends { readonly answer: string } ? Id : never
}[keyof Methods]
/** The operations whose answer is a page of a list. */
type ListId = {
  [Id in keyof Methods]: Methods[Id] extends { readonly rows: string } ? Id : never
}[keyof Methods]

type Answer<Id extends keyof Methods> = Static<MethodSchemas[Id]['answer']>
/** The object in the answer of an operation. */
type ObjectOf<Id extends ObjectId> = Methods[Id]['answer'] extends keyof Answer<Id>
  ? Answer<Id>[Methods[Id]['answer']]
  : never
/** A page of a list: its rows under their own name, and `page_context`. */
type PageOf<Id extends ListId> = Omit<Answer<Id>, 'code' | 'message'>
type RowsOf<Id extends ListId> = Methods[Id]['rows'] extends keyof Answer<Id>
  ? Answer<Id>[Methods[Id]['rows']]
  : never
type RowOf<Id extends ListId> = RowsOf<Id> extends readonly (infer Row)[] ? Row : never

type ParameterIn<Path extends string> = Path extends `${string}{${infer Name}}${infer Rest}`
  ? Name | ParameterIn<Rest>
  : never
type PathInput<Path extends string> = [ParameterIn<Path>] extends [never]
  ? { readonly path?: undefined }
  : { readonly path: { readonly [Name in ParameterIn<Path>]: string | number } }
type BodyInput<Schema> = Schema extends TSchema
  ? { readonly body: Static<Schema> }
  : { readonly body?: undefined }
/** The input of an operation: its path's parameters, its body, and the call's options. */
type Input<Id extends keyof Methods> = PathInput<Methods[Id]['path']> &
  BodyInput<MethodSchemas[Id]['body']> & { readonly options?: CallOptions | undefined }
type ListInput<Id extends ListId> = PathInput<Methods[Id]['path']> & {
  readonly query?: object | undefined
  readonly options?: CallOptions | undefined
}

/** The calls of operations by their names in the API's description. Each rejects with a `PaydeskError`. */
export type Calls = {
  /** Gives the object in the answer. */
  readonly call: <Id extends ObjectId>(id: Id, input: Input<Id>) => Promise<ObjectOf<Id>>
  /** Makes a call whose answer is only an envelope. */
  readonly run: <Id extends Exclude<keyof Methods, ObjectId | ListId>>(
    id: Id,
    input: Input<Id>,
  ) => Promise<void>
  /** Gives one page of a list. */
  readonly page: <Id extends ListId>(id: Id, input: ListInput<Id>) => Promise<PageOf<Id>>
  /** Gives the rows of all pages. A row that moves to the next page in between is given once. */
  readonly rows: <Id extends ListId>(
    id: Id,
    input: ListInput<Id>,
  ) => AsyncGenerator<RowOf<Id>, void, undefined>
}

/** The most rows that a page can have. */
const PER_PAGE_MAX = 200

type AnyInput = {
  readonly path?: Readonly<Record<string, string | number>> | undefined
  readonly body?: unknown
  readonly query?: object | undefined
  readonly options?: CallOptions | undefined
}

/** Makes the calls of all operations. Their methods, paths and types come from the list of routes. */
export function createCalls(send: Send): Calls {
  const sendOperation = (id: keyof Methods, { body, options, path = {}, query }: AnyInput) =>
    send({
      method: METHODS[id].method,
      path: fillPath(METHODS[id].path, path),
      query: query as QueryValues | undefined,
      body,
      options,
    })
  const page: Calls['page'] = async (id, input) =>
    withoutEnvelope(await sendOperation(id, input)) as PageOf<typeof id>

  return {
    page,
    call: async (id, input) => {
      const answer = await sendOperation(id, input)
      // The real service's own libraries take the whole body where the key is another one.
      return (answer[METHODS[id].answer] ?? withoutEnvelope(answer)) as ObjectOf<typeof id>
    },
    run: async (id, input) => {
      await sendOperation(id, input)
    },
    rows: async function* (id, input) {
      const { rowId, rows: key } = METHODS[id]
      let before = new Set<unknown>()
      for (let number = 1; ; number += 1) {
        const query = { per_page: PER_PAGE_MAX, ...input.query, page: number }
        const answer: Body = await page(id, { ...input, query })
        const rows = (answer[key] ?? []) as readonly (RowOf<typeof id> & Body)[]
        for (const row of rows) if (!before.has(row[rowId])) yield row
        before = new Set(rows.map((row) => row[rowId]))
        const context = answer.page_context as { readonly has_more_page?: boolean } | undefined
        if (context?.has_more_page !== true) return
      }
    },
  }
}

type Body = Readonly<Record<string, unknown>>

function withoutEnvelope({ code: _code, message: _message, ...rest }: Body): Body {
  return rest
}
