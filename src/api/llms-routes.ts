import { readFile } from 'node:fs/promises'
import type { FastifyInstance } from 'fastify'
import { ApiError } from './errors.ts'

const ROOT = new URL('../../', import.meta.url)
/** `llms.txt`, and the pages that it links to. */
const ROUTES = [
  '/llms.txt',
  '/llms-full.txt',
  '/docs/start.md',
  '/docs/guides/:page',
  '/docs/reference/:page',
]
const PATH = /^\/(?:llms(?:-full)?\.txt|docs\/(?:guides\/|reference\/)?[a-z-]+\.md)$/

/** Serves the documentation for language models, at its paths in the repository. */
export function registerLlmsRoutes(app: FastifyInstance): void {
  for (const route of ROUTES) {
    app.get(route, { schema: { hide: true } }, async ({ url }, reply) => {
      const path = url.split('?', 1)[0] ?? ''
      const text = PATH.test(path) ? await textOf(path.slice(1)) : undefined
      if (text === undefined) throw new ApiError('path_unknown')
      const type = path.endsWith('.md') ? 'text/markdown' : 'text/plain'
      return reply.type(`${type}; charset=utf-8`).send(text)
    })
  }
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
