import type { FastifyRequest } from 'fastify'
import type { TokenRefusal } from '../operations/grant-tokens.ts'
import { queryOf } from '../pages/form.ts'

/**
 * Reads the parameters of a token request from its query and its form or multipart body, and the client also from a
 * Basic header. A parameter with two different values is refused, because either could be the intended one.
 *
 * Source: all four ways are in the documentation of Zoho's accounts server (seen 2026-11-28).
 */
export async function readTokenParameters(
  request: FastifyRequest,
): Promise<URLSearchParams | TokenRefusal> {
  const body = await bodyParameters(request)
  if ('error' in body) return body
  const basic = basicClient(request.headers.authorization)
  if ('error' in basic) return basic

  const parameters = new URLSearchParams()
  for (const [name, value] of [...queryOf(request), ...body.entries, ...basic.entries]) {
    const before = parameters.get(name)
    if (before !== null && before !== value) return twice(name)
    parameters.set(name, value)
  }
  return parameters
}

type Entries = { readonly entries: readonly (readonly [name: string, value: string])[] }

const NOTHING: Entries = { entries: [] }

function twice(name: string): TokenRefusal {
  const isOfClient = name === 'client_id' || name === 'client_secret'
  return {
    error: isOfClient ? 'invalid_client' : 'invalid_grant',
    description: `${name} has two different values: send one, in the query, the body or the Authorization header`,
  }
}

async function bodyParameters({ body, headers }: FastifyRequest): Promise<Entries | TokenRefusal> {
  const bytes = body as Buffer | undefined
  if (bytes === undefined || bytes.length === 0) return NOTHING
  const type = headers['content-type'] ?? ''
  const name = type.split(';', 1)[0]?.trim().toLowerCase() ?? ''
  switch (name) {
    // Programs without a content type, and browsers' fetch with a text body, send a form.
    case '':
    case 'text/plain':
    case 'application/x-www-form-urlencoded':
      return { entries: [...new URLSearchParams(bytes.toString('utf8'))] }
    case 'multipart/form-data':
      return multipartParameters(bytes, type)
    default:
      return {
        error: 'invalid_grant',
        description: `Content-Type must be application/x-www-form-urlencoded or multipart/form-data, but it is ${plainType(name)}`,
      }
  }
}

/** A header can contain anything, so only a plain type is repeated. */
function plainType(type: string): string {
  return /^[a-z]+\/[a-z.+-]{1,40}$/.test(type) ? type : 'another one'
}

async function multipartParameters(bytes: Buffer, type: string): Promise<Entries | TokenRefusal> {
  try {
    const form = await new Response(new Uint8Array(bytes), {
      headers: { 'content-type': type },
    }).formData()
    const entries = [...form].map(([name, value]) => [name, value] as const)
    const texts = entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string')
    if (texts.length === entries.length) return { entries: texts }
    return { error: 'invalid_grant', description: 'a parameter is a file: send it as a field' }
  } catch {
    return { error: 'invalid_grant', description: 'the body is not complete multipart/form-data' }
  }
}

/**
 * Reads the client from a Basic header. Both parts are form-encoded before base64, but some clients omit that.
 * Source: RFC 6749, section 2.3.1.
 */
function basicClient(authorization: string | undefined): Entries | TokenRefusal {
  if (!/^Basic( |$)/i.test(authorization ?? '')) return NOTHING
  const [, credentials = ''] = /^Basic +([\w+/=-]+)$/i.exec(authorization ?? '') ?? []
  const text = Buffer.from(credentials, 'base64').toString('utf8')
  const colonAt = text.indexOf(':')
  if (colonAt === -1) {
    return {
      error: 'invalid_client',
      description: 'the Authorization header must have the base64 of client_id:client_secret',
    }
  }
  return {
    entries: [
      ['client_id', decodeFormText(text.slice(0, colonAt))],
      ['client_secret', decodeFormText(text.slice(colonAt + 1))],
    ],
  }
}

function decodeFormText(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
