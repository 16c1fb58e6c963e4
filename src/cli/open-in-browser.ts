import { print } from './output.ts'

/** Opens a page in the browser. Where no browser can start, as on a server, the address is printed already. */
export async function openInBrowser(url: string): Promise<void> {
  const { default: open } = await import('open')
  try {
    // The error of a program that is not there comes later, as an event.
    const child = await open(url)
    child.once('error', (error) => print(`The browser could not be opened: ${error.message}`))
  } catch (error) {
    print(`The browser could not be opened: ${(error as Error).message}`)
  }
}
