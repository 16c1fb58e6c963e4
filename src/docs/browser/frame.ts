import { storeChoice } from './storage.ts'

/** Opens and closes the menu of a narrow window. */
export function addMenu(): void {
  const button = document.querySelector<HTMLButtonElement>('.menu-button')
  const menu = document.querySelector('#menu')
  button?.addEventListener('click', () => {
    const isOpen = menu?.classList.toggle('open') === true
    button.setAttribute('aria-expanded', String(isOpen))
  })
  // A long menu scrolls to the current page.
  menu?.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest' })
  scrollTo(0, 0)
  document.getElementById(anchorOf(location.hash))?.scrollIntoView()
}

/** Empty: there is no name, or a hand-written one is malformed. */
function anchorOf(hash: string): string {
  try {
    return decodeURIComponent(hash.slice(1))
  } catch {
    return ''
  }
}

/** Switches between light and dark. The page follows the system's theme until the reader chooses. */
export function addTheme(): void {
  const root = document.documentElement
  const system = matchMedia('(prefers-color-scheme: dark)')
  const button = document.querySelector<HTMLButtonElement>('.theme-button')
  const isDark = () => (root.dataset.theme ?? (system.matches ? 'dark' : 'light')) === 'dark'
  const show = () => button?.setAttribute('aria-pressed', String(isDark()))
  button?.addEventListener('click', () => {
    const theme = isDark() ? 'light' : 'dark'
    root.dataset.theme = theme
    storeChoice('paydesk-theme', theme)
    show()
  })
  system.addEventListener('change', show)
  show()
}
