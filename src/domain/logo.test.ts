import { expect, test } from 'vitest'
import { LOGO_BYTES_MAX, logoMediaType, readLogo } from './logo.ts'

function png(width: number, height: number): Buffer {
  const bytes = Buffer.alloc(33)
  bytes.write('\x89PNG\r\n\x1a\n', 0, 'latin1')
  bytes.write('IHDR', 12, 'latin1')
  bytes.writeUInt32BE(width, 16)
  bytes.writeUInt32BE(height, 20)
  return bytes
}

/** A JPEG with a comment before its frame, as cameras write it. */
function jpeg(width: number, height: number): Buffer {
  const frame = Buffer.from([0xff, 0xc2, 0, 11, 8, 0, 0, 0, 0, 1, 1, 0x11, 0])
  frame.writeUInt16BE(height, 5)
  frame.writeUInt16BE(width, 7)
  return Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xfe, 0, 4, 0, 0]), frame])
}

function webp(chunk: 'VP8 ' | 'VP8L' | 'VP8X', width: number, height: number): Buffer {
  const bytes = Buffer.alloc(40)
  bytes.write('RIFF', 0, 'latin1')
  bytes.write(`WEBP${chunk}`, 8, 'latin1')
  if (chunk === 'VP8 ') {
    bytes.writeUInt16LE(width, 26)
    bytes.writeUInt16LE(height, 28)
  } else if (chunk === 'VP8L') {
    bytes.writeUInt32LE((width - 1) | ((height - 1) << 14), 21)
  } else {
    bytes.writeUIntLE(width - 1, 24, 3)
    bytes.writeUIntLE(height - 1, 27, 3)
  }
  return bytes
}

test.each([
  ['PNG', png, 'image/png'],
  ['JPEG', jpeg, 'image/jpeg'],
  ['WebP, lossy', (w: number, h: number) => webp('VP8 ', w, h), 'image/webp'],
  ['WebP, lossless', (w: number, h: number) => webp('VP8L', w, h), 'image/webp'],
  ['WebP, extended', (w: number, h: number) => webp('VP8X', w, h), 'image/webp'],
])('a logo of up to 1024 pixels is accepted: %s', (_, make, mediaType) => {
  const logo = readLogo(make(1024, 40))
  expect('file' in logo && logoMediaType(logo.file)).toBe(mediaType)
  expect(readLogo(make(40, 1024))).toHaveProperty('file')
  expect(readLogo(make(1025, 40))).toEqual({ refused: expect.stringContaining('1024 pixels') })
  expect(readLogo(make(40, 1025))).toEqual({ refused: expect.stringContaining('1024 pixels') })
})

const big = (byteCount: number) => Buffer.concat([png(10, 10), Buffer.alloc(byteCount - 33)])

test.each([
  ['SVG', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'), /PNG, JPEG or WebP/],
  ['HTML', Buffer.from('<!doctype html><script>alert(1)</script>'), /PNG, JPEG or WebP/],
  ['an empty file', Buffer.alloc(0), /PNG, JPEG or WebP/],
  ['a PNG that ends in its header', png(10, 10).subarray(0, 20), /PNG, JPEG or WebP/],
  ['a JPEG without a frame', Buffer.from([0xff, 0xd8, 0xff, 0xd9]), /PNG, JPEG or WebP/],
  ['a WebP that ends in its header', webp('VP8L', 9, 9).subarray(0, 21), /PNG, JPEG or WebP/],
  ['a width of zero', png(0, 10), /1024 pixels/],
  ['one byte too many', big(LOGO_BYTES_MAX + 1), /64 KiB/],
])('a logo is refused: %s', (_, bytes, sentence) => {
  expect(readLogo(bytes)).toEqual({ refused: expect.stringMatching(sentence) })
})

test('a logo of 64 KiB is accepted, and the same content has the same name', () => {
  const logo = readLogo(big(LOGO_BYTES_MAX))
  expect(logo).toMatchObject({ file: expect.stringMatching(/^[0-9a-f]{32}\.png$/) })
  expect(readLogo(big(LOGO_BYTES_MAX))).toEqual(logo)
  expect(readLogo(png(10, 10))).not.toMatchObject({ file: 'file' in logo ? logo.file : '' })
})

test.each(['x.png', `${'0'.repeat(32)}.svg`, `../${'0'.repeat(32)}.png`])(
  'the file name %s has no media type',
  (file) => expect(logoMediaType(file)).toBeUndefined(),
)
