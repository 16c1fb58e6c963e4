import { extname } from 'node:path'
import { type Html, html } from '../pages/html.ts'
import { type ApiPageOptions, renderResource, renderSource } from './api-page.ts'
import { renderFirstPage } from './first-page.ts'
import { type MenuEntry, renderFrame } from './frame.ts'
import type { Library, TextPage } from './library.ts'
import type { Links } from './links.ts'
import { type Heading, type RenderedText, renderMarkdown } from './markdown.ts'
import { type Documents, type Resource, resourcesOf } from './open-api.ts'
import { makeSearchIndex, type SearchIndex } from './search-index.ts'
import { FILES_OF_RESOURCES, GUIDE_SECTIONS, PICTURES, REFERENCE_SECTIONS } from './site-map.ts'

/** A page that is ready to send. */
export type SitePage = { readonly title: string; readonly body: Html }

/** The parts of all pages that depend on the server. */
export type SiteOptions = ApiPageOptions & {
  /**
   * False: a live server, or one with several workers. The pages of the control API then show the calls of a sandbox on
   * the reader's machine, and have no forms.
   */
  readonly hasControl: boolean
}

/** The address of a sandbox that was started without flags. */
export const SANDBOX_URL = 'http://127.0.0.1:4242'

/** The sections of the menu whose pages call a sandbox. */
const SANDBOX_SECTIONS: ReadonlySet<string> = new Set(['Integrate', 'Test'])

/** The id of the page for unknown addresses. No entry of the menu has it. */
const MISSING_ID = '404'

/** The documentation as pages. */
export type Site = {
  /** The addresses of all pages. The address of the first page is empty. */
  readonly ids: readonly string[]
  /** Undefined: there is no such page. */
  readonly render: (id: string, options: SiteOptions) => SitePage | undefined
  /** Renders the page that a server answers for an unknown address. Its links are those of the first page. */
  readonly renderMissing: () => SitePage
  /** Made at the first call. */
  readonly searchIndex: () => SearchIndex
}

/** Makes the site of a library and the descriptions of the APIs. A text is rendered at its first request. */
export function makeSite(library: Library, documents: Documents, links: Links): Site {
  const api = resourcesOf(documents.api, 'api')
  const control = resourcesOf(documents.control, 'control', documents.control.info.description)
  const resources = [...api, ...control]
  const byResource = new Map(resources.map((one) => [one.id, one]))
  const menu = menuOf(api, control)
  // Each page is cached for one base URL, because almost all readers of a server use the same one.
  const texts = new Map<string, { readonly baseUrl: string; readonly text: RenderedText }>()
  const textOf = (page: TextPage, baseUrl: string) => {
    const lastText = texts.get(page.id)
    if (lastText?.baseUrl === baseUrl) return lastText.text
    const text = renderText(withBaseUrl(page, baseUrl), library, links)
    texts.set(page.id, { baseUrl, text })
    return text
  }
  let index: SearchIndex | undefined
  return {
    ids: ['', ...library.pages.map(({ id }) => id), ...byResource.keys()],
    searchIndex: () => {
      index ??= makeSearchIndex(library, resources)
      return index
    },
    render: (id, options) => {
      const frame = (title: string, content: Html, headings: readonly Heading[]) => ({
        title: id === '' ? 'Paydesk documentation' : `${title} · Paydesk documentation`,
        body: renderFrame({ id, content, headings, menu, links }),
      })
      if (id === '') return frame('', renderFirstPage(menu, links), [])
      const resource = byResource.get(id)
      if (resource !== undefined) {
        const isCallable = options.hasControl || !control.includes(resource)
        const { content, headings } = renderResource(
          resource,
          isCallable ? options : { ...options, baseUrl: SANDBOX_URL, hasForms: false },
        )
        return frame(resource.name, content, headings)
      }
      const page = library.byId.get(id)
      if (page === undefined) return undefined
      const { content, headings } = textOf(
        page,
        options.ready === undefined ? SANDBOX_URL : options.baseUrl,
      )
      return frame(page.title, content, headings)
    },
    renderMissing: () => {
      const title = 'Page not found'
      const content = html`<h1>${title}</h1>
<p>The documentation has no page at this address. Search for it, or see <a href="${links.page('', '')}">all pages</a>.</p>`
      return {
        title: `${title} · Paydesk documentation`,
        body: renderFrame({ id: MISSING_ID, content, headings: [], menu, links }),
      }
    },
  }
}

/** Puts the sandbox's own address into the samples and links of a guide. Other pages name the address as a default. */
function withBaseUrl(page: TextPage, baseUrl: string): TextPage {
  if (!SANDBOX_SECTIONS.has(page.section)) return page
  return { ...page, text: page.text.replaceAll(SANDBOX_URL, () => baseUrl) }
}

function renderText(page: TextPage, library: Library, links: Links): RenderedText {
  if (page.isSource) {
    const language = extname(page.file).slice(1)
    return { content: renderSource(page.title, language, page.text), headings: [] }
  }
  return renderMarkdown(page.text, page.file, (file, anchor) => {
    if (PICTURES.test(file)) return links.file(file.replace(/^docs\//, ''), page.id)
    const fragment = anchor === '' ? '' : `#${anchor}`
    if (file === 'README.md') return `${links.page('', page.id)}${fragment}`
    const id = library.byFile.get(file)?.id ?? FILES_OF_RESOURCES.get(file)
    return id && `${links.page(id, page.id)}${fragment}`
  })
}

function menuOf(api: readonly Resource[], control: readonly Resource[]): readonly MenuEntry[] {
  const pagesOf = (resources: readonly Resource[]) =>
    resources.map(({ id, name }) => ({ id, label: name }))
  return [
    ...GUIDE_SECTIONS,
    { title: 'API', pages: pagesOf(api) },
    { title: 'Sandbox control', pages: pagesOf(control) },
    ...REFERENCE_SECTIONS,
  ]
}
