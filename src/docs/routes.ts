import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { ApiError } from '../api/errors.ts'
import { sendText } from '../api/llms-routes.ts'
import type { Assets } from '../pages/assets.ts'
import { sendDocument } from '../pages/document.ts'
import { readProgramFile } from '../program/program-files.ts'
import type { ReadyValues } from './api-page.ts'
import type { Links } from './links.ts'
import type { Documents } from './open-api.ts'
import type { Site, SitePage } from './site.ts'
import { PICTURES } from './site-map.ts'

const SITE_PATH = '/docs'

/** Registers the documentation at `/docs`. Its modules and texts are loaded at the first request for a page. */
export function registerDocs(
  app: FastifyInstance,
  deps: {
    readonly assets: Assets
    /** False: a live server. */
    readonly hasSandbox: boolean
    /** False: a live server, or one with several workers. */
    readonly hasControl: boolean
    readonly describe: () => Promise<object>
    /** Describes the control API of a sandbox. Its pages have forms only if `hasControl` is true. */
    readonly describeControl: () => Promise<object>
    /** The credentials of the calls that readers try on the pages. Undefined: a live server. */
    readonly readyValuesOf: (request: FastifyRequest) => ReadyValues | undefined
    readonly publicUrlOf: (request: FastifyRequest) => string
  },
): void {
  const { assets } = deps
  const hiddenRoute = { schema: { hide: true } }
  let site: Promise<Site> | undefined
  const load = () => {
    site ??= loadSite(deps, serverLinks(app.basePath, deps.hasSandbox))
    return site
  }
  const sendPage = (reply: FastifyReply, { body, title }: SitePage, status: number) =>
    sendDocument(
      reply,
      {
        title,
        language: 'en',
        styles: [assets.find('docs.css')],
        scripts: [assets.find('docs.js')],
        earlyScripts: [assets.find('docs-theme.js')],
        body,
      },
      status,
    )
  const showPage = async (request: FastifyRequest, reply: FastifyReply) => {
    const id = idOf(request)
    if (id.endsWith('.md')) return sendText(request, reply)
    const page = (await load()).render(id, {
      baseUrl: deps.publicUrlOf(request),
      ready: deps.readyValuesOf(request),
      hasForms: true,
      hasControl: deps.hasControl,
    })
    if (page !== undefined) return sendPage(reply, page, 200)
    if (request.headers.accept?.includes('text/html') !== true) throw new ApiError('path_unknown')
    return sendPage(reply, (await load()).renderMissing(), 404)
  }
  app.get(`${SITE_PATH}/search.json`, hiddenRoute, async (_request, reply) =>
    reply.send((await load()).searchIndex()),
  )
  app.get(`${SITE_PATH}/pictures/:name`, hiddenRoute, (request, reply) =>
    sendPicture(request, reply),
  )
  for (const url of [SITE_PATH, `${SITE_PATH}/*`]) app.get(url, hiddenRoute, showPage)
}

async function loadSite(
  {
    describe,
    describeControl,
  }: Readonly<Record<'describe' | 'describeControl', () => Promise<object>>>,
  links: Links,
): Promise<Site> {
  const [{ makeSite }, { readLibrary }] = await Promise.all([
    import('./site.ts'),
    import('./library.ts'),
  ])
  const documents = { api: await describe(), control: await describeControl() } as Documents
  return makeSite(readLibrary(), documents, links)
}

/** Makes the addresses on a server below `basePath`. */
export function serverLinks(basePath: string, hasSandbox: boolean): Links {
  const root = `${basePath}${SITE_PATH}`
  return {
    page: (id) => (id === '' ? root : `${root}/${id}`),
    file: (name) => `${root}/${name}`,
    sandbox: hasSandbox ? `${basePath}/` : undefined,
    suffix: '',
    searchFile: 'search.json',
  }
}

function idOf({ url }: FastifyRequest): string {
  const [path = ''] = url.split('?', 1)
  return path.slice(SITE_PATH.length).replace(/^\//, '')
}

async function sendPicture({ url }: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const [path = ''] = url.split('?', 1)
  const file = path.slice(1)
  if (!PICTURES.test(file)) throw new ApiError('path_unknown')
  const picture = readProgramFile(file)
  if (picture === undefined) throw new ApiError('path_unknown')
  return reply
    .headers({ 'content-type': 'image/png', 'cache-control': 'public, max-age=3600' })
    .send(picture)
}
