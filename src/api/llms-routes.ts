import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { readProgramFile } from '../program/program-files.ts'
import { ApiError } from './errors.ts'

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
  const text = PATH.test(path) ? readProgramFile(path.slice(1))?.toString('utf8') : undefined
  if (text === undefined) throw new ApiError('path_unknown')
  const type = path.endsWith('.md') ? 'text/markdown' : 'text/plain'
  return reply.type(`${type}; charset=utf-8`).send(text)
}
