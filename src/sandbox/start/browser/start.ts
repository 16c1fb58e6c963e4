/**
 * The copy buttons of a sandbox's first page. Without JavaScript there are no buttons, and readers
 * can select the texts.
 */

/** The time for which a button says what it did. */
const SAID_MS = 1_500

for (const text of document.querySelectorAll<HTMLElement>('[data-copies]')) {
  const button = document.createElement('button')
  button.type = 'button'
  button.className = 'copy'
  button.textContent = 'Copy'
  const name = text.dataset.copies ?? ''
  button.setAttribute('aria-label', `Copy ${name}`)
  const say = (label: string) => {
    button.textContent = label
    button.setAttribute('aria-label', `${label} ${name}`)
  }
  button.addEventListener('click', async () => {
    try {
      await navigator.clipboard.writeText(text.textContent ?? '')
      say('Copied')
    } catch {
      say('Not allowed')
    }
    setTimeout(() => say('Copy'), SAID_MS)
  })
  text.after(button)
}
