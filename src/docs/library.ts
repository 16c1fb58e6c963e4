import { extname } from 'node:path'
import { listProgramFiles, readProgramText } from '../program/program-files.ts'
import {
  DECISIONS_FOLDER,
  GUIDE_SECTIONS,
  type MenuPage,
  REFERENCE_SECTIONS,
  SOURCE_FILES,
} from './site-map.ts'

/** A page with its text. */
export type TextPage = MenuPage & {
  /** The title of the section in the menu. */
  readonly section: string
  readonly title: string
  /** Markdown; for a source file its text. */
  readonly text: string
  readonly isSource: boolean
}

/** All pages with text. */
export type Library = {
  readonly pages: readonly TextPage[]
  /** By the page's address. */
  readonly byId: ReadonlyMap<string, TextPage>
  /** By the file's path from the root of the package. */
  readonly byFile: ReadonlyMap<string, TextPage>
}

/** Reads all pages. Throws if a page is missing, because then the package is broken. */
export function readLibrary(): Library {
  const menu = [...GUIDE_SECTIONS, ...REFERENCE_SECTIONS].flatMap(({ pages, title }) =>
    pages.map((page) => ({ ...page, section: title })),
  )
  const decisions = listProgramFiles(DECISIONS_FOLDER)
    .filter((name) => /^\d{4}-.+\.md$/.test(name))
    .map((name) => ({
      id: `decisions/${name.slice(0, -'.md'.length)}`,
      file: `${DECISIONS_FOLDER}${name}`,
      label: '',
      section: 'Project',
    }))
  const sources = SOURCE_FILES.map((file) => ({
    id: `files/${file}`,
    file,
    label: file,
    section: 'Files',
  }))
  const pages = [...menu, ...decisions, ...sources].map((page) => {
    const text = readProgramText(page.file)
    const isSource = extname(page.file) !== '.md'
    const title = isSource ? page.file : titleOf(text)
    return { ...page, label: page.label || title, title, text, isSource }
  })
  return {
    pages,
    byId: new Map(pages.map((page) => [page.id, page])),
    byFile: new Map(pages.map((page) => [page.file, page])),
  }
}

function titleOf(text: string): string {
  return (/^# (.+)$/m.exec(text)?.[1] ?? '').replaceAll('`', '')
}
