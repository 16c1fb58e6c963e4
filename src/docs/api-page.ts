import { type Html, html } from '../pages/html.ts'
import { type Code, renderCode, renderTabs } from './code-block.ts'
import { codeSamples, type SampleRequest } from './code-samples.ts'
import type { Heading } from './markdown.ts'
import type {
  JsonSchema,
  OpenApiContent,
  OpenApiParameter,
  Operation,
  Resource,
} from './open-api.ts'
import { rulesInWords, typeInWords } from './schema-words.ts'

/**
 * The values in samples and forms. Without them, as on a live server, samples have placeholders.
 */
export type ReadyValues = { readonly accountId: string; readonly accessToken: string }

const NAMED_VALUES: ReadyValues = { accountId: 'ACCOUNT_ID', accessToken: 'ACCESS_TOKEN' }

/** The parts of a resource's page that depend on the server. */
export type ApiPageOptions = {
  /** `http://127.0.0.1:4242` */
  readonly baseUrl: string
  /** Undefined: a live server. */
  readonly ready: ReadyValues | undefined
  /** False: static files, which have no server to call. */
  readonly hasForms: boolean
}

/** Renders the page of a resource with its calls. */
export function renderResource(
  { lead, name, operations }: Resource,
  options: ApiPageOptions,
): { readonly content: Html; readonly headings: readonly Heading[] } {
  const content = html`<h1 id="${anchorOf(name)}">${name}</h1>
${lead && html`<p class="lead">${lead}</p>`}
${options.hasForms && operations.some(needsToken) ? renderCredentials(options.ready) : undefined}
${operations.map((one) => renderOperation(one, options))}`
  const headings = operations.map((one) => ({
    depth: 2,
    text: one.summary,
    anchor: one.operationId,
  }))
  return { content, headings }
}

function needsToken({ security }: Operation): boolean {
  return security !== undefined
}

function anchorOf(text: string): string {
  return text.toLowerCase().replaceAll(' ', '-')
}

function renderCredentials(ready: ReadyValues | undefined): Html {
  return html`<form class="credentials needs-script" aria-labelledby="credentials">
<h2 id="credentials">Credentials for the calls on this page</h2>
<div class="fields">
<div class="field"><label for="token">Access token</label><input id="token" name="token" value="${ready?.accessToken ?? ''}" autocomplete="off" spellcheck="false"></div>
<div class="field"><label for="account">Account</label><input id="account" name="account" value="${ready?.accountId ?? ''}" autocomplete="off" inputmode="numeric"></div>
</div>
<p class="hint">${ready === undefined ? 'The token stays in this page. Calls to this server can move real money.' : 'These are the values of this sandbox.'} The page adds the word <code>Zoho-oauthtoken</code> if it is missing.</p>
</form>`
}

function renderOperation(operation: Operation, options: ApiPageOptions): Html {
  const { description = '', operationId, parameters = [], requestBody, responses } = operation
  const failureStatuses = Object.keys(responses).filter((status) => Number(status) > 299)
  const [status = '200', answer] =
    Object.entries(responses).find(([one]) => Number(one) < 300) ?? []
  const body = schemaOf(requestBody)
  return html`<section class="operation" aria-labelledby="${operationId}">
<h2 id="${operationId}">${operation.summary}<a class="anchor" href="#${operationId}" aria-label="Link to ${operation.summary}">#</a></h2>
<p class="route"><b class="method ${operation.method.toLowerCase()}">${operation.method}</b> <code>${operation.path}</code></p>
${description.split('\n\n').map((one) => html`<p>${withCode(one)}</p>`)}
${renderTabs(samplesOf(operation, options))}
${options.hasForms && !isStream(operation) ? renderForm(operation, options.ready) : undefined}
${renderParameters(parameters)}
${body === undefined ? undefined : html`<h3>Body</h3>${renderFields(body)}`}
<h3>Answer</h3>
<p>${status} on success${failureStatuses.length > 0 ? html`; failures: ${failureStatuses.join(', ')}` : undefined}.</p>
${renderAnswer(schemaOf(answer))}
</section>`
}

function schemaOf(content: OpenApiContent | undefined): JsonSchema | undefined {
  return content?.content?.['application/json']?.schema
}

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
<dd>${withCode([one.description, rulesInWords(one.schema ?? {})].filter(Boolean).join(' '))}</dd></div>`,
  )}</dl>`
}

function renderFields({ properties = {}, required = [] }: JsonSchema): Html {
  return html`<dl class="parameters">${Object.entries(properties).map(([name, schema]) => {
    const inner = schema.properties === undefined ? schema.items : schema
    const isObject = Object.keys(inner?.properties ?? {}).length > 0
    return html`<div><dt><code>${name}</code> <span class="kind">${typeInWords(schema)}${required.includes(name) ? ', required' : ''}</span></dt>
<dd>${withCode([schema.description, rulesInWords(schema)].filter(Boolean).join(' '))}${isObject && inner !== undefined ? renderInner(name, inner) : undefined}</dd></div>`
  })}</dl>`
}

/** Closed at first. */
function renderInner(name: string, schema: JsonSchema): Html {
  return html`<details class="inner"><summary>Fields of <code>${name}</code></summary>${renderFields(schema)}</details>`
}

/** Closed at first, because there are many fields. */
function renderAnswer(schema: JsonSchema | undefined): Html | undefined {
  if (schema?.properties === undefined) return undefined
  return html`<details class="answer"><summary>Fields of the answer</summary>${renderFields(schema)}</details>`
}

/** An id like the sandbox's, for the parameters in a path. */
const SAMPLE_ID = '6264512932387892'

/** A call whose answer never ends has only a curl sample, because curl prints each part at once. */
function samplesOf(operation: Operation, options: ApiPageOptions): readonly Code[] {
  const samples = codeSamples(sampleOf(operation, options))
  return isStream(operation) ? samples.filter(({ language }) => language === 'sh') : samples
}

function isStream({ responses }: Operation): boolean {
  return responses['200']?.content?.['text/event-stream'] !== undefined
}

function sampleOf(
  operation: Operation,
  { baseUrl, ready = NAMED_VALUES }: ApiPageOptions,
): SampleRequest {
  const { method, operationId, parameters = [], path, requestBody } = operation
  const body = exampleOf(requestBody)
  const sampleValue = (one: OpenApiParameter) =>
    one.name === 'account_id' ? ready.accountId : String(one.example ?? SAMPLE_ID)
  const samplePath = parameters
    .filter((one) => one.in === 'path')
    .reduce(
      (text, one) => text.replace(`{${one.name}}`, encodeURIComponent(sampleValue(one))),
      path,
    )
  const requiredParameters = parameters.filter((one) => one.in === 'query' && one.required === true)
  const query = new URLSearchParams(
    requiredParameters.map((one) => [one.name, sampleValue(one)]),
  ).toString()
  return {
    method,
    url: `${baseUrl}${samplePath}${query && `?${query}`}`,
    ...(needsToken(operation) && { authorization: `Zoho-oauthtoken ${ready.accessToken}` }),
    ...(idempotencyKeyOf(operation) && { idempotencyKey: `docs-${operationId}-1` }),
    ...(body !== undefined && { body }),
  }
}

/** Undefined: the call takes no key. */
function idempotencyKeyOf({ parameters = [] }: Operation): OpenApiParameter | undefined {
  return parameters.find((one) => one.in === 'header' && one.name === 'idempotency-key')
}

/** Undefined: the call has no body. */
function exampleOf(body: OpenApiContent | undefined): string | undefined {
  const json = body?.content?.['application/json']
  if (json === undefined) return undefined
  return JSON.stringify(json.example ?? json.schema.examples?.[0] ?? {}, undefined, 2)
}

/** The page's script shows the answer. */
function renderForm(operation: Operation, ready: ReadyValues | undefined): Html {
  const { method, operationId, parameters = [], path, requestBody, summary } = operation
  const body = exampleOf(requestBody)
  // With a token, one field of the page has the account of all forms.
  const fields = parameters.filter(
    (one) => one.in !== 'header' && !(needsToken(operation) && one.name === 'account_id'),
  )
  return html`<details class="try needs-script"><summary>Try it</summary>
<form data-method="${method}" data-path="${path}" aria-label="${summary}">
<div class="fields">${fields.map((one) =>
    renderFormField(one, operationId, one.name === 'account_id' ? ready?.accountId : undefined),
  )}</div>
${
  body === undefined
    ? undefined
    : html`<div class="field"><label for="${operationId}-body">Body</label><textarea id="${operationId}-body" name="body" rows="${Math.min(body.split('\n').length, 16)}" spellcheck="false">${body}</textarea></div>`
}
${idempotencyKeyOf(operation) && renderKeyField(operationId)}
<button type="submit" class="primary">Send</button>
<div class="result" role="status"></div>
</form></details>`
}

function renderFormField(
  { in: place, name, required }: OpenApiParameter,
  operationId: string,
  value = '',
): Html {
  return html`<div class="field"><label for="${operationId}-${name}">${name}${required === true ? undefined : html` <span class="kind">optional</span>`}</label><input id="${operationId}-${name}" name="${name}" data-in="${place}" value="${value}"${required === true ? html` required` : undefined} autocomplete="off" spellcheck="false"></div>`
}

/** Empty at first: with a key, a second press would repeat the first answer. */
function renderKeyField(operationId: string): Html {
  const id = `${operationId}-key`
  return html`<div class="field"><label for="${id}">Idempotency-Key <span class="kind">optional</span></label><input id="${id}" name="Idempotency-Key" data-in="header" maxlength="255" pattern="[ -~]*" title="Printable ASCII characters" aria-describedby="${id}-hint" autocomplete="off" spellcheck="false"></div>
<p class="hint" id="${id}-hint">If you send a call twice with the same key, it is carried out once, and both answers are the same.</p>`
}

/** Renders a JSON document as a page of code. */
export function renderSource(title: string, language: string, text: string): Html {
  return html`<h1 id="file">${title}</h1>${renderCode({ language, text })}`
}
