import { hash } from 'node:crypto'

/** The block of SHA-256, in bytes. */
const BLOCK_BYTES = 64
/** The result of SHA-256, in bytes. */
const HASH_BYTES = 32

/** Signs messages of one length: returns their HMAC-SHA256 as a text of 32 characters, one for each byte (latin1). */
export type ShortHmac = (message: Uint8Array) => string

/**
 * Makes the HMAC-SHA256 (RFC 2104) of a key of at most 64 bytes, for messages of one length, from two calls of the
 * platform's SHA-256. `createHmac` makes native objects for each message, which cost the garbage collector more than
 * both hashes: every new session has a signature. Throws RangeError for a longer key; the result throws it for a
 * message of another length.
 */
export function createShortHmac(key: Uint8Array, messageBytes: number): ShortHmac {
  if (key.length > BLOCK_BYTES) throw new RangeError('the key must have at most 64 bytes')
  const inner = padKey(key, 0x36, messageBytes)
  const outer = padKey(key, 0x5c, HASH_BYTES)
  return (message) => {
    if (message.length !== messageBytes) {
      throw new RangeError(`the message has ${message.length} bytes, not ${messageBytes}`)
    }
    inner.set(message, BLOCK_BYTES)
    outer.write(hash('sha256', inner, 'latin1'), BLOCK_BYTES, 'latin1')
    return hash('sha256', outer, 'latin1')
  }
}

/** Returns the key, combined with a byte and filled up to a block, with room for more bytes after it. */
function padKey(key: Uint8Array, byte: number, roomBytes: number): Buffer {
  const block = Buffer.alloc(BLOCK_BYTES + roomBytes, byte)
  for (const [index, part] of key.entries()) block[index] = part ^ byte
  return block
}
