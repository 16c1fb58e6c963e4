import { type Html, html } from '../pages/html.ts'
import type { Links } from './links.ts'
import type { Heading } from './markdown.ts'

/** A section of the menu. */
export type MenuEntry = {
  readonly title: string
  readonly pages: readonly { readonly id: string; readonly label: string }[]
}

/** A page with fewer headings shows no list of them. */
const LISTED_HEADINGS_MIN = 3

/** Renders the parts around a page's content. */
export function renderFrame({
  content,
  headings,
  id,
  links,
  menu,
}: {
  readonly id: string
  readonly content: Html
  readonly headings: readonly Heading[]
  readonly menu: readonly MenuEntry[]
  readonly links: Links
}): Html {
  const sections = headings.filter(({ depth }) => depth === 2)
  const hasList = sections.length >= LISTED_HEADINGS_MIN
  return html`<a class="skip" href="#content">Skip to the text</a>
<header class="top">
<button type="button" class="menu-button needs-script" aria-expanded="false" aria-controls="menu"><span class="bars" aria-hidden="true"></span><span class="hidden">Menu</span></button>
<a class="name" href="${links.page('', id)}"><span class="tile" aria-hidden="true">P</span>Paydesk</a>
<button type="button" class="search-button needs-script"><span>Search</span><kbd aria-hidden="true">/</kbd></button>
<button type="button" class="theme-button needs-script" aria-pressed="false"><span class="hidden">Dark theme</span><span class="moon" aria-hidden="true"></span></button>
${links.sandbox === undefined ? undefined : html`<a class="sandbox" href="${links.sandbox}">Sandbox</a>`}
</header>
<div class="site${hasList ? ' listed' : ''}" data-root="${links.file('', id)}" data-suffix="${links.suffix}" data-search="${links.file(links.searchFile, id)}">
<nav id="menu" class="menu" aria-label="Pages">${menu.map((section) => renderSection(section, id, links))}</nav>
<main id="content">
<article>${content}</article>
${renderNeighbors(id, menu, links)}
</main>
${
  hasList
    ? html`<nav class="headings" aria-label="On this page"><p>On this page</p><ul>${sections.map(({ anchor, text }) => html`<li><a href="#${anchor}">${text}</a></li>`)}</ul></nav>`
    : undefined
}
</div>
<dialog class="finder" aria-label="Search the documentation">
<input type="search" role="combobox" aria-label="Search the documentation" aria-expanded="false" aria-controls="found" aria-autocomplete="list" placeholder="Search the documentation" autocomplete="off" spellcheck="false">
<div id="found" role="listbox" aria-label="Results"></div>
<p class="note" role="status"></p>
</dialog>`
}

function renderSection({ pages, title }: MenuEntry, id: string, links: Links): Html {
  const anchor = `menu-${title.toLowerCase().replaceAll(' ', '-')}`
  return html`<p id="${anchor}">${title}</p><ul aria-labelledby="${anchor}">${pages.map(
    (page) =>
      html`<li><a href="${links.page(page.id, id)}"${isCurrent(page.id, id) ? html` aria-current="page"` : undefined}>${page.label}</a></li>`,
  )}</ul>`
}

/** For a decision the current entry is the list of decisions. */
function isCurrent(entry: string, id: string): boolean {
  return entry === id || (entry === 'decisions' && id.startsWith('decisions/'))
}

function renderNeighbors(id: string, menu: readonly MenuEntry[], links: Links): Html | undefined {
  const pages = menu.flatMap((section) => section.pages)
  const at = pages.findIndex((page) => page.id === id)
  if (at < 0) return undefined
  const [before, after] = [pages[at - 1], pages[at + 1]]
  return html`<nav class="neighbors" aria-label="Neighboring pages">${
    before &&
    html`<a href="${links.page(before.id, id)}" rel="prev"><small>Previous</small>${before.label}</a>`
  }${after && html`<a href="${links.page(after.id, id)}" rel="next"><small>Next</small>${after.label}</a>`}</nav>`
}
