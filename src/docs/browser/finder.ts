import type { SearchIndex } from '../search-index.ts'
import { searchIn } from './search.ts'

declare global {
  interface Window {
    /** Set by the file of the index in a static site, where pages cannot fetch files. */
    paydeskSearch?: SearchIndex
  }
}

/** Opens the search by its button, `/` or Ctrl+K. The arrow keys move in the results, Enter opens one. */
export function addFinder(): void {
  const dialog = document.querySelector<HTMLDialogElement>('.finder')
  const input = dialog?.querySelector('input')
  const list = dialog?.querySelector<HTMLElement>('#found')
  const note = dialog?.querySelector('.note')
  const site = document.querySelector<HTMLElement>('.site')
  if (!dialog || !input || !list || !note || !site) return
  let index: SearchIndex | undefined
  let chosenIndex = 0

  const options = () => [...list.querySelectorAll<HTMLElement>('[role=option]')]
  const choose = (next: number) => {
    const all = options()
    chosenIndex = all.length === 0 ? 0 : (next + all.length) % all.length
    for (const [at, one] of all.entries())
      one.setAttribute('aria-selected', String(at === chosenIndex))
    const option = all[chosenIndex]
    if (option === undefined) input.removeAttribute('aria-activedescendant')
    else input.setAttribute('aria-activedescendant', option.id)
    option?.scrollIntoView({ block: 'nearest' })
  }
  const show = () => {
    if (index === undefined) return
    const results = searchIn(index, input.value)
    list.replaceChildren(...results.map((one, at) => makeOption(one, at, site.dataset)))
    input.setAttribute('aria-expanded', String(results.length > 0))
    const isEmpty = input.value.trim() === ''
    note.textContent = isEmpty ? '' : results.length === 0 ? 'Nothing found.' : ''
    choose(0)
  }
  const open = async () => {
    if (!dialog.open) dialog.showModal()
    input.select()
    try {
      index ??= await loadIndex(site.dataset.search ?? '')
      show()
    } catch {
      note.textContent = 'The search could not be loaded.'
    }
  }
  document.querySelector('.search-button')?.addEventListener('click', open)
  document.addEventListener('keydown', (event) => {
    const isTyping =
      event.target instanceof Element && event.target.closest('input, textarea, select')
    const isSlash = event.key === '/' && !isTyping && !event.ctrlKey && !event.metaKey
    const isK = event.key.toLowerCase() === 'k' && (event.ctrlKey || event.metaKey)
    if (!isSlash && !isK) return
    event.preventDefault()
    void open()
  })
  input.addEventListener('input', show)
  input.addEventListener('keydown', (event) => {
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault()
      choose(chosenIndex + (event.key === 'ArrowDown' ? 1 : -1))
    } else if (event.key === 'Enter') {
      event.preventDefault()
      options()[chosenIndex]?.click()
    }
  })
  // A click beside the dialog or on a result closes the dialog. A result on this page loads no other page.
  dialog.addEventListener('click', (event) => {
    const target = event.target instanceof Element ? event.target : undefined
    if (target === dialog || target?.closest('a') !== null) dialog.close()
  })
}

function makeOption(
  { anchor, heading, id, text, title }: ReturnType<typeof searchIn>[number],
  at: number,
  { root = '', suffix = '' }: DOMStringMap,
): HTMLElement {
  const link = document.createElement('a')
  link.id = `found-${at}`
  link.setAttribute('role', 'option')
  // The field keeps the focus; the arrow keys choose.
  link.tabIndex = -1
  const address = id === '' ? '' : `${id}${suffix}`
  link.href = `${root}${address}${anchor === '' ? '' : `#${anchor}`}`
  const name = document.createElement('b')
  name.textContent = heading === '' || heading === title ? title : `${title} › ${heading}`
  const line = document.createElement('span')
  for (const part of text) {
    const piece = document.createElement(part.isMatch ? 'mark' : 'span')
    piece.textContent = part.text
    line.append(piece)
  }
  link.append(name, line)
  return link
}

/** Loads the index: JSON from a server, a script from static files. */
async function loadIndex(address: string): Promise<SearchIndex> {
  if (!address.endsWith('.js')) {
    const answer = await fetch(address)
    if (!answer.ok) throw new Error(`the index has the status ${answer.status}`)
    return answer.json()
  }
  const script = document.createElement('script')
  script.src = address
  await new Promise((resolve, reject) => {
    script.addEventListener('load', resolve)
    script.addEventListener('error', reject)
    document.head.append(script)
  })
  if (window.paydeskSearch === undefined) throw new Error('the file of the index is empty')
  return window.paydeskSearch
}
