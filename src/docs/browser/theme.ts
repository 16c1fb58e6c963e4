/** Runs before the page is painted, so that a chosen theme does not flash. Also in file:// pages. */
export {}

const root = document.documentElement
root.classList.add('scripted')
try {
  const theme = localStorage.getItem('paydesk-theme')
  if (theme === 'dark' || theme === 'light') root.dataset.theme = theme
} catch {
  // A browser that stores nothing shows the theme of the system.
}
