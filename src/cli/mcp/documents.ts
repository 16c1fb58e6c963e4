import { errorOf, isSuccess } from '../../client/errors.ts'
import { MACHINE } from '../../client/machine.ts'
import { createTransport } from '../../client/transport.ts'
import { listProgramFiles, readProgramText } from '../../program/program-files.ts'
import type { TargetServer } from './target-server.ts'

type AgentDocument = {
  readonly uri: string
  readonly name: string
  readonly title: string
  readonly mimeType: string
  readonly read: () => Promise<string>
}

/** The folders whose pages are resources, and single pages of `docs/`. */
const FOLDERS = ['docs/guides/', 'docs/reference/'] as const
const PAGES = ['docs/start.md'] as const
const TIMEOUT_MS = 30_000

/** Lists the guides, the reference pages, and the server's own descriptions of its APIs. */
export function listDocuments({ baseUrl, isControlled }: TargetServer): readonly AgentDocument[] {
  return [
    ...[...PAGES, ...FOLDERS.flatMap(pagesIn)].map(pageDocument),
    description(baseUrl, '/openapi.json', 'The API, as an OpenAPI document'),
    ...(isControlled
      ? [description(baseUrl, '/_sandbox/openapi.json', 'The sandbox’s control API')]
      : []),
  ]
}

function pagesIn(folder: string): readonly string[] {
  return listProgramFiles(folder)
    .filter((name) => name.endsWith('.md'))
    .map((name) => `${folder}${name}`)
}

function pageDocument(path: string): AgentDocument {
  const text = readProgramText(path)
  return {
    uri: `paydesk://${path.slice('docs/'.length)}`,
    name: path.slice('docs/'.length),
    title: /^# (.+)$/m.exec(text)?.[1] ?? path,
    mimeType: 'text/markdown',
    read: () => Promise.resolve(text),
  }
}

function description(baseUrl: string, path: string, title: string): AgentDocument {
  return {
    uri: `paydesk:/${path.replace('/_', '/')}`,
    name: path.slice(1).replace('_', ''),
    title,
    mimeType: 'application/json',
    read: () => readDescription(baseUrl, path),
  }
}

/** Throws PaydeskError if no answer or no document comes. */
async function readDescription(baseUrl: string, path: string): Promise<string> {
  const transport = createTransport({
    fetch: (input, init) => fetch(input, init),
    machine: MACHINE,
    timeoutMs: TIMEOUT_MS,
    retries: 0,
  })
  const exchange = await transport.exchange({
    method: 'GET',
    url: new URL(`${baseUrl}${path}`),
    headers: { accept: 'application/json' },
  })
  if (!isSuccess(exchange)) throw errorOf(exchange)
  return JSON.stringify(exchange.body)
}
