import { readChoice, storeChoice } from './storage.ts'

const CHOICE = 'paydesk-language'
/** The time for which a button reports the copy. */
const COPIED_MS = 1500

/**
 * Shows the same code in several languages as tabs. A choice applies to all groups of the page, and to later pages.
 */
export function addTabs(): void {
  const groups = [...document.querySelectorAll<HTMLElement>('.tabs')].map(makeTabs)
  const choice = readChoice(CHOICE)
  for (const choose of groups) choose(choice)
  document.addEventListener('paydesk-language', (event) => {
    const language = event instanceof CustomEvent ? String(event.detail) : ''
    storeChoice(CHOICE, language)
    for (const choose of groups) choose(language)
  })
}

/** Returns a function that shows a language, if the group has it. */
function makeTabs(group: HTMLElement, groupIndex: number): (language: string | null) => void {
  const panels = [...group.querySelectorAll<HTMLElement>('.code')]
  const list = document.createElement('div')
  list.setAttribute('role', 'tablist')
  list.setAttribute('aria-label', 'Language')
  const tabs = panels.map((panel, index) => {
    const tab = document.createElement('button')
    tab.type = 'button'
    tab.id = `tab-${groupIndex}-${index}`
    tab.textContent = panel.querySelector('.caption span')?.textContent ?? ''
    tab.setAttribute('role', 'tab')
    panel.id = `panel-${groupIndex}-${index}`
    panel.setAttribute('role', 'tabpanel')
    panel.setAttribute('aria-labelledby', tab.id)
    tab.setAttribute('aria-controls', panel.id)
    const announce = () => announceLanguage(panel.dataset.language ?? '', tab)
    tab.addEventListener('click', announce)
    list.append(tab)
    return tab
  })
  list.addEventListener('keydown', (event) => {
    const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0
    if (step === 0) return
    event.preventDefault()
    const at = tabs.findIndex((tab) => tab.tabIndex === 0)
    const next = tabs[(at + step + tabs.length) % tabs.length]
    next?.click()
    next?.focus()
  })
  group.prepend(list)
  group.classList.add('made')
  return (language) => {
    const index = panels.findIndex((panel) => panel.dataset.language === language)
    const isFirst = !panels.some((panel) => !panel.hidden && panel.classList.contains('chosen'))
    if (index < 0 && !isFirst) return
    const chosenIndex = Math.max(index, 0)
    panels.forEach((panel, index) => {
      panel.hidden = index !== chosenIndex
      panel.classList.toggle('chosen', index === chosenIndex)
      tabs[index]?.setAttribute('aria-selected', String(index === chosenIndex))
      if (tabs[index] !== undefined) tabs[index].tabIndex = index === chosenIndex ? 0 : -1
    })
  }
}

/** The pressed tab keeps its place on the screen, even if code above it changes its height. */
function announceLanguage(language: string, tab: HTMLElement): void {
  const before = tab.getBoundingClientRect().top
  document.dispatchEvent(new CustomEvent('paydesk-language', { detail: language }))
  scrollBy(0, tab.getBoundingClientRect().top - before)
}

/** Lets the buttons beside code copy it. */
export function addCopyButtons(): void {
  for (const button of document.querySelectorAll<HTMLButtonElement>('.copy')) {
    button.addEventListener('click', async () => {
      const code = button.closest('.code')?.querySelector('code')?.textContent ?? ''
      try {
        await navigator.clipboard.writeText(code)
        button.textContent = 'Copied'
      } catch {
        button.textContent = 'Not allowed'
      }
      setTimeout(() => {
        button.textContent = 'Copy'
      }, COPIED_MS)
    })
  }
}
