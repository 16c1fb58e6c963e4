/**
 * Writes the documentation as static files: `npm run docs` or `npm run docs -- folder`. The pages work from a web server
 * below any path and when they are opened as files.
 */
import { copyFileSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { readLibrary } from '../src/docs/library.ts'
import type { Links } from '../src/docs/links.ts'
import type { Documents, OpenApiDocument } from '../src/docs/open-api.ts'
import { makeSite, SANDBOX_URL, type SitePage } from '../src/docs/site.ts'
import { readBrowserFile } from '../src/pages/assets.ts'
import { html } from '../src/pages/html.ts'
import { SANDBOX_VALUES } from '../src/sandbox/well-known.ts'
import { readSettings } from '../src/server/settings/read-settings.ts'
import { startServer } from '../src/server/start-server.ts'
import { buildBrowserIfStale } from './build-browser.ts'

const ROOT = fileURLToPath(new URL('..', import.meta.url))

const up = (from: string) => '../'.repeat(from.split('/').length - 1)

/** The addresses in static files: relative, with endings. */
export const STATIC_LINKS: Links = {
  page: (id, from) => `${up(from)}${id === '' ? 'index' : id}.html`,
  file: (name, from) => `${up(from)}${name}`,
  sandbox: undefined,
  suffix: '.html',
  searchFile: 'search.js',
}

/** Returns the number of pages. */
export async function writeDocs(folder: string, documents: Documents): Promise<number> {
  const site = makeSite(await readLibrary(), documents, STATIC_LINKS)
  const write = (name: string, text: string) => {
    const path = join(folder, name)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text)
  }
  const options = {
    baseUrl: SANDBOX_URL,
    ready: SANDBOX_VALUES,
    hasForms: false,
    hasControl: true,
  }
  for (const id of site.ids) {
    const page = site.render(id, options)
    if (page !== undefined) write(`${id === '' ? 'index' : id}.html`, documentOf(page, up(id)))
  }
  write('search.js', `window.paydeskSearch = ${JSON.stringify(site.searchIndex())}\n`)
  write('openapi.json', `${JSON.stringify(documents.api, undefined, 2)}\n`)
  write('sandbox-openapi.json', `${JSON.stringify(documents.control, undefined, 2)}\n`)
  for (const name of ['docs.css', 'docs.js', 'docs-theme.js']) write(name, browserFile(name))
  mkdirSync(join(folder, 'pictures'), { recursive: true })
  for (const name of readdirSync(join(ROOT, 'docs/pictures'))) {
    copyFileSync(join(ROOT, 'docs/pictures', name), join(folder, 'pictures', name))
  }
  return site.ids.length
}

/** The same documents as a sandbox serves. */
async function describeApis(): Promise<Documents> {
  const flags = { memory: true, port: '0', logLevel: 'silent' }
  const server = await startServer(readSettings(flags, {}))
  try {
    return await readDocuments(server.baseUrl)
  } finally {
    await server.close()
  }
}

export async function readDocuments(baseUrl: string): Promise<Documents> {
  const read = async (path: string) =>
    (await (await fetch(`${baseUrl}${path}`)).json()) as OpenApiDocument
  return { api: await read('/openapi.json'), control: await read('/_sandbox/openapi.json') }
}

/** Plain scripts without `integrity`: browsers refuse modules and digests of local files. */
function documentOf({ body, title }: SitePage, root: string): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<link rel="stylesheet" href="${root}docs.css">
<script src="${root}docs-theme.js"></script>
<script defer src="${root}docs.js"></script>
</head>
<body>${body}</body>
</html>
`.text
}

function browserFile(name: string): string {
  const manifest = JSON.parse(readBrowserFile('manifest.json').toString('utf8')) as {
    readonly [name: string]: { readonly file: string }
  }
  return readBrowserFile(manifest[name]?.file ?? name).toString('utf8')
}

if (import.meta.main) {
  const folder = resolve(process.argv[2] ?? join(ROOT, 'site'))
  console.log(`Writing the documentation to ${folder}`)
  await buildBrowserIfStale()
  const count = await writeDocs(folder, await describeApis())
  console.log(`Wrote ${count} pages. Open ${join(folder, 'index.html')}`)
}
