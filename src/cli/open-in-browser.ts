import { print } from './output.ts'

/**
 * Opens a page in the browser. If no browser starts, as on a server, the command continues, because the address has
 * already been printed.
 */
export async function openInBrowser(url: string): Promise<void> {
  const { default: open } = await import('open')
  try {
    // If the program is missing, its error comes later, as an event.
    const child = await open(url)
    child.once('error', (error) => print(`The browser could not be opened: ${error.message}`))
  } catch (error) {
    print(`The browser could not be opened: ${(error as Error).message}`)
  }
}
