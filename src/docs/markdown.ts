import { dirname, join } from 'node:path/posix'
import { Marked, Renderer, type Token, type Tokens } from 'marked'
import { Html, html } from '../pages/html.ts'
import { type Code, renderCode, renderTabs, TAB_LANGUAGES } from './code-block.ts'
import { renderDiagram } from './diagrams/diagram.ts'

/** A heading of a page. */
export type Heading = { readonly depth: number; readonly text: string; readonly anchor: string }

/** A rendered text with its headings, including the title. */
export type RenderedText = { readonly content: Html; readonly headings: readonly Heading[] }

/** The part of a page from one heading to the next, for the search. */
export type TextSection = { readonly heading: Heading | undefined; readonly text: string }

/**
 * Renders Markdown. `hrefOf` returns the address for a link to a file of the package. Undefined: the site does not
 * have the file, so only the link's text remains.
 */
export function renderMarkdown(
  text: string,
  file: string,
  hrefOf: (file: string, anchor: string) => string | undefined,
): RenderedText {
  const headings: Heading[] = []
  const anchorOf = anchorMaker()
  let tableCount = 0
  const parser = new Marked({
    renderer: {
      heading({ depth, tokens }) {
        const heading = { depth, text: plainText(tokens), anchor: '' }
        const anchor = anchorOf(heading.text)
        headings.push({ ...heading, anchor })
        const content = this.parser.parseInline(tokens)
        const link = html`<a class="anchor" href="#${anchor}" aria-label="Link to ${heading.text}">#</a>`
        return `<h${depth} id="${anchor}">${content}${depth === 1 ? '' : link.text}</h${depth}>\n`
      },
      link({ href, tokens }) {
        const content = this.parser.parseInline(tokens)
        const target = targetOf(href, file, hrefOf)
        return target === undefined ? content : `<a href="${html`${target}`.text}">${content}</a>`
      },
      image({ href, text: description }) {
        const target = hrefOf(join(dirname(file), href), '') ?? href
        return html`<img src="${target}" alt="${description}" loading="lazy">`.text
      },
      code: ({ lang, text: code }) => renderBlock({ language: lang ?? '', text: code }).text,
      table(token) {
        const table = Renderer.prototype.table.call(this, token)
        tableCount += 1
        // Each region needs a unique name.
        const name = `Table ${tableCount}: ${headings.at(-1)?.text ?? ''}`
        return `<div class="table" role="region" tabindex="0" aria-label="${html`${name}`.text}">${table}</div>`
      },
      // Drops comments. The pages have no other HTML.
      html: ({ text: raw }) => (raw.trimStart().startsWith('<!--') ? '' : html`${raw}`.text),
    },
  })
  const parts = groupCode(parser.lexer(text)).map((part) =>
    part.length === 1 ? parser.parser([...part]) : renderTabs(part.map(codeOf)).text,
  )
  return { content: new Html(parts.join('')), headings }
}

/** Splits Markdown at its headings and removes the marks. Keeps code, because people search for names in it. */
export function sectionsOf(text: string): readonly TextSection[] {
  const anchorOf = anchorMaker()
  const sections: { heading: Heading | undefined; text: string }[] = []
  for (const token of new Marked().lexer(text)) {
    if (token.type === 'heading') {
      const { depth, tokens } = token as Tokens.Heading
      const heading = plainText(tokens)
      sections.push({ heading: { depth, text: heading, anchor: anchorOf(heading) }, text: '' })
    } else if (token.type !== 'space' && token.type !== 'html') {
      const last = sections.at(-1) ?? { heading: undefined, text: '' }
      if (sections.length === 0) sections.push(last)
      last.text += ` ${withoutMarks(token.raw)}`
    }
  }
  return sections.map((one) => ({ ...one, text: one.text.replaceAll(/\s+/g, ' ').trim() }))
}

function withoutMarks(raw: string): string {
  return raw
    .replaceAll(/^```.*$/gm, '')
    .replaceAll(/!?\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replaceAll(/^\|[-| :]+\|$/gm, '')
    .replaceAll(/^\s*(?:[-*>]|#+|\d+\.) |[`*]/gm, '')
    .replaceAll('|', ' ')
}

function renderBlock(code: Code): Html {
  if (code.language !== 'mermaid') return renderCode(code)
  return renderDiagram(code.text) ?? renderCode(code)
}

function codeOf(token: Token): Code {
  const { lang = '', text } = token as Tokens.Code
  return { language: lang, text }
}

/** Groups consecutive code blocks, each in another language: a group becomes tabs. */
function groupCode(tokens: readonly Token[]): readonly (readonly Token[])[] {
  const groups: Token[][] = []
  let run: Token[] = []
  const close = () => {
    if (run.length > 0) groups.push(run)
    run = []
  }
  for (const token of tokens) {
    if (token.type === 'space') continue
    const language = token.type === 'code' ? codeOf(token).language : ''
    const joins =
      TAB_LANGUAGES.has(language) && run.every((one) => codeOf(one).language !== language)
    if (!joins) close()
    if (TAB_LANGUAGES.has(language)) run.push(token)
    else groups.push([token])
  }
  close()
  return groups
}

function targetOf(
  href: string,
  file: string,
  hrefOf: (file: string, anchor: string) => string | undefined,
): string | undefined {
  if (/^[a-z]+:/.test(href) || href.startsWith('#')) return href
  const [path = '', anchor = ''] = href.split('#')
  return hrefOf(join(dirname(file), path), anchor)
}

function plainText(tokens: readonly Token[]): string {
  return tokens
    .map((token) =>
      'tokens' in token && token.tokens !== undefined
        ? plainText(token.tokens)
        : 'text' in token
          ? String(token.text)
          : token.raw,
    )
    .join('')
}

/** Makes anchors as code hosts do, so that a link with an anchor works there and here. */
function anchorMaker(): (text: string) => string {
  const counts = new Map<string, number>()
  return (text) => {
    const anchor = text
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{M}\p{N}\p{Pc}\- ]/gu, '')
      .replaceAll(' ', '-')
    const count = counts.get(anchor) ?? 0
    counts.set(anchor, count + 1)
    return count === 0 ? anchor : `${anchor}-${count}`
  }
}
