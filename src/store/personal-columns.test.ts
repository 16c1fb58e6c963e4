import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { ERASED_KINDS } from '../domain/erasure.ts'
import { PERSONAL_TABLES } from './personal-columns.ts'

const SCHEMA = readFileSync(new URL('../../sql/schema.sql', import.meta.url), 'utf8')

function columnsOfSchema(): Readonly<Record<string, readonly string[]>> {
  const tables = SCHEMA.matchAll(/^CREATE TABLE "?(\w+)"? \((.*?)\n?\);$/gms)
  return Object.fromEntries(
    [...tables].map(([, name = '', body = '']) => {
      const definitions = withoutParentheses(body.replaceAll(/--.*$/gm, '')).split(',')
      const words = definitions.map((definition) => definition.trim().split(/\s+/)[0] ?? '')
      return [
        name,
        words.filter((word) => !/^(?:primary|check|foreign|unique|)$/.test(word)).sort(),
      ]
    }),
  )
}

function withoutParentheses(text: string): string {
  const next = text.replaceAll(/\([^()]*\)/g, '')
  return next === text ? text : withoutParentheses(next)
}

test('every column of the schema is classified: erased, kept with a reason, or without personal data', () => {
  const classes = Object.entries(PERSONAL_TABLES).map(([name, { erased, kept, none }]) => [
    name,
    [...Object.keys(erased ?? {}), ...Object.keys(kept ?? {}), ...none.split(' ')].sort(),
  ])
  expect(Object.fromEntries(classes)).toEqual(columnsOfSchema())
})

test('every table of which an erasure changes rows has a name in its report', () => {
  const kinds = Object.values(PERSONAL_TABLES).flatMap(({ erased, kind }) =>
    erased === undefined ? [] : [kind],
  )
  expect(new Set(kinds)).toEqual(new Set(ERASED_KINDS))
})
