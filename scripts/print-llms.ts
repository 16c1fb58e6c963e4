/** Prints `llms.txt`, an index for language models, and `llms-full.txt`, the whole documentation in one file. */
import { readdirSync, readFileSync } from 'node:fs'

const ROOT = new URL('../', import.meta.url)
/** The served and published pages, by section. A folder means all of its pages. */
const SECTIONS = [
  ['First', ['docs/start.md']],
  ['Guides', ['docs/guides/']],
  ['Reference', ['docs/reference/']],
] as const
/** The part about the API descriptions, which the program serves. */
const SERVED = `## The APIs

- [OpenAPI document](openapi.json): every route of the API, its fields and its errors
- [Control API of a sandbox](_sandbox/openapi.json): clock, outcomes, faults, requests, tenants; not in live mode
- [All pages in one file](llms-full.txt)`
/** The length limit of a description, in characters. */
const DESCRIPTION_LENGTH_MAX = 200

/** Returns both files by their paths. `output` has newer texts of pages than the disk. */
export function printLlms(
  output: ReadonlyMap<string, string>,
): readonly (readonly [path: string, text: string])[] {
  const read = (path: string) => output.get(path) ?? readFileSync(new URL(path, ROOT), 'utf8')
  const pages = SECTIONS.map(([title, paths]) => ({ title, paths: paths.flatMap(pagesAt) }))
  const readme = read('README.md')
  const head = `# ${titleOf(readme)}\n\n> ${firstParagraph(readme)}`
  const list = (path: string) => {
    const page = read(path)
    return `- [${titleOf(page)}](${path}): ${shorten(firstParagraph(page))}`
  }
  const sections = pages.map(({ paths, title }) => `## ${title}\n\n${paths.map(list).join('\n')}`)
  const all = ['README.md', ...pages.flatMap(({ paths }) => paths)]
  return [
    ['llms.txt', `${[head, ...sections, SERVED].join('\n\n')}\n`],
    [
      'llms-full.txt',
      `${all.map((path) => `<!-- ${path} -->\n\n${read(path).trim()}`).join('\n\n')}\n`,
    ],
  ]
}

function pagesAt(path: string): readonly string[] {
  if (!path.endsWith('/')) return [path]
  return readdirSync(new URL(path, ROOT))
    .filter((name) => name.endsWith('.md'))
    .sort()
    .map((name) => `${path}${name}`)
}

function titleOf(page: string): string {
  return /^# (.+)$/m.exec(page)?.[1] ?? ''
}

/**
 * Returns the first paragraph of prose (no title, list, table, picture, code or comment) in one line, without its
 * links.
 */
function firstParagraph(page: string): string {
  const prose = page.replaceAll(/```[\s\S]*?```/g, '').split(/\n{2,}/)
  const first = prose.map((block) => block.trim()).find((block) => /^[\p{L}`*]/u.test(block)) ?? ''
  return first
    .replaceAll(/\[([^\]]+)\]\([^)]+\)/g, '$1')
    .replaceAll(/<(https?:[^>]+)>/g, '$1')
    .replaceAll(/\s+/g, ' ')
}

/** Returns as many whole sentences as fit into the length limit, and at least one. */
function shorten(text: string): string {
  const sentences = text.split(/(?<=\.) /)
  let short = sentences.shift() ?? ''
  for (const sentence of sentences) {
    if (short.length + sentence.length + 1 > DESCRIPTION_LENGTH_MAX) break
    short += ` ${sentence}`
  }
  return short
}
