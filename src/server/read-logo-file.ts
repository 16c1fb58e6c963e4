import { closeSync, openSync, readSync } from 'node:fs'
import { LOGO_BYTES_MAX, type Logo, readLogo } from '../domain/logo.ts'

/**
 * Reads at most one byte more than the largest size. `refused` is a sentence. Throws the system's error for a file that
 * cannot be read.
 */
export function readLogoFile(path: string): Logo | { readonly refused: string } {
  const file = openSync(path, 'r')
  try {
    // The last byte shows that the file is too large.
    const bytes = Buffer.alloc(LOGO_BYTES_MAX + 1)
    let length = 0
    let count: number
    do {
      count = readSync(file, bytes, length, bytes.length - length, null)
      length += count
    } while (count > 0)
    return readLogo(bytes.subarray(0, length))
  } finally {
    closeSync(file)
  }
}
