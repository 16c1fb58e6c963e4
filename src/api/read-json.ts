import { isUtf8 } from 'node:buffer'
import { type Node, parseTree } from 'jsonc-parser'
import { ApiError } from './errors.ts'
import { findJsonProblem } from './json-problem.ts'

/** A JSON number that JavaScript would print differently from the request. */
export class JsonNumber {
  /** The number's text in the request, in JSON's grammar: `1.50`, `1e21`. */
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

/** The value of a repeated key, in place of the values in the request. */
export const DUPLICATE: unique symbol = Symbol('duplicate key')

/** A value in a request's JSON. */
export type JsonValue =
  | null
  | boolean
  | number
  | string
  | JsonNumber
  | typeof DUPLICATE
  | readonly JsonValue[]
  | JsonObject
/** An object of a request's JSON. Readers use only its own keys, not inherited ones. */
export type JsonObject = { readonly [key: string]: JsonValue }

/** The deepest nesting of a request's JSON. The API needs four levels. */
const DEPTH_MAX = 32

/**
 * Reads a request's JSON without loss: a number that would change keeps its text, and a repeated key of an object is
 * marked.
 *
 * The platform's parser reads the body. If a scan of the text finds something that this parser hides, a lossless parser
 * reads the text again. Throws ApiError.
 */
export function readJson(bytes: Uint8Array): { readonly text: string; readonly value: JsonValue } {
  if (!isUtf8(bytes))
    throw new ApiError('invalid_parameter', 'body', 'The request body must be UTF-8.')
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')
  let value: JsonValue
  try {
    value = JSON.parse(text) as JsonValue
  } catch {
    throw new ApiError(
      'invalid_parameter',
      'body',
      `The request body must be a JSON object, but ${problemOf(text)}.`,
    )
  }
  const findings = scan(text)
  if (findings.depth > DEPTH_MAX) {
    throw new ApiError(
      'invalid_parameter',
      'body',
      `The request body is nested more than ${DEPTH_MAX} levels deep.`,
    )
  }
  if (findings.hasOddNumber || findings.keyCount !== countKeys(value)) {
    value = readNode(parseTree(text) as Node, text)
  }
  return { text, value }
}

/** Returns in words why a text is not JSON. The words contain nothing of the text, which may have a card number. */
function problemOf(text: string): string {
  if (text.trim() === '') return 'it is empty'
  const problem = findJsonProblem(text)
  if (problem === undefined) return 'it cannot be read as JSON'
  const { cause, column, line } = problem
  return `it cannot be read as JSON at line ${line}, column ${column}: ${cause}`
}

function readNode(node: Node, text: string): JsonValue {
  const { type, children = [] } = node
  if (type === 'array') return children.map((child) => readNode(child, text))
  if (type === 'number') {
    const number = text.slice(node.offset, node.offset + node.length)
    return isPlain(number) ? Number(number) : new JsonNumber(number)
  }
  if (type !== 'object') return node.value as JsonValue

  const object: Record<string, JsonValue> = Object.create(null)
  for (const { children: [key, value] = [] } of children) {
    const name = key?.value as string
    object[name] = name in object ? DUPLICATE : readNode(value as Node, text)
  }
  return object
}

const QUOTE = 0x22
const BACKSLASH = 0x5c
const COLON = 0x3a

/** Scans JSON that is known to be well-formed. Each colon outside a text is one key. */
function scan(text: string): { keyCount: number; depth: number; hasOddNumber: boolean } {
  let keyCount = 0
  let depth = 0
  let depthMax = 0
  let hasOddNumber = false
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index)
    if (code === QUOTE) {
      index = endOfText(text, index)
    } else if (code === COLON) {
      keyCount += 1
    } else if (code === 0x7b || code === 0x5b) {
      depth += 1
      if (depth > depthMax) depthMax = depth
    } else if (code === 0x7d || code === 0x5d) {
      depth -= 1
    } else if (code === 0x2d || (code >= 0x30 && code <= 0x39)) {
      const start = index
      while (isNumberCode(text.charCodeAt(index + 1))) index += 1
      hasOddNumber ||= !isPlain(text.slice(start, index + 1))
    }
  }
  return { keyCount, depth: depthMax, hasOddNumber }
}

function endOfText(text: string, quoteAt: number): number {
  let end = text.indexOf('"', quoteAt + 1)
  for (;;) {
    let backslashes = 0
    while (text.charCodeAt(end - 1 - backslashes) === BACKSLASH) backslashes += 1
    // An odd number of backslashes: the quote is part of the text.
    if (backslashes % 2 === 0) return end
    end = text.indexOf('"', end + 1)
  }
}

function isNumberCode(code: number): boolean {
  // Digits, `+`, `-`, `.`, `e`, `E`.
  return (
    (code >= 0x30 && code <= 0x39) ||
    code === 0x2b ||
    code === 0x2d ||
    code === 0x2e ||
    code === 0x45 ||
    code === 0x65
  )
}

function isPlain(number: string): boolean {
  return String(Number(number)) === number
}

function countKeys(value: JsonValue): number {
  if (typeof value !== 'object' || value === null) return 0
  let count = 0
  if (Array.isArray(value)) {
    for (const item of value) count += countKeys(item)
    return count
  }
  for (const key in value) {
    count += 1 + countKeys((value as JsonObject)[key] as JsonValue)
  }
  return count
}
