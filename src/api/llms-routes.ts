import { readFile } from 'node:fs/promises'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { ApiError } from './errors.ts'

const ROOT = new URL('../../', import.meta.url)
const PATH = /^\/(?:llms(?:-full)?\.txt|docs\/(?:guides\/|reference\/)?[a-z-]+\.md)$/

/** Serves the two files for language models. The pages that they link to are beside those for browsers. */
export function registerLlmsRoutes(app: FastifyInstance): void {
  for (const route of ['/llms.txt', '/llms-full.txt']) {
    app.get(route, { schema: { hide: true } }, sendText)
  }
}

/** Sends the text of a page of the documentation, at its path in the repository. Throws ApiError. */
export async function sendText(
  { url }: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const path = url.split('?', 1)[0] ?? ''
  const text = PATH.test(path) ? await textOf(path.slice(1)) : undefined
  if (text === undefined) throw new ApiError('path_unknown')
  const type = path.endsWith('.md') ? 'text/markdown' : 'text/plain'
  return reply.type(`${type}; charset=utf-8`).send(text)
}

/** Undefined: there is no such file. */
async function textOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(new URL(path, ROOT), 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}
