import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Receiver, startReceiver } from '../../../test/support/receiver.ts'
import { listDocuments } from './documents.ts'

let server: Receiver
let answer: { readonly status: number; readonly body: string }
beforeAll(async () => {
  server = await startReceiver(() => answer)
})
afterAll(() => server.close())

const readOpenApi = async (baseUrl: string) => {
  const target = { baseUrl, isControlled: false, targetFor: () => Promise.reject(new Error()) }
  return listDocuments(target)
    .find(({ uri }) => uri === 'paydesk://openapi.json')
    ?.read()
}

test('a refused or malformed OpenAPI description is an error with the reason', async () => {
  const message = 'The service is not available.'
  answer = { status: 503, body: JSON.stringify({ code: 'error', message }) }
  await expect(readOpenApi(server.url)).rejects.toThrow(message)
  answer = { status: 200, body: '<html>' }
  await expect(readOpenApi(server.url)).rejects.toThrow('200')
  answer = { status: 200, body: '{"openapi":"3.1.0"}' }
  expect(await readOpenApi(server.url)).toBe('{"openapi":"3.1.0"}')
  const { url } = server
  await server.close()
  await expect(readOpenApi(url)).rejects.toThrow(`no answer from ${url}`)
})
