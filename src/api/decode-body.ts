import { brotliDecompressSync, gunzipSync, inflateRawSync, inflateSync } from 'node:zlib'
import { ApiError } from './errors.ts'

/** The largest body of a request: 64 KiB, after decompression too. */
export const BODY_BYTES_MAX = 64 * 1024

const BYTE_ORDER_MARK = Buffer.from('\u{feff}')
/** The decoder stops at the limit, so that a small body cannot fill the memory. */
const LIMITS = { maxOutputLength: BODY_BYTES_MAX }

/**
 * The decoders by their names in HTTP. `deflate` means zlib's format, but some clients omit zlib's two bytes in front.
 */
const DECODERS: ReadonlyMap<string, (body: Buffer) => Buffer> = new Map([
  ['gzip', (body: Buffer) => gunzipSync(body, LIMITS)],
  ['x-gzip', (body: Buffer) => gunzipSync(body, LIMITS)],
  ['deflate', inflateAny],
  ['br', (body: Buffer) => brotliDecompressSync(body, LIMITS)],
])

/**
 * Decodes a request's body by its `Content-Encoding`, and skips a byte order mark. Throws ApiError for an
 * unsupported encoding, a body that is not in its encoding, and one that is too large.
 */
export function decodeBody(body: Buffer, encoding: string | undefined): Buffer {
  const name = (encoding ?? '').trim().toLowerCase()
  const content = name === '' || name === 'identity' ? body : unpack(body, name)
  const hasMark = content.subarray(0, BYTE_ORDER_MARK.length).equals(BYTE_ORDER_MARK)
  return hasMark ? content.subarray(BYTE_ORDER_MARK.length) : content
}

function unpack(body: Buffer, name: string): Buffer {
  const decode = DECODERS.get(name)
  if (decode === undefined) {
    throw new ApiError(
      'encoding_not_supported',
      'Content-Encoding',
      'Content-Encoding must be exactly one of gzip, deflate, br and identity.',
    )
  }
  if (body.length === 0) return body
  try {
    return decode(body)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE') {
      throw new ApiError('body_too_large')
    }
    throw new ApiError(
      'invalid_parameter',
      'Content-Encoding',
      `The request body cannot be decompressed: it is not ${name}, or it is incomplete.`,
    )
  }
}

/** The compression method, in the first four bits of zlib's format. RFC 1950 defines no other method. */
const ZLIB_METHOD = 8

function inflateAny(body: Buffer): Buffer {
  const [first = 0, second = 0] = body
  // The two bytes in front are a multiple of 31 in zlib's format.
  const isZlib = (first & 0x0f) === ZLIB_METHOD && (first * 256 + second) % 31 === 0
  return isZlib ? inflateSync(body, LIMITS) : inflateRawSync(body, LIMITS)
}
