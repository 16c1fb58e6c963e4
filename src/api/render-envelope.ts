import type { ListExtent } from '../operations/store.ts'
import { type OpenedPage, renderPage } from './read-page.ts'

/** Renders a success with one resource. */
export function renderOne(key: string, fields: unknown): string {
  return JSON.stringify({ code: 0, message: 'success', [key]: fields })
}

/**
 * Renders a success with a resource in two places: under its key, and again under `data`, where the official .NET
 * SDK reads it.
 */
export function renderTwice(key: string, fields: unknown): string {
  return JSON.stringify({ code: 0, message: 'success', [key]: fields, data: { [key]: fields } })
}

/** Renders a success with a page of a list. */
export function renderList(
  key: string,
  rows: readonly unknown[],
  page: OpenedPage,
  extent: ListExtent,
): string {
  return JSON.stringify({
    code: 0,
    message: 'success',
    [key]: rows,
    page_context: renderPage(page, extent),
  })
}
