import Fastify from 'fastify'
import { afterAll, expect, test } from 'vitest'
import type { Tenant } from '../operations/tenant.ts'
import { ApiError, renderError } from './errors.ts'
import {
  answerSchemasOf,
  bodySchemaOf,
  type HttpRoute,
  type HttpRouteWith,
  pathSchema,
  registerHttpRoutes,
} from './http-route.ts'
import type { Keywords } from './read-fields.ts'
import type { JsonObject, JsonValue } from './read-json.ts'
import { Type } from './type.ts'
import { unknownFieldsOf } from './unknown-fields.ts'

type Context = { readonly method: string; readonly bodyText: string }

function plainRoute<Url extends string, Query = JsonObject, Body = JsonValue>(
  value: Pick<HttpRouteWith<Context, Url, Query, Body>, 'method' | 'url' | 'handle'> &
    Partial<HttpRouteWith<Context, Url, Query, Body>>,
): HttpRouteWith<Context, Url, Query, Body> {
  const facts = { operationId: value.url, tag: 'Things', summary: 'A thing', description: 'One.' }
  return { ...facts, answers: { 200: Type.Object({}) }, ...value }
}

const showCall = plainRoute({
  method: 'GET',
  url: '/shops/{shop_id}/things/{thing_id}',
  readQuery: ({ color }) => ({ color: String(color) }),
  handle: async ({ body, bodyText, method, path, query }) => ({
    status: 200,
    body: JSON.stringify([path.shop_id, path.thing_id, query.color, body, bodyText, method]),
  }),
})
const keepBody = plainRoute({
  method: 'POST',
  url: '/things',
  body: Type.Object({}),
  handle: async ({ body, bodyText }) => ({ status: 201, body: JSON.stringify({ body, bodyText }) }),
})
const readBody = plainRoute({
  method: 'PUT',
  url: '/things',
  body: Type.Object({ name: Type.Optional(Type.String()) }),
  isBodyOptional: true,
  readBody: (body) => {
    if (body === null) throw new ApiError('invalid_parameter', 'body', 'body must not be null.')
    return { keys: Object.keys(body) }
  },
  handle: async ({ body: { keys } }) => ({
    status: 202,
    headers: { 'x-count': String(keys.length) },
    body: JSON.stringify(keys),
  }),
})
const sellCup = plainRoute({
  method: 'POST',
  url: '/sales',
  body: Type.Object({ type: Type.Enum(['cup']), size: Type.Integer() }),
  readBody: (body) => ({ cup: body }),
  handle: async ({ body }) => ({ status: 201, body: JSON.stringify(body) }),
})
const sell = plainRoute({
  method: 'POST',
  url: '/sales',
  body: Type.Object({ amount: Type.Integer() }),
  handle: async ({ body }) => ({ status: 201, body: JSON.stringify({ plain: body }) }),
  variants: { cup: sellCup },
})
const ROUTES: readonly HttpRoute<Context>[] = [showCall, keepBody, readBody, sell]

const app = Fastify()
app.decorateRequest('tenant')
app.addHook('onRequest', async (request) => {
  // Without traces, a route reads nothing else of the tenant.
  request.tenant = {} as Tenant
})
app.removeAllContentTypeParsers()
app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, bytes, done) => done(null, bytes))
app.setValidatorCompiler(() => () => true)
app.setErrorHandler((error, _request, reply) => {
  const { body, status } = renderError(error)
  reply.code(status).type('application/json').send(body)
})
registerHttpRoutes<Context, HttpRoute<Context>>(app, ROUTES, {
  contextOf: (request, { method }, bodyText) => ({
    method,
    bodyText: `${bodyText}${request.method}`,
  }),
  describe: () => ({}),
})
afterAll(() => app.close())

const json = { 'content-type': 'application/json' }

test.each([
  ['{"type":"cup","size":3}', { cup: { type: 'cup', size: 3 } }],
  ['{"amount":3}', { plain: { amount: 3 } }],
  ['{"type":"bowl"}', { plain: { type: 'bowl' } }],
  ['{"type":"toString"}', { plain: { type: 'toString' } }],
  ['{"type":["cup"]}', { plain: { type: ['cup'] } }],
  ['null', { plain: null }],
])(
  'the type in the body %s chooses the operation of a route with variants',
  async (payload, answer) => {
    const reply = await app.inject({ method: 'POST', url: '/sales', headers: json, payload })
    expect(reply.json()).toEqual(answer)
  },
)

test('the description of a route with variants lists all bodies, and each body is identified by its type', () => {
  expect(bodySchemaOf(sell)).toEqual({ anyOf: [sell.body, sellCup.body] })
  expect(bodySchemaOf(keepBody)).toBe(keepBody.body)
  expect(answerSchemasOf(sell)).toEqual({
    200: { anyOf: [sell.answers[200], sellCup.answers[200]] },
  })
  const unknownIn = (body: JsonObject) =>
    [...unknownFieldsOf(bodySchemaOf(sell) as Keywords, body)].map(({ path }) => path)
  expect(unknownIn({ type: 'cup', size: 3, amount: 3 })).toEqual(['amount'])
  expect(unknownIn({ size: 3, amount: 3 })).toEqual(['size'])
})

test('a handler gets the path parameters, the parsed query and the context', async () => {
  const answer = await app.inject('/shops/12/things/7?color=red')
  expect([answer.statusCode, answer.json()]).toEqual([200, ['12', '7', 'red', null, 'GET', 'GET']])
})

test('a handler without a reader gets the parsed body, and the context has the exact body text', async () => {
  const payload = '{ "name": "cup" }'
  const answer = await app.inject({ method: 'POST', url: '/things', headers: json, payload })
  expect([answer.statusCode, answer.json()]).toEqual([
    201,
    { body: { name: 'cup' }, bodyText: `${payload}POST` },
  ])
})

test('a reader runs before the handler, and its error becomes the answer', async () => {
  const put = (payload: string) =>
    app.inject({ method: 'PUT', url: '/things', headers: json, payload })
  expect((await put('{"name":"cup"}')).json()).toEqual(['name'])
  const refusal = await put('null')
  expect([refusal.statusCode, refusal.json().message]).toEqual([400, 'body must not be null.'])
})

test('an empty body counts as an empty object on a route with an optional body, and is refused elsewhere', async () => {
  const put = await app.inject({ method: 'PUT', url: '/things' })
  expect([put.statusCode, put.json()]).toEqual([202, []])
  const post = await app.inject({ method: 'POST', url: '/things' })
  expect([post.statusCode, post.json().message]).toEqual([
    400,
    'The request body must be a JSON object, but it is empty.',
  ])
})

test('the server sends the status, the headers and the text of an answer unchanged', async () => {
  const answer = await app.inject({
    method: 'PUT',
    url: '/things',
    headers: json,
    payload: '{"name":1}',
  })
  expect([answer.statusCode, answer.headers['x-count'], answer.payload]).toEqual([
    202,
    '1',
    '["name"]',
  ])
  expect(answer.headers['content-type']).toContain('application/json')
})

test('a handler is a plain function that needs no server', async () => {
  const call = { path: { shop_id: '1', thing_id: '2' }, query: { color: 'blue' }, body: null }
  const answer = await showCall.handle({ ...call, method: 'GET', bodyText: '' })
  expect(answer).toEqual({ status: 200, body: '["1","2","blue",null,"","GET"]' })
})

test('the description lists path parameters in the order of the URL', () => {
  expect(Object.keys(pathSchema(showCall)?.properties ?? {})).toEqual(['shop_id', 'thing_id'])
  expect(pathSchema(keepBody)).toBeUndefined()
})
