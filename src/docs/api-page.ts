import { type Html, html } from '../pages/html.ts'
import { renderCode, renderTabs } from './code-block.ts'
import { codeSamples } from './code-samples.ts'
import type { Heading } from './markdown.ts'
import type {
  JsonSchema,
  OpenApiContent,
  OpenApiParameter,
  Operation,
  Resource,
} from './open-api.ts'

/** The values in samples and forms. A live server has none, so its samples have placeholders. */
export type ReadyValues = { readonly accountId: string; readonly accessToken: string }

const NAMED_VALUES: ReadyValues = { accountId: 'ACCOUNT_ID', accessToken: 'ACCESS_TOKEN' }

/** The parts of the page of a resource that depend on the server. */
export type ApiPageOptions = {
  /** `http://127.0.0.1:4242` */
  readonly baseUrl: string
  /** Undefined: a live server. */
  readonly ready: ReadyValues | undefined
  /** False: static files, which have no server to call. */
  readonly hasForms: boolean
}

/** Renders the page of a resource: each call with its fields, samples in eight languages, and a form that sends it. */
export function renderResource(
  { name, operations }: Resource,
  options: ApiPageOptions,
): { readonly content: Html; readonly headings: readonly Heading[] } {
  const content = html`<h1 id="${anchorOf(name)}">${name}</h1>
${options.hasForms ? renderCredentials(options.ready) : undefined}
${operations.map((one) => renderOperation(one, options))}`
  const headings = operations.map((one) => ({
    depth: 2,
    text: one.summary,
    anchor: one.operationId,
  }))
  return { content, headings }
}

function anchorOf(text: string): string {
  return text.toLowerCase().replaceAll(' ', '-')
}

/** Renders the fields for the token and the account of all forms on the page. */
function renderCredentials(ready: ReadyValues | undefined): Html {
  return html`<form class="credentials needs-script" aria-labelledby="credentials">
<h2 id="credentials">Credentials for the calls on this page</h2>
<div class="fields">
<div class="field"><label for="token">Access token</label><input id="token" name="token" value="${ready?.accessToken ?? ''}" autocomplete="off" spellcheck="false"></div>
<div class="field"><label for="account">Account</label><input id="account" name="account" value="${ready?.accountId ?? ''}" autocomplete="off" inputmode="numeric"></div>
</div>
<p class="hint">${ready === undefined ? 'The token stays in this page. It calls this server with real money.' : 'These are the values of this sandbox.'} The page adds the word <code>Zoho-oauthtoken</code> to a token alone.</p>
</form>`
}

function renderOperation(operation: Operation, options: ApiPageOptions): Html {
  const { description = '', operationId, parameters = [], requestBody, responses } = operation
  const failed = Object.keys(responses).filter((status) => Number(status) > 299)
  const [status = '200', answer] =
    Object.entries(responses).find(([one]) => Number(one) < 300) ?? []
  const body = schemaOf(requestBody)
  return html`<section class="operation" aria-labelledby="${operationId}">
<h2 id="${operationId}">${operation.summary}<a class="anchor" href="#${operationId}" aria-label="Link to ${operation.summary}">#</a></h2>
<p class="route"><b class="method ${operation.method.toLowerCase()}">${operation.method}</b> <code>${operation.path}</code></p>
${description.split('\n\n').map((one) => html`<p>${withCode(one)}</p>`)}
${renderTabs(codeSamples(sampleOf(operation, options)))}
${options.hasForms ? renderForm(operation) : undefined}
${renderParameters(parameters)}
${body === undefined ? undefined : html`<h3>Body</h3>${renderFields(body)}`}
<h3>Answer</h3>
<p>${status} on success${failed.length > 0 ? html`; failures: ${failed.join(', ')}` : undefined}.</p>
${renderAnswer(schemaOf(answer))}
</section>`
}

function schemaOf(content: OpenApiContent | undefined): JsonSchema | undefined {
  return content?.content?.['application/json']?.schema
}

/** Renders a text, with its words in backticks as code. */
function withCode(text: string): readonly Html[] {
  return text
    .split('`')
    .map((part, index) => (index % 2 === 1 ? html`<code>${part}</code>` : html`${part}`))
}

function renderParameters(parameters: readonly OpenApiParameter[]): Html | undefined {
  if (parameters.length === 0) return undefined
  return html`<h3>Parameters</h3><dl class="parameters">${parameters.map(
    (
      one,
    ) => html`<div><dt><code>${one.name}</code> <span class="kind">${one.in}${one.required === true ? ', required' : ''}</span></dt>
<dd>${withCode([one.description, rulesOf(one.schema ?? {})].filter(Boolean).join(' '))}</dd></div>`,
  )}</dl>`
}

/** Renders the fields of an object, and of objects in it. */
function renderFields({ properties = {}, required = [] }: JsonSchema): Html {
  return html`<dl class="parameters">${Object.entries(properties).map(([name, schema]) => {
    const inner = schema.properties === undefined ? schema.items : schema
    const isObject = Object.keys(inner?.properties ?? {}).length > 0
    return html`<div><dt><code>${name}</code> <span class="kind">${typeOf(schema)}${required.includes(name) ? ', required' : ''}</span></dt>
<dd>${withCode([schema.description, rulesOf(schema)].filter(Boolean).join(' '))}${isObject && inner !== undefined ? renderInner(name, inner) : undefined}</dd></div>`
  })}</dl>`
}

/** Renders the fields of an object in a field. They are closed at first. */
function renderInner(name: string, schema: JsonSchema): Html {
  return html`<details class="inner"><summary>Fields of <code>${name}</code></summary>${renderFields(schema)}</details>`
}

/** Renders the answer's fields. They are closed at first, because there are many. */
function renderAnswer(schema: JsonSchema | undefined): Html | undefined {
  if (schema?.properties === undefined) return undefined
  return html`<details class="answer"><summary>Fields of the answer</summary>${renderFields(schema)}</details>`
}

function typeOf({ anyOf, enum: values, items, type }: JsonSchema): string {
  if (anyOf !== undefined) return [...new Set(anyOf.map(typeOf))].join(' or ')
  if (items !== undefined) return `array of ${typeOf(items)}`
  if (type !== undefined) return [type].flat().join(' or ')
  return values === undefined ? 'any' : typeof values[0]
}

/** Writes the rules of a value in words. */
function rulesOf(schema: JsonSchema): string {
  const {
    default: standard,
    enum: values,
    examples,
    maximum,
    maxItems,
    maxLength,
    minimum,
  } = schema
  const expected = schema['x-expected']
  const rules: string[] = []
  if (values !== undefined)
    rules.push(`One of ${values.map((one) => `\`${String(one)}\``).join(', ')}.`)
  else if (expected !== undefined)
    rules.push(`${expected.slice(0, 1).toUpperCase()}${expected.slice(1)}.`)
  else if (maxLength !== undefined) rules.push(`At most ${maxLength} characters.`)
  if (minimum !== undefined && maximum !== undefined) rules.push(`${minimum} to ${maximum}.`)
  else if (maxItems !== undefined) rules.push(`At most ${maxItems}.`)
  if (standard !== undefined) rules.push(`Default: \`${JSON.stringify(standard)}\`.`)
  if (examples !== undefined && values === undefined && expected === undefined) {
    rules.push(`Example: \`${JSON.stringify(examples[0])}\`.`)
  }
  return rules.join(' ')
}

/** An id like the sandbox's, for the parameters in a path. */
const SAMPLE_ID = '6264512932387892'

function sampleOf(
  { method, operationId, path, requestBody }: Operation,
  { baseUrl, ready = NAMED_VALUES }: ApiPageOptions,
) {
  const body = exampleOf(requestBody)
  return {
    method,
    url: `${baseUrl}${path.replaceAll(/\{\w+\}/g, SAMPLE_ID)}?account_id=${ready.accountId}`,
    authorization: `Zoho-oauthtoken ${ready.accessToken}`,
    ...(method === 'POST' && { idempotencyKey: `docs-${operationId}-1` }),
    ...(body !== undefined && { body }),
  }
}

/** The example of a body as JSON text. Undefined: the call has no body. */
function exampleOf(body: OpenApiContent | undefined): string | undefined {
  const json = body?.content?.['application/json']
  if (json === undefined) return undefined
  return JSON.stringify(json.example ?? json.schema.examples?.[0] ?? {}, undefined, 2)
}

/** Renders the form that sends a call. The page's script shows the answer. */
function renderForm({
  method,
  operationId,
  parameters = [],
  path,
  requestBody,
  summary,
}: Operation): Html {
  const body = exampleOf(requestBody)
  const fields = parameters.filter((one) => one.in !== 'header' && one.name !== 'account_id')
  return html`<details class="try needs-script"><summary>Try it</summary>
<form data-method="${method}" data-path="${path}" aria-label="${summary}">
<div class="fields">${fields.map(
    ({ in: place, name, required }) =>
      html`<div class="field"><label for="${operationId}-${name}">${name}${required === true ? undefined : html` <span class="kind">optional</span>`}</label><input id="${operationId}-${name}" name="${name}" data-in="${place}"${required === true ? html` required` : undefined} autocomplete="off" spellcheck="false"></div>`,
  )}</div>
${
  body === undefined
    ? undefined
    : html`<div class="field"><label for="${operationId}-body">Body</label><textarea id="${operationId}-body" name="body" rows="${Math.min(body.split('\n').length, 16)}" spellcheck="false">${body}</textarea></div>`
}
<button type="submit" class="primary">Send</button>
<div class="result" role="status"></div>
</form></details>`
}

/** Renders a JSON document as a page of code. */
export function renderSource(title: string, language: string, text: string): Html {
  return html`<h1 id="file">${title}</h1>${renderCode({ language, text })}`
}
