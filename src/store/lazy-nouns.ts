/** A function for each noun, which makes it from a context. */
export type NounMakers<Context, Nouns> = {
  readonly [Name in keyof Nouns]: (context: Context) => Nouns[Name]
}

/**
 * Makes objects whose nouns are made at their first use. A transaction has about thirty nouns and uses a few of them, and
 * a busy server runs thousands of transactions a second. A copy of such an object by `...` has no nouns.
 */
export function lazyNouns<Context, Nouns extends object>(
  makers: NounMakers<Context, Nouns>,
): (context: Context) => Nouns {
  class LazyNouns {
    readonly context: Context
    /** The made nouns by position, because a look-up by a varying name costs more. */
    nouns: unknown[] | undefined = undefined
    constructor(context: Context) {
      this.context = context
    }
  }
  const names = Object.keys(makers) as (keyof Nouns)[]
  for (const [index, name] of names.entries()) {
    const make = makers[name]
    Object.defineProperty(LazyNouns.prototype, name, {
      get(this: LazyNouns) {
        this.nouns ??= new Array(names.length)
        this.nouns[index] ??= make(this.context)
        return this.nouns[index]
      },
    })
  }
  // The prototype has a getter for each noun, which the compiler does not know.
  return (context) => new LazyNouns(context) as unknown as Nouns
}
