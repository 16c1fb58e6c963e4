import type { PublicIds } from '../domain/public-id.ts'
import type { ListPage } from '../operations/store.ts'
import { lazyNouns, type NounMakers } from './lazy-nouns.ts'

/** One direction of the translation between public and stored ids. */
type Direction = {
  /** Returns the other form of an id. */
  readonly translate: PublicIds['publicIdOf']
  readonly back: Direction
}

/** Returns a value with its ids in their other form. */
export type Rewrite<Value> = (value: Value, direction: Direction) => Value

/** Rewrites an id. */
export const id = <Id extends string>(value: Id, { translate }: Direction): Id => translate(value)

/** Rewrites the named members of a record, which are ids. Absent ones stay absent. */
export function members<Record extends object>(
  ...names: readonly (keyof Record)[]
): Rewrite<Record> {
  return (record, { translate }) => {
    const copy = { ...record }
    for (const name of names) {
      const value = copy[name]
      if (typeof value === 'string') copy[name] = translate(value)
    }
    return copy
  }
}

/** Rewrites a value that may be undefined. */
export const optional =
  <Value>(rewrite: Rewrite<Value>): Rewrite<Value | undefined> =>
  (value, direction) =>
    value === undefined ? undefined : rewrite(value, direction)

/** Rewrites each item of an array. */
export const each =
  <Item>(rewrite: Rewrite<Item>): Rewrite<readonly Item[]> =>
  (items, direction) =>
    items.map((item) => rewrite(item, direction))

/** Rewrites each item of one page of a list. */
export const pageOf =
  <Item>(rewrite: Rewrite<Item>): Rewrite<ListPage<Item>> =>
  (page, direction) => ({
    ...page,
    items: page.items.map((item) => rewrite(item, direction)),
  })

/** The ids in the arguments and the result of a function. Empty: there are none. */
type FunctionIds<Call> = Call extends (...args: infer Args) => infer Result
  ? {
      readonly takes?: { readonly [Index in keyof Args]?: Rewrite<Args[Index]> | undefined }
      readonly returns?: Rewrite<Awaited<Result>>
    }
  : never

/** The ids in each function of a noun. `no ids`: none of its functions has an id to translate. */
export type NounIds<Noun> = 'no ids' | { readonly [Name in keyof Noun]: FunctionIds<Noun[Name]> }

/** Nouns or their ids by name, without types: the signatures of `Translation` check the types. */
type ByName<Value> = { readonly [name: string]: Value }
type AnyFunction = (...args: unknown[]) => unknown
type AnyFunctionIds = {
  readonly takes?: readonly (Rewrite<unknown> | undefined)[]
  readonly returns?: Rewrite<unknown>
}
type AnyNounIds = 'no ids' | ByName<AnyFunctionIds>

type IdsOf<Nouns> = { readonly [Name in keyof Nouns]: NounIds<Nouns[Name]> }

type Translation = {
  /** Translates all nouns at once, for a store. */
  readonly all: <Nouns extends object>(nouns: Nouns, ids: IdsOf<Nouns>) => Nouns
  /** Translates each noun on its first use, for transactions. */
  readonly onUse: <Nouns extends object>(ids: IdsOf<Nouns>) => (nouns: Nouns) => Nouns
}

/** Makes the translation. Arguments are translated to the stored form, results to the public form. */
export function createTranslation(publicIds: PublicIds): Translation {
  const toStored: Direction = {
    translate: publicIds.storedIdOf,
    get back() {
      return toPublic
    },
  }
  const toPublic: Direction = { translate: publicIds.publicIdOf, back: toStored }

  function translateFunction(call: AnyFunction, { takes, returns }: AnyFunctionIds): AnyFunction {
    if (takes === undefined && returns === undefined) return call
    const translateArgs = (args: unknown[]) => {
      for (let index = 0; index < Math.min(args.length, takes?.length ?? 0); index += 1) {
        const rewrite = takes?.[index]
        if (rewrite !== undefined) args[index] = rewrite(args[index], toStored)
      }
      return args
    }
    if (returns === undefined) return (...args) => call(...translateArgs(args))
    return async (...args) => returns(await call(...translateArgs(args)), toPublic)
  }

  function translateNoun(noun: ByName<AnyFunction>, ids: AnyNounIds) {
    if (ids === 'no ids') return noun
    const functions: { [name: string]: AnyFunction } = {}
    for (const name in noun) {
      const call = noun[name]
      if (call !== undefined) functions[name] = translateFunction(call, ids[name] ?? {})
    }
    return functions
  }

  return {
    all: (nouns, ids) => {
      const idsByNoun: ByName<AnyNounIds> = ids
      const byName: { [name: string]: ByName<AnyFunction> } = {}
      for (const [name, noun] of Object.entries(nouns)) {
        byName[name] = translateNoun(noun, idsByNoun[name] ?? 'no ids')
      }
      return byName as typeof nouns
    },
    onUse: <Nouns extends object>(ids: IdsOf<Nouns>) => {
      const makers: { [name: string]: (nouns: ByName<ByName<AnyFunction>>) => unknown } = {}
      for (const [name, nounIds] of Object.entries<AnyNounIds>(ids)) {
        makers[name] = (nouns) => translateNoun(nouns[name] ?? {}, nounIds)
      }
      return lazyNouns(makers as unknown as NounMakers<Nouns, Nouns>)
    },
  }
}
