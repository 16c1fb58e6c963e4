/** The kinds of work that a trace shows. */
export type SpanKind = 'operation' | 'store' | 'processor' | 'webhook'

/** Runs work in a span of a trace. The span ends with the work. Returns the result of the work. */
export type InSpan = <Result>(
  span: { readonly kind: SpanKind; readonly name: string },
  work: () => Result,
) => Result

type AnyFunction = (...args: readonly unknown[]) => unknown

/** The functions whose spans would say nothing: they answer at once, or close the store. */
const SYNCHRONOUS: ReadonlySet<string> = new Set(['creationBucket', 'onDue', 'refuses', 'close'])
/** The members of a store that only translate ids. */
const UNTRACED: ReadonlySet<string> = new Set(['publicIds'])

/**
 * Returns a copy of an object whose functions run in spans, including those of members that are objects. The span of a
 * function has a name such as `processor charge`, that of a member's function `processor mandates.findMandate`.
 */
export function withSpans<Traced extends object>(
  functions: Traced,
  kind: SpanKind,
  inSpan: InSpan,
): Traced {
  const wrap = (name: string, member: AnyFunction) =>
    function (this: unknown, ...args: readonly unknown[]) {
      return inSpan({ kind, name: `${kind} ${name}` }, () => member.apply(this, [...args]))
    }
  const wrapAll = (from: object, prefix: string, depth: number): object =>
    Object.fromEntries(
      Object.entries(from).map(([name, member]) => {
        if (SYNCHRONOUS.has(name) || UNTRACED.has(name) || Array.isArray(member)) {
          return [name, member]
        }
        if (typeof member === 'function') return [name, wrap(prefix + name, member as AnyFunction)]
        const isNested = depth === 0 && typeof member === 'object' && member !== null
        return [name, isNested ? wrapAll(member, `${name}.`, 1) : member]
      }),
    )
  return wrapAll(functions, '', 0) as Traced
}
