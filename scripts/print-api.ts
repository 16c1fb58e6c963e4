/** Prints texts from the lists of routes: a page of the reference, and the client's tables. */
import { globSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { TSchema } from 'typebox'
import { operationsOf, type RouteFacts } from '../src/api/http-route.ts'
import { CALLS_PER_MINUTE } from '../src/api/rate-limit.ts'
import { API_ROUTES } from '../src/api/routes.ts'
import { CONSOLE_ACCOUNT_ROUTES, CONSOLE_SERVER_ROUTES } from '../src/console/console-routes.ts'
import { formatScope } from '../src/domain/scope.ts'
import { CONTROL_ROUTES } from '../src/sandbox/control/routes.ts'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const LINE_LENGTH_MAX = 100

/** Returns the text of `docs/reference/api.md`. */
export function printApi(printedBy: string): string {
  const tags = [...new Set(API_ROUTES.map(({ tag }) => tag))]
  const sections = tags.map((tag) => {
    const rows = API_ROUTES.filter((one) => one.tag === tag).map(
      ({ isPaydeskOnly, method, operationId, ratePerMinute, scope, summary, url }) =>
        `| \`${method} ${url}\` | ${summary} | \`${operationId}\` | \`${formatScope(scope)}\` | ${ratePerMinute ?? CALLS_PER_MINUTE} | ${isPaydeskOnly ? 'Paydesk only' : 'yes'} |`,
    )
    return `## ${tag}\n\n| route | summary | operation | scope | calls a minute | in the real API |\n|---|---|---|---|---|---|\n${rows.join('\n')}`
  })
  return `# Routes of the API

<!-- ${printedBy} -->

All routes lie below \`/api/v1\`, need an access token with the scope of the route, and take the account as \`?account_id=…\` in the
query. Every POST takes an \`Idempotency-Key\`, and so do some PUTs, such as the cancellation of a payment link.
\`/openapi.json\` describes the fields, and you can send requests on the page \`/docs\`. The limits of calls a minute apply to each account if \`--rate-limits\` is on, which is the default in live mode. Routes with the same
limit share it. [Coverage](coverage.md) compares the calls of the real API with these routes.

${sections.join('\n\n')}
`
}

type NamedSchema = { readonly name: string; readonly file: string }

/** Returns the text of `src/client/methods.ts`: values and types for each operation of the API. */
export function printApiMethods(): Promise<string> {
  return printMethods(operationsOf(API_ROUTES), {
    schemas: 'src/api/*/*schemas.ts',
    prefix: '',
    path: '/api/v1',
    title: 'Every operation of the API.',
  })
}

/** Returns the text of `src/client/control-methods.ts`: the same for the control API. */
export function printControlMethods(): Promise<string> {
  return printMethods(operationsOf(CONTROL_ROUTES), {
    schemas: 'src/sandbox/*/*schemas.ts',
    prefix: 'Control',
    path: '/_sandbox',
    title: 'Every operation of the control API.',
  })
}

/** Returns the text of `src/console/console-methods.ts`: the same for the console's own routes. */
export function printConsoleMethods(): Promise<string> {
  return printMethods(operationsOf([...CONSOLE_SERVER_ROUTES, ...CONSOLE_ACCOUNT_ROUTES]), {
    schemas: 'src/{console,api/*}/*schemas.ts',
    prefix: 'Console',
    path: '/console/api/v1',
    title: 'Every operation of the live console that is not one of the API.',
  })
}

async function printMethods(
  routes: readonly RouteFacts[],
  {
    path,
    prefix,
    schemas,
    title,
  }: Readonly<Record<'path' | 'prefix' | 'schemas' | 'title', string>>,
): Promise<string> {
  const names = await namedSchemas(schemas)
  const usedNames = new Map<string, Set<string>>()
  const typeOf = (schema: TSchema | undefined): string => {
    if (schema === undefined) return 'undefined'
    const result = names.get(schema)
    if (result === undefined) throw new Error('a schema of a route is not exported by its folder')
    usedNames.set(result.file, (usedNames.get(result.file) ?? new Set()).add(result.name))
    return `typeof ${result.name}`
  }
  const types = routes.map((one) => {
    const fields = [
      `body: ${typeOf(one.body)}`,
      `query: ${typeOf(one.query)}`,
      `answer: ${typeOf(answerOf(one))}`,
    ]
    return `  readonly ${one.operationId}: {\n${fields.map((field) => `    readonly ${field}\n`).join('')}  }`
  })
  const values = routes.map((one) => {
    const fields = [
      `method: '${one.method}'`,
      `path: '${one.url}'`,
      ...keysOf(answerOf(one)).map(([name, key]) => `${name}: '${key}'`),
    ]
    return `  ${one.operationId}: {\n${fields.map((field) => `    ${field},\n`).join('')}  },`
  })
  const imports = [...usedNames].sort(([a], [b]) => (a < b ? -1 : 1))
  return `// Printed by npm run print. Do not edit.
${imports.map(([file, of]) => importLine([...of].sort(compareNames), file)).join('\n')}

/**
 * ${title} \`path\` lies below \`${path}\`.
 *
 * \`answer\` is the key of the object in the answer. A list of several pages has \`rows\` (the key of its rows) and
 * \`rowId\` (the key of a row's id).
 */
export const ${prefix === '' ? '' : `${prefix.toUpperCase()}_`}METHODS = {
${values.join('\n')}
} as const

/** The schemas of the operations. Undefined: there is no body, or no query. */
export type ${prefix}MethodSchemas = {
${types.join('\n')}
}
`
}

function answerOf({ answers, operationId }: RouteFacts): TSchema {
  const [answer] = Object.values(answers)
  if (answer === undefined) throw new Error(`${operationId} has no answer`)
  return answer
}

/** Returns the keys that a client needs to read an answer. Empty: the answer is only an envelope. */
function keysOf(answer: TSchema): readonly (readonly [name: string, key: string])[] {
  const properties = propertiesOf(answer)
  const [key] = Object.keys(properties).filter((name) => !ENVELOPE_KEYS.has(name))
  if (key === undefined) return []
  if (!('page_context' in properties)) return [['answer', key]]
  const { items } = properties[key] as TSchema & { readonly items: TSchema }
  const [rowId = ''] = Object.keys(propertiesOf(items))
  return [
    ['rows', key],
    ['rowId', rowId],
  ]
}

const ENVELOPE_KEYS: ReadonlySet<string> = new Set(['code', 'message', 'page_context'])

function propertiesOf(schema: TSchema): Readonly<Record<string, TSchema>> {
  return (schema as { readonly properties?: Readonly<Record<string, TSchema>> }).properties ?? {}
}

async function namedSchemas(pattern: string): Promise<ReadonlyMap<unknown, NamedSchema>> {
  const schemasByValue = new Map<unknown, NamedSchema>()
  for (const file of globSync(pattern, { cwd: ROOT })) {
    const module: Readonly<Record<string, unknown>> = await import(/* @vite-ignore */ `../${file}`)
    for (const [name, value] of Object.entries(module)) schemasByValue.set(value, { name, file })
  }
  return schemasByValue
}

/** Writes an import in the order and the layout of the formatter. */
function importLine(names: readonly string[], file: string): string {
  const path = file.replace(/^src\//, '../')
  const short = `import type { ${names.join(', ')} } from '${path}'`
  if (short.length <= LINE_LENGTH_MAX) return short
  return `import type {\n${names.map((name) => `  ${name},\n`).join('')}} from '${path}'`
}

/** The order of the formatter: alphabetical, and a capital letter before the same small letter. */
function compareNames(a: string, b: string): number {
  const difference = [...a].findIndex((letter, index) => letter !== b[index])
  if (difference < 0) return a.length - b.length
  const [first = '', second = ''] = [a[difference], b[difference]]
  const [low, secondLow] = [first.toLowerCase(), second.toLowerCase()]
  if (low === secondLow) return first < second ? -1 : 1
  return low < secondLow ? -1 : 1
}
