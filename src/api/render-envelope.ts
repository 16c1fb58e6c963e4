import type { Page } from '../operations/store.ts'
import { renderPage } from './read-page.ts'

/** Writes a success's body around a resource. */
export function renderOne(key: string, fields: unknown): string {
  return JSON.stringify({ code: 0, message: 'success', [key]: fields })
}

/**
 * Writes a success's body with a resource in two places: under its key, and again under `data`, where the
 * official .NET SDK looks for it.
 */
export function renderTwice(key: string, fields: unknown): string {
  return JSON.stringify({ code: 0, message: 'success', [key]: fields, data: { [key]: fields } })
}

/** Writes a success's body around a page of a list. */
export function renderList(
  key: string,
  rows: readonly unknown[],
  page: Page,
  total: number,
): string {
  return JSON.stringify({
    code: 0,
    message: 'success',
    [key]: rows,
    page_context: renderPage(page, total),
  })
}
