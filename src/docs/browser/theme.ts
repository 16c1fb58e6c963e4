/**
 * Applies the chosen theme before the page is painted, so that the other theme does not flash. It also runs in file://
 * pages.
 */
export {}

const root = document.documentElement
root.classList.add('scripted')
try {
  const theme = localStorage.getItem('paydesk-theme')
  if (theme === 'dark' || theme === 'light') root.dataset.theme = theme
} catch {
  // A browser that stores nothing shows the theme of the system.
}
