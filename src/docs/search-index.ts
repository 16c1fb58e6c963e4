import type { Library } from './library.ts'
import { sectionsOf } from './markdown.ts'
import type { JsonSchema, Resource } from './open-api.ts'

/** The words of all pages, in which the browser's script searches. */
export type SearchIndex = {
  /** A page's address, its title, and the rank of its results: those with a lower rank come first. */
  readonly pages: readonly (readonly [id: string, title: string, rank: number])[]
  /** The parts of the pages: the page's number, the anchor, the heading, the text. */
  readonly sections: readonly (readonly [
    page: number,
    anchor: string,
    heading: string,
    text: string,
  ])[]
}

/** The rank of guides, reference and calls. */
const FIRST_RANK = 0
/** The rank of decisions and the project's other pages: few readers look for them. */
const LAST_RANK = 1

/** Makes the index of all pages and of the calls of both APIs. Source files are not in it. */
export function makeSearchIndex(library: Library, resources: readonly Resource[]): SearchIndex {
  const texts = library.pages.filter(({ isSource }) => !isSource)
  const pages = [
    ...texts.map(({ id, title }) => [id, title, isProject(id) ? LAST_RANK : FIRST_RANK] as const),
    ...resources.map(({ id, name }) => [id, `${apiOf(id)}: ${name}`, FIRST_RANK] as const),
  ]
  const textEntries = texts.flatMap(({ text }, page) =>
    sectionsOf(text).map(
      (one) =>
        [
          page,
          one.heading === undefined || one.heading.depth === 1 ? '' : one.heading.anchor,
          one.heading?.text ?? '',
          one.text,
        ] as const,
    ),
  )
  const callEntries = resources.flatMap(({ operations }, index) =>
    operations.map(
      (one) =>
        [
          texts.length + index,
          one.operationId,
          one.summary,
          [
            `${one.method} ${one.path}`,
            one.operationId,
            one.description,
            ...(one.parameters ?? []).map(({ name }) => name),
            ...fieldNames(one.requestBody?.content?.['application/json']?.schema),
          ].join(' '),
        ] as const,
    ),
  )
  return { pages, sections: [...textEntries, ...callEntries] }
}

function apiOf(id: string): string {
  return id.startsWith('control/') ? 'Sandbox control' : 'API'
}

function isProject(id: string): boolean {
  return id.startsWith('decisions') || id.startsWith('project/')
}

function fieldNames(schema: JsonSchema | undefined): readonly string[] {
  if (schema === undefined) return []
  const inner = Object.entries(schema.properties ?? {}).flatMap(([name, one]) => [
    name,
    ...fieldNames(one),
  ])
  return [...inner, ...fieldNames(schema.items)]
}
