import { readFileSync, statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('..', import.meta.url))

/**
 * Returns the size and the time of a file in whole seconds, as one text. Copies into a container's
 * image keep no more of the time.
 */
export function stampOf(path) {
  const { mtimeMs, size } = statSync(ROOT + path)
  return `${size} ${Math.floor(mtimeMs / 1000)}`
}

/** Returns the entry of the bundled server as a URL. Undefined: there is none, or a source has changed since. */
export function findFreshBundle() {
  try {
    const folder = new URL('../dist/bundle/', import.meta.url)
    const { entry, stamps } = JSON.parse(readFileSync(new URL('manifest.json', folder), 'utf8'))
    for (const path in stamps) if (stampOf(path) !== stamps[path]) return undefined
    return new URL(entry, folder)
  } catch {
    // No bundle, or a source was removed.
    return undefined
  }
}
