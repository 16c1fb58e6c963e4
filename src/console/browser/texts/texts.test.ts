import { globSync, readFileSync } from 'node:fs'
import { parseAst } from 'vite'
import { describe, expect, test } from 'vitest'
import { englishOf } from '../../fill-text.ts'
import { HINDI_PAGES } from '../../page-texts/hindi.ts'
import { URDU_PAGES } from '../../page-texts/urdu.ts'
import { HINDI, HINDI_WORDS } from './hindi.ts'
import { URDU, URDU_WORDS } from './urdu.ts'

type Texts = Readonly<Record<string, string>>

function placeholdersOf(text: string): string[] {
  return [...new Set(text.match(/\{\w+\}/g))].sort()
}

/** Terms that Indian banks print in Latin letters in every language. */
const SAME_EVERYWHERE: ReadonlySet<string> = new Set([
  'UPI',
  'UPI ID',
  'URL',
  'IFSC',
  'upi',
  'upi_id',
  'JSON',
  'CSV',
  'Id',
  'UTR',
  'text message',
  '{time} UTC',
])

describe.each<[string, Texts, RegExp]>([
  ['Hindi', HINDI, /\p{Script=Devanagari}/u],
  ['Urdu', URDU, /\p{Script=Arabic}/u],
  ['Hindi words', HINDI_WORDS, /\p{Script=Devanagari}/u],
  ['Urdu words', URDU_WORDS, /\p{Script=Arabic}/u],
  ['Hindi pages', HINDI_PAGES, /\p{Script=Devanagari}/u],
  ['Urdu pages', URDU_PAGES, /\p{Script=Arabic}/u],
])('%s', (name, texts, script) => {
  test('every text is translated, with its placeholders', () => {
    const wrong = Object.entries(texts).filter(([key, text]) => {
      const isTranslated =
        script.test(text) ||
        SAME_EVERYWHERE.has(key) ||
        !LETTERS.test(key.replaceAll(/\{\w+\}/g, ''))
      const hasPlaceholders = String(placeholdersOf(text)) === String(placeholdersOf(key))
      // A mistyped placeholder would be shown to the reader unchanged.
      return !isTranslated || !hasPlaceholders || /[{}]/.test(text.replaceAll(/\{\w+\}/g, ''))
    })
    expect(wrong).toEqual([])
  })

  if (!name.endsWith('pages')) {
    test('the keys are sorted', () => {
      expect(Object.keys(texts)).toEqual(Object.keys(texts).toSorted())
    })
  }
})

test('an English text is its key without the note for translators', () => {
  const keys = Object.keys({ ...HINDI, ...HINDI_PAGES })
  const notes = keys.map((key) => key.slice(englishOf(key).length)).filter((note) => note !== '')
  expect(new Set(notes)).toEqual(new Set(['#noun', '#receiver', '#verb']))
})

const FOLDER = `${import.meta.dirname}/..`
const FILES = globSync('*.tsx', { cwd: FOLDER })

test('the script shows no text that bypasses the catalogs, and no catalog has a text that nothing shows', () => {
  const problems: string[] = []
  const literals = new Set<string>()
  for (const file of globSync('*.{ts,tsx}', { cwd: FOLDER })) {
    const code = readFileSync(`${FOLDER}/${file}`, 'utf8')
    visitNodes(parseAst(code, { lang: 'tsx' }), [], (node, parents) => {
      if (isText(node)) literals.add(node.value)
      if (!FILES.includes(file)) return
      const line = code.slice(0, node.start).split('\n').length
      for (const problem of problemsOf(node, parents)) problems.push(`${file}:${line} ${problem}`)
    })
  }
  expect(problems).toEqual([])
  expect(Object.keys(HINDI).filter((key) => !literals.has(key))).toEqual([])
})

type Node = Readonly<Record<string, unknown>> & {
  readonly type: string
  readonly start: number
  readonly end: number
}

function visitNodes(
  value: unknown,
  parents: readonly Node[],
  visit: (node: Node, parents: readonly Node[]) => void,
): void {
  if (Array.isArray(value)) for (const one of value) visitNodes(one, parents, visit)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return
  const node = value as Node
  const isNode = typeof node.type === 'string'
  if (isNode) visit(node, parents)
  const inside = isNode ? [...parents, node] : parents
  for (const [name, child] of Object.entries(node)) {
    if (name !== 'parent') visitNodes(child, inside, visit)
  }
}

const LETTERS = /\p{Letter}{2}/u
function isText(node: Node): node is Node & { readonly value: string } {
  return node.type === 'Literal' && typeof node.value === 'string'
}

/** The attributes and the properties whose values are shown to the reader. */
const SHOWN_NAMES: ReadonlySet<string> = new Set([
  'alt',
  'aria-label',
  'confirmation',
  'empty',
  'hint',
  'label',
  'placeholder',
  'question',
  'successText',
  'title',
  'unpaid',
  'what',
])

/**
 * Returns the problem of a node, if any: an English text in an element or in a shown attribute, or a call of `text`
 * that runs before the catalog is loaded.
 */
function problemsOf(node: Node, parents: readonly Node[]): readonly string[] {
  if (node.type === 'JSXText' && LETTERS.test(String(node.value))) {
    // A name of the wire is not translated.
    if (elementOf(parents) === 'code') return []
    return [`shows “${String(node.value).trim()}”`]
  }
  const isInFunction = parents.some(({ type }) => type.includes('Function'))
  if (node.type === 'CallExpression') {
    const callee = nameOf(node.callee)
    return callee === 'text' && !isInFunction ? ['calls text() before its catalog is loaded'] : []
  }
  const isSentence =
    (isText(node) && LETTERS.test(node.value)) ||
    (node.type === 'TemplateElement' && LETTERS.test((node.value as { raw: string }).raw))
  // A constant of a module holds a key.
  const isKey = isText(node) && node.value in HINDI && !isInFunction
  return isSentence && !isKey && isShown(node, parents)
    ? [`shows ${JSON.stringify(node.value)}`]
    : []
}

function elementOf(parents: readonly Node[]): string {
  const opening = parents.at(-1)?.openingElement as Node | undefined
  return opening === undefined ? '' : nameOf(opening.name)
}

/** Returns true if the reader sees a literal: in an element or a shown attribute, also as a branch of a condition. */
function isShown(node: Node, parents: readonly Node[]): boolean {
  let child = node
  for (const parent of parents.toReversed()) {
    switch (parent.type) {
      case 'ConditionalExpression':
        if (parent.test === child) return false
        break
      case 'LogicalExpression':
        if (parent.left === child && parent.operator === '&&') return false
        break
      case 'TemplateLiteral':
      case 'JSXExpressionContainer':
        break
      case 'JSXElement':
      case 'JSXFragment':
        return true
      case 'ArrayExpression':
        if (isPartOfPair(parent.elements as readonly Node[], child)) return true
        break
      case 'AssignmentPattern':
        return isText(child) && child.value.includes(' ')
      case 'JSXAttribute':
        return SHOWN_NAMES.has(nameOf(parent.name))
      case 'Property':
        return SHOWN_NAMES.has(nameOf(parent.key)) && parent.value === child
      case 'CallExpression':
        return (
          ['say', 'searchInput'].includes(nameOf(parent.callee)) &&
          (parent.arguments as unknown[])[0] === child
        )
      default:
        return false
    }
    child = parent
  }
  return false
}

/**
 * Returns true if a literal is a part of a fact such as `['Amount', amount]`, or the text of the empty choice `['', 'any']`.
 */
function isPartOfPair(elements: readonly Node[], child: Node): boolean {
  const [first, second] = elements
  if (elements.length !== 2 || first === undefined) return false
  if (first === child) return isText(child) && /^[A-Z][\w ’-]*$/.test(child.value)
  if (second !== child) return false
  return child.type === 'TemplateLiteral' || (isText(first) && first.value === '')
}

function nameOf(node: unknown): string {
  const { name, value } = node as { readonly name?: unknown; readonly value?: unknown }
  return String(name ?? value)
}
