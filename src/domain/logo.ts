import { createHash } from 'node:crypto'

/** The maximum number of bytes of a logo. */
export const LOGO_BYTES_MAX = 64 * 1024
/** The longest side of a logo, in pixels. */
export const LOGO_SIDE_MAX = 1024

/** A merchant's logo that was checked. */
export type Logo = {
  /** Its file name: the start of its SHA-256, and its type. The same content always has the same name. */
  readonly file: string
  readonly bytes: Uint8Array
}

type Kind = 'png' | 'jpg' | 'webp'
type Size = { readonly width: number; readonly height: number }

const MEDIA_TYPES: Readonly<Record<Kind, string>> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  webp: 'image/webp',
}

/** Returns the media type of a logo's file name. Undefined: it is not such a name. */
export function logoMediaType(file: string): string | undefined {
  const [, kind] = /^[0-9a-f]{32}\.(png|jpg|webp)$/.exec(file) ?? []
  return kind === undefined ? undefined : MEDIA_TYPES[kind as Kind]
}

/**
 * Checks a logo by its signature and its header: PNG, JPEG or WebP of bounded size. SVG is refused, because it can
 * contain scripts and links. `refused` is a sentence.
 */
export function readLogo(bytes: Uint8Array): Logo | { readonly refused: string } {
  if (bytes.length > LOGO_BYTES_MAX) {
    return { refused: `It must have at most ${LOGO_BYTES_MAX / 1024} KiB.` }
  }
  const kind = kindOf(bytes)
  const size = kind && SIZES[kind](Buffer.from(bytes))
  if (kind === undefined || size === undefined) {
    return { refused: 'It must be a PNG, JPEG or WebP image.' }
  }
  const { height, width } = size
  if (Math.min(width, height) < 1 || Math.max(width, height) > LOGO_SIDE_MAX) {
    return { refused: `It must be at most ${LOGO_SIDE_MAX} pixels wide and high.` }
  }
  const digest = createHash('sha256').update(bytes).digest('hex')
  return { file: `${digest.slice(0, 32)}.${kind}`, bytes }
}

function kindOf(bytes: Uint8Array): Kind | undefined {
  const text = (start: number, end: number) =>
    Buffer.from(bytes.subarray(start, end)).toString('latin1')
  if (text(0, 8) === '\x89PNG\r\n\x1a\n') return 'png'
  if (text(0, 3) === '\xff\xd8\xff') return 'jpg'
  if (text(0, 4) === 'RIFF' && text(8, 12) === 'WEBP') return 'webp'
  return undefined
}

const SIZES: Readonly<Record<Kind, (bytes: Buffer) => Size | undefined>> = {
  png: pngSize,
  jpg: jpegSize,
  webp: webpSize,
}

/** Reads the size of a PNG. Source: W3C, PNG specification, chunk IHDR (seen 2026-11-28). */
function pngSize(bytes: Buffer): Size | undefined {
  if (bytes.length < 24 || bytes.toString('latin1', 12, 16) !== 'IHDR') return undefined
  return { width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) }
}

/**
 * Reads the size of a JPEG. Source: ITU-T T.81, frame header: the markers C0 to CF except C4, C8 and CC (seen
 * 2026-11-28).
 */
function jpegSize(bytes: Buffer): Size | undefined {
  let start = 2
  while (start + 9 < bytes.length && bytes[start] === 0xff) {
    const marker = bytes[start + 1] ?? 0
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)
    if (isFrame)
      return { height: bytes.readUInt16BE(start + 5), width: bytes.readUInt16BE(start + 7) }
    start += 2 + bytes.readUInt16BE(start + 2)
  }
  return undefined
}

/** Reads the size of a WebP. Source: Google, WebP container specification: VP8, VP8L and VP8X (seen 2026-11-28). */
function webpSize(bytes: Buffer): Size | undefined {
  if (bytes.length < 30) return undefined
  switch (bytes.toString('latin1', 12, 16)) {
    case 'VP8 ':
      return { width: bytes.readUInt16LE(26) & 0x3fff, height: bytes.readUInt16LE(28) & 0x3fff }
    case 'VP8L': {
      const bits = bytes.readUInt32LE(21)
      return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 }
    }
    case 'VP8X':
      return { width: bytes.readUIntLE(24, 3) + 1, height: bytes.readUIntLE(27, 3) + 1 }
    default:
      return undefined
  }
}
